"""Few ticked rows: a popover instead of a page, done at once, said in a toast, undone there."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from interactions.models import BulkAction, Feedback, Interaction, Selection
from interactions.services import selections
from projects.models import Event, Project, User
from tests import make
from tests.interactions.acting import agrees, everything, state

pytestmark = pytest.mark.django_db
HERE = "/projects/maple/"
HTMX = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{HERE}interactions/?label=a:b"}


def read(answer: Any) -> str:
    """The page, whatever lines its template is written in."""
    return " ".join(answer.content.decode().split())


@pytest.fixture
def ids(project: Project) -> list[UUID]:
    helpful = make.make_metric(project)
    return make.make_interactions(project, 4, labels={"env": "dev"}, feedback={helpful: True})


@pytest.fixture
def two(project: Project, ids: list[UUID], bob: User) -> str:
    """The address of a selection of two."""
    return f"{HERE}selections/{selections.tick(project, ids[:2], by=bob).uuid}/"


def test_ticks_lead_to_the_popover_and_it_is_done_at_once(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    before = state(project)
    ticked = {"ids": f"{ids[0]},{ids[1]}", "action": "label", "query": "?"}
    popover = client.post(f"{HERE}selections/", ticked, headers=HTMX, follow=True)
    text = read(popover)
    assert "Label 2 interactions" in text and '<option value="env">' in text
    assert "<html" not in text and not BulkAction.objects.exists()
    address = popover.request["PATH_INFO"]
    done = client.post(address, {"key": "env", "value": "prod"}, headers=HTMX)
    action = BulkAction.objects.in_project(project).get()
    assert (done.status_code, action.state, action.changed) == (200, "done", 2)
    assert "<p>2 interactions labelled env:prod.</p>" in read(done)
    assert json.loads(done["HX-Trigger"]) == {"rows-changed": {"by": "label"}}
    event = Event.objects.in_project(project).get(verb="bulk_action.done")
    assert (event.actor, event.details["changed"], event.details["of_them"]) == (bob, 2, 2)
    agrees(project)
    undone = client.post(f"{HERE}bulk-actions/{action.uuid}/undo/", headers=HTMX)
    assert "<p>Undone: 2 interactions labelled env:prod.</p>" in read(undone)
    assert state(project) == before


def test_what_is_so_already_is_told(client: Client, two: str, bob: User) -> None:
    client.force_login(bob)
    done = read(client.post(f"{two}label/", {"key": "env", "value": "dev"}, headers=HTMX))
    assert "0 interactions labelled env:dev; 2 unchanged." in done
    assert "Undo" not in done


def test_each_kind_has_a_popover_and_is_done(
    client: Client, project: Project, two: str, alice: User
) -> None:
    client.force_login(alice)
    for kind, shown, data, said in (
        ("unlabel", "Remove <b>env</b>", {"key": "env"}, "Label env removed from 2 interactions."),
        (
            "feedback",
            "Give feedback on 2 interactions",
            {"metric": "helpful", "value": "0"},
            "Feedback helpful: no on 2 interactions.",
        ),
        ("withdraw", "every metric", {"metric": ""}, "Feedback withdrawn from 2 interactions."),
        ("delete", "With 2 values of feedback, 0 comparisons", {}, "2 interactions deleted."),
    ):
        assert shown in read(client.get(f"{two}{kind}/", headers=HTMX)), kind
        answer = client.post(f"{two}{kind}/", data, headers=HTMX)
        assert said in read(answer), kind
    assert Interaction.objects.in_project(project).count() == 2
    agrees(project)


def test_the_popover_for_deleting_puts_the_focus_on_cancel(
    client: Client, two: str, alice: User
) -> None:
    client.force_login(alice)
    text = read(client.get(f"{two}delete/", headers=HTMX))
    assert '<button type="button" class="cancel" autofocus>Cancel</button>' in text
    assert text.count("autofocus") == 1


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("label", {"key": " ", "value": "x"}, "expected a key, such as env"),
        ("feedback", {"metric": "helpful", "value": "7"}, "expected true, false, 0 or 1"),
        ("feedback", {"metric": "none", "value": "1"}, "expected a metric of this project"),
        ("withdraw", {"metric": "none"}, "expected a metric of this project, or none"),
    ],
)
def test_a_wrong_argument_stays_in_the_popover(
    client: Client, two: str, bob: User, kind: str, data: dict[str, str], said: str
) -> None:
    client.force_login(bob)
    answer = client.post(f"{two}{kind}/", data, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#bulk-popover")
    assert said in read(answer)
    assert not BulkAction.objects.exists()


def test_more_than_few_are_not_done_within_a_request(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    all = everything(project, bob)
    many = Selection.objects.create(
        project=project, created_by=bob, created_at=make.NOON, includes=ids * 26
    )
    for selection in (all, many):
        answer = client.post(
            f"{HERE}selections/{selection.uuid}/label/", {"key": "a", "value": "b"}, headers=HTMX
        )
        assert (answer.status_code, "at most 100 ticked" in read(answer)) == (422, True)
    assert not BulkAction.objects.exists()


def test_who_may_not_do_it_is_refused_in_place_too(
    client: Client, project: Project, two: str, bob: User, charlie: User
) -> None:
    client.force_login(charlie)
    assert client.get(f"{two}label/", headers=HTMX).status_code == 404
    assert client.post(f"{two}label/", {"key": "a"}, headers=HTMX).status_code == 404
    client.force_login(bob)  # who may write, and not delete
    assert client.post(f"{two}delete/", headers=HTMX).status_code == 403
    assert 'value="delete"' not in read(client.get(f"{HERE}interactions/"))
    assert Interaction.objects.in_project(project).count() == 4
    assert Feedback.objects.in_project(project).count() == 4
