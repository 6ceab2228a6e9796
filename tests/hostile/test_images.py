"""Hostile images, at every door: refused where they stand, or kept byte for byte and shown."""

import io
import json
import re
import resource
from time import thread_time
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from adaptive_site.lib.files import data_uri
from interactions.models import Dataset, Image, Job
from interactions.services.images import store
from projects.models import Project, User
from projects.services import llms
from tests import make
from tests.hostile.images import images
from tests.interactions.importing_files import imported, lines

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("empty_storage"),
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),  # of Pillow's, on what is wrong
]
IMAGES = images()
PLACE = "messages.0.content.1.image_url"
# Of processor, and of memory beyond what there was: ten times what any takes here.
MOST_SECONDS, MOST_KILOBYTES = 5.0, 1_000_000
LONG = 60_000  # a file of many longer ones is read by a process of its own, beside the test
SHOWN = re.compile(r"image/(png|jpeg|webp|gif|avif)")
CREATE = """mutation($input: DatasetCreate!, $file: Upload!) {
    createDataset(input: $input, file: $file) { id } }"""


def _post(key: str, path: str, url: str) -> Any:
    body = {
        "model": "maple/echo",
        "project": "maple",
        "messages": [make.image_message(url)],
        "completion": "So.",
    }
    return Client(raise_request_exception=False).post(
        f"/api/v1/{path}",
        json.dumps(body),  # half of a pair of surrogates, too
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )


def _records() -> list[dict[str, Any]]:
    answer = {"role": "assistant", "content": "So."}
    urls = [url for url in IMAGES.values() if len(url) < LONG and "\ud83d" not in url]
    return [{"messages": [make.image_message(url), answer]} for url in urls]


def test_logged_they_are_refused_where_they_stand_or_kept_and_shown(
    project: Project, alice: User, alice_key: str
) -> None:
    assert len(IMAGES) >= 300
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept = set()
    for name, url in IMAGES.items():
        began = thread_time()
        answer = _post(alice_key, "interactions", url)
        assert thread_time() - began < MOST_SECONDS, name
        if answer.status_code == 201:
            kept.add(data_uri.parse(url)[1])
        else:
            assert 400 <= answer.status_code < 500, (name, answer.content)
            assert PLACE.encode() in answer.content or name == "spelt: half a pair", answer.content
    assert 60 <= len(kept) <= 100
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KILOBYTES
    assert {store.read(image) for image in Image.objects.in_project(project)} == kept
    _shown(project, alice)


def _shown(project: Project, by: User, *, each: int = 1) -> None:
    """Each as what it is, and nothing else, wherever it is asked for; of many some."""
    client = Client()
    client.force_login(by)
    for image in Image.objects.in_project(project).order_by("id")[::each]:
        at = f"/api/v1/images/{project.uuid}/{image.sha256}"
        for address in (f"{at}.{image.format}", f"{at}.thumb.webp", f"{at}.icon.webp"):
            answer = client.get(address)
            assert answer.status_code == 200 or "webp" in address and answer.status_code == 404
            if answer.status_code == 404:
                continue
            assert answer["X-Content-Type-Options"] == "nosniff"
            if image.is_shown:
                assert SHOWN.fullmatch(answer["Content-Type"])
            else:
                assert answer["Content-Disposition"].startswith("attachment")
            assert "sandbox" in answer["Content-Security-Policy"]
            assert "default-src 'none'" in answer["Content-Security-Policy"]
    for page in ("images/", "interactions/?images=gte:1"):
        assert client.get(f"/projects/{project.key}/{page}").status_code == 200


def test_sent_to_a_model_they_are_answered_or_refused(project: Project, alice_key: str) -> None:
    llms.attach_echo(project)
    counts: dict[int, int] = {}
    for name, url in list(IMAGES.items())[::4]:
        answer = _post(alice_key, "chat/completions", url)
        counts[answer.status_code] = counts.get(answer.status_code, 0) + 1
        assert answer.status_code < 500, (name, answer.content)
    assert counts.keys() <= {200, 400, 413, 422} and counts[200] >= 5, counts


@pytest.mark.parametrize("packed", ["lines", "zip", "parquet"])
def test_imported_they_come_in_or_are_told_of(project: Project, alice: User, packed: str) -> None:
    if packed == "lines":
        job = imported(project, alice, lines(*_records()))
    else:
        data = _zip() if packed == "zip" else _parquet()
        job = imported(project, alice, data, name=f"a.{packed}")
    assert job.state == Job.State.DONE, job.error
    assert job.result["interactions"] + job.result["refused"] >= 200
    _shown(project, alice, each=10)


def _bytes() -> list[bytes]:
    parsed = [data_uri.parse(url)[1] for url in IMAGES.values() if _is_readable(url)]
    return [data for data in parsed if 0 < len(data) < LONG]


def _is_readable(url: str) -> bool:
    try:
        data_uri.parse(url)
    except ValueError:
        return False
    return True


def _zip() -> bytes:
    out = io.BytesIO()
    asked = {"role": "user", "content": [{"type": "image"}]}
    answer = {"role": "assistant", "content": "So."}
    with ZipFile(out, "w") as archive:
        rows = []
        for n, data in enumerate(_bytes()):
            archive.writestr(f"train/images/{n}.png", data)
            rows.append({"messages": [asked, answer], "images_file_names": [f"images/{n}.png"]})
        archive.writestr("train/metadata.jsonl", lines(*rows))
    return out.getvalue()


def _parquet() -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [
        {
            "messages": [
                {"role": "user", "content": [{"type": "image"}]},
                {"role": "assistant", "content": [{"type": "text"}]},
            ],
            "images": [{"bytes": data, "path": None}],
        }
        for data in _bytes()
    ]
    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), out)
    return out.getvalue()


def test_a_dataset_of_them_is_refused_at_its_line(project: Project, alice_key: str) -> None:
    said = {"input": {"project": "maple", "name": "Odd"}, "file": None}
    sent = {
        "operations": json.dumps({"query": CREATE, "variables": said}),
        "map": '{"0": ["variables.file"]}',
        "0": SimpleUploadedFile("rows.jsonl", lines(*_records())),
    }
    answer = Client().post("/api/graphql", sent, headers={"Authorization": f"Bearer {alice_key}"})
    (error,) = answer.json()["errors"]
    assert error["message"].startswith("line 30: messages.0.content.1.image_url: expected")
    assert not Dataset.objects.in_project(project).exists()
