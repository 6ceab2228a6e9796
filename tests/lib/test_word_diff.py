"""Two texts compared word by word: nothing is lost, and what is too long is not compared."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive_site.lib.word_diff import MOST_TOKENS, Change, Run, compare


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
    assert compare("a " * MOST_TOKENS, "b " * MOST_TOKENS) is None
    assert compare("x" * 300_000, "y") is None
    # What both begin and end with does not count.
    same = "word " * MOST_TOKENS
    found = compare(f"{same}a{same}", f"{same}b{same}")
    assert found is not None
    assert found.share > 0.99


@given(st.text(alphabet="ab c\n東京,.", max_size=80), st.text(alphabet="ab c\n東京,.", max_size=80))
def test_each_side_is_its_text_and_the_way_says_the_same(before: str, after: str) -> None:
    found = compare(before, after)
    assert found is not None
    assert "".join(run.text for run in found.left) == before
    assert "".join(run.text for run in found.right) == after
    gone = [run.text for run in found.runs if run.change == Change.GONE]
    assert "".join(gone) == "".join(own(found.left))
    assert {run.change for run in found.left + found.right} <= {Change.SAME, Change.NEW}


def own(runs: list[Run]) -> list[str]:
    return [run.text for run in runs if run.change == Change.NEW]


def test_each_side_marks_what_only_it_has() -> None:
    found = compare("You can return it in 14 days.", "You may return it in 30 days.")
    assert found is not None
    assert (own(found.left), own(found.right)) == (["can ", "14"], ["may ", "30"])
    assert found.is_alike
    strange = compare("You can return it.", "Nothing like that")
    assert strange is not None
    assert not strange.is_alike


def test_blanks_alone_make_no_difference() -> None:
    found = compare("one  two three", "one two three")
    assert found is not None
    assert own(found.left) == own(found.right) == []


@pytest.mark.parametrize(
    ("before", "after", "is_compared"),
    [
        (" ".join(f"a{n}," for n in range(700)), " ".join(f"b{n}," for n in range(700)), False),
        ("x " + "、 字" * (MOST_TOKENS // 3 - 2), "、 字" * (MOST_TOKENS // 3 - 2) + "y", False),
        (
            " ".join(map(str, range(MOST_TOKENS // 2))),
            " ".join(map(str, range(MOST_TOKENS // 2, 0, -1))),
            True,
        ),
        ("a b c " * 300, "a c b " * 300, False),
    ],
    ids=["commas", "repeats", "reversed", "turned"],
)
def test_whatever_it_takes_it_ends_soon(before: str, after: str, is_compared: bool) -> None:
    began = time.thread_time()
    found = compare(before, after)
    assert time.thread_time() - began < 2  # at most 0.3 s on an idle machine
    assert (found is not None) == is_compared
