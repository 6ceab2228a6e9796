"""Two groups compared: their figures, the difference of each metric, and what is wrong to ask."""

from datetime import timedelta
from statistics import mean, stdev
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from interactions.filters.conditions import HasLabel, HasLlm, HasSource
from interactions.filters.tree import EVERYTHING, Not
from interactions.services.analysis import groups as grouping
from interactions.services.analysis.confidence_intervals import ValueSample
from interactions.services.analysis.group_queries import Grouping, GroupKind
from interactions.services.analysis.groups import Figures
from interactions.services.comparing import shared_prompts
from interactions.services.comparing.group_differences import (
    condition_of,
    difference,
    metrics_of,
    named,
    of_two,
)
from interactions.services.recording.log import log_interactions
from interactions.web.groups import compare
from projects.models import Metric, Project, User
from tests import make
from tests.interactions.opened import asleep, count
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
URL = "/projects/maple/groups/compare/"
VERSIONS = Grouping(GroupKind.LABEL, "version")


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


@pytest.fixture
def versions(project: Project) -> Project:
    """Thirty answers of v1 and twenty of v2 to prompts of which fifteen are the same."""
    ok, stars = make.make_metric(project, "ok"), make.make_metric(project, "stars", "SCALAR")
    drafts = [
        make.make_draft(
            f"Question {n}",
            completion=f"{version} says that {n} is odd",
            created_at=make.NOON + timedelta(minutes=n + 100 * (version == "v2")),
            labels={"version": version},
            llm=make.make_llm(project, f"llm-{version}"),
            feedback={ok: n % 4 != 0 if version == "v1" else n % 4 == 0, stars: n % 5 + 1},
        )
        for version, some in (("v1", range(30)), ("v2", range(15, 35)))
        for n in some
    ]
    log_interactions(project, drafts)
    return project


def figures(*values: float, is_share: bool = False) -> Figures:
    """The figures of these values."""
    scatter = stdev(values) if len(values) > 1 else None
    sample = ValueSample(len(values), mean(values), scatter, is_share)
    return Figures(sample, min(values), max(values), len(values))


def test_the_difference_is_the_first_mean_less_the_second() -> None:
    shares = difference(figures(1, 1, 1, 0, is_share=True), figures(0, 0, 1, 0, is_share=True))
    assert shares.value == 0.5
    assert shares.interval is not None and shares.interval.low < 0 < shares.interval.high
    assert not shares.is_clear
    numbers = difference(figures(9, 10, 11), figures(1, 2, 3))
    assert (numbers.value, numbers.is_clear) == (8, True)


def test_where_nothing_tells_chance_from_a_difference_there_is_no_interval() -> None:
    for first, second in (
        (figures(5), figures(1, 2, 3)),
        (figures(5, 5), figures(3, 3)),
        (figures(5), figures(3)),
    ):
        found = difference(first, second)
        assert found.interval is None and not found.is_clear
    # Shares of a few are told by Wilson's intervals, which know what few are.
    few = difference(figures(1, 1, is_share=True), figures(0, 0, is_share=True))
    assert few.interval is not None and few.interval.low == pytest.approx(0.0698, abs=1e-3)


def test_a_group_as_a_filter() -> None:
    assert condition_of(VERSIONS, "v1") == HasLabel("version", ("v1",))
    assert condition_of(VERSIONS, None) == Not(HasLabel("version"))
    assert condition_of(Grouping(GroupKind.MODEL), None) == HasLlm((None,))
    assert condition_of(Grouping(GroupKind.SOURCE), "LIVE") == HasSource(("LIVE",))
    for kind, name in (("session", None), ("user", None), ("prompt", "x"), ("day", "soon")):
        with pytest.raises(ValueError):
            condition_of(Grouping(GroupKind(kind)), name)


