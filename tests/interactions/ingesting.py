"""Running `manage.py ingest` on lines that a test makes up."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

Write = Callable[..., Path]
ASK = [{"role": "user", "content": "What is a maple?"}]


class Ran:
    """What a run said, and whether it failed."""

    def __init__(self, *files: object, project: str = "maple", **options: Any) -> None:
        self.out, self.err, self.failure = io.StringIO(), io.StringIO(), ""
        try:
            call_command(
                "ingest", *map(str, files), project=project,
                stdout=self.out, stderr=self.err, **options,
            )  # fmt: skip
        except CommandError as error:
            self.failure = str(error)
        self.said, self.faults = self.out.getvalue(), self.err.getvalue().splitlines()


def line(completion: object = "A tree.", **members: Any) -> dict[str, Any]:
    return {"messages": ASK, "completion": completion, "model": "gpt-4o", **members}


def preference(preferred: str, other: str, **members: Any) -> dict[str, Any]:
    sides = {
        "preferred": {"model": "gpt-4o", "text": preferred},
        "other": {"model": "gpt-4o", "text": other},
    }
    return {"feedback_key": "better", "messages": ASK, **sides, "tied": None, **members}


def jsonl(*lines: object) -> bytes:
    return b"".join((one if isinstance(one, bytes) else orjson.dumps(one)) + b"\n" for one in lines)


def write_lines(
    factory: pytest.TempPathFactory,
    *lines: object,
    name: str = "rows.jsonl",
    packed: bool = False,
) -> Path:
    """A new file of `lines`; bytes as they are, all else as JSON."""
    file = factory.mktemp("files") / name
    file.write_bytes(gzip.compress(jsonl(*lines)) if packed else jsonl(*lines))
    return file
