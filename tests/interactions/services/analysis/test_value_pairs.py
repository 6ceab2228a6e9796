"""Pairs of label values that set matches apart, and those that only chance does."""

from datetime import timedelta
from random import Random

import pytest
from django.test import Client

from interactions.filters.conditions import Comparator, HasFeedback, HasLabel
from interactions.filters.sql import queries
from interactions.filters.tree import EVERYTHING, And
from interactions.services.analysis import lift, sample_sizes, value_pairs
from interactions.services.analysis.confidence_intervals import wilson, z_of_many
from interactions.services.analysis.lift import Lift
from interactions.services.recording.drafts import Draft
from interactions.services.recording.log import log_interactions
from projects.models import Metric, Project, User
from tests import make
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"
BAD = And((HasFeedback("ok", Comparator.EQUAL, 0.0),))


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


def drafts(metric: Metric, n: int, *, is_planted: bool, seed: int = 1) -> list[Draft]:
    """Interactions of four versions, tasks and customers; bad by chance, of one pair by design."""
    rng = Random(seed)
    made = []
    for number in range(n):
        labels = {
            "version": rng.choice(("v1", "v2", "v3", "v4")),
            "task": rng.choice(("refund", "return", "invoice", "other")),
            "customer": f"customer-{rng.randrange(40):02}",
            "env": "prod",
        }
        is_pair = (labels["version"], labels["task"]) == ("v4", "refund")
        is_bad = rng.random() < (0.8 if is_planted and is_pair else 0.1)
        at = make.NOON + timedelta(minutes=number)
        made.append(
            make.make_draft(
                f"Question {number}", labels=labels, feedback={metric: not is_bad}, created_at=at
            )
        )
    return made


@pytest.fixture
def planted(project: Project) -> Project:
    """800 interactions whose answers about refunds are bad since version 4."""
    log_interactions(project, drafts(make.make_metric(project, "ok"), 800, is_planted=True))
    return project


def combined(project: Project, tree: And = BAD, base: And = EVERYTHING) -> value_pairs.Combined:
    found = lift.labels(project, tree, base)
    return value_pairs.pairs(project, tree, base, found.lifts)


def test_a_pair_that_does_more_than_its_parts_is_found_and_counted_exactly(
    planted: Project,
) -> None:
    found = combined(planted)
    (pair,) = found.lifts
    assert {pair.one, pair.other} == {("task", "refund"), ("version", "v4")}
    both = (HasLabel("task", ("refund",)), HasLabel("version", ("v4",)))
    n, of, base_n, base_of = (
        queries.count(planted, And(tree)).n
        for tree in ((*BAD.children, *both), BAD.children, both, ())
    )
    assert pair.lift == Lift(n, of, base_n, base_of)
    assert pair.lift.stands_out
    assert found.looked_at > 10
    assert pair.lift.z == z_of_many(
        len(lift.labels(planted, BAD, EVERYTHING).lifts) + found.looked_at
    )


@pytest.mark.parametrize("seed", range(5))
def test_chance_alone_sets_nothing_apart(project: Project, seed: int) -> None:
    metric = make.make_metric(project, "ok")
    log_interactions(project, drafts(metric, 400, is_planted=False, seed=seed))
    assert combined(project).lifts == []
    assert not [one for one in lift.labels(project, BAD, EVERYTHING).lifts if one.lift.stands_out]


def test_of_few_nothing_is_said(project: Project) -> None:
    metric = make.make_metric(project, "ok")
    few = {"version": "v9", "task": "x"}
    log_interactions(
        project,
        [make.make_draft(f"{n}", labels=few, feedback={metric: False}) for n in range(4)]
        + drafts(metric, 100, is_planted=False),
    )
    assert combined(project).lifts == []


def test_pairs_of_a_large_base_are_counted_over_its_newest(
    planted: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_sizes, "MOST_COUNTED", 400)
    found = combined(planted)
    assert found.newest == 400
    assert found.lifts[0].lift.base_of == 400
    assert combined(planted).lifts == found.lifts


def test_the_panel_shows_the_pair_first_and_a_click_narrows_to_both(
    watching: Client, planted: Project, query_counts: QueryCounts
) -> None:
    query = "?feedback=ok:eq:0&label=env:prod&compare=all"
    with query_counts("facets: compared with the same filter"):
        answer = watching.get(f"{URL}facets/{query}", headers={"HX-Request": "true"})
    first = answer.context["page"].apart.shown[0]
    assert (first.key, first.name, first.other) == ("task", "refund", ("version", "v4"))
    of, base_of = answer.context["page"].apart.of, answer.context["page"].apart.base_of
    said = f"These <b>{of}</b> compared with <b>{base_of}</b> with the same filter, whatever their"
    assert said in answer.text
    assert "task refund and version v4" in answer.text
    assert watching.get(f"{URL}count/{first.toggle}").context["page"].found.n == first.n
    asked = watching.get(f"{URL}{first.toggle}").context["listing"]
    assert [chip.value for chip in asked.chips if chip.verb == "is"] == ["prod", "refund", "v4"]
    ways = {way.words: way.is_on for way in answer.context["page"].panel_links}
    assert ways == {
        "Counts": False,
        "Compare with the same filter": True,
        "only those with ok feedback": False,
    }


@pytest.mark.parametrize(
    ("query", "base", "words"),
    [
        ("feedback=ok:eq:0", 800, "all"),
        ("label=version:v4&not_feedback=ok:eq:1", None, "all with the same filter"),
        ("label=version:v4&since=2024-02-21T18:00", 440, "all of the same time"),
        ("label=version:v4", 800, "all"),
        ("since=2024-02-21T18:00", 800, "all"),
        ("q=feedback.ok:no+OR+version:v4&label=env:prod", 800, "all with the same filter"),
    ],
)
def test_what_is_compared_with_what_is_said(
    watching: Client, planted: Project, query: str, base: int | None, words: str
) -> None:
    answer = watching.get(f"{URL}facets/?{query}&compare=all", headers={"HX-Request": "true"})
    apart = answer.context["page"].apart
    assert answer.context["page"].base.words == words
    if base is not None:
        assert apart.base_of == base
    assert apart.of == watching.get(f"{URL}count/?{query}").context["page"].found.n
    assert f"compared with <b>{apart.base_of}</b>" in answer.text


def test_the_more_values_the_wider_the_interval() -> None:
    assert z_of_many(1) == pytest.approx(1.96, abs=0.001)
    assert z_of_many(100) == pytest.approx(3.48, abs=0.01)
    one, many = wilson(8, 10), wilson(8, 10, z_of_many(100))
    assert one is not None and many is not None
    assert many.low < one.low < 0.8 < one.high < many.high
