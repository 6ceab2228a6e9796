"""Groups and their statistics, against putting the same rows into groups in plain Python."""

from collections import defaultdict
from datetime import timedelta
from statistics import mean, stdev
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.test import Client

from interactions.filters.conditions import Comparator, HasFeedback, HasLabel, HasSource
from interactions.filters.tree import EVERYTHING, And, Not, Tree
from interactions.services.analysis import groups
from interactions.services.analysis import sample_sizes as sizes
from interactions.services.analysis.group_queries import Grouping, GroupKind, Sorting
from interactions.services.analysis.groups import MatchGroups, add_feedback, add_ticks, grouped
from interactions.services.recording.log import log_interactions
from projects.models import Metric, Project, User
from tests import make
from tests.interactions.evaluator import Fact, holds
from tests.interactions.opened import asleep, count
from tests.interactions.worlds import make_world
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
URL = "/projects/maple/groups/"
GROUPINGS = [
    *(Grouping(kind) for kind in GroupKind if kind != GroupKind.LABEL),
    *(Grouping(GroupKind.LABEL, key) for key in ("env", "a:b", "nowhere")),
]
TREES: dict[str, Tree] = {
    "everything": EVERYTHING,
    "a label": And((HasLabel("env"),)),
    "not a source": And((Not(HasSource(("LIVE",))),)),
    "judged": And((HasFeedback("csat", Comparator.AT_LEAST, 1.0),)),
}


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


@pytest.fixture
def varied(project: Project) -> Project:
    """60 interactions of three models and none, some judged, over two days."""
    ok, stars = make.make_metric(project, "ok"), make.make_metric(project, "stars", "SCALAR")
    llms = [make.make_llm(project, key) for key in ("llm-a", "llm b&c", "llm-c")]
    sessions = [UUID(int=n + 1) for n in range(4)]
    drafts = [
        make.make_draft(
            f"Question {n % 7}",
            created_at=make.NOON + timedelta(minutes=30 * n),
            labels={"env": ["prod", "staging", "a:b"][n % 3]} if n % 5 else {"env:x": ""},
            llm=llms[n % 3] if n % 4 else None,
            session_id=sessions[n % 4] if n % 3 else None,
            feedback={ok: n % 6 < 2, stars: n % 5 + 1} if n % 2 else None,
        )
        for n in range(60)
    ]
    log_interactions(project, drafts)
    return project


def value_of(fact: Fact, by: Grouping) -> str | None:
    """What a fact is grouped by, as text."""
    session = None if fact.session_id is None else str(fact.session_id)
    return {
        GroupKind.MODEL: fact.llm,
        GroupKind.PROMPT: str(fact.prompt_hash),
        GroupKind.SESSION: session,
        GroupKind.USER: fact.by,
        GroupKind.DAY: f"{fact.created_at:%Y-%m-%d}",
        GroupKind.SOURCE: fact.source,
        GroupKind.LABEL: fact.labels.get(by.key),
    }[by.kind]


@pytest.mark.parametrize("name", TREES)
def test_groups_hold_what_plain_python_puts_there(name: str) -> None:
    world = make_world(3)
    facts = [fact for fact in world.facts if holds(TREES[name], fact)]
    metrics = list(Metric.objects.in_project(world.project))
    for by in GROUPINGS:
        for of_all in (False, True):
            found = grouped(world.project, TREES[name], by, Sorting(), limit=100, of_all=of_all)
            add_feedback(world.project, TREES[name], by, found, metrics)
            add_ticks(world.project, TREES[name], by, found)
            compare(found, by, facts, metrics)


def compare(found: MatchGroups, by: Grouping, all: list[Fact], metrics: list[Metric]) -> None:
    """Compare groups and their figures with the facts they are made of."""
    expected: dict[str | None, list[Fact]] = defaultdict(list)
    for fact in all:
        expected[value_of(fact, by)].append(fact)
    named = {None if group.value is None else group.name: group for group in found.shown}
    if by.kind == GroupKind.USER:
        named = {name and name.lower(): group for name, group in named.items()}
    assert named.keys() == expected.keys()
    assert (found.many, found.of, found.newest) == (len(expected), len(all), 0)
    sizes = [group.n for group in found.shown]
    assert sizes == sorted(sizes, reverse=True)
    for key, facts in expected.items():
        group = named[key]
        assert (group.n, sum(group.ticks)) == (len(facts), len(facts))
        assert group.newest == max(fact.created_at for fact in facts)
        check(facts, metrics, group.figures)
    check(all, metrics, found.overall)


