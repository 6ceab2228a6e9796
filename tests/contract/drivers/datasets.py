"""Checks of datasets: uploaded at once and in parts, broken, given up, resumed, downloaded."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import adaptive_sdk.resources.datasets
import httpx

from tests.contract.drivers.calling import API_KEY, BASE_URL, World
from tests.contract.drivers.checks import check, refusal

MANY = 3_000  # lines of 4 KB: 12 MB
HEADERS = {"Authorization": f"Bearer {API_KEY}"}


def line(number: int, size: int = 0, **more: Any) -> bytes:
    """A line with a completion and feedback."""
    said = {
        "messages": [{"role": "user", "content": f"Question {number}: é {'x' * size}"}],
        "completion": f"Answer {number}",
        "feedbacks": {"quality": number / 4, "helpful": number % 2 == 0},
        "labels": {"env": "prod"},
        "metadata": {"order": f"A{number}"},
        **more,
    }
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


SMALL = line(1) + b"\n" + line(2)  # with a blank line, which is no record
LARGE = b"".join(line(number, 4_000) for number in range(MANY))


@contextmanager
def file_of(data: bytes) -> Iterator[str]:
    """A file with these bytes."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "lines.v1.jsonl"
        path.write_bytes(data)
        yield str(path)


def upload(world: World, key: str, data: bytes, **more: Any) -> Any:
    """What `datasets.upload` returns."""
    with file_of(data) as path:
        return world.call("datasets.upload", file_path=path, dataset_key=world.named(key), **more)


def refused(world: World, key: str, data: bytes) -> str:
    """What `datasets.upload` raises."""
    with file_of(data) as path:
        return refusal(world, "datasets.upload", file_path=path, dataset_key=world.named(key))


def kind_of_feedback(world: World) -> str:
    """What this version calls records with feedback."""
    is_newer = world.kept["version"] >= (0, 14)
    return "PROMPT_COMPLETION_SCORE" if is_newer else "PROMPT_COMPLETION_FEEDBACK"


def usage(made: Any) -> dict[str, int]:
    """How often each metric is used."""
    return {
        one.metric.key: int(getattr(one, "score_count", 0) or getattr(one, "feedback_count", 0))
        for one in made.metrics_usage
    }


@check("datasets.upload")
def a_small_file_is_uploaded(world: World) -> None:
    made = upload(world, "small", SMALL, name="Small ones")
    assert (made.key, made.name, made.records) == (world.named("small"), "Small ones", 2)
    assert made.kind.value == kind_of_feedback(world)
    assert usage(made) == {"quality": 2, "helpful": 2}


@check("datasets.upload")
def each_kind_of_line_is_taken(world: World) -> None:
    asked = [{"role": "user", "content": "Hello"}]
    pair = {"preferred_completion": "Good", "other_completion": "Bad", "feedback_key": "quality"}
    kinds: dict[str, dict[str, Any]] = {
        "PROMPT": {},
        "PROMPT_COMPLETION": {"completion": "Hi"},
        "PREFERENCE": pair,
    }
    for kind, more in kinds.items():
        data = json.dumps({"messages": asked, **more}).encode()
        made = upload(world, kind.lower(), data)
        assert (made.kind.value, made.records) == (kind, 1)
        assert made.name == world.named(kind.lower())


@check("datasets.upload")
def a_large_file_is_uploaded_in_parts(world: World) -> None:
    assert len(LARGE) > 12 * 1024 * 1024
    made = upload(world, "large", LARGE)
    assert (made.key, made.records) == (world.named("large"), MANY)
    assert made.kind.value == kind_of_feedback(world)
    assert usage(made) == {"quality": MANY, "helpful": MANY}


@check("datasets.upload")
def a_broken_line_is_named_and_nothing_is_stored(world: World) -> None:
    said = refused(world, "broken", SMALL + b'{"messages": [\n')
    assert "line 4: not valid JSON" in said, said
    assert world.call("datasets.get", key=world.named("broken")) is None
    said = refused(world, "broken", LARGE + line(0, completion=7))
    assert f"line {MANY + 1}: completion: expected a string" in said, said
    left = world.call("datasets.get", key=world.named("broken"))
    assert left is None or not left.records
    mended = upload(world, "broken", SMALL)
    assert mended.records == 2


@check("datasets.upload")
def a_key_is_taken_once(world: World) -> None:
    said = refused(world, "small", SMALL)
    assert "exists" in said, said


class Interrupted(Exception):
    """The client's connection is gone."""


