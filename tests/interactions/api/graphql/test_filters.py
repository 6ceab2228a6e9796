"""The SDK's filters mean what they say: against the evaluator, through GraphQL."""

from datetime import timedelta
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.graphql.scalars import milliseconds
from interactions.api.graphql.advanced_filter import MAX_CONDITIONS, tree_of
from interactions.filters.conditions import HasSource
from interactions.filters.tree import EVERYTHING, NOTHING
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.log import prompt_hash
from projects.models import Project
from tests.asking import LIST, ask, ids, listed, refused
from tests.interactions.wire_meaning import means
from tests.interactions.worlds import (
    AUTHORS,
    LABEL_KEYS,
    LABEL_VALUES,
    LLMS,
    METRICS,
    REASONS,
    SESSIONS,
    SOURCES,
    TEXTS,
    World,
    make_world,
    moments,
)
from tests.make import (
    NOON,
    make_interaction,
    make_interactions,
    make_key,
    make_llm,
    make_metric,
    make_user,
)
from tests.running.examples import examples

Given = dict[str, Any]
SAME = prompt_hash([{"role": "user", "content": "the same prompt"}]).hex


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=3)


def compared_with(values: list[str]) -> st.SearchStrategy[Given]:
    one = st.sampled_from([*values, "absent"])
    return st.fixed_dictionaries({}, optional={"eq": one, "in": some(values), "neq": one})


def numbers() -> st.SearchStrategy[Given]:
    number = st.sampled_from([-1, 0, 0.1, 1, 2.5, 3])
    names = ("eq", "neq", "gt", "gte", "lt", "lte")
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, number))


def times() -> st.SearchStrategy[Given]:
    """Both ends, as numbers and as texts."""
    whole = [at for at in moments() if at.microsecond % 1000 == 0]
    end = st.sampled_from(whole).flatmap(
        lambda at: st.sampled_from([milliseconds(at), at.isoformat(), str(milliseconds(at))])
    )
    return st.fixed_dictionaries({"from": end, "to": end})


def leaves() -> dict[str, st.SearchStrategy[Any]]:
    texts = [*TEXTS, "the same prompt"]
    metric = st.sampled_from([*METRICS, "absent"])
    score = st.fixed_dictionaries(
        {"metric": metric}, optional={"value": numbers(), "reasons": some(REASONS)}
    )
    text = st.fixed_dictionaries(
        {}, optional={"eq": st.sampled_from(texts), "contains": st.sampled_from(texts)}
    )
    return {
        "timerange": times(),
        "model": compared_with(LLMS),
        "label": st.fixed_dictionaries(
            {"key": st.sampled_from(LABEL_KEYS)}, optional={"value": compared_with(LABEL_VALUES)}
        ),
        "scores": score,
        "feedbacks": score,
        "source": st.sampled_from(SOURCES),
        "promptHash": compared_with([SAME, "not hexadecimal"]),
        "sessionId": st.sampled_from([*map(str, SESSIONS), str(uuid4())]),
        "createdBy": compared_with([*AUTHORS]),
        "completion": text,
        "prompt": text,
    }


def expressions() -> st.SearchStrategy[Given]:
    plain = st.fixed_dictionaries({}, optional=leaves())

    def grow(inner: st.SearchStrategy[Given]) -> st.SearchStrategy[Given]:
        nested = {"and": st.lists(inner, max_size=3), "or": st.lists(inner, max_size=3)}
        return st.fixed_dictionaries({}, optional={**nested, "not": inner, **leaves()})

    return st.recursive(plain, grow, max_leaves=5)


@pytest.mark.django_db
def test_lists_hold_what_the_expression_means() -> None:
    key = make_key(make_user("root", is_superuser=True))
    world_of = cache(make_world)

    @settings(
        max_examples=examples(150),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
    )
    @given(seed=st.integers(0, 1), expression=expressions())
    def check(seed: int, expression: Given) -> None:
        world: World = world_of(seed)
        filter = {"project": world.project.key, "advancedFilter": expression}
        listing = ask(key, LIST, filter=filter, page={})
        expected = [str(fact.id) for fact in world.facts if means(expression, fact)]
        assert ids(listing) == expected
        assert listing["totalCount"] == len(expected)

    check()


@pytest.mark.parametrize(
    "expression",
    [{}, {"and": []}, {"and": [{}, {}]}, {"model": {}}, {"and": [{"and": [{}]}]}],
)
def test_an_empty_expression_means_everything(expression: Given) -> None:
    assert tree_of({"advancedFilter": expression}) == EVERYTHING
    assert tree_of({"advancedFilter": None, "models": None}) == EVERYTHING


def test_nothing_is_none_of_no_alternatives() -> None:
    assert tree_of({"advancedFilter": {"or": []}}) == NOTHING


def test_several_bare_sources_mean_any_of_them() -> None:
    both = {"and": [{"source": "LIVE"}, {"source": "OFFLINE"}]}
    assert tree_of({"advancedFilter": both}) == HasSource(("LIVE", "OFFLINE"))


