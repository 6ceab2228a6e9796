"""The page of an export and its files, of selections and of datasets, over HTTP."""

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.test import Client

from adaptive_site.lib.concurrency.database_threads import in_the_requests_thread
from interactions.models import Dataset, Job, Selection
from interactions.services.datasets import batches, items, versions
from interactions.services.datasets import create as datasets
from interactions.services.export import downloads, job_files
from interactions.services.jobs import queue
from interactions.services.training.record import ModelAnswer, TrainingRecord
from interactions.web.exporting import direct, page
from projects.models import Project, User
from tests.auditing import verbs_told
from tests.interactions.acting import everything, populate
from tests.query_counts import QueryCounts

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"),
]
FEEDBACK = Dataset.Kind.FEEDBACK.value


@pytest.fixture
def ids(project: Project, alice: User, bob: User, empty_storage: Path) -> list[UUID]:
    return populate(project, alice, bob)


@pytest.fixture
def selection(project: Project, ids: list[UUID], alice: User) -> Selection:
    return everything(project, alice)


@pytest.fixture
def logged_in(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def at(selection: Selection) -> str:
    return f"/projects/maple/selections/{selection.uuid}/export/"


def read(answer: Any) -> bytes:
    """The body of a download, its database work being done in this test's transaction."""
    with in_the_requests_thread():
        return b"".join(answer)


def test_a_file_is_described_and_is_what_was_described(
    logged_in: Client, selection: Selection, at: str
) -> None:
    text = logged_in.get(f"{at}?kind={FEEDBACK}&format=trl-sft").text
    assert "<b>8</b> of 10 records" in text
    assert "it has images, which need a zip or Parquet in this format" in text
    assert "Download 8 records" in text
    answer = logged_in.get(f"{at}trl-sft/?kind={FEEDBACK}")
    data = read(answer)
    lines = data.splitlines()
    assert (len(lines), answer["X-Lines"]) == (8, "8")
    assert answer["Content-Length"] == str(len(data))
    assert answer["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert "no-transform" in answer["Cache-Control"]
    assert answer["Content-Disposition"].endswith('-8.jsonl"')
    assert lines[0].decode().replace('"', "&#34;") in text.replace("&quot;", "&#34;")
    (first,) = downloads.latest(downloads.selected(selection))
    assert (first.is_whole, first.lines, first.format) == (True, 8, "trl-sft")
    for part, noted in (("bytes=0-9", 1), ("bytes=0-", 2), ("bytes=10-", 3)):
        read(logged_in.get(f"{at}trl-sft/?kind={FEEDBACK}", headers={"Range": part}))
        assert len(downloads.latest(downloads.selected(selection))) == noted
    head = logged_in.head(f"{at}trl-sft/?kind={FEEDBACK}")
    assert (head["Content-Length"], read(head)) == (answer["Content-Length"], b"")
    assert verbs_told("selection.exported")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("kind=x", "kind"),
        ("kind=PROMPT&format=chat", "format"),
        (f"kind={FEEDBACK}&format=chat&container=zip", "container"),
        (f"kind={FEEDBACK}&format=chat&images=both", "images"),
        (f"kind={FEEDBACK}&format=trl-kto&threshold=nan", "threshold"),
        (f"kind={FEEDBACK}&format=trl-kto", "metric"),
        (f"kind={FEEDBACK}&split=none", "split"),
        (f"kind={FEEDBACK}&as_of=x", "as_of"),
    ],
)
def test_what_cannot_be_chosen_is_told(logged_in: Client, at: str, query: str, field: str) -> None:
    format = dict(one.split("=") for one in query.split("&")).get("format", "trl-sft")
    answer = logged_in.get(f"{at}{format}/?{query}")
    assert answer.status_code == 400
    assert field in answer.text
    assert logged_in.get(f"{at}?{query}").status_code in (200, 400)


def test_the_page_asks_as_often_whatever_is_exported(
    logged_in: Client, at: str, query_counts: QueryCounts
) -> None:
    logged_in.get(at)
    with query_counts("the page of an export as logged"):
        logged_in.get(at)
    with query_counts("the page of an export of 10"):
        logged_in.get(f"{at}?kind={FEEDBACK}&format=chat")


