"""What stands in a request and what we make of it."""

from datetime import UTC, datetime

import pytest
from graphql import GraphQLError

from adaptive_site.lib.graphql.scalars import (
    milliseconds,
    parse_datetime,
    parse_score,
    parse_text,
    parse_uuid,
)
from adaptive_site.lib.ids import EPOCH

MORNING = datetime(2024, 2, 21, 9, 51, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [1708509063000, 1708509063000.0, "1708509063000", "2024-02-21T09:51:03Z",
     "2024-02-21T10:51:03+01:00", "2024-02-21 09:51:03", " 2024-02-21T09:51:03.000 "],
)  # fmt: skip
def test_a_time_has_many_spellings(given: object) -> None:
    assert parse_datetime(given) == MORNING
    assert milliseconds(MORNING) == 1708509063000


@pytest.mark.parametrize("given", [-5, "-5", 0, -(10**30)])
def test_what_is_before_1970_is_its_beginning(given: object) -> None:
    assert parse_datetime(given) == EPOCH


@pytest.mark.parametrize("given", [10**18, 10**40, "9" * 60, 1e300])
def test_what_is_beyond_the_calendar_is_its_end(given: object) -> None:
    assert parse_datetime(given).year == 9999


@pytest.mark.parametrize(
    "given", [None, True, "", "soon", "2024-13-01", [], {}, "0001-01-01T00:00+23:59"]
)
def test_what_is_no_time_is_refused(given: object) -> None:
    with pytest.raises(GraphQLError):
        parse_datetime(given)


@pytest.mark.parametrize("given", [None, "1", [], {}])
def test_a_score_is_a_number_or_a_boolean(given: object) -> None:
    assert parse_score(True) is True
    assert parse_score(1.5) == 1.5
    with pytest.raises(GraphQLError):
        parse_score(given)


def test_a_uuid_may_be_in_any_case_and_nothing_else_is_one() -> None:
    text = "018d8f6e-0000-7000-8000-ABCDEF012345"
    assert str(parse_uuid(text)) == text.lower()
    for wrong in ("", "x", 3, None, text[:-1]):
        with pytest.raises(GraphQLError):
            parse_uuid(wrong)


def test_an_id_or_key_is_a_string_whatever_it_looks_like() -> None:
    assert parse_text("a/b c") == "a/b c"
    with pytest.raises(GraphQLError):
        parse_text(3)
