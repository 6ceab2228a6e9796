"""The status page and `/metrics`: who sees them, and that what they say is so."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from adaptive_site.lib.database import statistics
from adaptive_site.serving.counted_requests import REQUESTS
from interactions.models import Job
from interactions.services.jobs import begin
from interactions.services.masking import change
from interactions.services.masking.rules import MaskingRules
from interactions.services.rollups import by_project
from interactions.services.rollups.compaction import compact
from projects.models import Project, User
from projects.services.access import Caller
from tests import make

TOKEN = "a token for the tests"


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(make.make_user("root", is_superuser=True))
    return client


def test_only_administrators_see_it(alice: User, project: Project, root: Client) -> None:
    client = Client()
    assert client.get("/console/").headers["Location"].startswith("/login/")
    client.force_login(alice)
    assert client.get("/console/").status_code == 404
    assert "/console/" not in client.get("/").text
    assert "/console/" in root.get("/").text


def test_it_counts_what_projects_hold_compacted_or_not(
    project: Project, charlies_project: Project, root: Client, alice: User
) -> None:
    make.make_interactions(project, 3)  # of long ago
    compact(project)
    make.make_interaction(project, created_at=datetime.now(UTC))
    make.make_interaction(charlies_project)
    change.change(project, MaskingRules(kinds=("email",)), by=alice)
    first, second = by_project.of_all_projects()
    assert (first.key, first.interactions, first.last_hour, first.last_day) == ("maple", 4, 1, 1)
    assert (second.key, second.interactions, second.last_hour) == ("cherry", 1, 0)
    assert first.newest is not None and second.newest == make.NOON
    page = root.get("/console/").text
    assert "5 interactions in 2 projects; 1 of the last hour, 1 of the last day" in page
    assert re.search(r">for ever</a>,\s*<a [^>]*>masked</a>", page)
    assert "/projects/maple/settings/erasure/" in page


def test_what_failed_anywhere_is_shown_with_its_page(
    project: Project, alice: User, root: Client
) -> None:
    assert "Work that failed" not in root.get("/console/").text
    job = begin.begin(project, Job.Kind.ERASE, {}, caller=Caller(alice))
    Job.objects.in_project(project).update(state=Job.State.FAILED, error="the disk is <full>")
    page = root.get("/console/").text
    assert f"/projects/maple/jobs/{job.uuid}/" in page
    assert "the disk is &lt;full&gt;" in page and "1 job failed" in " ".join(page.split())


def metrics(**headers: str) -> Any:
    return Client().get("/metrics", headers=headers)


def test_metrics_are_closed_without_the_token(db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = None
    assert metrics(Authorization="Bearer None").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for wrong in ("", TOKEN, f"Bearer {TOKEN}x", "Bearer ü"):
        answer = metrics(Authorization=wrong)
        assert answer.status_code == 401
        assert "adaptive_" not in answer.text


def test_metrics_say_what_is_stored_and_answered(project: Project, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    make.make_interactions(project, 3)
    REQUESTS.add("chat", 200, 0.03)
    REQUESTS.add("chat", 502, 20)
    answer = metrics(Authorization=f"Bearer {TOKEN}")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["adaptive_interactions", ("project", "maple")] == 3
    chat = ("door", "chat")
    assert found["adaptive_http_requests_total", chat, ("status", "2xx")] >= 1
    assert found["adaptive_http_requests_total", chat, ("status", "5xx")] >= 1
    below = found["adaptive_http_request_seconds_bucket", chat, ("le", "0.05")]
    assert found["adaptive_http_request_seconds_bucket", chat, ("le", "+Inf")] > below >= 1
    assert found["adaptive_http_request_seconds_sum", chat] >= 20
    assert found["adaptive_jobs", ("state", "failed")] == 0
    assert found["adaptive_database_bytes",] == pytest.approx(statistics.database_size(), rel=0.2)