def check(facts: list[Fact], metrics: list[Metric], figures: dict[int, Any]) -> None:
    """Compare what was given under each metric with the facts."""
    for metric in metrics:
        values = [g.value for fact in facts for g in fact.feedback if g.metric == metric.key]
        assert (metric.id in figures) == bool(values)
        if not values:
            continue
        one = figures[metric.id]
        assert (one.sample.n, one.least, one.most) == (len(values), min(values), max(values))
        assert one.sample.mean == pytest.approx(mean(values))
        spread = stdev(values) if len(values) > 1 else None
        assert one.sample.deviation == (None if spread is None else pytest.approx(spread))


@pytest.mark.parametrize("is_descending", [True, False])
@pytest.mark.parametrize("least", [1, 3])
def test_groups_sort_by_a_mean_and_leave_small_samples_out(
    varied: Project, is_descending: bool, least: int
) -> None:
    stars = Metric.objects.in_project(varied).get(key="stars")
    by = Grouping(GroupKind.PROMPT)
    sorting = Sorting("mean", stars.id, is_descending, least)
    found = grouped(varied, EVERYTHING, by, sorting, limit=50)
    add_feedback(varied, EVERYTHING, by, found, [stars])
    means = [group.figures[stars.id].sample.mean for group in found.shown]
    assert means == sorted(means, reverse=is_descending)
    assert all(group.figures[stars.id].sample.n >= least for group in found.shown)
    assert (
        len(means) == 7
        and not grouped(varied, EVERYTHING, by, Sorting("mean", stars.id, least=9), limit=50).shown
    )


def test_pages_show_each_group_once(varied: Project) -> None:
    for order in ("count", "name", "newest"):
        seen = []
        for offset in range(0, 9, 3):
            args = (varied, EVERYTHING, Grouping(GroupKind.PROMPT), Sorting(order))
            found = grouped(*args, limit=3, offset=offset)
            assert found.many == 7
            seen += [group.name for group in found.shown]
        assert len(seen) == len(set(seen)) == 7


def test_the_text_of_a_prompt_and_of_a_sessions_beginning_stand_there(varied: Project) -> None:
    prompts = grouped(varied, EVERYTHING, Grouping(GroupKind.PROMPT), Sorting(), limit=9).shown
    assert {group.preview for group in prompts} == {f"Question {n}" for n in range(7)}
    sessions = grouped(
        varied, EVERYTHING, Grouping(GroupKind.SESSION), Sorting("name"), limit=9
    ).shown
    assert {group.name[-1:]: group.preview for group in sessions}["2"] == "Question 1"


BYS = ("model", "prompt", "session", "user", "day", "source", "label:env", "label:env\\:x")


@pytest.mark.parametrize(
    "query",
    [
        "label=env:prod&label=env:staging",
        "label=env&model=llm-a&model=(none)",
        "not_label=env:prod",
        "since=2024-02-21T15:00&until=2024-02-22T03:30",
        "feedback=ok:eq:1",
    ],
)
def test_opening_a_group_shows_its_very_rows(watching: Client, varied: Project, query: str) -> None:
    for by in BYS:
        look = watching.get(f"{URL}?{urlencode({'by': by})}&{query}").context["page"]
        assert not look.faults and look.rows
        for line in look.rows[:5]:
            if not line.link:
                assert line.is_none and by in ("session", "user")
                continue
            assert count(watching, line.link) == line.group.n
            for cell in filter(None, line.cells):
                assert count(watching, cell.links["any"]) == cell.n
                if cell.has_good_and_bad:
                    assert count(watching, cell.links["good"]) == cell.figures.good
                    assert count(watching, cell.links["bad"]) == cell.figures.bad


@pytest.mark.parametrize("by", ["model", "source", "label:env", "label:env\\:x", "day", "prompt"])
def test_ticked_groups_are_opened_together(watching: Client, varied: Project, by: str) -> None:
    look = watching.get(f"{URL}?{urlencode({'by': by})}&feedback=ok").context["page"]
    for start, end in ((0, 1), (0, 2), (-2, None)):
        ticked = [line for line in look.rows if line.term][start:end]
        asked = [*look.fields_of_groups, *(("group", line.term) for line in ticked)]
        opened = watching.get(f"{URL}open/?{urlencode(asked)}")
        assert count(watching, opened["Location"]) == sum(line.group.n for line in ticked)


