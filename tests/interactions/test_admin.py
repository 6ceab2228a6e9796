"""The admin console: it finds things, stays quick, and destroys nothing."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interactions.models import Feedback
from projects import audited_admin
from projects.models import Metric, Project, User
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


def test_no_list_counts_its_table_and_none_asks_for_each_row(
    console: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    metric = make.make_metric(project)
    picture = make.data_uri(make.make_image())
    rows: dict[str, dict[str, int]] = {}
    for n in (2, 12):
        for number in range(n):
            make.make_interaction(
                project,
                messages=[make.image_message(picture, text=f"{n} {number}")],
                labels={"env": f"{n}-{number}"},
                feedback={metric: True},
            )
        for model in admin.site._registry:
            with CaptureQueriesContext(connection) as asked:
                path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
                page = console.get(path).text
            sql = [one["sql"] for one in asked]
            table = model._meta.db_table
            assert not [one for one in sql if "COUNT(" in one and table in one], path
            rows.setdefault(path, {})[str(n)] = len(sql)
            if table == "image":
                assert ".icon.webp" in page
    assert {path: n for path, n in rows.items() if n["2"] != n["12"]} == {}
    monkeypatch.setattr(audited_admin, "LOOKED_THROUGH", 10)
    page = console.get("/admin/interactions/interaction/").text
    assert re.search(r"about [\d,]+ interactions; the first\s+10 in pages", page)


def test_a_list_says_how_many_were_found_where_something_was_looked_for_alone(
    console: Client, project: Project
) -> None:
    one, _ = make.make_interactions(project, 2)
    path = "/admin/interactions/interaction/"
    whole, found = console.get(path).text, console.get(f"{path}?q={one}").text
    assert "Show all" not in whole and re.search(r"\b2\s+interactions\b", whole)
    assert "1 result" in found and "Show all" in found
    # Each value of a filter would ask for a count of the whole table.
    assert "Show counts" not in whole
    with CaptureQueriesContext(connection) as asked:
        console.get(f"{path}?_facets=True")
    assert not [one for one in asked.captured_queries if "COUNT(" in one["sql"]]


def test_searches_take_whole_texts_that_scan_no_body(console: Client, project: Project) -> None:
    make.make_interaction(project, labels={"env": "prod"})
    for path, term in (
        ("interactions/label", "prod"),
        ("interactions/image", "0" * 64),
        ("projects/event", "root@example.org"),
        ("interactions/interaction", "order-7"),
    ):
        with CaptureQueriesContext(connection) as asked:
            assert console.get(f"/admin/{path}/", {"q": term}).status_code == 200
        assert not [one["sql"] for one in asked if "UPPER(" in one["sql"] or "LIKE" in one["sql"]]


def test_others_do_not_see_the_console(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get("/admin/").status_code == 302