def test_a_filter_of_too_many_conditions_is_refused() -> None:
    many = {"or": [{"label": {"key": str(n)}} for n in range(MAX_CONDITIONS + 1)]}
    with pytest.raises(Invalid, match="at most 200 conditions"):
        tree_of({"advancedFilter": many})


def test_flat_filters_find_what_they_name(project: Project, alice_key: str) -> None:
    metric, scale = make_metric(project), make_metric(project, "csat", "SCALAR")
    author, session = make_user("dora"), uuid4()
    one = make_interaction(
        project,
        "Where is the maple?",
        "In the garden.",
        llm=make_llm(project, "gpt"),
        labels={"env": "prod"},
        session_id=session,
        created_by=author,
        feedback={metric: True, scale: 4},
        source="LIVE",
    )
    make_interaction(project, "Why?", "So.", labels={"env": "dev"}, feedback={scale: 1})
    pair = make_interactions(project, 2, every=timedelta(days=1), completion="pair")
    comparison = NewComparison(
        metric=metric, preferred_id=pair[0], other_id=pair[1], created_at=NOON
    )
    compare(project, [comparison], by=None)
    day = {"from": "2024-02-22T00:00:00Z", "to": 1708646400000}
    for filter in (
        {"models": ["gpt", "absent"]},
        {"sessionId": str(session)},
        {"createdBy": "DORA@example.org"},
        {"createdBy": str(author.uuid)},
        {"userId": str(author.uuid)},
        {"scores": [{"metric": "csat", "gt": 3}]},
        {"feedbacks": [{"metric": "helpful"}, {"metric": "csat", "gte": 4, "lt": 4.5}]},
        {"feedbacks": [{"metric": str(metric.uuid), "user": str(author.uuid)}]},
        {"labels": [{"key": "env", "value": ["prod", "absent"]}]},
        {"promptHash": one.prompt_hash.hex},
        {"promptHash": str(one.prompt_hash)},
        {"completionId": str(one.id)},
        {"source": ["LIVE", "DATASET"]},
        {"completion": "GARDEN"},
        {"prompt": "maple", "labels": [{"key": "env"}]},
    ):
        assert ids(listed(alice_key, **filter)) == [str(one.id)], filter
    by_metric = listed(alice_key, comparisons=[{"metric": "helpful"}])
    assert set(ids(by_metric)) == {str(id) for id in pair}
    assert ids(listed(alice_key, timerange=day)) == [str(pair[1])]
    assert listed(alice_key, labels=[{"key": "env", "value": []}])["totalCount"] == 0
    assert listed(alice_key, models=["absent"])["totalCount"] == 0


def test_the_advanced_filter_takes_precedence_over_the_flat_one(
    project: Project, alice_key: str
) -> None:
    make_interactions(project, 3)
    assert listed(alice_key, models=["absent"], advancedFilter={"and": []})["totalCount"] == 3


def test_ranges_of_time_tile(project: Project, alice_key: str) -> None:
    make_interactions(project, 6)
    minute = [milliseconds(NOON + timedelta(minutes=n)) for n in (0, 3, 6)]
    counts = [
        listed(alice_key, timerange={"from": start, "to": end})["totalCount"]
        for start, end in zip(minute, minute[1:], strict=False)
    ]
    assert counts == [3, 3]
    assert listed(alice_key, timerange={"from": -5, "to": 10**18})["totalCount"] == 6


@pytest.mark.parametrize(
    ("filter", "said"),
    [
        ({"timerange": {"from": "yesterday", "to": 1}}, "2024-02-21T09:51:03Z"),
        ({"timerange": {"from": True, "to": 1}}, "2024-02-21T09:51:03Z"),
        ({"timerange": {"from": 1}}, "to"),
        ({"sessionId": "x"}, "expected a UUID"),
        ({"source": ["ELSEWHERE"]}, "ELSEWHERE"),
        ({"tags": ["old"]}, "use labels"),
        ({"advancedFilter": {"xor": []}}, "xor"),
        ({"advancedFilter": {"scores": {"metric": "m", "value": {"gt": "3"}}}}, "3"),
    ],
)
def test_a_filter_that_cannot_be_read_is_an_error(
    project: Project, alice_key: str, filter: Given, said: str
) -> None:
    assert said in refused(alice_key, LIST, filter={"project": "maple", **filter}, page={})


def test_texts_with_nul_are_looked_for_as_they_are_stored(project: Project, alice_key: str) -> None:
    made = make_interaction(project, labels={"k": "a\ufffdb"})
    found = listed(alice_key, labels=[{"key": "k", "value": ["a\0b"]}])
    assert ids(found) == [str(made.id)]
    query = """{ completions(filter: {project: "maple", completion: "a\\u0000"}, page: {}) {
        totalCount } }"""
    assert "NUL" in refused(alice_key, query)
