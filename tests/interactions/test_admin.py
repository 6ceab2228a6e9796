"""The admin console: it finds things, stays quick, and destroys nothing."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from interactions.models import Feedback
from projects.models import ApiKey, Metric, Project, User
from projects.services import api_keys
from tests import make
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(db: None) -> Client:
    """An administrator's browser."""
    client = Client()
    root = User.objects.create_superuser("root@example.org", "x")
    client.force_login(root)
    return client


def test_every_page_opens(console: Client, project: Project) -> None:
    make.make_interaction(
        project,
        llm=make.make_llm(project),
        labels={"a": "b"},
        feedback={make.make_metric(project): 1},
    )
    for model in admin.site._registry:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert console.get(path).status_code == 200, path
        row: Any = model._default_manager.first()
        if row is not None:
            assert console.get(f"{path}{row.pk}/change/").status_code == 200, path


def test_the_list_of_interactions_needs_the_same_queries_for_one_and_for_many(
    console: Client, project: Project, query_counts: QueryCounts
) -> None:
    llm = make.make_llm(project)
    for n in (1, 30):
        make.make_interactions(project, n, llm=llm)
        with query_counts("admin: interactions"):
            console.get("/admin/interactions/interaction/")


def test_interactions_are_found_by_exact_ids(console: Client, project: Project) -> None:
    it = make.make_interaction(project, external_id="order-7")
    make.make_interaction(project)
    for term, n in ((str(it.id), 1), ("order-7", 1), ("order", 0), ("00" * 16, 0)):
        answer = console.get("/admin/interactions/interaction/", {"q": term})
        assert len(answer.context["cl"].result_list) == n, term


def test_nothing_that_interactions_point_to_can_be_deleted(
    console: Client, project: Project
) -> None:
    metric = make.make_metric(project)
    make.make_interaction(project, feedback={metric: 1})
    answer = console.post(f"/admin/projects/metric/{metric.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
    assert console.get(f"/admin/projects/project/{project.pk}/delete/").status_code == 403
    page = console.get(f"/admin/projects/project/{project.pk}/change/").content.decode()
    assert "metrics-0-DELETE" not in page
    assert Metric.objects.in_project(project).exists()
    assert Feedback.objects.in_project(project).exists()


def test_a_new_key_is_shown_once_and_works(console: Client, alice: User, project: Project) -> None:
    data = {"user": alice.pk, "name": "laptop"}
    said = console.post("/admin/projects/apikey/add/", data, follow=True).content.decode()
    secret = said.split("The key is ")[1].split(" ")[0]
    assert ApiKey.objects.get(name="laptop").digest == api_keys.digest_of(secret)
    assert secret not in console.get("/admin/projects/apikey/").content.decode()
    body = {"project": "maple", "messages": [{"role": "user", "content": "x"}], "completion": "y"}
    sent = Client().post(
        "/api/v1/interactions",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert sent.status_code == 201


def test_others_do_not_see_the_console(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get("/admin/").status_code == 302
