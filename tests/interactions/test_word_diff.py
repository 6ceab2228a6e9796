"""Two texts compared word by word: nothing is lost, and what is too long is not compared."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions.services.word_diff import MOST, Change, compare


def runs(before: str, after: str) -> list[tuple[str, str]]:
    found = compare(before, after)
    assert found is not None
    return [(run.change.value, run.text) for run in found.runs]


@given(st.text(alphabet="ab 字。,\n\u0e01é'", max_size=60), st.text(max_size=60))
def test_both_texts_can_be_read_back(before: str, after: str) -> None:
    found = compare(before, after)
    assert found is not None
    assert "".join(run.text for run in found.runs if run.change != Change.GONE) == after
    # Blanks between words that stayed are the second text's.
    kept = "".join(run.text for run in found.runs if run.change != Change.NEW)
    assert "".join(kept.split()) == "".join(before.split())
    assert 0 <= found.share <= 1


def test_words_are_replaced_whole() -> None:
    assert runs("The cat sat.", "The dog sat.") == [
        ("same", "The "),
        ("gone", "cat"),
        ("new", "dog"),
        ("same", " sat."),
    ]


def test_texts_without_spaces_are_compared_by_character() -> None:
    assert ("new", "の") in runs("注文番号です。", "注文の番号です。")
    assert runs("番号", "番号") == [("same", "番号")]


@pytest.mark.parametrize(("before", "after"), [("", ""), ("a b", "a b")])
def test_the_same_is_all_the_same(before: str, after: str) -> None:
    found = compare(before, after)
    assert found is not None
    assert found.share == 1


def test_what_differs_in_too_many_words_is_not_compared() -> None:
    assert compare("a " * MOST, "b " * MOST) is None
    assert compare("x" * 300_000, "y") is None
    # What both begin and end with does not count.
    same = "word " * MOST
    found = compare(f"{same}a{same}", f"{same}b{same}")
    assert found is not None
    assert found.share > 0.99


def test_the_same_few_words_over_and_over_are_not_compared() -> None:
    began = time.perf_counter()
    assert compare("x " + "、 字" * (MOST // 3 - 2), "、 字" * (MOST // 3 - 2) + "y") is None
    assert compare("x " + "a b " * 300, "a b " * 300 + "y") is not None
    assert time.perf_counter() - began < 5
