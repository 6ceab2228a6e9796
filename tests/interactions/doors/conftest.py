"""Two filled projects, and everybody who may stand before their doors."""

from pathlib import Path

import pytest

from tests import make
from tests.interactions.doors.people import Actor, persons, programs
from tests.interactions.doors.world import World, make_world


@pytest.fixture
def maple(empty_storage: Path, db: None) -> World:
    return make_world("maple", make.make_user("olive"))


@pytest.fixture
def cherry(maple: World) -> World:
    return make_world("cherry", make.make_user("charlie"))


@pytest.fixture
def people(maple: World, cherry: World) -> list[Actor]:
    return persons(maple, cherry)


@pytest.fixture
def everybody(people: list[Actor], maple: World, cherry: World) -> list[Actor]:
    return [*people, *programs(people, maple, cherry)]
