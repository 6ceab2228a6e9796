"""Latency, tokens and cost of groups, against plain Python, and how the page shows them."""

from collections.abc import Callable
from decimal import Decimal
from math import ceil
from typing import Any

import pytest
from django.test import Client

from adaptive_site.lib.database.time_limits import TookTooLong
from interactions.filters.tree import EVERYTHING
from interactions.services.analysis import groups
from interactions.services.analysis.group_queries import Grouping, GroupKind, Sorting
from interactions.services.analysis.percentiles import Percentiles
from projects.models import Project, ProjectLlm, User
from tests import make
from tests.interactions.evaluator import Fact
from tests.interactions.worlds import make_world

pytestmark = pytest.mark.django_db
URL = "/projects/maple/groups/"


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


def ranked(values: list[int | None]) -> Percentiles | None:
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    p50, p95, p99 = (known[ceil(rank * len(known)) - 1] for rank in (0.5, 0.95, 0.99))
    return Percentiles(len(known), p50, p95, p99)


def tokens(fact: Fact) -> int | None:
    asked, said = fact.measures["prompt_tokens"], fact.measures["completion_tokens"]
    return None if asked is None or said is None else asked + said


def test_each_group_has_the_percentiles_of_its_members() -> None:
    world = make_world(5)
    ways: list[tuple[Grouping, Callable[[Fact], object]]] = [
        (Grouping(GroupKind.MODEL), lambda fact: fact.llm),
        (Grouping(GroupKind.LABEL, "env"), lambda fact: fact.labels.get("env")),
    ]
    for by, of in ways:
        found = groups.grouped(world.project, EVERYTHING, by, Sorting(), limit=100)
        groups.add_numbers(world.project, EVERYTHING, by, found)
        for group in found.shown:
            name = None if group.value is None else group.name
            facts = [fact for fact in world.facts if of(fact) == name]
            assert group.numbers is not None
            assert group.numbers.of == group.n == len(facts)
            assert group.numbers.latency == ranked([fact.measures["latency"] for fact in facts])
            assert group.numbers.tokens == ranked([tokens(fact) for fact in facts])
            assert group.numbers.cost is None


@pytest.fixture
def models(project: Project) -> Project:
    """Two models, one of them with prices, and interactions that took long and short."""
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    for key, seconds in (("dear", 2), ("quick", 1)):
        llm = make.make_llm(project, key)
        make.make_interaction(project, llm=llm, latency_ms=seconds * 1000, usage=usage)
        make.make_interaction(project, llm=llm, latency_ms=seconds * 3000)
    links = ProjectLlm.objects.in_project(project).filter(llm__key="dear")
    links.update(prompt_price=Decimal("2.5"), completion_price=Decimal(10))
    return project


def cells(answer: Any, name: str) -> list[str]:
    """The texts of a column, without their spaces."""
    parts = answer.text.split(f'data-name="{name}">')[1:]
    return ["".join(part.partition("</td>")[0].split()) for part in parts]


def test_the_page_shows_them_and_sums_costs(watching: Client, models: Project) -> None:
    answer = watching.get(f"{URL}?sort=name")
    dear, quick = cells(answer, "Latency, tokens, cost")
    assert "<b>2.0s</b>6.0s·6.0s<" in dear
    assert "<b>1.0s</b>3.0s·3.0s<" in quick
    assert "<b>1,100</b>1,100·1,100tokens" in dear
    assert "<b>$0.0035</b>for1withacost" in dear
    assert "$" not in quick


def test_columns_that_no_group_has_are_not_there(watching: Client, project: Project) -> None:
    make.make_interaction(project, llm=make.make_llm(project))
    text = watching.get(URL).text
    assert "p50" not in text and "spread" not in text


def test_numbers_that_are_late_leave_the_feedback_there(
    watching: Client, models: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object) -> None:
        raise TookTooLong("late")

    make.make_interaction(models, feedback={make.make_metric(models): True})
    monkeypatch.setattr(groups, "add_numbers", late)
    answer = watching.get(URL)
    assert "Latency, tokens and cost took too long" in answer.text
    assert [column.metric.key for column in answer.context["page"].columns] == ["helpful"]
