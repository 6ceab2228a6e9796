"""What is under legal hold stays, whoever or whatever deletes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from adaptive_site.lib.errors import Conflict, Forbidden, Invalid
from interactions.models import BulkAction, BulkActionChange, Interaction, LegalHold
from interactions.services import selections, undo
from interactions.services.bulk import actions as bulk_actions
from interactions.services.bulk import purge
from interactions.services.editing import deletion, labels
from interactions.services.editing.completion_updates import update
from interactions.services.holds import held, rules
from projects.models import Event, Project, User
from projects.services.access import Caller
from tests import make
from tests.interactions.acting import agrees, everything, work

pytestmark = pytest.mark.django_db
CASE = {"labels": {"hold": "case-17", "env": "prod"}}


def hold(project: Project, by: User, value: str | None = "case-17") -> LegalHold:
    return rules.place(project, key="hold", value=value, note="The court asked.", by=by)


def ids(project: Project) -> set[UUID]:
    return set(Interaction.objects.in_project(project).values_list("id", flat=True))


def test_one_that_is_held_is_deleted_by_no_door(
    project: Project, alice: User, alice_key: str, client: Client
) -> None:
    one = make.make_interaction(project, **CASE).id
    other = make.make_interaction(project, labels={"hold": "case-18"}).id
    hold(project, alice)
    with pytest.raises(Conflict, match="it is held by hold:case-17"):
        deletion.delete(project, one, by=alice)
    key: dict[str, Any] = {"headers": {"Authorization": f"Bearer {alice_key}"}}
    answer = client.delete(f"/api/v1/chat/completions/{one}", **key)
    assert (answer.status_code, "held by hold:case-17" in answer.text) == (409, True)
    query = f'mutation {{ deleteCompletion(id: "{one}") }}'
    told = client.post(
        "/api/graphql", {"query": query}, content_type="application/json", **key
    ).json()
    assert "held by hold:case-17" in told["errors"][0]["message"]
    client.force_login(alice)
    assert "hold:case-17" in client.get(f"/projects/maple/interactions/{one}/").text
    listed = client.get("/projects/maple/interactions/").text
    assert listed.count('class="held"') == 1
    refused = client.post("/projects/maple/settings/delete/", {"name": project.name}, follow=True)
    assert "Nothing was deleted: interactions in it are under legal hold" in refused.text
    deletion.delete(project, other, by=alice)  # the other case is not held
    assert ids(project) == {one}
    agrees(project)


def test_many_are_deleted_but_those_that_are_held(project: Project, alice: User) -> None:
    """Counted before, said after, and the key alone holds each of its values."""
    kept = {make.make_interaction(project, **CASE).id for _ in range(2)}
    kept.add(make.make_interaction(project, labels={"hold": ""}).id)
    make.make_interactions(project, 3)
    hold(project, alice, None)
    chosen = everything(project, alice)
    seen = bulk_actions.preview(chosen, "delete", {}, by=alice)
    assert (seen.looked_at, seen.held) == (6, 3)
    action = bulk_actions.begin(chosen, "delete", {}, caller=Caller(alice))
    work()
    action.refresh_from_db()
    assert bulk_actions.result(action) == (
        "3 interactions deleted; 3 under legal hold, or gone before."
    )
    assert ids(project) == kept
    assert held.count(project) == 3
    agrees(project)


def test_what_is_held_stays_in_the_bin_and_comes_back(project: Project, alice: User) -> None:
    one, other = make.make_interaction(project, **CASE).id, make.make_interaction(project).id
    action = bulk_actions.begin(everything(project, alice), "delete", {}, caller=Caller(alice))
    work()
    placed = hold(project, alice)
    with pytest.raises(Conflict):
        rules.check_none(project)
    long_ago = datetime.now(UTC) - timedelta(days=40)
    BulkAction.objects.update(created_at=long_ago)
    while purge.purge_some():
        pass
    left = BulkActionChange.objects.filter(action=action).values_list("interaction_id", flat=True)
    assert (list(left), purge.purge_some()) == ([one], 0)
    action.refresh_from_db()
    bulk_actions.undo(action, caller=Caller(alice))
    work()
    assert ids(project) == {one}
    assert other not in ids(project)
    rules.lift(project, placed.id, by=alice)
    deletion.delete(project, one, by=alice)


def test_only_who_manages_the_project_takes_the_label_away(
    project: Project, alice: User, bob: User, bob_key: str, client: Client
) -> None:
    """Bob, who may label, places it, and cannot take it away: not by any way to change labels."""
    one = make.make_interaction(project).id
    hold(project, alice)
    labels.set_label(project, one, key="hold", value="case-17", by=bob, is_undoable=True)
    with pytest.raises(Forbidden, match="hold is a legal hold of maple"):
        labels.remove_label(project, one, key="hold", by=bob)
    with pytest.raises(Forbidden):
        labels.set_label(project, one, key="hold", value="", by=bob)
    with pytest.raises(Forbidden):
        labels.replace(project, one, labels={"env": "prod"}, by=bob)
    with pytest.raises(Forbidden):
        update(project, one, removed=[("hold", "case-17")], by=bob)
    key: dict[str, Any] = {"headers": {"Authorization": f"Bearer {bob_key}"}}
    where = f"/api/v1/chat/completions/{one}"
    sent = client.post(where, {"metadata": {}}, content_type="application/json", **key)
    assert sent.status_code == 403
    undone = undo.undo_last(project, caller=Caller(bob))
    assert undone is not None and "legal hold" in undone.words
    client.force_login(bob)
    page = f"/projects/maple/interactions/{one}/labels/"
    refused = client.post(f"{page}remove/", {"key": "hold"})
    assert (refused.status_code, "legal hold of maple" in refused.text) == (422, True)
    for kind, given in (("unlabel", {"key": "hold"}), ("label", {"key": "hold", "value": "x"})):
        action = bulk_actions.begin(everything(project, bob), kind, given, caller=Caller(bob))
        work()
        action.refresh_from_db()
        assert action.changed == 0
    assert held.among(project, [one]) == {one}
    with pytest.raises(Forbidden):
        hold(project, bob, "case-18")
    begun = bulk_actions.begin(
        everything(project, alice), "unlabel", {"key": "hold"}, caller=Caller(alice)
    )
    work()
    begun.refresh_from_db()
    assert (begun.changed, held.among(project, [one])) == (1, set())
    agrees(project)


def test_holds_are_placed_and_lifted_on_the_page_and_told(
    project: Project, alice: User, bob: User, charlie: User, client: Client
) -> None:
    make.make_interaction(project, **CASE)
    page = "/projects/maple/settings/"
    client.force_login(alice)
    placed = {"label": "hold:case-17", "note": "The court asked."}
    assert "with hold:case-17" in client.post(f"{page}holds/", placed, follow=True).text
    for wrong, said in (
        (placed, "this label is a hold already"),
        ({"label": ":x"}, "expected key:value, or a key alone"),
        ({"label": "x:" + "y" * 600}, "expected at most 512"),
        ({"label": ""}, "This field is required"),
    ):
        assert said in client.post(f"{page}holds/", wrong, follow=True).text
    one = LegalHold.objects.get()
    for person, status in ((bob, 403), (charlie, 404)):
        client.force_login(person)
        assert client.post(f"{page}holds/{one.id}/lift/").status_code == status
    client.force_login(bob)
    seen = client.get(f"{page}retention/").text
    assert "The court asked." in seen and "1 is under legal hold" in " ".join(seen.split())
    client.force_login(alice)
    assert "hold:case-17 holds nothing" in client.post(
        f"{page}holds/{one.id}/lift/", follow=True
    ).text  # fmt: skip
    assert not LegalHold.objects.exists()
    told = Event.objects.filter(verb__startswith="hold.").order_by("id")
    assert [(event.verb, event.details["label"]) for event in told] == [
        ("hold.placed", "hold:case-17"),
        ("hold.lifted", "hold:case-17"),
    ]
    assert told[0].details["interactions"] == 1
    with pytest.raises(Invalid):
        rules.place(project, key="a\0", value=None, by=alice)


def test_a_selection_says_in_its_preview_how_many_are_held(
    project: Project, alice: User, client: Client
) -> None:
    make.make_interaction(project, **CASE)
    make.make_interactions(project, 2)
    hold(project, alice)
    client.force_login(alice)
    chosen = everything(project, alice)
    assert selections.count(chosen).n == 3
    page = client.get(f"/projects/maple/selections/{chosen.uuid}/delete/")
    assert "under legal hold" in " ".join(page.text.split())
