"""The Metrics page: what there is, and what owners may change."""

from typing import Any

import pytest
from django.test import Client

from interactions.models import Feedback
from projects.models import Event, Metric, Project, User
from tests import make
from tests.auditing import verbs_told

URL = "/projects/maple/metrics/"
VALID = {"key": "csat", "kind": "SCALAR", "scoring_type": "LOWER_IS_BETTER", "name": "Wait"}


def create(client: Client, **changed: str) -> Any:
    return client.post(f"{URL}create/", VALID | changed)


def test_the_page_counts_the_feedback_and_links_to_it(
    client: Client, bob: User, project: Project
) -> None:
    metric = make.make_metric(project, "a:b & c")
    make.make_interaction(project, feedback={metric: True})
    make.make_interaction(project)
    client.force_login(bob)
    answer = client.get(URL)
    (line,) = answer.context["page"].lines
    assert (line.metric, line.given.n, line.given.is_exact) == (metric, 1, True)
    link = answer.text.partition('class="num"><a href="')[2].partition('"')[0]
    found = client.get(link.replace("&amp;", "&")).context["listing"]
    assert len(found.rows) == 1


def test_an_owner_creates_a_metric(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)
    assert create(client, description="Minutes.").status_code == 302
    metric = Metric.objects.in_project(project).get(key="csat")
    assert (metric.kind, metric.scoring_type) == ("SCALAR", "LOWER_IS_BETTER")
    assert (metric.name, metric.description) == ("Wait", "Minutes.")
    assert Event.objects.get(verb="metric.created").actor == alice
    assert create(client, key="plain", name="").status_code == 302
    assert Metric.objects.in_project(project).get(key="plain").name == "plain"


@pytest.mark.parametrize(
    ("field", "value"),
    [("key", ""), ("key", "taken"), ("key", "x" * 201), ("kind", "TEXT"), ("scoring_type", "UP")],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    client: Client, alice: User, project: Project, field: str, value: str
) -> None:
    make.make_metric(project, "taken")
    client.force_login(alice)
    answer = create(client, **{field: value})
    assert answer.status_code == 422
    assert list(answer.context["page"].form.errors) == [field]
    assert f'id="{field}-help"' in answer.text
    assert Metric.objects.count() == 1


def test_an_owner_changes_words_and_direction_but_not_what_it_takes(
    client: Client, alice: User, project: Project
) -> None:
    metric = make.make_metric(project)
    client.force_login(alice)
    address = f"{URL}{metric.uuid}/"
    assert "helpful" in client.get(address).text
    form = {"name": "", "scoring_type": "LOWER_IS_BETTER", "description": "x", "kind": "SCALAR"}
    assert client.post(address, form).status_code == 302
    metric.refresh_from_db()
    assert (metric.name, metric.description) == ("helpful", "x")
    assert (metric.kind, metric.scoring_type) == ("BOOL", "LOWER_IS_BETTER")
    assert client.post(address, form | {"scoring_type": "UP"}).status_code == 422


def test_an_unlinked_metric_takes_no_feedback_but_keeps_what_it_has(
    client: Client, alice: User, alice_key: str, project: Project
) -> None:
    metric = make.make_metric(project)
    one = make.make_interaction(project, feedback={metric: True})
    client.force_login(alice)
    given = {"metric": "helpful", "value": "1"}
    page = f"/projects/maple/interactions/{one.id}/"
    assert client.post(f"{URL}{metric.uuid}/link/", {"is_linked": "0"}).status_code == 302
    assert client.post(f"{page}feedback/", given).status_code == 404
    assert Feedback.objects.count() == 1
    assert client.get(URL).context["page"].lines[0].given.n == 1
    assert client.post(f"{URL}{metric.uuid}/link/", {"is_linked": "1"}).status_code == 302
    assert client.post(f"{page}feedback/", given).status_code == 303
    assert verbs_told("metric.unlinked")


@pytest.mark.parametrize("path", ["create/", "{id}/", "{id}/link/"])
def test_members_see_but_cannot_change(
    client: Client, bob: User, charlie: User, project: Project, path: str
) -> None:
    metric = make.make_metric(project)
    address = URL + path.format(id=metric.uuid)
    client.force_login(bob)
    assert "Create a metric" not in client.get(URL).text
    assert client.post(address, VALID).status_code == 403
    client.force_login(charlie)
    assert client.get(URL).status_code == 404
    assert client.post(address, VALID).status_code == 404


def test_another_projects_metric_is_not_found(
    client: Client, alice: User, project: Project, charlies_project: Project
) -> None:
    theirs = make.make_metric(charlies_project)
    client.force_login(alice)
    assert client.get(f"{URL}{theirs.uuid}/").status_code == 404
    assert client.post(f"{URL}{theirs.uuid}/link/", {"is_linked": "0"}).status_code == 404
