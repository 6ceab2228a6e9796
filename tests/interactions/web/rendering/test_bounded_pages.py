"""A page costs what a page holds, whatever was stored: its size, and what it does, are bounded."""

import json
from uuid import uuid4

import pytest
from django.test import Client

from adaptive_site.lib.word_diff import CHARACTERS_COMPARED
from interactions.services.browsing import rows, transcripts
from interactions.web.rendering.json_blocks import (
    CHARACTERS_SHOWN,
    PARTS_PER_PAGE,
    PIECE_LENGTH,
    Data,
    pieces,
)
from interactions.web.rendering.text_parts import TextPart
from interactions.web.rendering.turns import turns_of
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db

MB = 1_000_000
HUGE = {
    "one line": "x" * 4 * MB,
    "lines": "a line of text\n" * (4 * MB // 15),
    "JSON": '{"a": [' + '"xyz", ' * (4 * MB // 7) + "1]}",
    "brackets": "[" * 4 * MB,
    "quotes": '"<&' * (4 * MB // 3),
}


class Counted(str):
    """A text that counts the characters copied out of it."""

    copied = 0

    def __getitem__(self, at: object) -> str:
        found = super().__getitem__(at)  # type: ignore[index]
        Counted.copied += len(found)
        return found


def test_cutting_into_pieces_copies_a_text_once() -> None:
    for text in ("x" * 2 * MB, "some words\n" * (2 * MB // 11)):
        Counted.copied = 0
        made = pieces(Counted(text))
        assert Counted.copied <= len(text)
        assert max(map(len, made)) <= PIECE_LENGTH


@pytest.mark.parametrize("kind", HUGE)
def test_a_page_shows_the_first_part_and_leads_to_the_rest(
    client: Client, alice: User, project: Project, kind: str
) -> None:
    text = HUGE[kind]
    make.make_metric(project)
    message = {"role": "user", "content": text}
    other = make.make_interaction(project, completion="another", messages=[message])
    one = make.make_interaction(project, completion=text, messages=[message], session_id=uuid4())
    client.force_login(alice)
    page = f"/projects/maple/interactions/{one.id}/"
    for address in (
        page, f"{page}?raw=1", f"{page}?text=xyz", f"{page}siblings/?with={other.id}",
        f"{page}siblings/?view=formatted", f"/projects/maple/sessions/{one.session_id}/",
        f"/projects/maple/interactions/?open={one.id}",
        f"/projects/maple/review/?metric=helpful&at={one.id}",
        f"/projects/maple/pairs/?metric=helpful&pair={one.id}.{other.id}",
        f"/projects/maple/pairs/?metric=helpful&diff=1&pair={one.id}.{other.id}",
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200, address
        # A quotation mark is six letters in HTML, and a hit's mark thirteen.
        assert len(answer.content) < 20 * CHARACTERS_SHOWN
        assert "more characters: <a" in answer.text, address
        assert f"{page}text/" in answer.text or f"{page}raw/" in answer.text
    assert client.get(f"{page}text/").text == text
    assert client.get(f"{page}text/?message=1").text == text
    assert client.get(f"{page}raw/").json()["completion"] == text


def test_how_much_is_left_is_said(project: Project) -> None:
    one = make.make_interaction(project, completion="x" * 3 * MB)
    _, answer = turns_of(project, rows.whole(project, one.id), is_raw=False)
    (text,) = answer.parts
    assert isinstance(text, TextPart)
    assert len(text.text) == sum(map(len, text.pieces))
    assert len(text.text) + text.rest == 3 * MB
    assert len(text.text) <= CHARACTERS_SHOWN


def test_an_answer_of_megabytes_leaves_room_for_its_question(project: Project) -> None:
    question = "What **is** a maple? " * 500
    asked = [{"role": "user", "content": question}]
    one = make.make_interaction(project, completion="x" * 3 * MB, messages=asked)
    turn, _ = turns_of(project, rows.whole(project, one.id), is_raw=False)
    (text,) = turn.parts
    assert isinstance(text, TextPart)
    assert (text.text, text.rest) == (question, 0)
    assert text.html is not None


def test_so_many_messages_and_calls_are_shown(
    client: Client, alice: User, project: Project
) -> None:
    call = {"id": "c", "function": {"name": "f", "arguments": "{}"}}
    many = [{"role": "user", "content": f"message {n}"} for n in range(5_000)]
    one = make.make_interaction(project, messages=many)
    other = make.make_interaction(
        project, messages=[{"role": "assistant", "content": "x", "tool_calls": [call] * 5_000}]
    )
    left, *turns, _ = turns_of(project, rows.whole(project, one.id), is_raw=False)
    assert len(turns) == PARTS_PER_PAGE
    assert isinstance(left.parts[0], Data)
    assert left.parts[0].rest == 5_000 - PARTS_PER_PAGE
    client.force_login(alice)
    text = client.get(f"/projects/maple/interactions/{one.id}/").text
    assert "message 4999" in text
    assert f"{5_000 - PARTS_PER_PAGE:,} earlier messages" in text
    text = client.get(f"/projects/maple/interactions/{other.id}/").text
    assert " more tool calls" in text
    assert len(text) < 5 * MB


def test_names_and_addresses_of_megabytes_are_shown_in_part(
    client: Client, alice: User, project: Project
) -> None:
    long = "n" * MB
    call = {"id": long, "function": {"name": long, "arguments": "{}"}}
    address = {"type": "image_url", "image_url": {"url": f"https://a.example/{long}"}}
    messages = [
        {"role": "user", "content": [address], "name": long},
        {"role": "assistant", "content": "x", "tool_calls": [call], long: 1},
        {"role": "tool", "tool_call_id": long, "content": "y"},
    ]
    one = make.make_interaction(
        project,
        messages=messages,
        completion_parts={long: 1, "x": long},
        user_metadata={long: long},
        system={"finish_reason": long, "cut_short": long},
    )
    client.force_login(alice)
    page = f"/projects/maple/interactions/{one.id}/"
    text = client.get(page).text
    assert len(text) < 2 * CHARACTERS_SHOWN
    assert text.count("more characters: <a") > 5
    assert 'href=""' not in text
    assert client.get(f"{page}raw/").json()["messages"][0]["name"] == long


def test_a_session_reads_no_more_than_a_page_holds(
    client: Client, alice: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcripts, "LARGEST_PAGE_BYTES", 5_000)
    session = uuid4()
    ids = [
        make.make_interaction(project, completion=letter * n, session_id=session).id
        for letter, n in (("a", 3_000), ("b", 4_000), ("c", 1_000))
    ]
    found = transcripts.transcript(project, session)
    assert [one.left_out > 0 for one in found.exchanges] == [False, True, False]
    client.force_login(alice)
    text = client.get(f"/projects/maple/sessions/{session}/").text
    assert "a" * 3_000 in text
    assert "b" * 4_000 not in text
    assert f'/interactions/{ids[1]}/">its own page</a>' in text


def test_long_remarks_are_cut_with_what_that_leaves_out(
    client: Client, alice: User, project: Project
) -> None:
    one = make.make_interaction(project, feedback={make.make_metric(project): True})
    one.feedback.update(reason="r" * 50_000, details="d" * 50_000)
    client.force_login(alice)
    text = client.get(f"/projects/maple/interactions/{one.id}/").text
    assert text.count("(40,000 more characters)") == 2
    assert len(text) < 100_000


def test_plain_text_is_refused_by_name(client: Client, bob: User, project: Project) -> None:
    said = {"role": "assistant", "content": None, "tool_calls": [{"x": 1}]}
    one = make.make_interaction(project, messages=[said])
    client.force_login(bob)
    page = f"/projects/maple/interactions/{one.id}/text/"
    answer = client.get(page)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert json.loads(client.get(f"{page}?message=1").text) == said
    for number in ("0", "2", "-1", "x", "9" * 30, "１"):
        refused = client.get(f"{page}?message={number}")
        assert refused.status_code == 400
        assert "message" in refused.text
    missing = client.get(f"/projects/maple/interactions/{uuid4()}/text/")
    assert missing.status_code == 404


def test_a_stranger_finds_no_text(client: Client, charlie: User, project: Project) -> None:
    one = make.make_interaction(project)
    client.force_login(charlie)
    assert client.get(f"/projects/maple/interactions/{one.id}/text/").status_code == 404


def test_texts_too_long_to_compare_are_shown_in_part(project: Project) -> None:
    assert CHARACTERS_COMPARED < CHARACTERS_SHOWN
