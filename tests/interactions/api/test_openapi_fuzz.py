"""schemathesis over our OpenAPI document: what it says is what the server does.

Requests that the document permits and such as it forbids, with ids that are there and with others.
No answer is a 5xx, each has a status, a media type and a shape of the document's, what is forbidden
is refused, and a refusal stores nothing. `FUZZ=50` asks fifty times as many.
"""

import os
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adaptive_site.lib.concurrency.database_threads import in_the_requests_thread
from adaptive_site.lib.http.addresses import GRAPHQL_PATH
from interactions.models import Image
from interactions.services.uploads import parts
from projects.models import Project, User
from tests import make
from tests.fuzz.stored import stored_rows
from tests.interactions.asking import make_external
from tests.upstream import Upstream

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_storage")]
TIMES = int(os.environ.get("FUZZ", "1"))
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


class Fuzzing:
    """Asks what schemathesis makes up, with Alice's key and with what is there."""

    def __init__(self, key: str, there: dict[str, list[Any]]) -> None:
        self.asked: Counter[int] = Counter()
        self.faults: dict[str, str] = {}
        self._key = {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}
        self._there = there

    def ask(self, case: Case[Any], choice: int) -> None:
        """Send it, undo what it did, and keep what is wrong with the answer."""
        self._make_real(case, choice)
        before = stored_rows()
        with transaction.atomic():
            answer = self._answer(case)
            after = stored_rows()
            transaction.set_rollback(True)
        self.asked[answer.status_code] += 1
        faults = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
        if answer.status_code >= 400 and after != before:
            faults.append(f"{answer.status_code}, and stored {after - before}")
        try:
            # GraphQL answers what is wrong with 200, and says it in `errors`.
            is_graphql = case.operation.path == GRAPHQL_PATH
            case.validate_response(answer, checks=CHECKS[:-1] if is_graphql else CHECKS)
        except FailureGroup as group:
            faults += [str(one) for one in group.exceptions]
        except Failure as failure:
            faults.append(str(failure))
        for fault in faults:
            where = f"{case.method} {case.operation.path}: {fault.splitlines()[0]}"
            told = f"{fault[:600]}\n{case.as_curl_command()[:900]}\n{answer.content[:300]!r}"
            if where not in self.faults:
                print(f"after {self.asked.total()}: {where}\n{told}", flush=True)  # for `-s`
            self.faults.setdefault(where, told)

    def _answer(self, case: Case[Any]) -> Response:
        """Send it by Django's test client: in this test's transaction."""
        given_ = case.as_transport_kwargs(base_url="http://testserver")
        asked = requests.Request(**given_).prepare()
        body = asked.body.encode() if isinstance(asked.body, str) else asked.body or b""
        headers = {name: _plain(value) for name, value in asked.headers.items()} | self._key
        answer = Client(raise_request_exception=False).generic(
            case.method,
            asked.path_url,
            data=body,
            content_type=headers.pop("Content-Type", ""),
            headers=headers,
        )
        if answer.streaming:
            with in_the_requests_thread():
                content = b"".join(answer)
        else:
            content = answer.content
        told = {name: [value] for name, value in answer.headers.items()}
        return Response(answer.status_code, told, content, asked, elapsed=0.0, verify=False)

    def _make_real(self, case: Case[Any], choice: int) -> None:
        """Put what is there where the case has something of that form, three times in four."""
        if choice % 4 == 0:
            return
        for given_ in (case.path_parameters, case.query, case.body):
            if isinstance(given_, dict):
                self._replace(given_, choice)
        if isinstance(case.body, dict) and isinstance(items := case.body.get("feedbacks"), list):
            for one in items:
                if isinstance(one, dict):
                    self._replace(one, choice)

    def _replace(self, values: dict[str, Any], choice: int) -> None:
        for name, value in values.items():
            there = self._there.get(name)
            if (
                there
                and isinstance(value, str)
                and value
                and (len(value) == 36 or not _is_id(there))
            ):
                values[name] = there[choice % len(there)]


def _plain(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _is_id(text: Any) -> bool:
    """Whether it is a UUID, as what is made up is, too, unless it is wrong on purpose."""
    return isinstance(text, str) and len(text) == 36


@pytest.fixture
def fuzzing(
    alice: User, alice_key: str, project: Project, charlies_project: Project, provider: Upstream
) -> Fuzzing:
    """With one of everything in Alice's project, and something of Charlie's."""
    helpful = make.make_metric(project)
    make_external(project, provider)
    picture = make.image_message(make.data_uri(make.make_image()))
    ids = make.make_interactions(
        project,
        3,
        messages=[picture],
        labels={"env": "prod"},
        llm=make.make_llm(project),
        feedback={helpful: True},
    )
    ids.append(make.make_interaction(charlies_project).id)
    image = Image.objects.in_project(project).get()
    texts = [str(id) for id in ids]
    upload = parts.begin(alice, total_parts=3)
    there: dict[str, list[Any]] = {
        "project": ["maple", str(project.uuid), "cherry"],
        "use_case": ["maple"],
        "metric": ["helpful"],
        "model_service": ["gpt-4o"],
        "completion_id": texts,
        "preferred_completion": texts[:3],
        "other_completion": texts[1:],
        "id": texts,
        "session_id": [str(upload.id)],
        "sha256": [image.sha256],
        "extension": ["png"],
        "model": ["maple/big", "maple/gpt-4o", "cherry/x", "maple"],
        "user_id": [str(alice.uuid)],
    }
    return Fuzzing(alice_key, there)


def test_what_the_document_says_is_what_the_server_does(
    fuzzing: Fuzzing, record_property: Any
) -> None:
    schema = schemathesis.openapi.from_dict(Client().get("/api/v1/openapi.json").json())
    schema.config.generation.with_security_parameters = False
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            asked = found.ok()

            @given(case=asked.as_strategy(generation_mode=mode), choice=st.integers(0, 11))
            @settings(
                max_examples=2 * TIMES,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            def ask(case: Case[Any], choice: int) -> None:
                fuzzing.ask(case, choice)

            with suppress(Unsatisfiable):  # what takes nothing has nothing that could be wrong
                ask()
    record_property("doors", f"schemathesis: {dict(sorted(fuzzing.asked.items()))}")
    told = "\n\n".join(f"{where}\n{what}" for where, what in fuzzing.faults.items())
    assert not fuzzing.faults, told
    assert fuzzing.asked.total() >= 60 * TIMES
    assert {200, 201, 400, 404} <= set(fuzzing.asked), fuzzing.asked