def test_two_groups_have_the_figures_of_their_rows(versions: Project) -> None:
    metrics = list(Metric.objects.in_project(versions))
    found = of_two(versions, EVERYTHING, VERSIONS, ["v1", "v2"])
    grouping.add_feedback(versions, EVERYTHING, VERSIONS, found, metrics)
    first, second = named(found, "v1"), named(found, "v2")
    assert first is not None and second is not None and named(found, "v3") is None
    assert (first.n, second.n, found.of) == (30, 20, 50)
    assert [metric.key for metric in metrics_of(found, metrics, 9)] == ["ok", "stars"]
    ok = next(metric for metric in metrics if metric.key == "ok").id
    apart = difference(first.figures[ok], second.figures[ok])
    assert apart.value == pytest.approx(22 / 30 - 5 / 20)
    assert apart.is_clear


def asked(*groups: str, by: str = "label:version", **more: Any) -> str:
    """The address of a comparison."""
    return f"{URL}?{urlencode({'by': by, 'group': groups, **more}, doseq=True)}"


def test_the_page_says_how_far_apart_two_groups_are(watching: Client, versions: Project) -> None:
    answer = watching.get(asked("version:v1", "version:v2"))
    page = answer.context["page"]
    assert [row.name for row in page.rows] == ["v1", "v2"]
    assert [(row.metric.key, row.verdict) for row in page.differences] == [
        ("ok", "higher, better"),
        ("stars", "no clear difference"),
    ]
    assert "+48.3 points" in answer.text and "30 interactions" in answer.text
    assert count(watching, page.both) == 50
    swapped = watching.get(URL + page.swapped).context["page"]
    assert [row.name for row in swapped.rows] == ["v2", "v1"]
    assert swapped.differences[0].verdict == "lower, worse"
    assert watching.get(page.all_groups).context["page"].grouping == VERSIONS
    assert "no prompt" not in answer.text.lower()


@pytest.mark.parametrize("by", ["model", "label:version", "day", "source", "session", "user"])
def test_each_kind_of_group_can_be_compared(watching: Client, versions: Project, by: str) -> None:
    make.make_interaction(versions, created_at=make.NOON + timedelta(days=1), source="IMPORT")
    look = watching.get(f"/projects/maple/groups/?{urlencode({'by': by})}").context["page"]
    terms = [row.term for row in look.rows if row.term][:2]
    answer = watching.get(asked(*terms, by=by))
    assert not answer.context["page"].faults or len(terms) < 2
    assert len(answer.context["page"].rows) == (2 if len(terms) == 2 else 0)


def test_the_answers_to_the_same_prompts_stand_side_by_side(
    watching: Client, versions: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "PROMPTS_PER_PAGE", 4)
    monkeypatch.setattr(shared_prompts, "MATCHES_READ_AT_ONCE", 7)
    address, seen = asked("version:v1", "version:v2"), []
    while True:
        answer = watching.get(address)
        page = answer.context["page"]
        for row in page.prompt_rows:
            first, second = row.answers
            assert first.interaction.prompt_hash == second.interaction.prompt_hash
            texts = ["".join(run.text for run in one.runs) for one in row.answers]
            assert [text[:2] for text in texts] == ["v1", "v2"]
            assert texts[0][2:] == texts[1][2:]
            assert "<ins>v1</ins>" in answer.text and "<ins>v2</ins>" in answer.text
            seen.append(row.prompt)
        if not page.older:
            break
        address = URL + page.older
    assert seen == [f"Question {n}" for n in range(29, 14, -1)]
    opened = watching.get(page.prompt_rows[0].side_by_side)
    assert opened.status_code == 200
    pair = watching.get(f"{page.pairs}&pair={page.prompt_rows[0].pair}&metric=ok")
    assert pair.context["page"].pair is not None and not pair.context["page"].faults


def test_a_prompt_stands_once_however_often_it_was_answered(project: Project) -> None:
    for n in range(12):
        make.make_interaction(
            project,
            messages=[{"role": "user", "content": "Again?"}],
            labels={"version": f"v{1 + n % 2}"},
            created_at=make.NOON + timedelta(minutes=n),
        )
    conditions = [condition_of(VERSIONS, name) for name in ("v1", "v2")]
    seen, before = [], None
    while True:
        found = shared_prompts.page(project, EVERYTHING, *conditions, limit=1, before=before)
        seen += found.shown
        if found.older is None:
            break
        before = found.older
    assert [(one.n_walked, one.n_other) for one in seen] == [(6, 6)]


