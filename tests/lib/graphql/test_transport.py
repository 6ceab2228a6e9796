"""`POST /api/graphql` as HTTP: who is let in, what is malformed, what is out of scope."""

import json
import logging
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from graphql import get_introspection_query

from adaptive_site.graphql import EMPTY_ANSWERS, SCHEMA
from projects.models import ApiKey, Project, User
from tests.asking import answer, ask, refused, send
from tests.make import make_interaction

ME = "{ me { id email name teams { team { key } role { key permissions } } } }"


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic YTpi", "Bearer ", "alice"])
def test_only_a_known_key_is_let_in(db: None, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    body = {"query": ME}
    got = Client().post("/api/graphql", body, content_type="application/json", headers=headers)
    assert got.status_code == 401
    assert got.json()["error"]


def test_a_login_without_a_key_is_not_enough(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert client.post("/api/graphql", {"query": ME}, "application/json").status_code == 401


def test_revoked_keys_and_removed_users_stay_outside(
    alice: User, alice_key: str, bob_key: str
) -> None:
    assert ask(alice_key, ME)["email"] == "alice@example.org"
    ApiKey.objects.filter(user=alice).update(revoked_at="2024-01-01T00:00:00Z")
    assert send(alice_key, {"query": ME}).status_code == 401


def test_a_key_is_enough_without_a_csrf_token(alice_key: str) -> None:
    body = json.dumps({"query": ME})
    headers = {"Authorization": f"Bearer {alice_key}"}
    strict = Client(enforce_csrf_checks=True)
    got = strict.post("/api/graphql", body, content_type="application/json", headers=headers)
    assert got.json()["data"]["me"]["email"] == "alice@example.org"


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_is_answered(alice_key: str, client: Client, method: str) -> None:
    got = getattr(client, method)("/api/graphql", headers={"Authorization": f"Bearer {alice_key}"})
    assert got.status_code == 405
    assert got["Allow"] == "POST"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "nonsense",
        "[]",
        "null",
        "{}",
        '{"query": null}',
        '{"query": 3}',
        '{"query": ""}',
        '{"query": "{"}',
        '{"query": "{ me { nonsense } }"}',
        '{"query": "query A { me { id } } query B { me { id } }"}',
        '{"query": "{ me { id } }", "operationName": "C"}',
        '{"query": "{ me { id } }", "operationName": 3}',
        '{"query": "{ me { id } }", "variables": []}',
        '{"query": "{ me { id } }", "variables": "x"}',
        '{"query": "query ($a: Int!) { me { id } }", "variables": {"a": 1}}',
        '{"query": "subscription { me { id } }"}',
        '{"query": "{ me { ...A } } fragment A on User { ...A }"}',
        '{"query": "{ me { id } }", "variables": {"a": NaN}}',
        '[{"query": "{ me { id } }"}]',
        "[" * 5000,
        '{"query": "{ a(b: ' + "[" * 3000 + ']) }"}',
        '{"query": "' + "{ me " * 2000 + '"}',
        '{"query": "\\ud800"}',
    ],
)
def test_what_is_malformed_is_an_error_at_200(alice_key: str, body: str) -> None:
    got = send(alice_key, body)
    assert got.status_code == 200
    told = got.json()
    assert told.get("data") is None
    assert told["errors"] and all(isinstance(one["message"], str) for one in told["errors"])


def test_an_answer_without_faults_has_no_errors(alice_key: str) -> None:
    told = answer(alice_key, ME)
    assert list(told) == ["data"]
    assert told["data"]["me"]["teams"][0]["team"]["key"] == "maple-owners"


@pytest.mark.parametrize(
    "query",
    [
        "{ " + " ".join(f"a{n}: me {{ id }}" for n in range(50)) + " }",
        "{ projects " + "{ modelServices { model { projects " * 5 + "{ id }" + " }" * 15 + " }",
        "{ me { " + "id " * 2500 + " } }",
        "{ me { ...A } } "
        + " ".join(
            f"fragment {a} on User {{ x{n}: user {{ ...{b} }} y{n}: user {{ ...{b} }} }}"
            for n, (a, b) in enumerate(zip("ABCDEFGHIJ", "BCDEFGHIJK", strict=True))
        )
        + " fragment K on User { id }",
        "{ me { id } } #" + "x" * 60_000,
    ],
    ids=["aliases", "levels", "fields", "fragments", "text"],
)
def test_documents_beyond_the_limits_are_refused(alice_key: str, query: str) -> None:
    assert refused(alice_key, query).startswith("the document is too large")


