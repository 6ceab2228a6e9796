"""A filter said in English."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given

from interactions.filters.conditions import (
    Comparator,
    Contains,
    CreatedBy,
    CreatedIn,
    CreatedWithin,
    HasFeedback,
    HasId,
    HasLabel,
    HasLlm,
    HasNumber,
    HasPrompt,
    HasSource,
    InSession,
    IsCompared,
    Number,
    Reads,
)
from interactions.filters.query.english import either, sentence, span
from interactions.filters.tree import EVERYTHING, NOTHING, And, Not, Or, Tree
from interactions.textindex.places import Place
from tests.interactions.filters.sql.test_queries_property import trees

DAY = datetime(2024, 2, 21, tzinfo=UTC)
PROD = HasLabel("env", ("prod",))
BAD = HasFeedback("helpful", Comparator.EQUAL, 0.0)


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (EVERYTHING, "everything"),
        (NOTHING, "nothing"),
        (PROD, "env is prod"),
        (And((PROD, BAD)), "env is prod and helpful: no"),
        (Or((PROD, BAD)), "env is prod or helpful: no"),
        (And((PROD, Or((BAD, Not(PROD))))), "env is prod and (helpful: no or env is not prod)"),
        (Not(And((PROD, BAD))), "not (env is prod and helpful: no)"),
        (Not(Not(PROD)), "not (env is not prod)"),
        (HasLabel("env", ("a", "b", "c")), "env is a, b or c"),
        (HasLabel("env"), "env is there"),
        (Not(HasLabel("env")), "env is not there"),
        (HasLlm(("gpt-4o", None)), "model is gpt-4o or none"),
        (HasSource(("LIVE",)), "source is live"),
        (InSession(UUID(int=1)), "session is 00000000…"),
        (HasPrompt(UUID(int=0xAB << 120)), "prompt is ab000000…"),
        (HasFeedback(), "feedback: any"),
        (HasFeedback("helpful", Comparator.EQUAL, 1.0), "helpful: yes"),
        (HasFeedback("helpful", Comparator.EQUAL, 0.5), "helpful: 0.5"),
        (HasFeedback("csat", Comparator.EQUAL, 1.0), "csat: 1"),
        (Not(BAD), "helpful: not no"),
        (Not(HasFeedback("csat")), "csat: none"),
        (HasFeedback("csat", Comparator.AT_MOST, 2.5), "csat: ≤ 2.5"),
        (HasFeedback("cost", Comparator.MORE, 1234567.0), "cost: > 1234567"),
        (Not(HasFeedback("csat", Comparator.LESS, 3.0)), "csat: not < 3"),
        (Contains("100%"), "text contains “100%”"),
        (Not(Contains("a", Place.PROMPT)), "prompt lacks “a”"),
        (CreatedIn(DAY), "time since 2024-02-21"),
        (CreatedIn(None, DAY + timedelta(hours=9)), "time before 2024-02-21 09:00"),
        (CreatedIn(DAY, DAY + timedelta(days=1)), "time 2024-02-21"),
        (CreatedIn(DAY, DAY + timedelta(days=2)), "time 2024-02-21 to 2024-02-22"),
        (CreatedIn(DAY.replace(day=1), DAY.replace(month=3, day=1)), "time February 2024"),
        (CreatedWithin(timedelta(hours=36)), "time in the last 36 hours"),
        (HasNumber(Number.TOKENS, Comparator.MORE, 9.0), "tokens > 9"),
        (Not(CreatedIn(DAY)), "time not since 2024-02-21"),
        (HasId(UUID(int=1)), "id is 00000000…"),
        (CreatedBy(("a@x.org", "b@x.org")), "author is a@x.org or b@x.org"),
        (Not(CreatedBy(("a@x.org",))), "author is not a@x.org"),
        (IsCompared("helpful"), "helpful is compared"),
        (Not(IsCompared()), "any feedback is not compared"),
        (HasNumber(Number.LATENCY, Comparator.AT_LEAST, 500.0), "latency ≥ 500 ms"),
        (Not(HasNumber(Number.IMAGES, Comparator.MORE, 0.0)), "images not > 0"),
        (Reads("a", Place.COMPLETION), "completion is “a”"),
        (Not(Reads("a")), "text is not “a”"),
        (
            HasFeedback("csat", Comparator.MORE, 1.0, also=((Comparator.LESS, 3.0),)),
            "csat: > 1 and < 3",
        ),
        (
            HasFeedback("csat", reasons=("long", "dull"), given_by="a@x.org"),
            "csat: any because of long or dull and by a@x.org",
        ),
    ],
)
def test_a_filter_says_what_it_means(tree: Tree, words: str) -> None:
    assert sentence(tree, {"helpful"}) == words


@given(trees())
def test_every_filter_has_words(tree: Tree) -> None:
    assert sentence(tree)


@given(trees())
def test_the_opposite_of_a_filter_is_said_otherwise(tree: Tree) -> None:
    assert sentence(Not(tree)) != sentence(tree)


def test_values_are_listed() -> None:
    assert [either(("a",)), either(("a", "b")), either(("a", "b", "c"))] == [
        "a",
        "a or b",
        "a, b or c",
    ]


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(days=7), "7 days"),
        (timedelta(days=14), "2 weeks"),
        (timedelta(hours=24), "24 hours"),
    ],
)
def test_a_span_is_said_in_its_largest_whole_unit(length: timedelta, words: str) -> None:
    assert span(length) == words
