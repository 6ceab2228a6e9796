"""Whichever door a text comes in by, it is stored masked."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from interactions.services.datasets.uploaded import storing
from interactions.services.editing.labels import set_label
from interactions.services.masking import change, counts
from interactions.services.masking.rules import MaskingRules
from projects.models import MaskedCount, Project, User
from tests import make
from tests.auditing import verbs_told

SECRET = "eve@hidden.example"


@pytest.fixture
def masked(project: Project, alice: User) -> Project:
    return change.change(project, MaskingRules(kinds=("email",)), by=alice)


def stored(text: str) -> list[str]:
    """The tables of the database in which a text stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        assert "interaction_body" in tables
        found = []
        for table in tables:
            cursor.execute(
                f'SELECT 1 FROM "{table}" t WHERE t::text LIKE %s LIMIT 1', [f"%{text}%"]
            )
            if cursor.fetchone():
                found.append(table)
    return found


def post(key: str, path: str, body: dict[str, Any]) -> Any:
    """What the API answers."""
    headers = {"Authorization": f"Bearer {key}"}
    answer = Client().post(
        f"/api/v1/{path}", body, content_type="application/json", headers=headers
    )
    assert answer.status_code in (200, 201), answer.content
    return answer.json()


def test_what_is_logged_and_said_of_it_is_masked(masked: Project, alice: User) -> None:
    metric = make.make_metric(masked, "helpful")
    key = make.make_key(alice)
    call = {
        "id": "1",
        "type": "function",
        "function": {"name": "f", "arguments": f'{{"to": "{SECRET}"}}'},
    }
    it = post(key, "interactions", {
        "project": "maple",
        "messages": [
            {"role": "system", "content": f"You serve {SECRET}."},
            {"role": "user", "content": [{"type": "text", "text": f"I am {SECRET}"}]},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": SECRET},
        ],
        "completion": f"Hello {SECRET}!",
        "labels": {"who": SECRET},
        "metadata": {SECRET: SECRET},
    })  # fmt: skip
    id = it["completion_id"]
    post(key, "feedback", {"completion_id": id, "metric": "helpful", "value": 1, "reason": SECRET})
    set_label(masked, id, key="other", value=SECRET, by=alice)
    assert not stored(SECRET)
    assert metric.key and counts.lately(masked, days=1)["email"] >= 8
    assert MaskedCount.objects.in_project(masked).count() == 1


def test_an_uploaded_dataset_is_masked_and_its_file_is_not_kept(
    masked: Project, alice: User
) -> None:
    line = {"messages": [{"role": "user", "content": SECRET}], "completion": SECRET}
    made = storing.create_at_once(
        masked, json.dumps(line).encode(), name="d", key=None, file_name="d.jsonl", by=alice
    )
    assert made.records == 1
    assert not made.original
    assert not stored(SECRET)


def test_other_projects_are_left_alone(
    masked: Project, charlies_project: Project, charlie: User
) -> None:
    make.make_interaction(charlies_project, f"I am {SECRET}")
    assert "interaction_body" in stored(SECRET)
    assert not counts.lately(charlies_project, days=30)


def test_the_page_tries_and_changes_it(project: Project, alice: User, bob: User) -> None:
    page = Client()
    page.force_login(alice)
    address = "/projects/maple/settings/masking/"
    given = {"kinds": ["email"], "patterns": "order: ORD-\\d+", "text": f"{SECRET} has ORD-12"}
    tried = page.post(address, given | {"do": "try"})
    assert "[email] has [order]" in tried.text
    project.refresh_from_db()
    assert project.masking == {}
    wrong = page.post(address, given | {"patterns": "order ORD"})
    assert wrong.status_code == 422
    assert "line 1: expected name: regular expression" in wrong.text
    assert page.post(address, given).status_code == 302
    project.refresh_from_db()
    assert project.masking["patterns"] == {"order": "ORD-\\d+"}
    make.make_interaction(project, f"{SECRET} wants ORD-77")
    assert "[email] wants [order]" in page.get("/projects/maple/interactions/").text
    assert '<td class="n">1</td>' in page.get(address).text
    page.force_login(bob)
    assert page.post(address, {}).status_code == 403
    assert "Owners of the project can change this" in page.get(address).text
    assert verbs_told("project.masking_set")