def test_the_schema_can_be_asked_for(alice_key: str) -> None:
    told = ask(alice_key, get_introspection_query())
    assert {one["name"] for one in told["types"]} >= {"Completion", "UseCase", "Abcampaign"}


def test_types_are_named_when_asked(project: Project, alice_key: str) -> None:
    make_interaction(project)
    query = """query ($yes: Boolean!) {
        completions(filter: {project: "maple"}, page: {}) {
            __typename nodes { __typename kept: id @include(if: $yes) id @skip(if: $yes) }
        }
    }"""
    told = ask(alice_key, query, yes=True)
    assert told["__typename"] == "CompletionConnection"
    (node,) = told["nodes"]
    assert node["__typename"] == "Completion"
    assert set(node) == {"__typename", "kept"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("query L($f: JobFilter!) { jobs(filter: $f) { totalCount nodes { ...J } } }"
         " fragment J on Job { id }",
         {"jobs": EMPTY_ANSWERS["jobs"]}),
        ("{ mine: graders(project: 1) { id } }", {"mine": []}),
        ("{ provider(id: 1) { id } job(id: 2) { id } }", {"provider": None, "job": None}),
    ],
)  # fmt: skip
def test_reading_what_is_out_of_scope_finds_nothing(
    alice_key: str, query: str, found: dict[str, Any]
) -> None:
    assert answer(alice_key, query, f={}) == {"data": found}


@pytest.mark.parametrize(
    "query",
    [
        "mutation M($i: JobInput!) { createJob(input: $i) { id } }",
        "mutation { createJob { id } }",
        "query { createJob { id } }",
    ],
)
def test_doing_what_is_out_of_scope_is_refused_by_name(alice_key: str, query: str) -> None:
    told = answer(alice_key, query)
    assert told == {
        "data": None,
        "errors": [{"message": "Not supported by this server: createJob"}],
    }


def test_a_field_of_ours_beside_an_unknown_one_is_a_plain_mistake(alice_key: str) -> None:
    assert "createJob" in refused(alice_key, "{ me { id } createJob { id } }")


def test_lists_of_what_comes_later_are_empty(
    project: Project, alice_key: str, charlie_key: str
) -> None:
    assert ask(alice_key, '{ datasets(project: "maple") { id } }') == []
    assert ask(alice_key, '{ datasets(useCase: "maple") { id } }') == []
    assert ask(alice_key, '{ dataset(idOrKey: "x", project: "maple") { id } }') is None
    assert ask(alice_key, "{ abCampaigns(filter: {active: true}) { id } }") == []
    assert ask(alice_key, '{ abCampaign(idOrKey: "x") { id } }') is None
    assert "project" in refused(charlie_key, '{ datasets(project: "maple") { id } }')
    said = refused(alice_key, 'mutation { cancelAbCampaign(input: "x") }')
    assert said == "A/B tests are not supported yet"


def test_an_upload_is_understood_and_its_faults_are_told(project: Project, alice_key: str) -> None:
    query = """mutation LoadDataset($input: DatasetCreate!, $file: Upload!) {
        createDataset(input: $input, file: $file) { id } }"""
    variables = {"input": {"project": "maple", "name": "d", "key": "d"}, "file": None}
    file = SimpleUploadedFile("d", b"{}\n", content_type="application/jsonl")
    form: dict[str, Any] = {
        "operations": json.dumps({"query": query, "variables": variables}),
        "map": json.dumps({"0": ["variables.file"]}),
        "0": file,
    }
    headers = {"Authorization": f"Bearer {alice_key}"}
    told = Client().post("/api/graphql", form, headers=headers).json()
    assert told["errors"][0]["message"].startswith("line 1: messages: expected a list")
    for broken in ({"map": "{}"}, {"map": "x"}, {"operations": "[]"}, {"map": '{"1": ["a"]}'}):
        file.seek(0)
        got = Client().post("/api/graphql", {**form, **broken}, headers=headers)
        assert got.status_code == 200
        assert got.json()["errors"]


def test_a_bug_is_logged_and_not_told(
    alice_key: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(User.objects, "visible_to", broken)
    with caplog.at_level(logging.ERROR):
        told = answer(alice_key, "{ users { id } }")
    assert "secret" not in json.dumps(told)
    assert "a secret" in caplog.text


def test_every_root_field_has_a_resolver() -> None:
    for root in (SCHEMA.query_type, SCHEMA.mutation_type):
        assert root is not None
        missing = [name for name, field in root.fields.items() if field.resolve is None]
        assert not missing
