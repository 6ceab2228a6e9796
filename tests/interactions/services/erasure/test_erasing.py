"""Erasing for good: what somebody said is afterwards in no table and no file."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from adaptive_site.lib.errors import Forbidden, Invalid
from interactions.filters.sql import queries
from interactions.models import Dataset, DatasetItem, Interaction, Job
from interactions.services import selections
from interactions.services.datasets import item_records, versions
from interactions.services.editing.deletion import DeletionCounts, delete_together
from interactions.services.erasure import proof, rows, survey, targets
from interactions.services.erasure.sought_words import SoughtWords
from interactions.services.jobs import erasures, queue
from projects.models import Event, Project, Role, User
from projects.services.access import DELETE, READ, Caller
from projects.services.auditing.sealing import seal_some
from projects.services.auditing.verifying import verify
from tests import make
from tests.interactions.acting import agrees, everything
from tests.interactions.services.erasure.everywhere import SECRET, begin_export, fill, places_with

pytestmark = pytest.mark.django_db
FILTER = QueryDict(f"label=customer:{SECRET}")
WORDS = SoughtWords.of(f"{SECRET}\nzebrafink")
# Somebody's name is not what a key stands for, and ids are what the log of deeds is about.
KEPT = ["projects_event"]


def erased(project: Project, by: User, *, words: SoughtWords = WORDS, **named: object) -> Job:
    job = erasures.begin(project, caller=Caller(by), words=words, **named)  # type: ignore[arg-type]
    return queue.do_all(job)


@pytest.fixture
def filled(
    project: Project,
    alice: User,
    alice_key: str,
    empty_storage: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> tuple[list[UUID], Dataset]:
    with django_capture_on_commit_callbacks(execute=True):
        return fill(project, alice, alice_key)


def test_nothing_is_left_anywhere(
    filled: tuple[list[UUID], Dataset],
    project: Project,
    alice: User,
    client: Client,
    empty_storage: Path,
) -> None:
    ids, dataset = filled
    before = places_with(empty_storage, SECRET, "zebrafink")
    for place in ("interaction_body", "label", "dataset_item", "bulk_action_change", "feedback",
                  "undo_entry", "projects_event", "upload",
                  "interactions_savedview", "dataset_version", "dataset_batch"):  # fmt: skip
        assert place in before
    assert len([place for place in before if place.startswith(("exports/", "uploads/"))]) == 3
    assert list(empty_storage.glob("images/*/*/*"))
    while seal_some():
        pass
    digests = {one.number: one.digest for one in versions.of(dataset)}

    job = erased(project, alice, query=FILTER)

    assert (job.state, job.error) == (Job.State.DONE, "")
    assert places_with(empty_storage, SECRET, "zebrafink") == []
    assert places_with(empty_storage, *map(str, ids)) == [
        "erasure_record",
        f"erasures/{job.uuid}.json",
        *KEPT,
    ]
    assert places_with(empty_storage, *[id.hex for id in ids]) == []
    assert not list(empty_storage.glob("images/*/*/*"))
    assert (job.result["left"], job.arguments) == ([], {})
    assert "Nothing is left." in job.result["words"]
    lines = dict(job.result["lines"])
    assert (lines["erased: interactions"], lines["erased: images"]) == (1, 1)
    assert lines["erased: records of datasets, with all their versions"] == 2
    assert lines["looked through: tables"] > 30
    agrees(project)
    verify()
    told = Event.objects.in_project(project).values_list("verb", flat=True)
    assert {"interactions.erasure", "audit.erased", "interactions.erased"} <= set(told)
    after = {one.number: one for one in versions.of(dataset)}
    for number, was in digests.items():
        (note,) = after[number].erased
        assert (note["records"], note["digest_before"]) == (2, was)
        assert (after[number].records, after[number].digest) == versions.digest_of(dataset, number)
        assert after[number].digest != was
    client.force_login(alice)
    shown = client.get(f"/projects/maple/datasets/{dataset.key}/versions/").text
    assert shown.count("2 records erased on") == 2
    dataset.refresh_from_db()
    assert dataset.records == item_records.included(dataset).count() == 2


def test_what_others_said_stays_and_is_found(
    filled: tuple[list[UUID], Dataset], project: Project, alice: User
) -> None:
    others = set(Interaction.objects.in_project(project).values_list("id", flat=True))
    others -= set(filled[0])
    erased(project, alice, query=FILTER)
    assert set(Interaction.objects.in_project(project).values_list("id", flat=True)) == others
    read = selections.freeze(project, QueryDict("text=oak"), by=alice)
    assert queries.count(project, selections.tree_of(read), cap=None).n == 5


def test_the_report_says_what_is_left(project: Project, alice: User) -> None:
    make.make_interactions(project, 1, completion="Sequoia")
    gone = make.make_interaction(project, "Which is tall?", "Sequoia")
    job = erased(project, alice, ids=[gone.id], words=SoughtWords.of("sequoia"))
    left = {where for where, _ in job.result["left"]}
    assert left == {"a word in interaction", "a word in interaction_body"}
    assert "2 places" in job.result["words"]


def test_other_projects_are_neither_touched_nor_told_of(
    project: Project, alice: User, charlies_project: Project
) -> None:
    foreign = make.make_interaction(charlies_project, "Which is tall?", "Sequoia")
    job = erased(project, alice, ids=[foreign.id], words=SoughtWords.of("sequoia"))
    assert Interaction.objects.in_project(charlies_project).count() == 1
    assert (job.result["left"], job.state) == ([], Job.State.DONE)
    found = survey.of(project, None, [foreign.id], SoughtWords.of("sequoia"), by=alice)
    assert found.is_nothing


def test_a_dry_run_counts_every_place_and_changes_nothing(
    filled: tuple[list[UUID], Dataset], project: Project, alice: User, empty_storage: Path
) -> None:
    before = places_with(empty_storage, SECRET)
    selection = selections.freeze(project, FILTER, by=alice)
    found = survey.of(project, selection, filled[0], WORDS, by=alice)
    counted = {place.name: place.n for place in found.places}
    assert counted["Interactions"] == 1
    assert counted["Records of datasets"] == 2
    assert counted["Records only in older versions"] == 1
    assert counted["Files of exports"] == 2
    assert counted["Uploads and other files"] == 1
    for name in ("Feedback", "Comparisons", "Labels on them", "Images in them", "Index of texts",
                 "Bin and undo logs", "Entries for undoing", "Details in the audit log",
                 "Answers kept for repeated requests", "Words in labels"):  # fmt: skip
        assert counted[name], name
    assert places_with(empty_storage, SECRET) == before


def test_who_may_not_erases_nothing(
    filled: tuple[list[UUID], Dataset], project: Project, alice: User, charlie: User
) -> None:
    with pytest.raises(Forbidden):
        erased(project, charlie, ids=filled[0])
    make.share(project, (dora := make.make_user("dora")), "annotator")
    with pytest.raises(Forbidden):
        erased(project, dora, ids=filled[0])
    # Who may delete interactions may still not change versions of datasets.
    Role.objects.filter(key="annotator").update(permissions=[READ, DELETE])
    with pytest.raises(Forbidden, match="project:manage"):
        erased(project, dora, ids=filled[0])
    assert Interaction.objects.in_project(project).filter(id=filled[0][0]).exists()
    assert DatasetItem.objects.in_project(project).filter(interaction_id=filled[0][0]).exists()


def test_files_that_are_being_made_are_given_up(
    project: Project, alice: User, empty_storage: Path
) -> None:
    gone = make.make_interaction(project, "Which is tall?", "Sequoia")
    source = {"selection": str(everything(project, alice).uuid), "kind": "PROMPT_COMPLETION"}
    export = begin_export(project, alice, source)
    assert [queue.do_some() for _ in range(3)] == [1, 1, 1]  # its lines are written by now
    assert places_with(empty_storage, "sequoia", str(gone.id))
    job = erasures.begin(
        project, caller=Caller(alice), ids=[gone.id], words=SoughtWords.of("sequoia")
    )
    while queue.do_some():
        pass
    job.refresh_from_db()
    export.refresh_from_db()
    assert (job.state, job.error, job.result["left"]) == (Job.State.DONE, "", [])
    assert export.state in (Job.State.CANCELLED, Job.State.DONE)
    assert places_with(empty_storage, "sequoia") == []


def test_something_has_to_be_named(project: Project, alice: User) -> None:
    with pytest.raises(Invalid, match="a filter, ids or words"):
        erased(project, alice, words=SoughtWords())
    with pytest.raises(Invalid, match="3 to 500 characters"):
        SoughtWords.of("ab")


def test_a_cancelled_erasure_forgets_what_it_was_for(project: Project, alice: User) -> None:
    kept = make.make_interaction(project, "Which is tall?", "Sequoia")
    job = erasures.begin(project, caller=Caller(alice), ids=[kept.id], words=WORDS)
    queue.cancel(job, by=alice)
    job = queue.do_all(job)
    assert (job.state, job.arguments, job.cursor) == (Job.State.CANCELLED, {}, {})
    assert Interaction.objects.in_project(project).filter(id=kept.id).exists()
    event = Event.objects.in_project(project).get(verb="interactions.erasure_cancelled")
    assert event.created_at <= datetime.now(UTC)


def test_in_small_steps_of_which_one_fails_each_is_done_once(
    project: Project, alice: User, empty_storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = make.make_interactions(project, 5, completion="Sequoia")
    monkeypatch.setattr(rows, "ERASED_AT_ONCE", 1)
    monkeypatch.setattr(targets, "STEP_SECONDS", 0.0001)
    monkeypatch.setattr(proof, "BLOCKS_AT_ONCE", 1)
    calls = []

    def once_not(project: Project, some: list[UUID]) -> DeletionCounts:
        calls.append(some)
        gone = delete_together(project, some)
        if len(calls) == 3:
            raise ConnectionError("the disk is gone")
        return gone

    monkeypatch.setattr(rows, "delete_together", once_not)
    job = erasures.begin(project, caller=Caller(alice), ids=ids, words=SoughtWords.of("sequoia"))
    while job.is_under_way:
        Job.objects.in_project(project).update(next_at=datetime.now(UTC))
        queue.do_some()
        job.refresh_from_db()
    assert (job.state, job.result["left"]) == (Job.State.DONE, [])
    assert len(calls) > 5
    assert ["erased: interactions", 5] in job.result["lines"]
    agrees(project)
