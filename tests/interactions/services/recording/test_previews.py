"""An answer without text says in its line what it was."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from interactions.models import Interaction
from interactions.services.recording.log import log_interactions
from interactions.services.recording.previews import of_answer
from projects.models import Project, User
from tests.make import make_draft


def call(name: str, arguments: Any, kind: str = "function", member: str = "arguments") -> Any:
    return {"id": "call_1", "type": kind, kind: {"name": name, member: arguments}}


DEEP = '{"a": ' + "[" * 1_000 + "]" * 1_000 + "}"
CASES = [
    ("Hello.", {"tool_calls": [call("x", "{}")]}, "Hello."),
    ("", {"tool_calls": [call("lookup", '{"order": "FF-1", "all": true}')]},
     "Calls lookup(order: FF-1, all: true)"),
    ("", {"tool_calls": [call("a", "{}"), call("b", '{"c": {"d": [1]}}')]},
     'Calls a(), b(c: {"d": [1]})'),
    ("", {"tool_calls": [call("broken", '{"a": ')]}, 'Calls broken({"a": )'),
    ("", {"tool_calls": [call("run", "print(1)", "custom", "input")]}, "Calls run(print(1))"),
    ("", {"tool_calls": [call("open", {"n": 10**30})]}, f"Calls open(n: {10**30})"),
    ("", {"tool_calls": [call("f", {"a": Decimal("1e400"), "b": [Decimal("0.1")]})]},
     'Calls f(a: 1E+400, b: ["0.1"])'),
    # Nested as deep as can be read, not spelt: as it came.
    ("", {"tool_calls": [call("f", DEEP)]}, f"Calls f({DEEP}"[:199] + "…"),
    (f'<tool_call>{{"name": "f", "arguments": {DEEP}}}</tool_call>', None, "Calls f(…)"),
    # What PostgreSQL takes in no text: NUL, half a surrogate pair.
    ('<tool_call>{"name": "f", "arguments": {"q": "a\\u0000b"}}</tool_call>', None,
     "Calls f(q: a\ufffdb)"),
    ("", {"tool_calls": [call("f", '{"q": ["\\u0000"], "\\u0000": 1}')]},
     'Calls f(q: ["\\u0000"], \ufffd: 1)'),
    ("", {"tool_calls": [call("f", '{"q": "\\ud800"}')]}, 'Calls f({"q": "\\ud800"})'),
    # Blanks are no reply, however many.
    ("\n" * 1_000, {"refusal": "No."}, "Refused: No."), ("\n" * 1_000 + "Yes", None, "Yes"),
    ("", {"function_call": {"name": "old", "arguments": '{"a": "b"}'}}, "Calls old(a: b)"),
    ("", {"refusal": "I can’t."}, "Refused: I can’t."),
    ("", {"audio": {"transcript": "Good day."}}, "Spoken: Good day."),
    ("", {"reasoning_content": "Let me\nthink."}, "Thought only: Let me think."),
    ("", {"reasoning": "Hm.", "refusal": None}, "Thought only: Hm."),
    ('{"tool_calls": [{"name": "get", "arguments": "{\\"id\\": 1}"}]}', None, "Calls get(id: 1)"),
    ('{"tool_calls": broken', None, '{"tool_calls": broken'),
    ('{ "tool_calls" : [{"name": "get"}]}', None, "Calls get()"),
    ('<tool_call>\n{"name": "f", "arguments": {"id": 1}}\n</tool_call>', None, "Calls f(id: 1)"),
    ("<tool_call>broken", None, "<tool_call>broken"),
    ("<think>\nHm.\n</think>\n\n**Yes**", None, "Yes"),
    ("<think>\n\n</think>\n\nYes", None, "Yes"),
    ("<think>Hm, and", None, "Thought only: Hm, and"),
    ("<think>Hm.</think>", {"tool_calls": [call("look", "{}")]}, "Calls look()"),
    ("", {"odd": 1}, ""), ("", None, ""), ("", {"tool_calls": "odd"}, ""),
    ("", {"tool_calls": [7, {}]}, "Calls unnamed(), unnamed()"),
]  # fmt: skip


@pytest.mark.parametrize(("completion", "parts", "line"), CASES)
def test_the_line_says_what_the_answer_was(completion: str, parts: Any, line: str) -> None:
    assert of_answer(completion, parts) == line


def test_a_long_line_is_cut() -> None:
    line = of_answer("", {"tool_calls": [call("say", json.dumps({"text": "word " * 500}))]})
    assert len(line) <= 200 and line.endswith("…")


@pytest.mark.django_db
def test_calls_with_nuls_and_deep_ones_are_logged(project: Project) -> None:
    for arguments in ('{"q": "a\\u0000b"}', DEEP):
        answer = f'<tool_call>{{"name": "f", "arguments": {arguments}}}</tool_call>'
        (one,) = log_interactions(project, [make_draft("where", answer)])
        assert Interaction.objects.get(id=one.id).completion_preview.startswith("Calls f(")


@pytest.mark.django_db
def test_rows_and_sessions_show_it_and_search_finds_it(
    client: Client, alice: User, project: Project
) -> None:
    session = UUID(int=7)
    asked = make_draft("where is it", "", session_id=session)
    asked.completion_parts = {"tool_calls": [call("track_parcel", '{"order": "FF-99"}')]}
    log_interactions(project, [asked, make_draft("other", "no")])
    client.force_login(alice)
    url = "/projects/maple/interactions/"
    for text in ("track_parcel", "FF-99", '"order": "FF'):
        found = client.get(url, {"completion_text": f'"{text}"' if " " not in text else "ff-99"})
        assert "Calls <mark>" in found.text or "Calls track_parcel(order: " in found.text
        assert len(found.context["listing"].rows) == 1
        assert "empty completion" not in found.text
    assert "Calls track_parcel(order: FF-99)" in client.get("/projects/maple/sessions/").text
