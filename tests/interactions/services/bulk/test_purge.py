"""Bulk actions when something has changed since: permissions, rows, what undoing takes."""

from datetime import timedelta

import pytest
from django.test import Client

from adaptive_site.lib.errors import Invalid
from interactions.models import BulkAction, BulkActionChange, Interaction
from interactions.services import selections
from interactions.services.bulk import actions as bulk_actions
from interactions.services.bulk import purge
from interactions.services.editing.deletion import delete_together
from projects.models import Project, User
from projects.services.access import READ, Caller
from tests import make
from tests.interactions.acting import everything, work

pytestmark = pytest.mark.django_db
HERE = "/projects/maple/"


def failed(project: Project, by: User, **more: object) -> BulkAction:
    """A deletion that has failed before its first piece."""
    action = bulk_actions.begin(everything(project, by), "delete", {}, caller=Caller(by))
    BulkAction.objects.filter(id=action.id).update(
        state=BulkAction.State.FAILED, attempts=5, **more
    )
    action.refresh_from_db()
    return action


def test_who_may_not_write_any_more_does_not_go_on_with_a_bulk_action(
    project: Project, alice: User, client: Client
) -> None:
    make.make_interactions(project, 3)
    action = failed(project, alice)
    role = alice.memberships.get().role
    role.permissions = ["project:read", READ]
    role.save()
    client.force_login(alice)
    assert client.post(f"{HERE}bulk-actions/{action.uuid}/resume/").status_code == 403
    assert client.post(f"{HERE}bulk-actions/{action.uuid}/undo/").status_code == 403
    work()
    assert Interaction.objects.in_project(project).count() == 3


def test_a_bulk_action_whose_undoing_is_gone_is_not_tried_again(
    project: Project, alice: User
) -> None:
    make.make_interactions(project, 3)
    begun = failed(project, alice).created_at - timedelta(days=40)
    action = failed(project, alice, created_at=begun)
    while purge.purge_some():
        pass
    action.refresh_from_db()
    assert action.purged_at is not None
    with pytest.raises(Invalid):
        bulk_actions.resume(action, caller=Caller(alice))
    assert not BulkActionChange.objects.filter(action=action).exists()


def test_what_a_bulk_action_changed_is_paged_to_its_end(project: Project, bob: User) -> None:
    ids = make.make_interactions(project, 45)
    action = bulk_actions.begin(
        everything(project, bob), "label", {"key": "a", "value": "b"}, caller=Caller(bob)
    )
    work()
    touched = selections.changed_by(action, by=bob)
    found = first = selections.shown(touched, limit=20)
    while len(first) == 20:
        first = selections.shown(touched, limit=20, before=found[-1])
        found = found + first
    assert found == sorted(ids, reverse=True)


def test_a_row_that_is_gone_takes_no_place_on_a_page(
    project: Project, bob: User, client: Client
) -> None:
    ids = make.make_interactions(project, 45)
    ticked = selections.tick(project, ids, by=bob)
    delete_together(project, [max(ids)])
    client.force_login(bob)
    assert 'rel="next"' in client.get(f"{HERE}selections/{ticked.uuid}/").text


def test_null_characters_are_taken_out_or_refused(
    project: Project, bob: User, client: Client
) -> None:
    (id,) = make.make_interactions(project, 1)
    client.force_login(bob)
    made = client.post(f"{HERE}selections/", {"id": [id], "query": "label=a\0b"})
    assert made.status_code == 303 or made.status_code == 302
    refused = client.post(
        f"{HERE}interactions/display/", {"column": ["time"], "label_column": "a\0b"}
    )
    assert 400 <= refused.status_code < 500
