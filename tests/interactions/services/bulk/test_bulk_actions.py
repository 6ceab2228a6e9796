"""Bulk actions are done piece by piece, exactly once, and undone to the very state there was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adaptive_site.lib.errors import Forbidden, Invalid
from interactions.models import (
    BulkAction,
    BulkActionChange,
    BulkActionImage,
    Feedback,
    Image,
    Interaction,
)
from interactions.services import selections
from interactions.services.bulk import actions as bulk_actions
from interactions.services.bulk import delete, purge, queue
from interactions.services.bulk import label as bulk_label
from interactions.services.editing import deletion
from interactions.services.editing import labels as editing_labels
from interactions.services.images import store
from interactions.services.recording.drafts import MAX_LABELS
from projects.models import Event, Metric, Project, User
from projects.services.access import Caller
from tests import make
from tests.interactions.acting import (
    agrees,
    done,
    everything,
    judge,
    populate,
    state,
    undone,
    work,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pieces of three, so that there are several."""
    monkeypatch.setattr(queue, "INTERACTIONS_PER_PIECE", 3)
    yield


@pytest.fixture
def ids(project: Project, alice: User, bob: User, empty_storage: Path) -> list[UUID]:
    """Those of the world, oldest first."""
    return populate(project, alice, bob)


BULK_ACTIONS: list[tuple[str, dict[str, Any], int]] = [
    ("label", {"key": "env", "value": "prod"}, 5),  # five have it
    ("label", {"key": "team", "value": "red"}, 10),
    ("unlabel", {"key": "env"}, 8),
    ("feedback", {"metric": "helpful", "value": "no"}, 10),
    ("feedback", {"metric": "score", "value": "2.5", "reason": "a reason"}, 10),
    ("withdraw", {"metric": "helpful"}, 6),
    ("withdraw", {"anybody": "1"}, 10),
    ("delete", {}, 10),
]


@pytest.mark.parametrize(("kind", "given", "changed"), BULK_ACTIONS, ids=lambda one: str(one))
def test_what_is_undone_leaves_no_trace(
    project: Project, ids: list[UUID], alice: User, kind: str, given: dict[str, Any], changed: int
) -> None:
    before = state(project)
    action = done(everything(project, alice), kind, alice, **given)
    assert (action.total, action.done, action.changed) == (10, 10, changed)
    assert state(project) != before
    action = undone(action, alice)
    assert (action.undone, action.left) == (changed, 0)
    assert state(project) == before
    verbs = Event.objects.filter(subject=str(action.uuid)).order_by("id")
    assert [(one.verb, one.actor) for one in verbs] == [
        (f"bulk_action.{kind}", alice),
        ("bulk_action.done", alice),
        ("bulk_action.undone", alice),
        ("bulk_action.undoing_done", alice),
    ]
    assert verbs[1].details["changed"] == verbs[3].details["undone"] == changed


