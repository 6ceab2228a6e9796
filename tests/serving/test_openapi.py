"""The OpenAPI document holds every address of the API, and its examples work."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from adaptive_site.lib.openapi.members import RequestShape
from adaptive_site.serving.openapi import rendered
from projects.models import Project, User
from tests import make
from tests.fuzz import corpus
from tests.house.files import named

ADDRESS = "/api/v1/openapi.json"
ODD_METHOD = "PROPFIND"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document as it is made."""
    made: dict[str, Any] = json.loads(rendered("/")[0])
    return made


def of_the_api() -> dict[str, corpus.Route]:
    """Every address under /api/ that Django knows, with `{name}` for its places."""
    return {f"/{one.path}": one for one in corpus.routes() if one.path.startswith("api/")}


def test_every_address_and_method_is_in_the_document_and_no_other(
    document: dict[str, Any], client: Client, db: None
) -> None:
    right = {"UUIDConverter": "0" * 8 + "-0000" * 3 + "-" + "0" * 12}
    answered = {}
    for path, route in of_the_api().items():
        values = {name: right.get(kind, "x") for name, kind in route.places}
        got = client.generic(ODD_METHOD, route.at(values))
        assert got.status_code == 405, path
        assert set(got.json()) == {"error"}, path
        answered[path] = set(got.headers["Allow"].lower().split(", ")) - {"head"}
    assert answered == {path: set(methods) for path, methods in document["paths"].items()}
    assert len(answered) >= 20


def test_what_nothing_answers_is_refused_with_what_is_answered_on_pages_too(
    client: Client, alice: User, project: Project
) -> None:
    client.force_login(alice)
    right = {
        "SlugConverter": "maple",
        "UUIDConverter": str(project.uuid),
        "IntConverter": "1",
        "StringConverter": "x",
        "PathConverter": "x",
    }
    wrong = {}
    for route in corpus.routes():
        path = route.at({name: right[kind] for name, kind in route.places})
        got = client.generic(ODD_METHOD, path)
        if (got.status_code, bool(got.headers.get("Allow"))) != (405, True) or not got.content:
            wrong[route.path] = got.status_code
    assert wrong == {"login/": 302}  # who is logged in is sent on


def test_a_member_that_is_read_is_in_the_document(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"].values()
    known = {name for one in shapes for name in one.get("properties", ())}
    known |= {"stream", "tools"}  # of what goes to providers as it came
    told = (one for methods in document["paths"].values() for one in methods.values())
    known |= {one["name"] for method in told for one in method.get("parameters", ())}
    read = set()
    for path in named(".py", under=("interactions/api", "adaptive_site/graphql.py")):
        text = path.read_text("utf-8")
        read |= set(re.findall(r"(?:payload|query|GET)(?:\.get\(|\[)\"(\w+)\"", text))
        read |= {f"{name}!" for name in re.findall(r"request\.POST\[\"(\w+)\"", text)}
    assert read - {"id"} <= known


def test_the_members_that_check_are_those_of_the_document(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    shapes = {one.__name__: one for one in subclasses(RequestShape)}
    bodies = {name: schemas[name] for name in shapes if name in schemas}
    assert {"LogBody", "FeedbackBody", "ComparisonBody", "ChatBody"} <= set(bodies)
    for name, schema in bodies.items():
        members = shapes[name].members()
        assert list(schema["properties"]) == list(members)
        for one, member in members.items():
            assert schema["properties"][one]["description"] == member.about


def subclasses(of: type) -> list[type[Any]]:
    """Every one, those of those too."""
    found: list[type[Any]] = of.__subclasses__()
    return found + [one for direct in found for one in subclasses(direct)]


def test_the_examples_work(document: dict[str, Any], alice: User) -> None:
    project = make.make_project("demo", owner=alice)
    ours = make.make_interaction(project)
    helpful = make.make_metric(project)
    key = make.make_key(alice)
    worked = 0
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            content = told.get("requestBody", {}).get("content", {}).get("application/json")
            if not content or "$ref" not in content["schema"]:
                continue
            schema = document["components"]["schemas"][content["schema"]["$ref"].split("/")[-1]]
            for example in schema.get("examples", ()):
                got = Client().generic(
                    method.upper(),
                    path.replace("{id}", str(ours.id)),
                    json.dumps(example),
                    content_type="application/json",
                    headers={"Authorization": f"Bearer {key}"},
                )
                assert str(got.status_code) in told["responses"], (path, got.content)
                is_embedding = path.endswith("embeddings")  # which the echo does not make
                assert got.status_code < 300 or is_embedding, (path, got.content)
                worked += 1
    assert worked >= 5
    assert helpful.is_linked


def test_it_is_public_small_and_asked_for_again_by_its_etag(client: Client) -> None:
    got = client.get(ADDRESS)
    assert got.status_code == 200
    assert got.json()["openapi"].startswith("3.1")
    assert got.headers["Cache-Control"] == "public, no-cache"
    assert settings.SECRET_KEY not in got.text
    assert len(got.content) < 150_000
    again = client.get(ADDRESS, headers={"If-None-Match": got.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert rendered("/") is rendered("/")
    assert json.loads(rendered("/logs")[0])["servers"] == [{"url": "/logs"}]


@pytest.mark.parametrize("path", ["/api/", "/api/v1/x%0Ay", "/api/v1/images/a/b%0A.png"])
def test_odd_addresses_of_the_api_answer_in_json(client: Client, path: str) -> None:
    got = client.get(path)
    assert got.status_code == 404
    assert "error" in got.json()


def test_a_form_without_a_boundary_is_told_so(client: Client, alice_key: str) -> None:
    got = client.generic(
        "POST",
        "/api/graphql",
        b"x",
        content_type="multipart/form-data",
        headers={"Authorization": f"Bearer {alice_key}"},
    )
    assert got.status_code == 200
    assert "the form cannot be read" in got.json()["errors"][0]["message"]