def test_a_walk_that_finds_no_shared_prompt_ends_and_says_so(
    watching: Client, versions: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_prompts, "MATCHES_READ_AT_ONCE", 2)
    monkeypatch.setattr(shared_prompts, "MATCHES_WALKED", 4)
    answer = watching.get(asked("version:v2", "version:v1"))  # its newest five are v2's alone
    page = answer.context["page"]
    assert page.prompts.is_bounded and not page.prompt_rows
    assert "among 4 interactions" in answer.text and "Look further" in answer.text
    rest = watching.get(URL + page.older).context["page"]
    assert rest.prompt_rows


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("by=label:version&group=version:v1", "group"),
        ("by=label:version", "group"),
        ("by=label:version&group=version:v1&group=version:v2&group=version:v3", "group"),
        ("by=label:version&group=env:v1&group=version:v2", "group"),
        ("by=prompt&group=x&group=y", "group"),
        ("by=day&group=soon&group=2024-02-21", "group"),
        ("by=colour&group=a&group=b", "by"),
        ("by=model&group=a&group=b&metric=nowhere", "metric"),
        ("by=model&group=a&group=b&before=x", "before"),
        ("by=model&group=a&group=b&colour=red", "colour"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_named(
    watching: Client, versions: Project, query: str, name: str
) -> None:
    answer = watching.get(f"{URL}?{query}")
    assert answer.status_code == 200
    assert [fault.name for fault in answer.context["page"].faults] == [name]
    assert not answer.context["page"].rows


def test_a_group_without_a_match_is_named(watching: Client, versions: Project) -> None:
    assert "Nothing matches in v3" in watching.get(asked("version:v1", "version:v3")).text


def test_slow_parts_say_so_alone(
    watching: Client, versions: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "PROMPTS_LIMIT_MS", 10)
    with monkeypatch.context() as slow:
        slow.setattr(shared_prompts, "page", asleep)
        answer = watching.get(asked("version:v1", "version:v2"))
    assert "+48.3 points" in answer.text and "same prompts took too long" in answer.text
    monkeypatch.setattr(compare, "FEEDBACK_LIMIT_MS", 10)
    monkeypatch.setattr(grouping, "add_feedback", asleep)
    assert "Comparing took too long" in watching.get(asked("version:v1", "version:v2")).text


def test_without_a_tick_all_groups_are_opened(watching: Client, versions: Project) -> None:
    opened = watching.get("/projects/maple/groups/open/?by=model&feedback=ok")
    assert opened["Location"] == "/projects/maple/interactions/?feedback=ok"


def test_strangers_compare_nothing(client: Client, charlie: User, versions: Project) -> None:
    client.force_login(charlie)
    assert client.get(asked("version:v1", "version:v2")).status_code == 404
    assert client.get("/projects/maple/groups/open/?group=a").status_code == 404


def test_groups_of_another_project_are_not_there(
    watching: Client, versions: Project, charlies_project: Project
) -> None:
    for version in ("v1", "v2"):
        make.make_interactions(charlies_project, 3, labels={"version": version})
    answer = watching.get(asked("version:v1", "version:v2"))
    assert answer.context["page"].found.of == 50


@pytest.mark.parametrize("n", [2, 10])
def test_a_comparison_takes_as_many_queries_whatever_it_shows(
    watching: Client, project: Project, query_counts: QueryCounts, n: int
) -> None:
    ok = make.make_metric(project, "ok")
    for version in ("v1", "v2"):
        labels = {"version": version}
        drafts = [make.make_draft(f"Q {i}", feedback={ok: True}, labels=labels) for i in range(n)]
        log_interactions(project, drafts)
    address = asked("version:v1", "version:v2")
    watching.get(address)
    with query_counts("groups: compared"):
        assert len(watching.get(address).context["page"].prompt_rows) == n
