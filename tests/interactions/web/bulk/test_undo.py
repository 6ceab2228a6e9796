"""The key `z`: the person's last change, whatever it was, is undone, and what it was is said."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interactions.models import BulkAction, Feedback, Interaction, Label, UndoEntry
from interactions.services import selections
from interactions.services.bulk import actions as bulk_actions
from interactions.services.bulk import purge
from interactions.services.judging import feedback
from projects.models import Project, User
from projects.services.access import Caller
from tests import make
from tests.interactions.acting import agrees, everything, state, work

pytestmark = pytest.mark.django_db
HERE = "/projects/maple/"
HTMX = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{HERE}interactions/"}


@pytest.fixture
def ids(project: Project) -> list[UUID]:
    make.make_metric(project)
    return make.make_interactions(project, 3, labels={"env": "dev"})


def undo(client: Client) -> str:
    """What pressing `z` on the list says."""
    answer: Any = client.post(f"{HERE}undo/", headers=HTMX)
    assert answer.status_code == 200
    text = " ".join(answer.content.decode().split())
    return text[text.index("<p>") + 3 : text.index("</p>")]


def labels_of(project: Project, id: UUID) -> dict[str, str | None]:
    it = Interaction.objects.in_project(project).get(id=id)
    found = Label.objects.in_project(project).filter(id__in=it.label_ids)
    return {one.key: one.value for one in found}


def test_changes_of_every_kind_are_undone_one_after_the_other(
    client: Client, project: Project, ids: list[UUID], alice: User
) -> None:
    client.force_login(alice)
    one = f"{HERE}interactions/{ids[0]}/"
    before = state(project)
    client.post(f"{one}labels/", {"key": "env", "value": "prod"})
    client.post(f"{one}labels/", {"key": "team", "value": "red"})
    client.post(f"{one}labels/remove/", {"key": "team"})
    client.post(f"{one}feedback/", {"metric": "helpful", "value": "1", "reason": "good"})
    client.post(f"{one}feedback/", {"metric": "helpful", "value": "0"})
    given = Feedback.objects.in_project(project).get()
    client.post(f"{one}feedback/{given.id}/withdraw/")
    few = selections.tick(project, ids[:2], by=alice)
    bulk_actions.do_now(few, "delete", {}, caller=Caller(alice))
    assert undo(client) == "Undone: 2 interactions deleted."
    assert undo(client) == "Undone: helpful: no is there again."
    assert Feedback.objects.in_project(project).get().id == given.id
    assert undo(client) == "Undone: feedback helpful: no, helpful: yes is there again."
    assert Feedback.objects.in_project(project).get().reason == "good"
    assert undo(client) == "Undone: feedback helpful: yes."
    assert undo(client) == "Undone: the label team is red again."
    assert undo(client) == "Undone: label team:red."
    assert undo(client) == "Undone: the label env is dev again."
    assert undo(client).startswith("Nothing to undo: you have changed nothing here")
    agrees(project)
    assert state(project) == before


def test_one_presses_a_button_twice_and_undoes_that(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    for _ in range(2):  # given, and taken back
        data = {"metric": "helpful", "value": "1", "choice": "1"}
        client.post(f"{HERE}interactions/{ids[0]}/feedback/", data)
    assert undo(client) == "Undone: helpful: yes is there again."
    assert Feedback.objects.in_project(project).count() == 1


def test_what_others_changed_since_is_left_alone(
    client: Client, project: Project, ids: list[UUID], alice: User, bob: User
) -> None:
    one = f"{HERE}interactions/{ids[0]}/labels/"
    client.force_login(bob)
    client.post(one, {"key": "env", "value": "prod"})
    client.force_login(alice)
    client.post(one, {"key": "env", "value": "test"})
    client.force_login(bob)
    assert "changed by somebody since" in undo(client)
    assert labels_of(project, ids[0]) == {"env": "test"}
    client.force_login(alice)
    assert undo(client) == "Undone: the label env is prod again."


def test_a_review_undone_there_is_passed_over(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    client.post(f"{HERE}interactions/{ids[1]}/labels/", {"key": "env", "value": "prod"})
    client.post(f"{HERE}review/give/?metric=helpful", {"interaction": str(ids[0]), "value": "1"})
    client.post(f"{HERE}review/undo/?metric=helpful")
    assert not Feedback.objects.in_project(project).exists()
    assert undo(client) == "Undone: the label env is dev again."


def test_values_are_locked_after_their_interaction_as_by_who_gives_them(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    data = {"metric": "helpful", "value": "1"}

    def locked(act: Callable[[], Any]) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            act()
        texts = [one["sql"] for one in queries if "FOR UPDATE" in one["sql"]]
        tables = [text.split(" FROM ")[1].split()[0].strip('"') for text in texts]
        return [table for table in tables if table in ("interaction", "feedback")]

    address = f"{HERE}interactions/{ids[0]}/feedback/"
    client.post(address, data)
    assert locked(lambda: client.post(address, data | {"value": "0"})) == [
        "interaction",
        "feedback",
    ]
    assert locked(lambda: undo(client))[:2] == ["interaction", "feedback"]


def test_a_withdrawn_value_stays_away_for_a_newer_one_of_its_author(
    client: Client, project: Project, ids: list[UUID], alice: User, bob: User
) -> None:
    one = f"{HERE}interactions/{ids[0]}/feedback/"
    client.force_login(bob)
    client.post(one, {"metric": "helpful", "value": "1"})
    given = Feedback.objects.in_project(project).get()
    client.force_login(alice)
    client.post(f"{one}{given.id}/withdraw/")
    client.force_login(bob)
    client.post(one, {"metric": "helpful", "value": "0"})
    client.force_login(alice)
    said = "Nothing was undone: the author of this feedback has given a newer value."
    assert undo(client) == said
    assert Feedback.objects.in_project(project).get().value == 0
    assert undo(client).startswith("Nothing to undo")


def test_an_older_bulk_action_waits_for_all_newer_changes(
    client: Client, project: Project, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    few = selections.tick(project, ids[:1], by=bob)
    bulk_actions.do_now(few, "label", {"key": "env", "value": "x"}, caller=Caller(bob))
    client.post(f"{HERE}interactions/{ids[1]}/labels/", {"key": "env", "value": "prod"})
    reviewed = make.make_interactions(project, 25)
    for id in reviewed:
        data = {"interaction": str(id), "value": "1"}
        client.post(f"{HERE}review/give/?metric=helpful", data)
    for given in Feedback.objects.in_project(project):
        feedback.withdraw(project, given.id, by=bob, any_author=False)
    assert undo(client) == "Undone: the label env is dev again."
    assert labels_of(project, ids[0]) == {"env": "x"}
    assert undo(client) == "Undone: 1 interaction labelled env:x."
    assert labels_of(project, ids[0]) == {"env": "dev"}


def test_many_are_undone_by_the_worker(
    client: Client,
    project: Project,
    ids: list[UUID],
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk_actions, "DONE_AT_ONCE", 2)
    client.force_login(bob)
    bulk_actions.begin(
        everything(project, bob), "label", {"key": "env", "value": "x"}, caller=Caller(bob)
    )
    work()
    assert undo(client) == "Label env = x is being undone."
    work()
    assert BulkAction.objects.in_project(project).get().state == "undone"
    assert all(labels_of(project, id) == {"env": "dev"} for id in ids)


def test_on_other_pages_the_page_is_loaded_again_and_says_it(
    client: Client, ids: list[UUID], bob: User
) -> None:
    client.force_login(bob)
    one = f"{HERE}interactions/{ids[0]}/"
    client.post(f"{one}labels/", {"key": "env", "value": "prod"})
    answer = client.post(
        f"{HERE}undo/", headers=HTMX | {"HX-Current-URL": f"http://testserver{one}"}
    )
    assert answer["HX-Refresh"] == "true"
    assert "Undone: the label env is dev again." in client.get(one).content.decode()
    plain = client.post(f"{HERE}undo/")
    assert (plain.status_code, plain["Location"]) == (303, f"{HERE}bulk-actions/")
    assert "Nothing to undo" in client.get(f"{HERE}bulk-actions/").content.decode()


def test_it_is_ones_own_of_this_project_and_of_a_day(
    client: Client, project: Project, ids: list[UUID], alice: User, bob: User, charlie: User
) -> None:
    client.force_login(bob)
    client.post(f"{HERE}interactions/{ids[0]}/labels/", {"key": "env", "value": "prod"})
    client.force_login(charlie)
    assert client.post(f"{HERE}undo/", headers=HTMX).status_code == 404
    assert client.get(f"{HERE}undo/").status_code == 405
    client.force_login(alice)
    assert "Nothing to undo" in undo(client)
    entry = UndoEntry.objects.in_project(project).get()
    UndoEntry.objects.in_project(project).update(created_at=entry.created_at - timedelta(days=2))
    client.force_login(bob)
    assert "Nothing to undo" in undo(client)
    assert labels_of(project, ids[0]) == {"env": "prod"}
    assert purge.purge_some() == 1
    assert not UndoEntry.objects.exists()


def test_who_may_write_no_more_may_not_undo(
    client: Client, project: Project, ids: list[UUID]
) -> None:
    user = make.make_user("vera")
    make.share(project, user, "editor")
    client.force_login(user)
    client.post(f"{HERE}interactions/{ids[0]}/labels/", {"key": "env", "value": "prod"})
    user.memberships.all().delete()
    make.share(project, user, "viewer")
    assert client.post(f"{HERE}undo/", headers=HTMX).status_code == 403
    assert labels_of(project, ids[0]) == {"env": "prod"}
