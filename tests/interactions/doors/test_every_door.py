"""Every route × everybody: who is let in, who is refused, and who is not even told it is there."""

from typing import Any

import pytest

from tests.interactions.doors.addresses import Route, routes
from tests.interactions.doors.api_doors import API
from tests.interactions.doors.asking import Round
from tests.interactions.doors.door import Door
from tests.interactions.doors.page_doors import PAGES
from tests.interactions.doors.people import Actor
from tests.interactions.doors.world import World

pytestmark = pytest.mark.django_db
DOORS: dict[str, list[Door]] = PAGES | API


def test_every_route_is_in_the_table() -> None:
    known = {route.name for route in routes()}
    missing = sorted(known - DOORS.keys())
    assert not missing, f"say what {missing} need, in page_doors.py or api_doors.py"
    assert not DOORS.keys() - known


def of(routes_: list[Route], table: dict[str, list[Door]]) -> list[tuple[Route, list[Door]]]:
    return [(route, table[route.name]) for route in routes_ if route.name in table]


@pytest.mark.parametrize("table", [PAGES, API], ids=["pages", "API"])
def test_everybody_at_every_route(
    maple: World, everybody: list[Actor], table: dict[str, list[Door]], record_property: Any
) -> None:
    asked = Round(maple)
    clients = {actor.name: actor.client() for actor in everybody}
    for route, doors in of(routes(), table):
        for door in doors:
            for actor in filter(door.tells, everybody):
                asked.ask(clients[actor.name], route, door, actor)
    record_property("doors", f"{asked.asked} combinations")
    assert not asked.faults, "\n".join(asked.faults)