def test_strangers_and_unknown_formats_get_nothing(
    logged_in: Client, at: str, charlie: User, selection: Selection
) -> None:
    assert logged_in.get(f"{at}nothing/?kind=PROMPT").status_code == 404
    logged_in.force_login(charlie)
    for address in (at, f"{at}trl-sft/?kind={FEEDBACK}"):
        assert logged_in.get(address).status_code == 404
    assert logged_in.post(f"{at}make/", {"kind": FEEDBACK}).status_code == 404


def test_many_records_are_made_by_a_job(
    logged_in: Client, at: str, monkeypatch: pytest.MonkeyPatch, bob: User
) -> None:
    monkeypatch.setattr(page, "DIRECT_MOST", 5)
    monkeypatch.setattr(direct, "DIRECT_MOST", 5)
    text = logged_in.get(f"{at}?kind={FEEDBACK}&format=own").text
    assert "Make the file" in text
    assert logged_in.get(f"{at}own/?kind={FEEDBACK}").status_code == 413
    answer = logged_in.post(f"{at}make/", {"kind": FEEDBACK, "format": "own"})
    job = Job.objects.in_project(Project.objects.get(key="maple")).get()
    assert (answer.status_code, answer["Location"]) == (303, f"/projects/maple/jobs/{job.uuid}/")
    here = f"/projects/maple/exports/{job.uuid}/"
    assert logged_in.get(here).status_code == 404
    queue.do_all(job)
    shown = logged_in.get(f"{at}?kind={FEEDBACK}").text
    assert here in shown and "10 records" in shown
    assert here in logged_in.get(answer["Location"]).text
    whole = logged_in.get(here)
    data = read(whole)
    sha256 = hashlib.sha256(data).hexdigest()
    assert (len(data.splitlines()), whole["X-Lines"]) == (10, "10")
    assert logged_in.get(f"{here}sha256/").text.startswith(f"{sha256}  maple-")
    first, rest = f"bytes=0-{len(data) // 2}", f"bytes={len(data) // 2 + 1}-"
    parts = [logged_in.get(here, headers={"Range": one}) for one in (first, rest)]
    assert [part.status_code for part in parts] == [206, 206]
    assert b"".join(map(read, parts)) == data
    other = logged_in.get(here, headers={"Range": rest, "If-Range": '"another"'})
    assert (other.status_code, read(other)) == (200, data)
    beyond = logged_in.get(here, headers={"Range": f"bytes={len(data)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(data)}")
    job_files.remove(job)
    assert logged_in.get(here).status_code == 404
    logged_in.force_login(bob)  # a member, who has not begun the job
    assert logged_in.get(here).status_code == 404
    assert verbs_told("export.downloaded")


def test_a_dataset_is_exported_by_version_and_split(
    logged_in: Client, project: Project, alice: User
) -> None:
    dataset = datasets.create(project, name="Orders", kind=Dataset.Kind.COMPLETION, by=alice)
    batch = batches.begin(dataset, "selection", by=alice)
    records = [
        TrainingRecord([{"role": "user", "content": f"Q{n}"}], ModelAnswer("A"), split=split)
        for n, split in enumerate(["train", "train", "validation"])
    ]
    items.add(dataset, records, batch=batch)
    batches.finish(batch)
    versions.make(dataset, by=alice)
    at = "/projects/maple/datasets/orders/export/"
    text = logged_in.get(at).text
    assert "Version 1 never changes" in text and "Download 3 records" in text
    data = read(logged_in.get(f"{at}trl-sft/?split=train"))
    assert [orjson.loads(line)["prompt"][0]["content"] for line in data.splitlines()] == [
        "Q0",
        "Q1",
    ]
    zipped = logged_in.get(f"{at}trl-sft/?container=zip&version=draft")
    assert zipped["Content-Type"] == "application/zip"
    assert zipped["Content-Disposition"] == 'attachment; filename="orders-draft-3.zip"'
    assert logged_in.get(f"{at}?version=7").status_code == 404
    assert logged_in.get(f"{at}?version=x").status_code == 400
    assert logged_in.get("/projects/maple/datasets/none/export/").status_code == 404
    answer = logged_in.post(f"{at}make/", {"format": "own"})
    job = queue.do_all(Job.objects.in_project(project).get())
    assert (answer.status_code, job.result["file"]["name"]) == (303, "orders-v1-3.jsonl")
