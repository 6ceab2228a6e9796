"""The page of a failure that nobody foresaw."""

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from interactions.web.charts import histogram
from projects.models import Project, User


def broken(*args: object) -> None:
    """A fault in the code."""
    raise RuntimeError("a secret of the code")


@pytest.mark.django_db
def test_a_failure_is_told_as_a_page(
    client: Client, alice: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histogram, "project_page", broken)
    client.force_login(alice)
    client.raise_request_exception = False
    answer = client.get("/projects/maple/interactions/histogram/")
    assert answer.status_code == 500
    assert "<h1>Something went wrong</h1>" in answer.text
    assert 'href="/"' in answer.text
    assert "secret" not in answer.text


def test_the_page_needs_neither_request_nor_database() -> None:
    answer = server_error(RequestFactory().get("/"))  # no database: this test may not ask any
    assert answer.status_code == 500
    assert b"Something went wrong" in answer.content
    assert b"tokens.css" in answer.content
