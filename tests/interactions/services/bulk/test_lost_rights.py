"""A bulk action ends where who began it, or undoes it, may do so no more."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from interactions.models import BulkAction
from interactions.services.bulk import actions as bulk_actions
from interactions.services.bulk import queue
from projects.models import ApiKey, Project, User
from projects.services.access import Caller, identify
from tests import make
from tests.interactions.acting import everything, populate, work

pytestmark = pytest.mark.django_db
PIECE = 3
RED = {"key": "team", "value": "red"}


@pytest.fixture(autouse=True)
def behind_the_request(
    monkeypatch: pytest.MonkeyPatch, project: Project, alice: User, bob: User, empty_storage: Path
) -> None:
    """Ten interactions, in pieces of three, and nothing done at once."""
    monkeypatch.setattr(queue, "INTERACTIONS_PER_PIECE", PIECE)
    monkeypatch.setattr(bulk_actions, "DONE_AT_ONCE", 0)
    populate(project, alice, bob)


def removed(bob: User, project: Project) -> None:
    bob.memberships.all().delete()


def deactivated(bob: User, project: Project) -> None:
    User.objects.filter(id=bob.id).update(is_active=False)


def revoked(bob: User, project: Project) -> None:
    ApiKey.objects.filter(user=bob).update(revoked_at=timezone.now())


def archived(bob: User, project: Project) -> None:
    Project.objects.filter(id=project.id).update(archived_at=timezone.now())


Loss = Callable[[User, Project], None]
SAYS: dict[Loss, str] = {
    removed: "may not",
    deactivated: "deactivated",
    revoked: "revoked",
    archived: "archived",
}


@pytest.mark.parametrize("lose", SAYS, ids=lambda one: one.__name__)
def test_what_is_left_is_not_done(project: Project, bob: User, lose: Loss) -> None:
    caller = identify(f"Bearer {make.make_key(bob)}")
    action = bulk_actions.begin(everything(project, bob), "label", RED, caller=caller)
    queue.do_some()
    lose(bob, project)
    assert work() == 1
    action.refresh_from_db()
    assert (action.state, action.changed) == (BulkAction.State.FAILED, PIECE)
    assert SAYS[lose] in action.error


def test_what_is_left_is_not_undone(project: Project, bob: User) -> None:
    key = identify(f"Bearer {make.make_key(bob)}")
    action = bulk_actions.begin(everything(project, bob), "label", RED, caller=key)
    work()
    action = bulk_actions.undo(action, caller=Caller(bob))
    revoked(bob, project)  # by a session nothing of the key counts
    queue.do_some()
    removed(bob, project)
    work()
    action.refresh_from_db()
    assert (action.state, action.undone) == (BulkAction.State.FAILED, PIECE)