def test_a_piece_that_fails_leaves_nothing_and_is_done_again(
    project: Project, ids: list[UUID], alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(project)
    action = bulk_actions.begin(
        everything(project, alice), "label", {"key": "team", "value": "a"}, caller=Caller(alice)
    )
    assert queue.do_some() == 1
    half = state(project)
    write = editing_labels.change_together

    def dies(*args: Any, **known: Any) -> None:
        write(*args, **known)
        raise RuntimeError("killed after it had written")

    monkeypatch.setattr(bulk_label, "change_together", dies)
    assert queue.do_some() == 1
    assert state(project) == half
    action.refresh_from_db()
    assert (action.state, action.done, action.attempts) == ("running", 3, 1)
    assert action.error == "RuntimeError: killed after it had written"
    assert queue.do_some() == 0  # it rests first
    monkeypatch.setattr(bulk_label, "change_together", write)
    BulkAction.objects.update(next_at=action.created_at)
    work()
    action.refresh_from_db()
    assert (action.state, action.done, action.changed, action.error) == ("done", 10, 10, "")
    assert BulkActionChange.objects.filter(action=action).count() == 10
    agrees(project)
    undone(action, alice)
    assert state(project) == before


def test_a_bulk_action_that_keeps_failing_fails_and_can_be_tried_again_or_undone(
    project: Project, ids: list[UUID], alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(project)
    action = bulk_actions.begin(everything(project, alice), "delete", {}, caller=Caller(alice))
    queue.do_some()
    with monkeypatch.context() as broken:
        broken.setattr(delete, "delete_together", lambda *_: 1 / 0)
        for _ in range(queue.ATTEMPTS_PER_PIECE):
            BulkAction.objects.update(next_at=action.created_at)
            queue.do_some()
    action.refresh_from_db()
    assert (action.state, action.done) == ("failed", 3)
    assert action.error.startswith("ZeroDivisionError")
    with pytest.raises(Forbidden):
        bulk_actions.resume(action, caller=Caller(make.make_user("bea")))
    bulk_actions.resume(action, caller=Caller(alice))
    queue.do_some()
    undone(action, alice)  # in the middle
    assert state(project) == before


def test_what_others_changed_since_is_left_alone(
    project: Project, ids: list[UUID], alice: User, bob: User
) -> None:
    action = done(everything(project, alice), "label", alice, key="env", value="live")
    editing_labels.set_label(project, ids[0], key="env", value="bobs", by=bob)
    editing_labels.remove_label(project, ids[1], key="env", by=bob)
    deletion.delete(project, ids[2], by=bob)
    action = undone(action, alice)
    assert (action.undone, action.left) == (7, 3)
    env = {
        row.id: {label.key: label.value for label in row_labels(row)}.get("env")
        for row in Interaction.objects.in_project(project)
    }
    assert env[ids[0]] == "bobs" and env[ids[1]] is None and env[ids[4]] == "prod"
    left = selections.changed_by(action, by=alice)
    assert [id for piece in selections.pieces(left, limit=2) for id in piece] == ids[:3]


def row_labels(row: Interaction) -> list[Any]:
    return list(row.project.labels.filter(id__in=row.label_ids))


def test_a_later_verdict_of_ones_own_stays(
    project: Project, ids: list[UUID], alice: User, bob: User
) -> None:
    helpful = Metric.objects.get(key="helpful")
    given = done(everything(project, alice), "feedback", alice, metric="helpful", value="0")
    judge(project, ids[0], helpful, by=alice, value=1.0)
    given = undone(given, alice)
    assert (given.undone, given.left) == (9, 1)
    withdrawn = done(everything(project, alice), "withdraw", alice, metric="helpful", anybody=True)
    judge(project, ids[9], helpful, by=bob, value=0.0)
    withdrawn = undone(withdrawn, alice)
    assert (withdrawn.undone, withdrawn.left) == (9, 1)
    bobs = Feedback.objects.in_project(project).get(interaction_id=ids[9], metric=helpful)
    assert (bobs.created_by, bobs.value) == (bob, 0.0)


def test_an_external_id_taken_since_stays_with_who_has_it(project: Project, alice: User) -> None:
    first = make.make_interaction(project, external_id="a")
    action = done(everything(project, alice), "delete", alice)
    second = make.make_interaction(project, external_id="a")
    action = undone(action, alice)
    assert (action.undone, action.left) == (0, 1)
    (only,) = Interaction.objects.in_project(project)
    assert only.id == second.id != first.id


def test_one_that_is_full_of_labels_is_skipped(project: Project, alice: User) -> None:
    full = make.make_interaction(project, labels={f"k{n}": "v" for n in range(MAX_LABELS)})
    make.make_interaction(project)
    action = done(everything(project, alice), "label", alice, key="new", value="x")
    assert (action.done, action.changed, action.skipped) == (2, 1, 1)
    full.refresh_from_db()
    assert len(full.label_ids) == MAX_LABELS


def test_a_label_that_the_filter_asks_for_may_be_taken_away(project: Project, alice: User) -> None:
    make.make_interactions(project, 8, labels={"env": "prod"})
    action = done(everything(project, alice, "label=env"), "unlabel", alice, key="env")
    assert (action.total, action.changed) == (8, 8)
    assert selections.count(action.selection).n == 0
    assert selections.count(selections.changed_by(action, by=alice)).n == 8


def test_images_in_the_bin_are_kept_until_it_is_emptied(
    project: Project, ids: list[UUID], alice: User
) -> None:
    action = done(everything(project, alice), "delete", alice)
    assert store.sweep(project) == 0
    assert BulkActionImage.objects.count() == Image.objects.in_project(project).count() == 1
    BulkAction.objects.update(created_at=action.created_at - bulk_actions.UNDO_KEPT)
    while purge.purge_some():
        pass
    assert not BulkActionChange.objects.exists()
    assert store.sweep(project) == 1
    action.refresh_from_db()
    assert action.purged_at is not None
    with pytest.raises(Invalid, match="cannot be undone"):
        bulk_actions.undo(action, caller=Caller(alice))


def test_the_bin_holds_nothing_older_than_the_project_keeps(
    project: Project, ids: list[UUID], alice: User
) -> None:
    done(everything(project, alice), "delete", alice)
    Project.objects.update(keep_days=7)
    assert purge.purge_some() == 10
    assert not BulkActionChange.objects.exists()


def test_two_bulk_actions_take_turns(project: Project, ids: list[UUID], alice: User) -> None:
    both = [
        bulk_actions.begin(
            everything(project, alice), "label", {"key": key, "value": "1"}, caller=Caller(alice)
        )
        for key in ("a", "b")
    ]
    for _ in range(2):
        queue.do_some()
    for action in both:
        action.refresh_from_db()
        assert action.done == 3


def test_feedback_is_the_persons_and_only_owners_take_others(
    project: Project, ids: list[UUID], bob: User
) -> None:
    with pytest.raises(Forbidden, match="anybody"):
        bulk_actions.begin(
            everything(project, bob), "withdraw", {"anybody": "1"}, caller=Caller(bob)
        )
    action = done(everything(project, bob), "withdraw", bob, metric="helpful")
    assert action.changed == 7
    others = Feedback.objects.in_project(project).filter(metric__key="helpful")
    assert {one.created_by.name for one in others if one.created_by} == {"Alice"}


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("label", {"key": " ", "value": "x"}, "key"),
        ("label", {"key": "k" * 129, "value": "x"}, "key"),
        ("label", {"key": "k", "value": "v" * 513}, "value"),
        ("label", {"key": "a\0b", "value": ""}, "key"),
        ("unlabel", {}, "key"),
        ("feedback", {"metric": "nothing", "value": "1"}, "metric"),
        ("feedback", {"metric": "helpful", "value": "many"}, "value"),
        ("feedback", {"metric": "helpful", "value": "2"}, "value"),
        ("feedback", {"metric": "score", "value": "nan"}, "value"),
        ("feedback", {"metric": "score", "value": "1", "reason": "r" * 10_001}, "reason"),
        ("withdraw", {"metric": "nothing"}, "metric"),
    ],
)
def test_what_is_wrong_names_its_field_and_nothing_begins(
    project: Project, ids: list[UUID], alice: User, kind: str, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as raised:
        bulk_actions.begin(everything(project, alice), kind, given, caller=Caller(alice))
    assert raised.value.field == field
    assert not BulkAction.objects.exists()
