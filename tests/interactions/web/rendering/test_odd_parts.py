"""What came as no page expects it is shown honestly by every door, and comes back from a file."""

import hashlib
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from django.test import Client

from interactions.models import Image, Interaction
from interactions.models.content_parts import image_address
from interactions.services.browsing import rows as browsing_rows
from interactions.services.export import jsonl
from interactions.services.export.options import ExportIds, ExportOptions
from interactions.services.export.record import line_of
from interactions.services.images import store
from interactions.services.recording.drafts import draft
from interactions.services.recording.log import log_interactions
from interactions.textindex import upkeep
from interactions.web.rendering.other_parts import without_files
from interactions.web.rendering.text_parts import TextPart
from interactions.web.rendering.turns import AddressPart, ImagePart, turns_of
from projects.models import Project, User
from tests import make
from tests.interactions.acting import everything
from tests.interactions.ingesting import Ran
from tests.interactions.odd_messages import IMAGES, MESSAGES, PARTS, SOUND, SVG, of_part

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_storage")]
SESSION = uuid4()


def made_of(*messages: dict[str, Any], completion: str = "I see.") -> Any:
    return draft(
        messages=list(messages),
        completion=completion,
        completion_parts={"audio": {"id": "a", "data": SOUND, "transcript": "I see."}},
        session_id=SESSION,
        is_strict=False,
    )


@pytest.fixture
def odd(project: Project) -> list[UUID]:
    """An interaction of each odd message, part and image, in one session, and one of all."""
    llm = make.make_llm(project)
    parts = list(map(of_part, PARTS.values()))
    pictures = [make.image_message(url) for url, *_ in IMAGES.values()]
    each = [made_of(one) for one in (*MESSAGES.values(), *parts, *pictures)]
    drafts = [*each, made_of(*MESSAGES.values(), *parts, *pictures)]
    for one in drafts:
        one.llm = llm
    return [logged.id for logged in log_interactions(project, drafts)]


def test_every_page_opens(client: Client, bob: User, project: Project, odd: list[UUID]) -> None:
    make.make_metric(project, "ok")
    client.force_login(bob)
    base = f"/projects/{project.key}"
    last = odd[-1]
    image = Image.objects.in_project(project).get(format="heic")
    addresses = [f"{base}/interactions/{id}/{end}" for id in odd for end in ("", "raw/")]
    addresses += [
        f"{base}/interactions/",
        f"{base}/interactions/?open={last}",
        f"{base}/interactions/{last}/?view=raw",
        f"{base}/interactions/{last}/raw/?images=inline",
        f"{base}/interactions/{last}/siblings/",
        f"{base}/interactions/{last}/system/",
        f"{base}/interactions/?text=audio",
        f"{base}/sessions/",
        f"{base}/sessions/{SESSION}/",
        f"{base}/images/?repeats=1",
        f"{base}/images/{image.sha256}/",
        f"{base}/groups/",
        f"{base}/review/?metric=ok",
        f"{base}/pairs/?metric=ok",
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text[:500])


def test_the_page_names_what_it_cannot_show(
    client: Client, bob: User, project: Project, odd: list[UUID]
) -> None:
    client.force_login(bob)
    text = unescape(client.get(f"/projects/{project.key}/interactions/{odd[-1]}/?view=raw").text)
    for said in (
        "I may not say it.", "I may not.", "Let me see.", "Once upon a time", "as an object",
        "input_audio", "video_url", "https://x.test/a.mp4", "hologram", "file-abc", "nested",
        "tool_result", "HEIC", "TIFF", "BMP", "JPEG 2000", "JPEG XL", "SVG", "PDF",
        "unknown format", "gs://bucket/a.png", "data:nonsense", "part of no type",
        f"({len(SOUND):,} characters)",
    ):  # fmt: skip
        assert said in text, said
    assert SOUND not in text
    svg = hashlib.sha256(SVG).hexdigest()
    assert f'/{svg}.svg" download>SVG, {len(SVG)} B</a>' in text
    assert f'src="/api/v1/images/{project.uuid}/{svg}' not in text


def test_text_stays_text_beside_what_is_not(project: Project) -> None:
    parts = [
        {"type": "text", "text": "first", "cache_control": {"type": "ephemeral"}},
        "second",
        PARTS["an image with more"],
        {"type": "refusal", "refusal": "third"},
    ]
    (logged,) = log_interactions(project, [made_of({"role": "user", "content": parts})])
    turn = turns_of(project, browsing_rows.whole(project, logged.id), is_raw=True)[0]
    kinds = [part.kind for part in turn.parts]
    assert kinds == ["text", "data", "text", "link", "data", "data"]
    assert [part.text for part in turn.parts if isinstance(part, TextPart)] == ["first", "second"]
    assert [part.url for part in turn.parts if isinstance(part, AddressPart)] == [
        "https://x.test/a.png"
    ]
    one = Interaction.objects.in_project(project).get()
    assert one.prompt_preview == "first second"


def test_files_in_base64_are_not_spelt_out_on_a_page() -> None:
    prose = "word " * 400
    assert without_files({"a": [prose, "x" * 300]}) == {"a": [prose, "x" * 300]}
    lines = "\r\n".join([SOUND[: 76 * 8]] * 9)
    for file in (SOUND, lines, f"data:audio/wav;base64,{SOUND}", SOUND.replace("+", "-")):
        assert without_files([file]) == [f"{file[:40]}… ({len(file):,} characters)"]


