"""Operations made from the schema, and odd ones: an answer in GraphQL's form, always.

Never a 5xx, never "the server failed"; a mutation that is refused stores nothing; documents beyond
the limits are told so in words. `FUZZ=50` asks fifty times as many.
"""

import json
import os
import re
from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema, nodes

from adaptive_site.graphql import SCHEMA
from interactions.services.uploads import parts
from projects.models import Project, User
from tests import make
from tests.conftest import DOORS
from tests.fuzz.graphql_operations import Operations
from tests.fuzz.stored import stored_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_storage")]
TIMES = int(os.environ.get("FUZZ", "1"))
FAILED = "the server failed on this"
TOLD = re.compile(
    "the document is too large: expected at most|more than 5000 tokens|nested too deeply"
    "|the only defined operation"
)
BOUNDED = settings(
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ALIASES = " ".join(f"a{n}: id" for n in range(3000))
TOO_MUCH = (
    f"{{ me {{ {ALIASES} }} }}",
    "{ " + " ".join(f"a{n}: me {{ id }}" for n in range(3000)) + " }",
    "{ " + " ".join(f"a{n}: __typename" for n in range(1500)) + " }",
    "{ me { user " * 400 + "{ id }" + " } }" * 400,
    "{ me { id " + "@skip(if: false) " * 2000 + "} }",
    "query (" + " ".join(f"$a{n}: Int" for n in range(2500)) + ") { me { id } }",
    '{ project(idOrKey: "' + "x" * 50_000 + '") { id } }',
    "{ me { id } } " * 500,
)
ODD_DOCUMENTS = (
    "{ __schema { types { fields { type { " + "ofType { " * 60 + "name" + " }" * 64 + " }",
    "{ __schema { types { " + "fields { type { " * 9 + "name" + " } }" * 9 + " } } }",
    '{ project(idOrKey: "' + "x" * 49_000 + '") { id } }',
    "{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }",
    '{ project(idOrKey: "a\\u0000b") { id } }',
    '{ project(idOrKey: "\\uD83D") { id } }',
    "{ project(idOrKey: " + "9" * 4000 + ") { id } }",
    "{ project(idOrKey: 1e400) { id } }",
    '{ completions(filter: {project: "maple"}, page: {first: ' + "9" * 30 + "}) { totalCount } }",
    '{ completions(filter: {project: "maple"}, page: {first: -1}) { totalCount } }',
    '{ completions(filter: {project: "maple"}, page: {after: "\\u0000"}) { totalCount } }',
    '{ completions(filter: {project: "maple"}, page: {}, order: [{field: "x", order: UP}])'
    " { totalCount } }",
    '{ project(idOrKey: """' + "\\" * 999 + '""") { id } }',
    "\ufeff{ me { idd } }",
    "subscription { me { id } }",
)
BOUNDARY = "multipart/form-data; boundary=x"
UPLOAD = "mutation ($f: Upload!, $i: DatasetCreate!) { createDataset(input: $i, file: $f) { id } }"
VARIABLES = {"i": {"project": "maple", "name": "d", "key": "d"}, "f": None}
OPERATIONS = json.dumps({"query": UPLOAD, "variables": VARIABLES})


def form(**fields: str | bytes) -> bytes:
    """A form in parts; `file` is one."""
    made = b""
    for name, value in fields.items():
        named = f'name="{name}"' + ('; filename="d"' if name == "file" else "")
        data = value if isinstance(value, bytes) else value.encode()
        made += f"--x\r\nContent-Disposition: form-data; {named}\r\n\r\n".encode() + data + b"\r\n"
    return made + b"--x--\r\n"


UPLOADS = (
    b"", b"--x", b"--x--", b"\0" * 99, form(),
    form(operations=OPERATIONS),
    form(operations=OPERATIONS, map="{}"),
    form(operations=OPERATIONS, map="[]", file=b"{}"),
    form(operations=OPERATIONS, map='{"file": "variables.f"}', file=b"{}"),
    form(operations=OPERATIONS, map='{"file": [1, null, {}]}', file=b"{}"),
    form(operations=OPERATIONS, map='{"file": ["variables.g.h.0"]}', file=b"{}"),
    form(operations=OPERATIONS, map='{"file": ["query"]}', file=b"{}"),
    form(operations=OPERATIONS, map='{"file": [""]}', file=b"{}"),
    form(operations=OPERATIONS, map='{"file": ["variables.f.0"]}', file=b"{}"),
    form(operations=OPERATIONS, map='{"file": ["variables.i"]}', file=b"{}"),
    form(operations=OPERATIONS, map='{"gone": ["variables.f"]}', file=b"{}"),
    form(operations=OPERATIONS, map='{"file": ["variables.f"]}', file=b""),
    form(operations=OPERATIONS, map='{"file": ["variables.f"]}', file=b"\xff\xfe\0"),
    form(operations=OPERATIONS, map='{"file": ["variables.f"]}', file=b"[" * 9999),
    form(operations=f"[{OPERATIONS}]", map='{"file": ["0.variables.f"]}', file=b"{}"),
    form(operations="null", map="null", file=b"{}"),
    form(operations="[1, null]", map='{"file": ["0.variables.f"]}', file=b"{}"),
    form(operations='{"query": 1, "variables": []}', map='{"file": ["variables.0"]}', file=b"{}"),
    form(operations='"x"', map='{"file": ["variables.f"]}', file=b"{}"),
    form(operations=b"\xff", map=b"\xff", file=b"{}"),
    form(operations="[" * 9999, map="{}"),
)  # fmt: skip


class Asking:
    """Asks by the key of somebody, undoes what was done, and keeps what is wrong with answers."""

    def __init__(self, keys: list[str]) -> None:
        self.asked: Counter[str] = Counter()
        self.faults: dict[str, str] = {}
        self._keys = keys

    def ask(
        self,
        body: bytes,
        *,
        content_type: str = "application/json",
        choice: int = 0,
        has_one_root: bool = True,
    ) -> Any:
        """The answer. Of several roots those before the one that is refused stay done."""
        headers = {"Authorization": f"Bearer {self._keys[choice % len(self._keys)]}"}
        client = Client(raise_request_exception=False)
        before = stored_rows()
        with transaction.atomic():
            got = client.generic(
                "POST", "/api/graphql", data=body, content_type=content_type, headers=headers
            )
            after = stored_rows()
            transaction.set_rollback(True)
        told = got.json() if got.headers["Content-Type"].startswith("application/json") else {}
        stored = after - before if has_one_root else Counter[str]()
        if fault := self._fault(got.status_code, told, stored):
            told_at_once = f"after {self.asked.total()}: {fault}\n{body[:900]!r}"
            if fault not in self.faults:
                print(told_at_once, flush=True)  # for `-s`
            self.faults.setdefault(fault, f"{body[:900]!r}\n{got.content[:600]!r}")
        self.asked["refused" if told.get("errors") else "answered"] += 1
        return told

    def _fault(self, status: int, told: Any, stored: Counter[str]) -> str:
        errors = told.get("errors", []) if isinstance(told, dict) else None
        if status != 200 or errors is None or "data" not in told or set(told) > {"data", "errors"}:
            return f"status {status}: {str(told)[:60]}"
        texts = [one.get("message") for one in errors]
        if not all(isinstance(text, str) and text for text in texts):
            return f"an error without a message: {errors}"
        if failed := [one for one in errors if FAILED in one["message"]]:
            return f"{failed[0]['message']}: {failed[0].get('path')}"
        has_nothing = not told["data"] or all(one is None for one in told["data"].values())
        if errors and has_nothing and stored:
            return f"refused, and stored {dict(stored)}: {texts[0]}"
        return ""

    def check(self) -> None:
        """One operation of each fault, if there is any."""
        assert not self.faults, "\n\n".join(f"{one}\n{of}" for one, of in self.faults.items())


@pytest.fixture
def there(alice: User, project: Project, charlies_project: Project) -> dict[str, list[Any]]:
    """What is there, by the names of arguments and types."""
    helpful = make.make_metric(project)
    llm = make.make_llm(project)
    ids = make.make_interactions(
        project, 3, labels={"env": "prod"}, llm=llm, feedback={helpful: True}
    )
    ids.append(make.make_interaction(charlies_project).id)
    upload = parts.begin(alice, total_parts=1)
    names = ["maple", str(project.uuid), "cherry", "helpful", "gpt-4o", str(llm.uuid), "owner"]
    return {
        "project": names[:3],
        "useCase": names[:3],
        "IdOrKey": names,
        "UUID": [*map(str, ids), str(alice.uuid), str(upload.id)],
        "Key": ["env", "helpful", "quality"],
        "metric": ["helpful"],
        "field": ["created_at", "helpful"],
    }


@pytest.fixture
def asking(there: dict[str, list[Any]], alice_key: str, bob_key: str) -> Asking:
    """Alice, who owns the project; Bob, who may write in it; and an administrator."""
    admin = make.make_user("ada", is_superuser=True, is_staff=True)
    return Asking([alice_key, bob_key, make.make_key(admin)])


def test_every_root_field_with_variables_right_and_odd(
    asking: Asking, there: dict[str, list[Any]], record_property: Any
) -> None:
    operations = Operations(SCHEMA, there)
    for word, name, field in operations.roots:

        @given(body=operations.of(word, name, field), choice=st.integers(0, 2))
        @settings(BOUNDED, max_examples=2 * TIMES)
        def ask(body: dict[str, Any], choice: int) -> None:
            asking.ask(json.dumps(body).encode(), choice=choice)

        ask()
    record_property(DOORS, f"GraphQL, by variables: {dict(asking.asked)}")
    asking.check()
    assert min(asking.asked.values()) > 20 * TIMES
    assert asking.asked.total() >= 80 * TIMES


def test_documents_made_from_the_schema(asking: Asking, record_property: Any) -> None:
    texts = st.text(max_size=9).map(nodes.String)
    scalars = dict.fromkeys(("IdOrKey", "Key", "JSON", "Timestamp", "InputDatetime"), texts) | {
        "UUID": st.uuids().map(str).map(nodes.String),
        "Long": st.integers().map(nodes.Int),
        "ScoreValue": st.booleans().map(nodes.Boolean),
        "Upload": st.just(nodes.Null),
    }

    @given(text=from_schema(SCHEMA, custom_scalars=scalars), choice=st.integers(0, 2))
    @settings(BOUNDED, max_examples=8 * TIMES)
    def ask(text: str, choice: int) -> None:
        body = json.dumps({"query": text}).encode()
        asking.ask(body, choice=choice, has_one_root=False)

    ask()
    record_property(DOORS, f"GraphQL, by documents: {dict(asking.asked)}")
    asking.check()


def test_what_is_too_much_or_odd_is_refused_in_words(asking: Asking) -> None:
    for document in TOO_MUCH:
        told = asking.ask(json.dumps({"query": document}).encode())
        assert TOLD.search(told["errors"][0]["message"]), (document[:90], told)
    for document in ODD_DOCUMENTS:
        told = asking.ask(json.dumps({"query": document}).encode())
        assert len(json.dumps(told)) < 200_000
    asking.check()


def test_uploads_that_are_malformed_are_refused_in_words(asking: Asking) -> None:
    for body in UPLOADS:
        assert asking.ask(body, content_type=BOUNDARY)["errors"], body[:400]
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=", "text/plain", ""):
        assert asking.ask(UPLOADS[6], content_type=content_type)["errors"], content_type
    asking.check()
