"""What is of one project, named under the address of another by who owns that other one alone."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from interactions.models import BulkAction, Dataset, DatasetItem, Job, SavedView, Selection
from projects.models import (
    Invitation,
    Llm,
    Membership,
    Metric,
    ProjectLlm,
    ProjectShare,
    Role,
    Team,
)
from tests import make
from tests.interactions.acting import state
from tests.interactions.doors.addresses import Route, routes
from tests.interactions.doors.api_doors import API
from tests.interactions.doors.asking import address_of, sent
from tests.interactions.doors.door import KEY, PUBLIC, Door
from tests.interactions.doors.graphql_doors import MUTATIONS, QUERIES
from tests.interactions.doors.page_doors import PAGES
from tests.interactions.doors.people import OWNERS, Actor
from tests.interactions.doors.test_every_root import heard
from tests.interactions.doors.world import World

pytestmark = pytest.mark.django_db
# Names of a project and texts, not ids of what is in it.
NO_IDS = {"key", "project", "secret", "model_key", "dataset_name", "project_name"}
KINDS = {
    "interaction", "other", "session", "feedback", "metric", "model", "registration", "image",
    "selection", "view", "bulk_action", "api_key", "upload", "api_upload", "dataset", "dataset_id",
    "item", "batch", "deleted_dataset", "export_job", "import_job", "person", "account", "team",
    "team_member", "team_share", "invitation", "team_invitation", "role",
}  # fmt: skip


def named_in(text: object) -> set[str]:
    """The kinds of ids that a template names."""
    return set(re.findall(r"\{(\w+)\}", str(text))) - NO_IDS


def everything(world: World) -> dict[str, Any]:
    """All of a project that a door might change."""
    project = world.project
    return state(project) | {
        model.__name__: list(model.objects.in_project(project).order_by("pk").values_list())
        for model in (
            BulkAction, Dataset, DatasetItem, Invitation, Job, Metric, ProjectLlm, ProjectShare,
            SavedView, Selection,
        )
    } | {
        model.__name__: list(model.objects.order_by("pk").values_list())
        for model in (Membership, Team, Role)
    } | {"models": list(Llm.objects.order_by("pk").values_list())}  # fmt: skip


def doors() -> Iterator[tuple[Route, Door]]:
    for route in routes():
        for door in (PAGES | API).get(route.name, ()):
            if door.permission != PUBLIC:
                yield route, door


@pytest.fixture
def charlie(cherry: World) -> Actor:
    return Actor("charlie", cherry.owner, OWNERS)


def test_an_id_of_another_project_names_nothing(
    maple: World, cherry: World, charlie: Actor, record_property: Any
) -> None:
    """In an address it is not there; in a form it changes nothing of the project it is of."""
    client = charlie.client()
    program = Actor("charlie's key", cherry.owner, OWNERS, make.make_key(cherry.owner), True)
    before, faults, tried = everything(maple), [], 0
    kinds: set[str] = set()
    for route, door in doors():
        actor = program if door.by == KEY else charlie
        in_address = named_in(list((route.places | dict(door.places)).values()))
        for kind in in_address | named_in([door.query, dict(door.data)]):
            ids = cherry.ids | {kind: maple.ids[kind]}
            here = client if actor is charlie else program.client()
            address = address_of(route, door, ids)
            answer = sent(here, door, address, actor, ids, lambda: everything(maple))
            tried += 1
            kinds.add(kind)
            said = f"{door.method} {address} with the {kind} of maple: {answer.status}"
            if kind in in_address and answer.heard != 404 and not is_given_up(route):
                faults.append(said)
            elif answer.status >= 500 or maple.secret in answer.text or answer.seen != before:
                faults.append(f"{said} told or changed something: {answer.text[:100]}")
    record_property("doors", f"{tried} ids of another project at routes")
    assert not faults, "\n".join(faults)
    assert kinds == KINDS


def is_given_up(route: Route) -> bool:
    """Whether an upload that is not there is given up already, as the SDK expects."""
    return route.name == "api-upload-abort"


@pytest.mark.parametrize(("kind", "table"), [("query", QUERIES), ("mutation", MUTATIONS)])
def test_an_id_of_another_project_names_nothing_in_graphql(
    maple: World, cherry: World, kind: str, table: Mapping[str, list[Door]], record_property: Any
) -> None:
    program = Actor("charlie's key", cherry.owner, OWNERS, make.make_key(cherry.owner), True)
    before, faults, tried = everything(maple), [], 0
    for root, found in table.items():
        for door in found:
            for name in named_in(dict(door.data)):
                mixed = World(cherry.project, cherry.owner, cherry.ids | {name: maple.ids[name]})
                status, text, seen = heard(
                    kind, root, door, program, mixed, lambda: everything(maple)
                )
                tried += 1
                if status >= 500 or maple.secret in text or seen != before:
                    faults.append(f"{root} with the {name} of maple: {status} {text[:300]}")
    record_property("doors", f"{tried} ids of another project at roots ({kind})")
    assert not faults, "\n".join(faults)