def test_lists_of_rows_and_sheets_have_a_place_for_what_is_not_shown(
    client: Client, bob: User, project: Project, odd: list[UUID]
) -> None:
    client.force_login(bob)
    rows = client.get(f"/projects/{project.key}/interactions/").text
    assert '<span class="thumb unshown"' in rows
    assert ">HEIC</span>" in rows
    sheet = client.get(f"/projects/{project.key}/images/").text
    assert "HEIC, 224 B" in sheet
    image = Image.objects.in_project(project).get(format="heic")
    assert f"{image.sha256}.thumb.webp" not in rows + sheet
    thumbnail = f"/api/v1/images/{project.uuid}/{image.sha256}.thumb.webp"
    assert client.get(thumbnail).status_code == 404


def test_what_is_not_shown_is_for_saving_only(
    client: Client, bob: User, charlie: User, project: Project, odd: list[UUID]
) -> None:
    sha256 = hashlib.sha256(SVG).hexdigest()
    address = f"/api/v1/images/{project.uuid}/{sha256}.svg"
    client.force_login(bob)
    answer = client.get(address)
    assert (answer.content, answer.headers["Content-Type"]) == (SVG, "image/svg+xml")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{sha256}.svg"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    client.force_login(charlie)
    assert client.get(address).status_code == 404


QUERY = """
query ($id: UUID!) { completion(project: "maple", id: $id) {
  chatMessages { role content contentParts {
    __typename
    ... on TextContentPart { text }
    ... on ImageContentPart { url }
    ... on OtherContentPart { type value }
  } }
} }
"""


def test_graphql_and_openais_reads_say_all_of_it(
    client: Client, bob_key: str, project: Project, odd: list[UUID]
) -> None:
    headers = {"Authorization": f"Bearer {bob_key}"}
    messages = Interaction.objects.in_project(project).get(id=odd[-1]).body.messages
    body = {"query": QUERY, "variables": {"id": str(odd[-1])}}
    answer = client.post("/api/graphql", body, "application/json", headers=headers).json()
    shown = answer["data"]["completion"]["chatMessages"]
    assert len(shown) == len(messages)
    assert all(isinstance(one["content"], str) for one in shown)
    others = [part for one in shown for part in one["contentParts"] if "value" in part]
    said = [one["text"] for m in shown for one in m["contentParts"] if "text" in one]
    for part in PARTS.values():
        if image_address(part) is None:
            is_there = {"value": part} in [{"value": one["value"]} for one in others]
            assert is_there or part["text"] in said, part
    urls = [one["url"] for m in shown for one in m["contentParts"] if "url" in one]
    assert any(url.endswith(".heic") for url in urls)
    path = f"/api/v1/chat/completions/{odd[-1]}"
    listed = client.get(f"{path}/messages?limit=100", headers=headers)
    assert listed.status_code == 200, listed.text
    for address in (path, "/api/v1/chat/completions?limit=100"):
        assert client.get(address, headers=headers).status_code == 200


def lines_of(project: Project) -> list[dict[str, Any]]:
    ids = Interaction.objects.in_project(project).oldest_first().values_list("id", flat=True)
    ours = ("id", "external_id", "user_metadata", "session_id", "created_at")
    lines = [line_of(browsing_rows.whole(project, id), image_url=store.as_data_uri) for id in ids]
    made = [{name: one for name, one in line.items() if name not in ours} for line in lines]
    return sorted(made, key=lambda one: orjson.dumps(one))


@pytest.mark.django_db(transaction=True)  # an import stores in other threads
def test_a_file_of_them_is_read_back_as_the_same(
    project: Project, charlies_project: Project, alice: User, odd: list[UUID], tmp_path: Path
) -> None:
    asked = ExportOptions(
        everything(project, alice), make.NOON.replace(year=9999), store.as_data_uri
    )
    file = tmp_path / "odd.jsonl"
    parts = jsonl.parts(asked, ExportIds(asked.selection))
    file.write_bytes(b"".join(part.data for part in parts))
    ran = Ran(file, project=charlies_project.key)
    assert (ran.failure, ran.faults) == ("", [])
    assert lines_of(charlies_project) == lines_of(project)
    assert len(lines_of(project)) == len(odd)


def test_their_texts_are_found(
    client: Client, bob: User, project: Project, odd: list[UUID]
) -> None:
    assert upkeep.index_some(project) == len(odd)
    client.force_login(bob)
    for word in ("two", "three"):
        rows = client.get(f"/projects/{project.key}/interactions/?text={word}").text
        assert str(odd[list(MESSAGES).index("strings")]) in rows


def test_pictures_that_decode_are_pictures_whatever_was_declared(
    project: Project, odd: list[UUID]
) -> None:
    turns = turns_of(project, browsing_rows.whole(project, odd[-1]), is_raw=True)
    pictures = [part for turn in turns for part in turn.parts if isinstance(part, ImagePart)]
    shown = {part.image.sha256 for part in pictures if part.image.is_shown}
    assert shown == {
        hashlib.sha256(data).hexdigest() for _, data, _, is_shown in IMAGES.values() if is_shown
    }
