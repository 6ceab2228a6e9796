"""Reading a record as its format is recognised, for tests of formats."""

from collections import Counter
from typing import Any

import orjson

from interactions.services.importing.formats.recognised import IMPORT_FORMATS, recognised
from interactions.services.importing.lines import Directory, ImportedPreference, LineReader
from interactions.services.recording.drafts import Draft
from projects.models import Project

ASK = [{"role": "user", "content": "What is a maple?"}]
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"q": 1}'}}


def draft(project: Project, record: dict[str, Any], *, key: str) -> Draft:
    """What comes in of a record that is recognised as this format."""
    made = row(project, record, key=key)
    assert isinstance(made, Draft)
    return made


def row(project: Project, record: dict[str, Any], *, key: str) -> Draft | ImportedPreference:
    assert recognised([record]) == key
    line = IMPORT_FORMATS[key].line(record)
    return LineReader(Directory(project), by=None, kept=Counter()).read(orjson.dumps(line))


def said(made: Draft) -> tuple[Any, str, str | None]:
    """Messages, completion and model."""
    return made.messages, made.completion, made.llm.key if made.llm else None


def given(made: Draft) -> dict[str, float]:
    """The feedback by key."""
    return {one.metric.key: one.value for one in made.feedback}
