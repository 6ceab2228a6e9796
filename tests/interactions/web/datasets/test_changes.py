"""What is done to records on their pages: decided, corrected, moved, removed, and undone."""

from typing import Any

import pytest
from django.test import Client

from interactions.models import Dataset, DatasetItem, Job
from interactions.services.datasets import edits
from interactions.services.jobs import changes, queue
from projects.models import Project, User
from tests.auditing import verbs_told
from tests.interactions.services.datasets.making import draft_of, texts
from tests.interactions.web.datasets.reading import HERE, item, read

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def change(client: Client, **data: Any) -> Any:
    return client.post(f"{HERE}trees/records/change/", data, headers=HTMX)


def undo(client: Client, **data: Any) -> Any:
    return client.post(f"{HERE}trees/records/undo/", data, headers=HTMX)


def test_ticked_records_are_approved_and_that_is_undone(
    client: Client, trees: Dataset, bob: User
) -> None:
    client.force_login(bob)
    ids = [str(row.item) for row in draft_of(trees)]
    answer = change(client, action="approve", item=ids[:2])
    assert "Approved 2 records." in read(answer) and "Undo" in read(answer)
    assert "records-changed" in answer["HX-Trigger"]
    assert [row.review for row in draft_of(trees)] == ["approved", "approved", ""]
    assert "2</b> records in files" in read(change(client, action="reject", item=ids[2]))
    undone = read(undo(client))
    assert "Undone in “Trees”: rejected record 3." in undone and "3</b> records in files" in undone
    assert "Undone in “Trees”: approved 2 records." in read(undo(client))
    assert [row.review for row in draft_of(trees)] == ["", "", ""]
    assert "Nothing to undo" in read(undo(client))


@pytest.mark.parametrize(
    ("action", "column", "value"),
    [
        ("reject", "review", "rejected"),
        ("unreview", "review", ""),
        ("test", "split", "test"),
        ("validation", "split", "validation"),
        ("train", "split", "train"),
    ],
)
def test_each_button_does_what_it_says(
    client: Client, trees: Dataset, bob: User, action: str, column: str, value: str
) -> None:
    client.force_login(bob)
    row = item(trees)
    assert read(change(client, action=action, item=str(row.item)))
    assert getattr(item(trees), column) == value
    if action == "test":
        assert verbs_told("dataset.items_split")


def test_removed_records_are_put_back(client: Client, trees: Dataset, bob: User) -> None:
    client.force_login(bob)
    row = item(trees, 2)
    assert "Removed 1 record." in read(change(client, action="remove", item=str(row.item)))
    assert len(texts(trees)) == 2
    shown = read(client.get(f"{HERE}trees/records/{row.item}/"))
    assert "Put back" in shown and "Approve" not in shown
    assert "Put 1 record back." in read(change(client, action="put-back", item=str(row.item)))
    assert len(texts(trees)) == 3
    assert verbs_told("dataset.items_removed")


def test_all_that_a_filter_leaves_are_changed(client: Client, trees: Dataset, bob: User) -> None:
    client.force_login(bob)
    said = read(change(client, action="approve", of="all", query="?split=train&after=2"))
    assert "Approved 2 records." in said
    assert [row.review for row in draft_of(trees)] == ["approved", "", "approved"]


def test_an_answer_is_corrected_and_the_original_taken_again(
    client: Client, trees: Dataset, bob: User
) -> None:
    client.force_login(bob)
    row = item(trees)
    here = f"{HERE}trees/records/correct/"
    said = client.post(here, {"item": row.item, "text": "An acer.\r\nA tree."}, headers=HTMX)
    assert "Corrected the answer." in read(said)
    assert item(trees).correction == "An acer.\nA tree."
    again = client.post(here, {"item": row.item, "text": "An acer.\nA tree."}, headers=HTMX)
    assert "The answer is as it was." in read(again)
    client.post(here, {"item": row.item, "text": "x", "original": "1"}, headers=HTMX)
    assert item(trees).correction is None
    assert "took the original answer of record 1 again." in read(undo(client))
    assert item(trees).correction == "An acer.\nA tree."
    assert verbs_told("dataset.items_corrected")