def test_beyond_its_bound_the_newest_are_grouped_and_it_says_so(
    watching: Client, varied: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "MOST_COUNTED", 20)
    monkeypatch.setattr(sizes, "LEAST_COUNTED", 20)
    for query in ("", "label=env", "text=question"):
        answer = watching.get(f"{URL}?{query}")
        assert sum(line.group.n for line in answer.context["page"].rows) == 20
        assert "the newest that match" in answer.text
        whole = watching.get(f"{URL}?{query}&all=1")
        n = 48 if query == "label=env" else 60
        assert sum(line.group.n for line in whole.context["page"].rows) == n
        assert "the newest that match" not in whole.text


def test_what_was_judged_comes_later_where_it_is_slow(
    watching: Client, varied: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as slow:
        for name in ("FIGURES_LIMIT_MS", "PATIENT_LIMIT_MS"):
            slow.setattr(f"interactions.web.groups.page.{name}", 10)
        slow.setattr(groups, "add_feedback", asleep)
        answer = watching.get(f"{URL}?by=model")
        assert answer.context["page"].are_figures_late and answer.context["page"].rows
        again = answer.context["page"].again
        assert f'hx-get="{URL}{again.replace("&", "&amp;")}"' in answer.text
        late = watching.get(f"{URL}{again}", headers={"HX-Request": "true"})
    table = watching.get(f"{URL}{again}", headers={"HX-Request": "true"})
    assert "<html" not in table.text and "stars" in table.text
    assert "Feedback took too long" in late.text


def test_grouping_that_takes_too_long_says_so(
    watching: Client, varied: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "GROUPS_LIMIT_MS", 10)
    monkeypatch.setattr(groups, "_page", asleep)
    answer = watching.get(URL)
    assert answer.status_code == 200
    assert "Grouping took too long" in answer.text


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("by=colour", "by"), ("by=label", "by"), ("by=label:nowhere", "by"), ("by=label:", "by"),
        ("metric=nowhere", "metric"), ("sort=mean:nowhere", "sort"), ("sort=x", "sort"),
        ("order=up", "order"), ("least=0", "least"), ("least=many", "least"), ("page=0", "page"),
        ("page=9999", "page"), ("page=²", "page"), ("time=soon", "time"), ("colour=red", "colour"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_and_shows_nothing(
    watching: Client, varied: Project, query: str, name: str
) -> None:
    answer = watching.get(f"{URL}?{query}")
    assert answer.status_code == 200
    assert [fault.name for fault in answer.context["page"].faults] == [name]
    assert "expected" in answer.text or "is no metric" in answer.text or "unknown" in answer.text
    assert not answer.context["page"].rows


def test_the_filters_form_keeps_the_pages_own_parameters(watching: Client, varied: Project) -> None:
    look = watching.get(f"{URL}?by=label:env&metric=ok&model=llm-a").context["page"]
    hidden = urlencode(
        [*look.links.fields_but_time, ("given", "stars"), ("given_is", "has"), ("text", "")]
    )
    answer = watching.get(f"{URL}?{hidden}")
    assert answer.status_code == 302
    assert answer["Location"] == "?model=llm-a&feedback=stars&by=label:env&metric=ok"
    assert look.chips[0].remove == "?by=label:env&metric=ok"
    assert str(look.links.filter) == "?model=llm-a"


def test_a_stranger_finds_no_groups(client: Client, project: Project, charlie: User) -> None:
    client.force_login(charlie)
    assert client.get(URL).status_code == 404
    assert client.get("/projects/maple/feedback/").status_code == 404


def test_nothing_to_group_says_so(watching: Client, project: Project) -> None:
    assert "nothing to group" in watching.get(URL).text


@pytest.mark.parametrize("n", [1, 40])
def test_a_page_of_groups_takes_as_many_queries_whatever_it_shows(
    watching: Client, project: Project, query_counts: QueryCounts, n: int
) -> None:
    ok = make.make_metric(project, "ok")
    drafts = [make.make_draft(f"Question {i}", feedback={ok: True}) for i in range(n)]
    log_interactions(project, drafts)
    watching.get(URL)
    with query_counts("groups: page"):
        assert len(watching.get(f"{URL}?by=prompt").context["page"].rows) == n
