"""The rows that every side gets: from a file of interactions, or made up by the benchmarks.

Each row has a millisecond of its own, so "the newest 50" has one right answer, and an id found in
any answer names one row: MLflow's is made from the number of the row, and of ours the clock is
the millisecond.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.growth import BATCH, Plan
from benchmarks.population import Population, Writer
from benchmarks.wording import Wording

UNTIL = datetime(2026, 1, 1, tzinfo=UTC)  # when the last made-up row was
SPACING = 60_000  # milliseconds between rows of a file that say no time


@dataclass(frozen=True)
class Row:
    """An interaction: `ms` is when, `feedbacks` are as the import takes them."""

    ms: int
    trace_id: str
    messages: list[dict[str, Any]]
    completion: str
    model: str | None
    labels: dict[str, str]
    feedbacks: list[dict[str, Any]]
    session_id: str | None

    @cached_property
    def said(self) -> str:
        """All that a search looks through, in small letters: system prompts are left out."""
        return "\n".join([*self._texts(is_system=False), self.completion]).lower()

    @cached_property
    def instructed(self) -> str:
        """The system prompts, in small letters."""
        return "\n".join(self._texts(is_system=True)).lower()

    def _texts(self, *, is_system: bool) -> Iterator[str]:
        for message in self.messages:
            if (message["role"] == "system") == is_system:
                content = message["content"]
                parts = [content] if isinstance(content, str) else [p["text"] for p in content]
                yield from parts


def rows(file: Path | None, number: int) -> list[Row]:
    """At most `number` rows, oldest first: of a file evenly chosen, or made up."""
    found = _in_file(file) if file else _made_up(number)
    found.sort(key=lambda one: str(one.get("created_at") or "9"))
    step = max(len(found) / number, 1.0)
    chosen = [found[int(n * step)] for n in range(min(number, len(found)))]
    made, before = [], 0
    for n, one in enumerate(chosen):
        before = max(_milliseconds(one.get("created_at"), before + SPACING), before + 1)
        made.append(_row(n, before, one))
    return made


def write(made: Sequence[Row], file: Path) -> None:
    """As MLflow's side reads them."""
    _write_lines(file, [asdict(row) for row in made])


def write_import(made: Sequence[Row], file: Path) -> None:
    """As `manage.py ingest` reads them."""
    _write_lines(
        file,
        [
            {
                "messages": row.messages,
                "completion": row.completion,
                "labels": row.labels,
                "feedbacks": row.feedbacks,
                "created_at": datetime.fromtimestamp(row.ms / 1000, UTC).isoformat(),
                "external_id": row.trace_id,
                **({"model": row.model} if row.model else {}),
                **({"session_id": row.session_id} if row.session_id else {}),
            }
            for row in made
        ],
    )


def _write_lines(file: Path, lines: Sequence[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as to:
        to.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _row(n: int, ms: int, one: dict[str, Any]) -> Row:
    number = hashlib.md5(str(n).encode(), usedforsecurity=False).hexdigest()
    return Row(
        ms,
        f"tr-{number}",
        *(one["messages"], one["completion"], one.get("model"), one.get("labels") or {}),
        *(one.get("feedbacks") or [], one.get("session_id")),
    )


def _milliseconds(at: str | None, otherwise: int) -> int:
    return round(datetime.fromisoformat(at).timestamp() * 1000) if at else otherwise


def _in_file(file: Path) -> list[dict[str, Any]]:
    data = file.read_bytes()
    text = gzip.decompress(data) if file.suffix == ".gz" else data
    return [json.loads(line) for line in text.split(b"\n") if line]


def _made_up(number: int) -> list[dict[str, Any]]:
    """As many as were asked for, by the writer of the large benchmarks, without images."""
    planned = -(-number // BATCH) * BATCH
    plan = Plan(planned, 1, UNTIL)
    writer = Writer(Population.unsaved(plan.seed, Wording(plan.seed)), plan.seed)
    drafts = (
        draft
        for first in range(0, planned, BATCH)
        for draft in writer.drafts(plan.ids(first, BATCH), first)
    )
    return [
        {
            "messages": [{**said, "content": _text(said["content"])} for said in draft.messages],
            "completion": draft.completion,
            "model": draft.llm.key if draft.llm else None,
            "labels": dict(draft.labels),
            "feedbacks": [
                {
                    "feedback_key": given.metric.key,
                    "value": bool(given.value) if given.metric.kind == "BOOL" else given.value,
                    **({"reason": given.reason} if given.reason else {}),
                }
                for given in draft.feedback
            ],
            "session_id": str(draft.session_id) if draft.session_id else None,
            "created_at": draft.created_at.isoformat(),
        }
        for draft in islice(drafts, number)
    ]


def _text(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")
