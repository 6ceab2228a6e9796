"""Datasets through GraphQL, as each version of the SDK asks for them."""

import json
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from adaptive_site.lib.concurrency.database_threads import in_the_requests_thread
from interactions.models import Dataset, DatasetVersion
from interactions.services.jobs import queue
from interactions.services.uploads import parts
from projects.models import Project, User
from tests import make
from tests.asking import answer, ask, refused

pytestmark = [
    pytest.mark.usefixtures("empty_storage"),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"),
]

NEWER = """fragment D on Dataset { id key name createdAt kind records downloadUrl
    metricsUsage { scoreCount comparisonCount metric { id key kind hasDirectScores } } }"""
OLDER = """fragment D on Dataset { id key name createdAt kind records
    metricsUsage { feedbackCount comparisonCount metric { id key } } }"""
LOAD = "mutation LoadDataset($input: DatasetCreate!, $file: Upload!) {"
LOAD += " createDataset(input: $input, file: $file) { ...D } }"
LIST = "query ($p: IdOrKey) { datasets(project: $p) { ...D } }"
ONE = "query ($id: IdOrKey!, $p: IdOrKey) { dataset(idOrKey: $id, project: $p) { ...D } }"
DELETE = "mutation ($id: IdOrKey!, $p: IdOrKey) { deleteDataset(idOrKey: $id, project: $p) }"
STATUS_FIELDS = "{ datasetId status progress error totalParts processedParts }"
FROM_PARTS = f"""mutation ($input: DatasetCreateFromMultipartUpload!) {{
    createDatasetFromMultipartUpload(input: $input) {STATUS_FIELDS} }}"""
STATUS = f"""query ($input: DatasetUploadProcessingStatusInput!) {{
    datasetUploadProcessingStatus(input: $input) {STATUS_FIELDS} }}"""
LINES = [
    {
        "messages": [{"role": "user", "content": "One"}],
        "completion": "1",
        "feedbacks": {"ok": True},
    },
    {
        "messages": [{"role": "user", "content": "Two"}],
        "completion": "2",
        "feedbacks": {"ok": False},
    },
]


def jsonl(*lines: Any) -> bytes:
    """Lines as a file has them."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines or LINES)


def load(secret: str, data: bytes, fragment: str = NEWER, **given: Any) -> dict[str, Any]:
    """What a client is told that sends a small file."""
    if "useCase" not in given:
        given.setdefault("project", "maple")
    file = BytesIO(data)
    file.name = "lines"
    variables = {"input": {"name": "Lines", "key": "lines", **given}, "file": None}
    operations = {"query": f"{LOAD} {fragment}", "variables": variables}
    body = {"operations": json.dumps(operations), "map": '{"0": ["variables.file"]}', "0": file}
    told = Client().post("/api/graphql", body, headers={"Authorization": f"Bearer {secret}"})
    assert told.status_code == 200
    found: dict[str, Any] = told.json()
    return found


def loaded(secret: str, *lines: Any, **given: Any) -> dict[str, Any]:
    """The dataset that a small file made."""
    told = load(secret, jsonl(*lines), **given)
    assert "errors" not in told, told
    made: dict[str, Any] = told["data"]["createDataset"]
    return made


def download(key: str | None, url: str, **query: str) -> Any:
    """The answer at an address of a file."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Client().get(url, query, headers=headers)


def bytes_of(told: Any) -> bytes:
    """The file of an answer."""
    assert isinstance(told, StreamingHttpResponse), told.text
    with in_the_requests_thread():
        return b"".join(told)


def test_a_small_file_is_a_dataset(alice_key: str) -> None:
    made = loaded(alice_key)
    assert made == ask(alice_key, f"{ONE} {NEWER}", id="lines", p="maple")
    assert made == ask(alice_key, f"{ONE} {NEWER}", id=made["id"], p="maple")
    assert [made] == ask(alice_key, f"{LIST} {NEWER}", p="maple")
    assert (made["key"], made["name"], made["records"]) == ("lines", "Lines", 2)
    (usage,) = made["metricsUsage"]
    assert (usage["scoreCount"], usage["comparisonCount"]) == (2, 0)
    assert (usage["metric"]["key"], usage["metric"]["kind"]) == ("ok", "BOOL")


