"""Every root of GraphQL × everybody, each asked for all that can be read of what it gives."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
)

from adaptive_site.graphql import SCHEMA
from tests.interactions.doors.asking import OPEN, filled
from tests.interactions.doors.door import IN, Door
from tests.interactions.doors.graphql_doors import MUTATIONS, QUERIES
from tests.interactions.doors.people import Actor
from tests.interactions.doors.world import World

pytestmark = pytest.mark.django_db
DEPTH = 2
# Of who lacks no single permission of a project.
REASONS = ("only administrators may", "you may not create projects", "permits what you may not")
LINE = b'{"prompt": [{"role": "user", "content": "hi"}], "completion": "x"}\n'


def fields_of(kind: Any, depth: int) -> str:
    """All that can be read of a type without arguments, so deep."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLScalarType | GraphQLEnumType):
        return ""
    if isinstance(named, GraphQLUnionType):
        parts = (f"... on {one.name} {fields_of(one, depth)}" for one in named.types)
        return "{ " + " ".join(parts) + " }"
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    found = ["__typename"]
    for name, field in named.fields.items():
        is_leaf = isinstance(get_named_type(field.type), GraphQLScalarType | GraphQLEnumType)
        if any(is_required_argument(one) for one in field.args.values()):
            continue
        if is_leaf or depth:
            found.append(f"{name} {fields_of(field.type, depth - 1)}")
    return "{ " + " ".join(found) + " }"


def document(kind: str, name: str, field: GraphQLField, given: dict[str, Any]) -> str:
    """An operation that asks one root with variables called as its arguments."""
    declared = ", ".join(f"${one}: {field.args[one].type}" for one in given)
    passed = ", ".join(f"{one}: ${one}" for one in given)
    around = f"({declared})" if given else ""
    return f"{kind} {around} {{ {name} {f'({passed})' if given else ''}" + (
        f" {fields_of(field.type, DEPTH)} }}"
    )


def heard(
    kind: str,
    root: str,
    door: Door,
    actor: Actor,
    world: World,
    look: Callable[[], Any] = lambda: None,
) -> tuple[int, str, Any]:
    """The status that the answer amounts to, its text, and what `look` saw before it was undone."""
    parent = SCHEMA.query_type if kind == "query" else SCHEMA.mutation_type
    assert parent is not None
    given = filled(dict(door.data), world.ids)
    operation = {"query": document(kind, root, parent.fields[root], given), "variables": given}
    with transaction.atomic():
        if "file" in given:
            answer = Client().post(
                "/api/graphql",
                {"operations": json.dumps(operation), "map": '{"0": ["variables.file"]}',
                 "0": SimpleUploadedFile("a.jsonl", LINE)},
                headers=actor.headers,
            )  # fmt: skip
        else:
            answer = Client(raise_request_exception=False).post(
                "/api/graphql", operation, content_type="application/json", headers=actor.headers
            )
        seen = look()
        transaction.set_rollback(True)
    if answer.status_code != 200:
        return answer.status_code, answer.text, seen
    told = answer.json()
    if not told.get("errors"):
        return (404 if told["data"][root] is None else IN), answer.text, seen
    (first, *_) = told["errors"]
    status = first.get("extensions", {}).get("status", 500)
    if status == 403:
        said = first["message"]
        assert any(one in said for one in (door.permission, *REASONS)), said
    return (IN if status in (400, 409, 422) else status), answer.text, seen


@pytest.mark.parametrize(("kind", "table"), [("query", QUERIES), ("mutation", MUTATIONS)])
def test_everybody_at_every_root(
    maple: World,
    everybody: list[Actor],
    kind: str,
    table: dict[str, list[Door]],
    record_property: Any,
) -> None:
    asked, faults = 0, []
    for root, doors in table.items():
        for door in doors:
            for actor in filter(door.tells, everybody):
                asked += 1
                expected = door.expected(actor, maple.owner)
                status, text, _ = heard(kind, root, door, actor, maple)
                may_read = actor.may is not None and "interaction:read" in actor.may
                if status != expected:
                    faults.append(
                        f"{root} as {actor.name}: expected {expected}, heard {status} {text[:200]}"
                    )
                elif (
                    not may_read
                    and maple.secret in text
                    and not (door.is_the_users and actor.user == maple.owner)
                ):
                    faults.append(f"{OPEN}: {root} told {actor.name} of the project: {text[:300]}")
    record_property("doors", f"{asked} combinations at {len(table)} roots ({kind})")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("kind", "table"), [("query", QUERIES), ("mutation", MUTATIONS)])
def test_every_root_is_in_the_table(kind: str, table: dict[str, list[Door]]) -> None:
    parent = SCHEMA.query_type if kind == "query" else SCHEMA.mutation_type
    assert parent is not None
    assert sorted(parent.fields) == sorted(table), "say what it needs, in graphql_doors.py"