@check("datasets.upload")
def an_upload_that_breaks_off_is_given_up(world: World) -> None:
    """The client wants to send an abort when anything fails, here after the first part.

    With every httpx to this day it cannot (`delete` takes no `content`), and says nothing of it.
    """
    sessions: list[str] = []
    requests = world.client.sdk._rest_client
    post = requests.post

    def counting(url: str, *given: Any, **known: Any) -> Any:
        if "params" in known and known["params"].get("part_number") == 2:
            sessions.append(known["params"]["session_id"])
            raise Interrupted
        return post(url, *given, **known)

    with patch.object(requests, "post", counting):
        assert refused(world, "gone", LARGE).startswith("Interrupted")
    assert status(sessions[0]).json()["completed_parts"] == [1]
    aborted = httpx.request(
        "DELETE",
        f"{BASE_URL}/api/v1/upload/abort",
        content=json.dumps({"session_id": sessions[0]}),
        headers={**HEADERS, "Content-Type": "application/json"},
    )
    assert aborted.is_success, aborted.text
    assert status(sessions[0]).status_code == 404
    assert world.call("datasets.get", key=world.named("gone")) is None


def status(session: str) -> httpx.Response:
    """What is there of an upload."""
    asked = {"session_id": session}
    return httpx.get(f"{BASE_URL}/api/v1/upload/status", params=asked, headers=HEADERS)


@check("datasets.upload")
def an_upload_is_resumed(world: World) -> None:
    """Parts in any order, one of them twice; then as the client goes on."""
    size = 5 * 1024 * 1024
    pieces = [LARGE[at : at + size] for at in range(0, len(LARGE), size)]
    with httpx.Client(base_url=f"{BASE_URL}/api/v1", headers=HEADERS, timeout=60) as client:
        begun = {"content_type": "application/jsonl", "total_parts_count": len(pieces)}
        session = client.post("/upload/init", json=begun).json()["session_id"]
        for number in (3, 1, 1):
            sent = client.post(
                "/upload/part",
                params={"session_id": session, "part_number": number},
                content=pieces[number - 1],
            )
            assert sent.is_success, sent.text
        there = status(session).json()
        assert there["completed_parts"] == [1, 3]
        said = saying_of_parts(world, session)
        assert "part 2 is missing" in said, said
        client.post(
            "/upload/part", params={"session_id": session, "part_number": 2}, content=pieces[1]
        )
    module = adaptive_sdk.resources.datasets
    begun_by = {"session_id": session}
    with patch.object(module.rest_types, "InitChunkedUploadResponse") as answer:
        answer.model_validate.return_value.configure_mock(**begun_by)
        made = upload(world, "resumed", LARGE)
    assert made.records == MANY


def saying_of_parts(world: World, session: str) -> str:
    """What the server says when a dataset shall be made of parts that are not all here."""
    query = """mutation ($input: DatasetCreateFromMultipartUpload!) {
        createDatasetFromMultipartUpload(input: $input) { datasetId } }"""
    given = {"project": world.project, "name": "X", "uploadSessionId": session}
    answer = httpx.post(
        f"{BASE_URL}/api/graphql",
        json={"query": query, "variables": {"input": given}},
        headers=HEADERS,
    )
    return str(answer.json()["errors"][0]["message"])


@check("datasets.list")
def datasets_are_listed(world: World) -> None:
    listed = {one.key: one for one in world.call("datasets.list")}
    assert {world.named("small"), world.named("large")} <= set(listed)
    assert listed[world.named("small")].records == 2


@check("datasets.get")
def a_dataset_is_described_and_an_unknown_one_is_none(world: World) -> None:
    made = world.call("datasets.get", key=world.named("small"))
    assert world.call("datasets.get", key=str(made.id)) == made
    assert world.call("datasets.get", key="no-such-dataset") is None


@check("datasets.download")
def what_was_uploaded_is_downloaded_byte_for_byte(world: World) -> None:
    for key, data in (("small", SMALL), ("large", LARGE)):
        assert downloaded(world, key) == data
    recipe = downloaded(world, "small", format="recipe").splitlines()
    assert [json.loads(one) for one in recipe] == [json.loads(line(n)) for n in (1, 2)]
    said = refusal(world, "datasets.download", key="no-such-dataset", destination_path="/nowhere")
    assert "not found" in said, said


def downloaded(world: World, key: str, **more: Any) -> bytes:
    """The file that `datasets.download` writes."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "taken"
        made = {"key": world.named(key), "destination_path": str(path), **more}
        world.call("datasets.download", **made)
        return path.read_bytes()


@check("datasets.delete")
def a_dataset_is_deleted(world: World) -> None:
    assert world.call("datasets.delete", key=world.named("small")) is True
    assert world.call("datasets.get", key=world.named("small")) is None
    said = refusal(world, "datasets.delete", key=world.named("small"))
    assert "dataset not found" in said, said
    assert upload(world, "small", SMALL).records == 2
