"""Every parser gives a value or its own refusal, and what it read reads the same once written."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile.parsers import ELSEWHERE, PARSERS

EXAMPLES = int(os.environ.get("EXAMPLES", "25"))
TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("name", PARSERS)
def test_it_reads_or_refuses_and_reads_what_it_wrote(name: str) -> None:
    parser = PARSERS[name]

    @settings(max_examples=EXAMPLES, database=None, derandomize=EXAMPLES < 100)
    @given(parser.given)
    def tried(text: object) -> None:
        try:
            read = parser.read(text)
        except parser.refuses_by as error:
            assert str(error), "a refusal without words"
            return
        if parser.spell is not None and read is not None:
            again = parser.spell(read)
            assert repr(parser.read(again)) == repr(read)

    tried()


@pytest.mark.parametrize("file", ELSEWHERE.values())
def test_others_are_tried_beside_their_code(file: str) -> None:
    assert "@given(" in (TESTS / file).read_text("utf-8")


def test_what_reads_a_stranger_is_listed_once() -> None:
    assert not PARSERS.keys() & ELSEWHERE.keys()
    assert all(isinstance(one.given, st.SearchStrategy) for one in PARSERS.values())
