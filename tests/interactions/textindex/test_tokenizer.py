"""Terms of texts: whatever holds a text has the terms that the text is looked up by."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from interactions.textindex.letters import fold
from interactions.textindex.postings import SEGMENT_ROWS, Packed, blocks, in_all, in_any, pack
from interactions.textindex.tokenizer import (
    LONGEST_WORD,
    CharacterRun,
    grams,
    is_dense,
    runs_of,
    terms_of,
)

LETTERS = "aB3_ .-é\u0301İıßẞſΣςσK日本語ひらカー한국🎉👍✅、。\n\u0307\u00a0ìÍ"
texts = st.text(st.sampled_from(LETTERS), max_size=30) | st.text(max_size=20)


def test_a_text_is_taken_apart_into_words_and_dense_characters() -> None:
    assert terms_of("Refunds für 東京, user_id=42!") == {
        "refunds", "für", "東", "京", "東京", "user_id", "42",
    }  # fmt: skip
    assert terms_of("iPhoneを買った") == {"iphone", *"を買った", "を買", "買っ", "った"}
    assert terms_of("done ✅") == {"done", "✅"}
    assert terms_of(" -- !? ") == set()


def test_grams_are_every_three_neighbours_or_the_whole_of_less() -> None:
    assert grams("refund") == ["~ref", "~efu", "~fun", "~und"]
    assert (grams("abc"), grams("ab"), grams("a")) == (["~abc"], ["~ab"], ["~a"])


def test_a_run_knows_which_of_its_ends_are_ends_of_words() -> None:
    assert runs_of("efund next we") == [
        CharacterRun("efund", False, True),
        CharacterRun("next", True, True),
        CharacterRun("we", True, False),
    ]
    assert runs_of("refund") == [CharacterRun("refund", False, False)]
    assert runs_of("!refund ") == [CharacterRun("refund", True, True)]
    assert runs_of("…") == []


@given(texts, texts, texts)
def test_a_run_of_a_part_fits_a_term_of_the_whole(before: str, part: str, after: str) -> None:
    whole = before + part + after
    # A mark that follows makes another letter: `a` is not in `á`.
    assume(fold(whole) == fold(before) + fold(part) + fold(after))
    terms = terms_of(whole)
    for run in runs_of(part):
        if is_dense(run.text):
            assert terms_of(run.text) <= terms
        else:
            assert any(run.fits(term) for term in terms if not is_dense(term)), run


def test_a_word_is_never_dense_and_never_a_gram() -> None:
    for term in terms_of("".join(map(chr, range(1, 0xD800))) + "a~b"):
        assert "~" not in term
        assert "\n" not in term


@given(
    st.sets(st.integers(0, SEGMENT_ROWS - 1), min_size=1, max_size=400),
    st.sampled_from([1, 7, 300]),
)
def test_numbers_come_back_as_they_were(numbers: set[int], step: int) -> None:
    for these in (numbers, {number // step for number in numbers}):
        ascending = sorted(these)
        for rows in (ascending[-1] + 1, SEGMENT_ROWS):
            assert list(pack(ascending, rows).numbers()) == ascending


@pytest.mark.parametrize("every", [1, 2, 5, 8, 9, 100, 254, 255, 256, 257, 510, 511, 40_000])
def test_even_gaps_come_back_as_they_were(every: int) -> None:
    for first in {0, every - 1}:
        numbers = list(range(first, SEGMENT_ROWS, every))
        packed = pack(numbers, SEGMENT_ROWS)
        assert list(packed.numbers()) == numbers
        assert len(packed.data) <= min(2 * len(numbers), SEGMENT_ROWS // 8)


@pytest.mark.parametrize("steps", [(1, 2), (2, 3, 5), (3, 100, 7), (20, 30), (900, 11, 4), (5000,)])
def test_lists_of_any_form_are_put_together(steps: tuple[int, ...]) -> None:
    numbers = [set(range(step - 1, SEGMENT_ROWS, step)) for step in steps]
    lists = [pack(sorted(one), SEGMENT_ROWS) for one in numbers]
    assert in_any(lists) == set.union(*numbers)
    assert in_all(lists) == set.intersection(*numbers)
    assert in_any([]) == set()


def test_blocks_hold_every_list_and_find_it() -> None:
    lists: dict[str, Packed] = {
        term: pack(range(0, 65_536, len(term) ** 5), 65_536)
        for term in sorted({"a" * n for n in range(1, 30)} | {f"z{n}" for n in range(900)})
    }
    made = list(blocks(lists.items()))
    found = {term: packed for block in made for term, packed in block.find(list(lists))}
    assert found == lists
    assert not list(made[0].find(["A", "missing", "zz"]))
    firsts = [block.first_term for block in made]
    assert firsts == sorted(firsts)
    assert all(len(one.numbers) <= 8192 for one in made)


def test_a_run_longer_than_a_word_is_one_run() -> None:
    assert runs_of("x" * 100) == [CharacterRun("x" * 100, False, False)]
    assert len("x" * 100) > LONGEST_WORD
