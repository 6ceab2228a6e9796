"""The page of the query's syntax."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from interactions.filters.query.fields import QUERY_FIELDS
from interactions.filters.query.grammar import parse
from interactions.filters.query.syntax import SYNTAX
from projects.models import Project, User

EXAMPLES = [example for section in SYNTAX for line in section.lines for example in line.examples]


def page(user: User) -> Any:
    client = Client()
    client.force_login(user)
    return client.get("/projects/maple/interactions/syntax/")


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_can_be_read(example: str) -> None:
    parse(example)


@pytest.mark.parametrize("name", QUERY_FIELDS)
def test_every_field_has_an_example(name: str) -> None:
    assert any(f"{name}:" in example for example in EXAMPLES)


@pytest.mark.django_db
def test_examples_lead_to_what_they_find(alice: User, charlie: User, filled: Project) -> None:
    said = page(alice).content.decode()
    assert f"?bar={quote('env:(prod OR dev)', safe='')}" in said
    assert "?bar=id" not in said  # its id is made up
    assert page(charlie).status_code == 404
