"""The file of a dataset at the address that GraphQL gives: as it came, and as its records are."""

import json
from uuid import uuid4

import pytest

from interactions.models import Dataset
from interactions.services.datasets import create
from projects.models import Project, User
from tests import make
from tests.asking import ask
from tests.auditing import verbs_told
from tests.interactions.api.graphql.test_datasets import (
    DELETE,
    LINES,
    bytes_of,
    download,
    load,
    loaded,
)

pytestmark = [
    pytest.mark.usefixtures("empty_storage"),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"),
]


def test_the_file_as_it_came_and_as_it_is_read(alice_key: str) -> None:
    data = b"\n" + json.dumps(LINES[0] | {"labels": [{"key": "a", "value": "b"}]}).encode() + b" "
    made = loaded(alice_key)
    ask(alice_key, DELETE, id="lines", p="maple")
    told = load(alice_key, data)
    made = told["data"]["createDataset"]
    original = download(alice_key, made["downloadUrl"], format="original")
    assert bytes_of(original) == data
    assert original["Content-Length"] == str(len(data))
    recipe = bytes_of(download(alice_key, made["downloadUrl"], format="recipe"))
    assert json.loads(recipe) == LINES[0] | {"labels": {"a": "b"}}
    assert download(alice_key, made["downloadUrl"], format="x").status_code == 400
    assert verbs_told("dataset.downloaded")


def test_images_come_back_in_the_lines(alice_key: str) -> None:
    content = [{"type": "image", "url": make.data_uri(make.make_image())}]
    line = {"messages": [{"role": "user", "content": content}]}
    made = loaded(alice_key, line)
    assert made["kind"] == "PROMPT"
    recipe = bytes_of(download(alice_key, made["downloadUrl"], format="recipe"))
    assert json.loads(recipe) == line


def test_what_was_made_here_has_no_original(alice: User, project: Project, alice_key: str) -> None:
    made = create.create(project, name="Made", kind=Dataset.Kind.PROMPT, by=alice)
    url = f"/api/v1/datasets/{made.id}/download"
    assert download(alice_key, url, format="original").status_code == 404
    assert bytes_of(download(alice_key, url)) == b""
    assert download(alice_key, f"/api/v1/datasets/{uuid4()}/download").status_code == 404
