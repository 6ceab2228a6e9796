"""Rows that an earlier version logged show the lines that today's would."""

import tracemalloc
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest

from adaptive_site.work.waiting import with_old_lines
from adaptive_site.work.worker import Worker
from interactions.models import Interaction, PreviewRenewal
from interactions.services.recording import renewed_previews
from interactions.services.recording.previews import of_answer
from projects.models import Project
from tests import make

pytestmark = pytest.mark.django_db
LATEST = UUID(int=2**128 - 1)
CALL = {"tool_calls": [{"function": {"name": "look", "arguments": '{"id": 1}'}}]}
LONG_CALL = '{"tool_calls": [{"name": "say", "arguments": {"text": "%s"}}]}' % ("long " * 9_000)


def logged_before(project: Project, prompt: str, answer: str, **known: Any) -> Interaction:
    """An interaction as an earlier version left it: its lines are the texts' beginnings."""
    one = make.make_interaction(project, prompt, answer, **known)
    one.prompt_preview, one.completion_preview = (
        " ".join(text.split())[:199] for text in (prompt, answer)
    )
    one.save()
    return one


def lines(one: Interaction) -> tuple[str, str]:
    one.refresh_from_db()
    return one.prompt_preview, one.completion_preview


def renew(project: Project) -> int:
    """Pieces it took."""
    PreviewRenewal.objects.create(project=project, before=LATEST)
    pieces = 0
    while renewed_previews.renew_some(project):
        pieces += 1
    return pieces


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ("**Yes.**\n\n## Why\nSo.", "Yes. Why So."),
        ("<think>\nHm.\n</think>\n\nThe reply.", "The reply."),
        (f"<think>{'so ' * 30_000}</think>The reply.", "The reply."),
        ("<think>Hm, and", "Thought only: Hm, and"),
        (f"*{'so ' * 30_000}\n</think>\nThe reply.", "The reply."),
        (LONG_CALL, f"Calls say(text: {'long ' * 36}lon…"),
        ('{"tool_calls": [{"name": "get", "arguments": "{\\"id\\": 1}"}]}', "Calls get(id: 1)"),
    ],
)
def test_the_lines_are_made_anew(project: Project, answer: str, line: str) -> None:
    one = logged_before(project, "# What\n**now**?", answer)
    renew(project)
    assert lines(one) == ("What now?", line)


def test_a_reply_and_calls_after_long_thoughts_are_its_reply(project: Project) -> None:
    answer = f"<think>{'so ' * 30_000}</think>The reply."
    one = logged_before(project, "what", answer, completion_parts=CALL)
    renew(project)
    assert lines(one) == ("what", "The reply.")


def test_a_row_that_cannot_be_made_keeps_its_lines_and_holds_up_none(
    project: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails_once(completion: str, parts: Any) -> str:
        if completion == "**broken**":
            raise RecursionError("too deep")
        return of_answer(completion, parts)

    monkeypatch.setattr(renewed_previews, "of_answer", fails_once)
    old = [logged_before(project, "what", f"**{text}**") for text in ("a", "broken", "b")]
    assert renew(project) == 1
    assert [lines(one)[1] for one in old] == ["a", "**broken**", "b"]
    assert str(old[1].id) in caplog.text and "too deep" in caplog.text
    assert not with_old_lines().exists()


def test_calls_with_nuls_are_made_anew(project: Project) -> None:
    answer = '<tool_call>{"name": "f", "arguments": {"q": "a\\u0000b"}}</tool_call>'
    one = logged_before(project, "what", answer)
    renew(project)
    assert lines(one)[1] == "Calls f(q: a\ufffdb)"


def test_long_conversations_are_read_one_by_one(project: Project) -> None:
    for _ in range(30):
        logged_before(project, "**word** " * 50_000, "**Yes**")
    tracemalloc.start()
    try:
        renew(project)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert Interaction.objects.filter(completion_preview="Yes").count() == 30
    assert most < 6_000_000  # bytes; all of them are 13 million


def test_what_migration_12_wrote_is_made_anew(project: Project) -> None:
    line_of = import_module("interactions.migrations.0012_previews").line_of
    asked = make.make_draft("what", "")
    for parts, line in (
        (CALL, "Calls look(id: 1)"),
        ({"reasoning_content": "Hm."}, "Thought only: Hm."),
        ({"refusal": "No."}, "Refused: No."),
    ):
        asked.completion_parts = parts
        one = make.make_interaction(project, "what", "")
        one.body.completion_parts = parts
        one.body.save()
        one.completion_preview = line_of("", parts)
        one.save()
        renew(project)
        assert lines(one) == ("what", line)


def test_the_newest_come_first_some_at_a_time(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewed_previews, "ROWS_READ", 2)
    old = [logged_before(project, "a", f"**{n}**") for n in range(5)]
    PreviewRenewal.objects.create(project=project, before=LATEST)
    assert renewed_previews.renew_some(project) == 2
    assert [lines(one)[1] for one in old] == ["**0**", "**1**", "**2**", "3", "4"]
    Worker().drain()
    assert [lines(one)[1] for one in old] == ["0", "1", "2", "3", "4"]
    assert not with_old_lines().exists()


def test_other_projects_and_rows_without_bodies_are_left_alone(
    project: Project, charlies_project: Project
) -> None:
    theirs = logged_before(charlies_project, "a", "**b**")
    bodiless = logged_before(project, "a", "**c**")
    bodiless.body.delete()
    renew(project)
    assert (lines(theirs)[1], lines(bodiless)[1]) == ("**b**", "**c**")