def test_without_scripts_the_page_says_what_was_done(
    client: Client, trees: Dataset, bob: User
) -> None:
    client.force_login(bob)
    here = f"{HERE}trees/?split=train"
    data = {"action": "approve", "item": str(item(trees).item), "next": here}
    answer = client.post(f"{HERE}trees/records/change/", data)
    assert (answer.status_code, answer["Location"]) == (303, here)
    assert "Approved 1 record." in read(client.get(here))
    answer = client.post(f"{HERE}trees/records/change/", data | {"next": "https://evil.example/"})
    assert answer["Location"] == f"{HERE}trees/"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"action": "explode"}, "action: expected one of approve, reject"),
        ({"action": "approve"}, "item: expected at least one"),
        ({"action": "approve", "item": "x"}, "item: expected"),
        ({"action": "approve", "of": "all", "query": "?split=x"}, "split: expected one of"),
        ({"action": "remove", "of": "all", "query": "?review=removed"}, "query: expected records"),
        ({"action": "remove", "of": "all", "query": "?version=1"}, "query: expected records"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    client: Client, trees: Dataset, bob: User, data: dict[str, str], said: str
) -> None:
    client.force_login(bob)
    answer = client.post(f"{HERE}trees/records/change/", data)
    assert answer.status_code == 400
    assert said in " ".join(answer.content.decode().split())
    assert [row.review for row in draft_of(trees)] == ["", "", ""]


def test_nobody_undoes_what_another_has_changed(
    client: Client, trees: Dataset, alice: User, bob: User
) -> None:
    edit = edits.set_review(trees, [item(trees).item], "approved", by=alice)
    assert edit.entry
    client.force_login(bob)
    assert undo(client, entry=edit.entry.id).status_code == 404
    assert undo(client, entry="x:y").status_code == 400
    assert "Nothing to undo" in read(undo(client))
    client.force_login(alice)
    assert "Undone" in read(undo(client, entry=edit.entry.id))
    assert undo(client, entry=edit.entry.id).status_code == 404


def test_the_queue_begins_with_those_that_wait(
    client: Client, project: Project, trees: Dataset, bob: User
) -> None:
    waiting = item(trees, 3)
    edits.set_review(trees, [waiting.item], "waiting", by=bob)
    client.force_login(bob)
    page = read(client.get(f"{HERE}trees/review/"))
    assert "What is a fern?" in page and "<b>1</b> waiting" in page
    here = f"{HERE}trees/review/decide/?of=waiting"
    answer = client.post(here, {"item": waiting.item, "verdict": "approve"})
    assert answer["Location"] == f"{HERE}trees/review/?of=waiting&at=end"
    page = read(client.get(answer["Location"]))
    assert "The end of the queue" in page and "2 not reviewed" in page
    page = read(client.get(f"{HERE}trees/review/"))
    assert "What is a maple?" in page and "1 of 3</b> reviewed" in page
    answer = client.post(f"{HERE}trees/review/undo/?of=waiting")
    assert answer["Location"].endswith(f"at={waiting.item}")
    assert DatasetItem.objects.in_project(project).filter(review="waiting").count() == 1


@pytest.mark.parametrize("query", ["?of=x", "?at=x"])
def test_the_queue_tells_what_its_address_cannot_mean(
    client: Client, trees: Dataset, bob: User, query: str
) -> None:
    client.force_login(bob)
    assert client.get(f"{HERE}trees/review/{query}").status_code == 400
    data = {"item": item(trees).item, "verdict": "maybe"}
    assert client.post(f"{HERE}trees/review/decide/", data).status_code == 400


def test_what_changes_many_shows_its_progress_on_the_page(
    client: Client, trees: Dataset, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "CHANGED_AT_ONCE", 2)
    monkeypatch.setattr(changes, "FROZEN_AT_ONCE", 2)
    client.force_login(bob)
    answer = change(client, action="approve", of="all", query="")
    assert answer["HX-Refresh"] == "true"
    here = f"{HERE}trees/"
    page = read(client.get(here))
    assert "Approve 3 records in “Trees”" in page and "Waiting to begin" in page
    refused = client.post(f"{here}versions/make/", {"note": ""})
    assert "many records of this dataset are being changed" in read(refused)
    (job,) = Job.objects.in_project(trees.project)
    queue.do_all(job)
    asked = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"}
    assert "HX-Refresh" in client.get(f"/projects/maple/jobs/{job.uuid}/", headers=asked)
    page = read(client.get(here))
    assert "Approved 3 records." in page and "Waiting to begin" not in page
    assert undo(client)["HX-Refresh"] == "true"
    queue.do_all(Job.objects.in_project(trees.project).latest("id"))
    assert [row.review for row in draft_of(trees)] == ["", "", ""]
    assert client.post(f"{here}versions/make/", {"note": "n"}).status_code == 303
    assert "Make a version of “Trees”" in read(client.get(f"{here}versions/"))
    queue.do_all(Job.objects.in_project(trees.project).latest("id"))
    assert "Version 1" in read(client.get(f"{here}versions/"))
