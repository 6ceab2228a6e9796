"""Records of every kind that formats have to write, or to leave out, as a source has them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from interactions.models import Image
from interactions.services.export.choices import FileChoices
from interactions.services.export.files import MadeFile, make
from interactions.services.training.record import (
    EVERYTHING,
    ModelAnswer,
    ReadBeside,
    TrainingRecord,
)
from projects.models import Project

TOOLS = [{"type": "function", "function": {"name": "get_order", "parameters": {}}}]
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"x": "1"}'}}
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Where is A7?"}
HOSTILE = '=cmd|"/c calc"!A0\r\n\u2028</script>\\"\ud7ff\U0001f600, "x"'


@dataclass
class Listed:
    """A source of the records in a list; None stands for one that is gone."""

    project: Project
    kind: str
    listed: Sequence[TrainingRecord | None]
    title: str = "records of a test"
    name: str = "test"
    as_of: datetime | None = None

    def count(self) -> int:
        """How many places there are."""
        return len(self.listed)

    def records(
        self, *, start: int = 0, stop: int | None = None, beside: ReadBeside = EVERYTHING
    ) -> Iterator[TrainingRecord]:
        """Those in the places."""
        return (one for one in self.listed[start:stop] if one is not None)


def said(*messages: dict[str, Any], answer: str | None = "Shipped.", **more: Any) -> TrainingRecord:
    """A record of these messages, or of one of a user."""
    given = None if answer is None else ModelAnswer(answer, more.pop("parts", None), "gpt-4o")
    return TrainingRecord(messages=list(messages) or [USER], answer=given, **more)


def calling(**function: Any) -> dict[str, Any]:
    """A message of the assistant that calls a function."""
    call = CALL | {"function": {**CALL["function"], **function}}  # type: ignore[dict-item]
    return {"role": "assistant", "content": None, "tool_calls": [call]}


TOOL_RESULT = {"role": "tool", "tool_call_id": "call_1", "name": "f", "content": '{"ok": true}'}


def address(image: Image) -> str:
    """An address for an image."""
    return f"https://here.example/{image.sha256}.{image.format}"


def made(
    project: Project, kind: str, records: Sequence[TrainingRecord | None], **chosen: Any
) -> MadeFile:
    """The file of these records."""
    choices = FileChoices.of(chosen, kind=kind)
    return make(Listed(project, kind, records), choices, address)


def lines_of(
    project: Project, kind: str, records: Sequence[TrainingRecord | None], **chosen: Any
) -> list[dict[str, Any]]:
    """The lines of the file of these records."""
    with made(project, kind, records, **chosen).file as file:
        return [orjson.loads(line) for line in file]


def left_out(project: Project, kind: str, record: TrainingRecord, **chosen: Any) -> str:
    """Why a record is left out; "" if it is not."""
    file = made(project, kind, [record], **chosen)
    assert file.tally.lines + file.tally.left_out.total() == 1
    return next(iter(file.tally.left_out), "")