@pytest.mark.parametrize(
    ("fragment", "kind"),
    [(NEWER, "PROMPT_COMPLETION_SCORE"), (OLDER, "PROMPT_COMPLETION_FEEDBACK")],
)
def test_kinds_are_those_that_a_client_knows(alice_key: str, fragment: str, kind: str) -> None:
    assert loaded(alice_key, fragment=fragment)["kind"] == kind
    assert ask(alice_key, f"{LIST} {fragment}", p="maple")[0]["kind"] == kind
    (usage,) = ask(alice_key, f"{ONE} {fragment}", id="lines", p="maple")["metricsUsage"]
    assert 2 in usage.values()


def test_preferences_and_clients_before_0_13(alice_key: str) -> None:
    pair = {
        "messages": [{"role": "user", "content": "One"}],
        "preferred_completion": "Good",
        "other_completion": "Bad",
        "feedback_key": "better",
    }
    made = loaded(alice_key, pair, fragment=OLDER, useCase="maple", key="pairs_of-1")
    assert (made["kind"], made["key"]) == ("PREFERENCE", "pairs_of-1")
    (usage,) = made["metricsUsage"]
    assert (usage["comparisonCount"], usage["feedbackCount"]) == (1, 0)
    older = "query ($p: IdOrKey) { datasets(useCase: $p) { key } }"
    assert ask(alice_key, older, p="maple") == [{"key": "pairs_of-1"}]


def test_metrics_of_a_dataset_that_is_too_large_to_be_counted(alice_key: str) -> None:
    loaded(alice_key)
    version = DatasetVersion.objects.get()
    version.figures["make_up"] = None  # as when that took too long
    version.save()
    (usage,) = ask(alice_key, f"{ONE} {NEWER}", id="lines", p="maple")["metricsUsage"]
    assert (usage["metric"]["key"], usage["scoreCount"]) == ("ok", 2)


def test_without_a_key_one_is_made(alice_key: str) -> None:
    assert loaded(alice_key, key=None, name="My lines!")["key"] == "my-lines"
    assert loaded(alice_key, key=None, name="My lines!")["key"] == "my-lines-2"


def test_a_broken_line_is_named_and_nothing_stored(alice_key: str) -> None:
    told = load(alice_key, jsonl() + b"{broken")
    assert told["errors"][0]["message"].startswith("line 3: not valid JSON")
    assert ask(alice_key, f"{LIST} {NEWER}", p="maple") == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"key": "not a key"}, "key: expected"),
        ({"name": " "}, "name: expected a name"),
        ({"project": "oak"}, "EntityNotFound: project"),
        ({"project": None}, "input.project: expected a project"),
    ],
)
def test_malformed_input(alice_key: str, given: dict[str, Any], says: str) -> None:
    told = load(alice_key, jsonl(), **given)
    assert told["errors"][0]["message"].startswith(says)
    assert not Dataset.objects.exists()


def test_what_is_no_file(alice_key: str) -> None:
    given = {"project": "maple", "name": "X"}
    for file in (None, "text", {"a": 1}):
        assert refused(alice_key, f"{LOAD} {NEWER}", input=given, file=file)


def test_a_key_is_there_once(alice_key: str) -> None:
    loaded(alice_key)
    told = load(alice_key, jsonl())
    assert told["errors"][0]["message"] == "key: a dataset with the key lines exists"


def from_parts(secret: str, by: User, *pieces: bytes, **given: Any) -> dict[str, Any]:
    """What a client is told that has sent parts."""
    upload = parts.begin(by, total_parts=len(pieces))
    for number, piece in enumerate(pieces, 1):
        parts.put(upload, number, piece)
    given = {"project": "maple", "name": "Lines", "key": "lines"} | given
    return answer(secret, FROM_PARTS, input={**given, "uploadSessionId": str(upload.id)})


def status(key: str, id: str) -> dict[str, Any]:
    """What a client is told that asks how far it is."""
    found: dict[str, Any] = ask(key, STATUS, input={"project": "maple", "datasetId": id})
    return found


