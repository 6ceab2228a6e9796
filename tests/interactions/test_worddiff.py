"""Two texts word by word."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions.services.worddiff import MOST, Piece, compared

texts = st.text(st.sampled_from("ab c\n東京,."), max_size=80)


def own(pieces: list[Piece]) -> list[str]:
    return [piece.text for piece in pieces if piece.is_own]


@given(texts, texts)
def test_the_pieces_of_each_side_are_its_text(left: str, right: str) -> None:
    found = compared(left, right)
    assert "".join(piece.text for piece in found.left) == left
    assert "".join(piece.text for piece in found.right) == right
    assert 0 <= found.share <= 1
    assert found.compared == 0


def test_words_that_differ_are_marked_on_their_side() -> None:
    found = compared("You can return it within 14 days.", "You may return it within 30 days.")
    assert own(found.left) == ["can ", "14 "]
    assert own(found.right) == ["may ", "30 "]


def test_scripts_without_spaces_are_compared_letter_by_letter() -> None:
    found = compared("東京は大きい町です", "東京は古い町です")
    assert own(found.left) == ["大き"]
    assert own(found.right) == ["古"]


def test_blanks_alone_make_no_difference() -> None:
    found = compared("one  two three", "one two three")
    assert own(found.left) == own(found.right) == []
    assert found.share == 1.0


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("a " * MOST * 2, "b a " * MOST),
        (" ".join(map(str, range(MOST))), " ".join(map(str, reversed(range(MOST))))),
        ("x" * 1_000_000, "x " * 500_000),
    ],
    ids=["repeats", "reversed", "long"],
)
def test_long_texts_end_soon_and_say_how_far_they_were_compared(left: str, right: str) -> None:
    began = perf_counter()
    found = compared(left, right)
    assert perf_counter() - began < 2  # 20 ms on an idle machine
    assert "".join(piece.text for piece in found.left) == left
    assert found.compared in (0, MOST)
    assert found.compared == MOST or left[0] == "0"
