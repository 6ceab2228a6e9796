"""A server that remembers keys, projects, models and metrics is never behind the database."""

import json
import urllib.error
import urllib.request
from typing import Any

import psycopg
import pytest

from tests.served import Served

KEY = "bobs-key-of-the-tests-0123456789"
BEGIN = f"""
from projects.services import llms, metrics, people, projects
from projects.models import User
bob = User.objects.create_user("bob@fresh.example.org")
people.issue_key(bob, name="tests", secret="{KEY}")
team = people.team("fresh")
people.join(bob, team=team, role=people.role("editor"))
project = projects.create(key="fresh", name="Fresh")
projects.share(project, team=team, role=people.role("owner"))
people.role("viewer")
llms.attach_all(project, ["new-model"])
metrics.ensure(project, "new-metric", kind="BOOL")
"""
# Another process changes these rows, by SQL so that the next request follows at once.
DETACH = (
    "UPDATE projects_projectllm SET project_id = (SELECT id FROM projects_project WHERE key = %s)"
    " WHERE llm_id = (SELECT id FROM projects_llm WHERE key = 'new-model')"
)
LINK = "UPDATE projects_metric SET is_linked = %s WHERE key = 'new-metric'"
BECOME = (
    "UPDATE projects_membership SET role_id = (SELECT id FROM projects_role WHERE key = %s)"
    " WHERE team_id = (SELECT id FROM projects_team WHERE key = 'fresh')"
)
REVOKE = (
    "UPDATE projects_apikey SET revoked_at = now() WHERE user_id ="
    " (SELECT id FROM projects_user WHERE email = 'bob@fresh.example.org')"
)


@pytest.fixture
def fresh(site: Served) -> Served:
    """A site with a project of Bob's."""
    site.manage("shell", "-c", BEGIN)
    return site


def logged(site: Served, **more: Any) -> tuple[int, str]:
    """The status of logging an interaction with Bob's key, and what is wrong."""
    message = {"role": "user", "content": "Is it fresh?"}
    body = {"project": "fresh", "messages": [message], "completion": "Yes.", **more}
    request = urllib.request.Request(
        f"{site.url}/api/v1/interactions",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read()).get("field", "")


def test_what_another_process_changed_counts_for_the_next_request(fresh: Served) -> None:
    model = {"model_service": "new-model"}
    feedback = {"feedbacks": [{"metric": "new-metric", "value": True}]}
    with psycopg.connect(fresh.site.database.dsn, autocommit=True) as other:
        for _ in range(3):
            assert logged(fresh, **model, **feedback) == (201, "")
            other.execute(DETACH, ["demo"])
            assert logged(fresh, **model) == (404, "model_service")
            other.execute(DETACH, ["fresh"])
            assert logged(fresh, **model) == (201, "")
            other.execute(LINK, [False])
            assert logged(fresh, **feedback) == (404, "feedbacks.0.metric")
            other.execute(LINK, [True])
            assert logged(fresh, **feedback) == (201, "")
            other.execute(BECOME, ["viewer"])
            assert logged(fresh)[0] == 403
            other.execute(BECOME, ["editor"])
        assert logged(fresh)[0] == 201
        other.execute(REVOKE)
        assert logged(fresh)[0] == 401