def test_parts_are_read_behind_the_request(alice: User, alice_key: str) -> None:
    data = jsonl()
    told = from_parts(alice_key, alice, data[:30], data[30:])
    begun = told["data"]["createDatasetFromMultipartUpload"]
    assert begun == status(alice_key, begun["datasetId"]) == {
        "datasetId": begun["datasetId"], "status": "PENDING", "progress": 0.0, "error": None,
        "totalParts": 2, "processedParts": 0,
    }  # fmt: skip
    more = '{ dataset(idOrKey: "lines", project: "maple") { ...D status source progress'
    pending = ask(alice_key, f"{more} {{ progress processedLines }} }} }} {NEWER}")
    assert (pending["records"], pending["metricsUsage"]) == (None, [])
    assert (pending["status"], pending["source"]) == ("PENDING", "UPLOADED")
    assert pending["progress"] == {"progress": 0.0, "processedLines": 0}
    while queue.do_some():
        pass
    done = status(alice_key, begun["datasetId"])
    assert (done["status"], done["progress"], done["processedParts"]) == ("DONE", 1.0, 2)
    made = ask(alice_key, f"{ONE} {NEWER}", id=begun["datasetId"], p="maple")
    assert made["records"] == 2


def test_a_line_broken_far_behind_is_an_error_in_the_end(alice: User, alice_key: str) -> None:
    told = from_parts(alice_key, alice, jsonl() + b"{broken")
    id = told["data"]["createDatasetFromMultipartUpload"]["datasetId"]
    while queue.do_some():
        pass
    failed = status(alice_key, id)
    assert failed["status"] == "ERROR"
    assert failed["error"].startswith("line 3: not valid JSON")
    assert ask(alice_key, f"{ONE} {NEWER}", id=id, p="maple")["records"] is None


def test_a_dataset_that_nobody_reads_any_more_is_an_error(alice: User, alice_key: str) -> None:
    told = from_parts(alice_key, alice, jsonl())
    id = told["data"]["createDatasetFromMultipartUpload"]["datasetId"]
    Dataset.objects.update(job=None)
    assert status(alice_key, id)["status"] == "ERROR"


def test_parts_that_are_missing_or_anothers(
    alice: User, bob: User, alice_key: str, bob_key: str
) -> None:
    half = parts.begin(alice, total_parts=2)
    parts.put(half, 1, jsonl())
    whole = parts.begin(alice, total_parts=1)
    parts.put(whole, 1, jsonl())
    given = {"project": "maple", "name": "Lines"}

    def said(key: str, session: object) -> str:
        return refused(key, FROM_PARTS, input={**given, "uploadSessionId": str(session)})

    assert "part 2 is missing" in said(alice_key, half.id)
    assert "no such upload of yours" in said(bob_key, whole.id)
    assert "no such upload of yours" in said(alice_key, uuid4())
    assert "no such upload of yours" in said(alice_key, "nonsense")
    assert not Dataset.objects.exists()


def test_deleting(alice_key: str) -> None:
    loaded(alice_key)
    assert ask(alice_key, DELETE, id="lines", p="maple") is True
    assert ask(alice_key, f"{LIST} {NEWER}", p="maple") == []
    assert ask(alice_key, f"{ONE} {NEWER}", id="lines", p="maple") is None
    told = refused(alice_key, DELETE, id="lines", p="maple")
    assert told == "EntityNotFound: dataset not found"
    loaded(alice_key)  # its key is free


def test_strangers_and_viewers(project: Project, alice_key: str, charlie_key: str) -> None:
    made = loaded(alice_key)
    viewer = make.make_user("vera")
    make.share(project, viewer, "viewer")
    vera_key = make.make_key(viewer)
    assert ask(vera_key, f"{ONE} {NEWER}", id="lines", p="maple") == made
    assert "permission" in load(vera_key, jsonl(), key="hers")["errors"][0]["message"]
    assert "permission" in refused(vera_key, DELETE, id="lines", p="maple")
    for query in (f"{ONE} {NEWER}", DELETE):
        assert "project not found" in refused(charlie_key, query, id="lines", p="maple")
    assert ask(charlie_key, f"{ONE} {NEWER}", id=made["id"], p="cherry") is None
    assert "project not found" in load(charlie_key, jsonl())["errors"][0]["message"]
    assert download(vera_key, made["downloadUrl"]).status_code == 403
    assert download(charlie_key, made["downloadUrl"]).status_code == 404
    assert download(None, made["downloadUrl"]).status_code == 401
