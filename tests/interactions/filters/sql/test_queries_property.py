"""Any filter finds the same rows by SQL as by the plain meaning of its words."""

from collections.abc import Iterator
from functools import cache
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adaptive_site.lib.ids import first_id_at
from interactions.filters.conditions import (
    Comparator,
    Condition,
    Contains,
    CreatedBy,
    CreatedIn,
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
from interactions.filters.sql import planner, queries
from interactions.filters.tree import EVERYTHING, NOTHING, And, Not, Or, Tree
from interactions.services.recording.log import prompt_hash
from interactions.textindex.places import Place
from projects.models import Llm, Metric, User
from tests.interactions.evaluator import Fact, holds
from tests.interactions.worlds import (
    AUTHORS,
    LABEL_KEYS,
    LABEL_VALUES,
    LLMS,
    MEASURES,
    METRICS,
    REASONS,
    SESSIONS,
    SOURCES,
    TEXTS,
    TIMES,
    World,
    make_world,
    moments,
)
from tests.running.examples import examples

PAGE = 7
CAP = 10


def some(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=3).map(tuple)


# Other letters for what the worlds' texts say.
ODD = ["ü", "σ", "ς", "PLAIN", "café", "don't", "1 000", "STRASSE", "soft", "fin", "ab", "ii",
       "שלום", "محمد", "look_up", "\u200b"]  # fmt: skip


def conditions() -> st.SearchStrategy[Condition]:
    """Conditions over the worlds' names, and now and then over names that nothing has."""
    keys = st.sampled_from([*LABEL_KEYS, "absent"])
    labels = st.builds(HasLabel, keys, st.none() | some([*LABEL_VALUES, "absent"]))
    llms = st.lists(st.sampled_from([*LLMS, "absent", None]), max_size=3)
    ends = st.none() | st.sampled_from(moments())
    compared = st.builds(
        HasFeedback,
        st.sampled_from([*METRICS, None, "absent"]),
        st.sampled_from(Comparator),
        st.sampled_from([-1.0, 0.0, 0.1, 1.0, 2.5, 3.0]),
    )
    numbers = st.sampled_from([-1.0, 0.0, 0.1, 1.0, 2.5, 3.0])
    authors = [*AUTHORS, "ANN@EXAMPLE.ORG", "absent@example.org"]
    detailed = st.builds(
        HasFeedback,
        st.sampled_from([*METRICS, None, "absent"]),
        st.none() | st.sampled_from(Comparator),
        st.none() | numbers,
        st.lists(st.tuples(st.sampled_from(Comparator), numbers), max_size=2).map(tuple),
        st.none() | some([*REASONS, "absent"]),
        st.none() | st.sampled_from(authors),
        st.none() | some(["LONG", "cafe\u0301", "%", "😀", "n", ""]),
    )
    measured = st.builds(
        HasNumber,
        st.sampled_from(Number),
        st.sampled_from(Comparator),
        st.sampled_from([*(float(n) for n in MEASURES if n is not None), -1.0, 499.5, 3e9]),
    )
    prompts = st.just([{"role": "user", "content": "the same prompt"}])
    return st.one_of(
        labels,
        labels,
        llms.map(tuple).map(HasLlm),
        some([*SOURCES, "absent"]).map(HasSource),
        st.sampled_from([*SESSIONS, UUID(int=9)]).map(InSession),
        prompts.map(prompt_hash).map(HasPrompt),
        measured,
        st.builds(CreatedIn, ends, ends),
        compared,
        compared,
        detailed,
        st.sampled_from([*METRICS, None, "absent"]).map(IsCompared),
        some(authors).map(CreatedBy),
        st.builds(Reads, st.sampled_from([*TEXTS, "the same prompt", ""]), st.sampled_from(Place)),
        st.sampled_from([*METRICS, None, "absent"]).map(HasFeedback),
        st.builds(Contains, st.sampled_from([*TEXTS, *ODD]), st.sampled_from(Place)),
    )


def trees() -> st.SearchStrategy[Tree]:
    """Trees of a few conditions, nested anyhow."""

    def grow(children: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        several = st.lists(children, max_size=4).map(tuple)
        return several.map(And) | several.map(Or) | children.map(Not)

    return st.recursive(conditions(), grow, max_leaves=8)


def pages_down(world: World, tree: Tree) -> Iterator[queries.Page]:
    """Every page, newest first."""
    before = None
    while True:
        page = queries.page(world.project, tree, limit=PAGE, before=before)
        assert page.has_newer == (before is not None)
        yield page
        if not page.has_older:
            return
        before = page.ids[-1]


def pages_up(world: World, tree: Tree, oldest: UUID) -> Iterator[queries.Page]:
    """Every page above the oldest match, from the oldest page on."""
    after = oldest
    while True:
        page = queries.page(world.project, tree, limit=PAGE, after=after)
        assert page.has_older
        yield page
        if not page.has_newer:
            return
        after = page.ids[0]


def check_counts(world: World, tree: Tree, matching: list[Fact]) -> None:
    n = len(matching)
    assert queries.count(world.project, tree, cap=CAP) == queries.Count(min(n, CAP), n <= CAP)
    assert queries.count(world.project, tree, cap=None) == queries.Count(n, True)
    assert queries.quick_count(world.project, tree) == queries.Count(n, True)
    assert queries.estimate(world.project, tree) >= 0
    times = sorted(set(TIMES))
    counts = queries.histogram(world.project, tree, [first_id_at(at) for at in times], cap=CAP)
    newest = matching[:CAP]
    assert counts == [
        sum(start <= fact.created_at < end for fact in newest)
        for start, end in zip(times, times[1:], strict=False)
    ]
    ends = [UUID(int=0), UUID(int=(1 << 128) - 1)]
    (about,) = queries.histogram(world.project, tree, ends, cap=400, one_in=2)
    assert 0 <= about <= 2 * n and bool(n) >= bool(about)


def check_filter(world: World, tree: Tree) -> None:
    """Compare pages in both directions, the count and the histogram with the plain meaning."""
    matching = [fact for fact in world.facts if holds(tree, fact)]
    expected = [fact.id for fact in matching]
    pages = list(pages_down(world, tree))
    assert [id for page in pages for id in page.ids] == expected
    assert all(len(page.ids) == PAGE for page in pages[:-1])
    if expected:
        up = [id for page in pages_up(world, tree, expected[-1]) for id in page.ids[::-1]]
        assert up == expected[-2::-1]
    check_counts(world, tree, matching)


@pytest.fixture(params=["as_is_best", "by_texts_first"])
def any_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filters with a text as they are answered at this size, and as among millions."""
    if request.param == "by_texts_first":
        monkeypatch.setattr(planner, "MOST_TEXTS_UNINDEXED", -1)
        monkeypatch.setattr(planner, "LIST_TEST_US", 0)


@pytest.mark.django_db
@pytest.mark.usefixtures("any_way")
def test_sql_and_plain_python_agree_on_every_filter() -> None:
    world_of = cache(make_world)  # made in this test's transaction, as they are asked for

    @settings(
        max_examples=examples(200),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
    )
    @given(seed=st.integers(0, 3), tree=trees())
    @example(seed=0, tree=EVERYTHING)
    @example(seed=0, tree=NOTHING)
    @example(seed=1, tree=Not(Or((HasLlm((None,)), HasFeedback("csat", Comparator.LESS, 3.0)))))
    @example(seed=2, tree=And((HasLabel("env", ("prod",)), HasLabel("version", None))))
    @example(seed=3, tree=Or((HasFeedback("helpful"), HasFeedback("csat"), HasLabel("env"))))
    @example(seed=0, tree=And((Or((HasLabel("env"), HasLlm(("gpt",)))), HasFeedback("csat"))))
    @example(seed=1, tree=And((HasLabel("env", ("prod",)), HasLabel("env", ("dev", "prod")))))
    @example(seed=2, tree=And((HasLabel("env"), Contains("plain"), Contains("x", Place.PROMPT))))
    @example(seed=0, tree=Or((Contains("plain"), HasLabel("env"), Contains("words"))))
    @example(seed=0, tree=And((IsCompared("a.b %"), Reads("100%", Place.ANYWHERE))))
    def check(seed: int, tree: Tree) -> None:
        check_filter(world_of(seed), tree)

    check()


@pytest.mark.django_db
def test_one_interaction_is_found_by_its_id_in_its_project_alone() -> None:
    world, other = make_world(5, rows=16), make_world(6, rows=16)
    for fact in world.facts:
        check_filter(world, HasId(fact.id))
        check_filter(world, And((Not(HasId(fact.id)), HasLabel("env"))))
        check_filter(world, Or((HasId(fact.id), HasId(world.facts[0].id))))
        check_filter(other, HasId(fact.id))


@pytest.mark.django_db
def test_names_may_be_uuids() -> None:
    world = make_world(7, rows=16)
    named = Llm.objects.in_project(world.project).filter(key__in=LLMS)
    llms = {llm.key: str(llm.uuid) for llm in named}
    assert len(llms) == len(LLMS)
    for key, uuid in llms.items():
        by_key = queries.page(world.project, HasLlm((key,)), limit=16).ids
        assert queries.page(world.project, HasLlm((uuid.upper(),)), limit=16).ids == by_key
    for metric in Metric.objects.in_project(world.project):
        by_key = queries.page(world.project, HasFeedback(metric.key), limit=16).ids
        assert queries.page(world.project, HasFeedback(str(metric.uuid)), limit=16).ids == by_key
    for user in User.objects.filter(email__in=AUTHORS):
        by_key = queries.page(world.project, CreatedBy((user.email,)), limit=16).ids
        assert queries.page(world.project, CreatedBy((str(user.uuid),)), limit=16).ids == by_key


@pytest.mark.django_db
@pytest.mark.usefixtures("any_way")
def test_every_text_is_found_where_it_stands_and_nowhere_else() -> None:
    world = make_world(4, rows=60)
    for place in Place:
        for text in TEXTS:
            check_filter(world, Contains(text, place))
