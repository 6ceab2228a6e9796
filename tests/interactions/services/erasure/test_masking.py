"""Words masked for good: afterwards in no table and no file, and what was around them is there."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from adaptive_site.lib.errors import Invalid
from interactions.filters.sql import queries
from interactions.models import Dataset, Interaction, InteractionBody, Job
from interactions.services import selections
from interactions.services.bulk import actions as bulk_actions
from interactions.services.datasets import item_records, versions
from interactions.services.editing import labels
from interactions.services.erasure import masked_rows, survey
from interactions.services.erasure.sought_words import SoughtWords, masked_word
from interactions.services.holds import rules
from interactions.services.jobs import erasures, queue
from interactions.textindex import upkeep
from projects.models import Event, Project, User
from projects.services.access import Caller
from projects.services.auditing.verifying import verify
from tests import make
from tests.interactions.acting import agrees, work
from tests.interactions.services.erasure.everywhere import SECRET, fill, places_with

pytestmark = pytest.mark.django_db
WORDS = replace(SoughtWords.of(f"{SECRET}\nzebrafink"), is_masked=True)


def masked(project: Project, by: User, words: SoughtWords = WORDS, **named: object) -> Job:
    job = erasures.begin(project, caller=Caller(by), words=words, **named)  # type: ignore[arg-type]
    return queue.do_all(job)


def find(project: Project, by: User, query: str) -> int | None:
    read = selections.freeze(project, QueryDict(query), by=by)
    return queries.count(project, selections.tree_of(read), cap=None).n


def test_words_are_nowhere_afterwards_and_everything_else_is_there(
    project: Project,
    alice: User,
    alice_key: str,
    client: Client,
    empty_storage: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ids, dataset = fill(project, alice, alice_key)
    monkeypatch.setattr(masked_rows, "MASKED_AT_ONCE", 1)
    before = set(Interaction.objects.in_project(project).values_list("id", flat=True))
    records = item_records.included(dataset).count()
    digests = {one.number: one.digest for one in versions.of(dataset)}
    found = survey.of(project, None, [], WORDS, by=alice)
    counted = {place.name: place.n for place in found.places}
    assert counted["Interactions with the words"] == 1
    assert counted["Bin and undo logs"] and counted["Records of datasets"] == 2
    assert "Feedback" not in counted  # which stays

    job = masked(project, alice)

    assert (job.state, job.error) == (Job.State.DONE, "")
    assert places_with(empty_storage, SECRET, "zebrafink") == []
    assert (job.result["left"], job.arguments) == ([], {"mask": True})
    assert dict(job.result["lines"])["masked: interactions"] == 1
    assert set(Interaction.objects.in_project(project).values_list("id", flat=True)) == before
    body = InteractionBody.objects.in_project(project).get(interaction_id=ids[0])
    assert body.completion == "Hello [masked], "
    one = Interaction.objects.in_project(project).get(id=ids[0])
    assert (one.completion_preview, one.image_count) == ("Hello [masked],", 1)
    assert list(empty_storage.glob("images/*/*/*"))
    agrees(project)
    verify()
    dataset = Dataset.objects.in_project(project).get(id=dataset.id)
    assert item_records.included(dataset).count() == records
    for version in versions.of(dataset):
        assert (version.records, version.digest) == versions.digest_of(dataset, version.number)
        (note,) = version.erased
        assert note["masked"] and note["digest_before"] == digests[version.number]
    while upkeep.index_some(project):
        pass
    assert (find(project, alice, "text=masked"), find(project, alice, "text=zebrafink")) == (1, 0)
    told = set(Event.objects.in_project(project).values_list("verb", flat=True))
    assert {"interactions.masking", "interactions.masked"} <= told
    client.force_login(alice)
    shown = client.get(f"/projects/maple/datasets/{dataset.key}/versions/").text
    assert "records masked on" in " ".join(shown.split())
    # What was in the bin comes back masked.
    action = bulk_actions.last_of(project, caller=Caller(alice))
    assert action is not None
    bulk_actions.undo(action, caller=Caller(alice))
    work()
    back = InteractionBody.objects.in_project(project).get(interaction_id=ids[1])
    assert back.completion == "Hello [masked], again"
    assert places_with(empty_storage, SECRET) == []


def test_only_what_is_named_is_masked_and_the_report_says_what_is_left(
    project: Project, alice: User
) -> None:
    words = replace(SoughtWords.of("anna@example.com"), is_masked=True)
    said = "Write to Anna@Example.com"
    named, other, held = (make.make_interaction(project, said).id for _ in range(3))
    make_held(project, held, alice)
    found = survey.of(project, None, [named, held], words, by=alice)
    assert (found.held, found.places[0].n) == (1, 1)
    job = masked(project, alice, words, ids=[named, held])
    bodies = InteractionBody.objects.in_project(project).in_bulk([named, other, held])
    texts = [bodies[id].messages[0]["content"] for id in (named, other, held)]
    assert texts == ["Write to [email]", said, said]
    assert ["a word in interaction_body", 2] in job.result["left"]
    assert "1 under legal hold stays, with its copies." in job.result["words"]
    with pytest.raises(Invalid, match="the words that are masked"):
        masked(project, alice, replace(words, words=()), ids=[named])


def make_held(project: Project, id: UUID, by: User) -> None:
    labels.set_label(project, id, key="hold", value="1", by=by)
    rules.place(project, key="hold", value=None, by=by)


def test_erasing_leaves_what_is_held_with_its_copies(
    project: Project,
    alice: User,
    alice_key: str,
    empty_storage: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ids, dataset = fill(project, alice, alice_key)
    # Both, of which one is in the bin, carry this.
    rules.place(project, key="customer", value=SECRET, by=alice)
    n = item_records.included(dataset).count()
    words = SoughtWords.of(SECRET)
    job = erasures.begin(project, caller=Caller(alice), words=words, ids=ids)
    job = queue.do_all(job)
    assert (job.state, job.error) == (Job.State.DONE, "")
    assert dict(job.result["lines"])["held, so kept: interactions"] == 2
    assert "2 under legal hold stay, with their copies." in job.result["words"]
    assert Interaction.objects.in_project(project).filter(id=ids[0]).exists()
    assert item_records.included(Dataset.objects.get(id=dataset.id)).count() == n
    left = {where for where, _ in job.result["left"]}
    assert {"a word in interaction_body", "a word in bulk_action_change"} <= left
    agrees(project)


@pytest.mark.parametrize(
    ("word", "instead"),
    [
        ("anna@example.com", "[email]"),
        ("+49 30 901820", "[phone]"),
        ("4111 1111 1111 1111", "[card]"),
        ("DE89 3704 0044 0532 0130 00", "[iban]"),
        ("Anna Smith", "[masked]"),
        ("mail anna@example.com", "[masked]"),
    ],
)
def test_a_word_is_masked_as_what_it_is(word: str, instead: str) -> None:
    assert masked_word(word) == instead
