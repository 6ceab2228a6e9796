"""The first records of an uploaded file, and what would be made of them."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import DomainError, Invalid
from interactions.models import Dataset, Upload
from interactions.services.importing.formats import columns, dataset_kinds
from interactions.services.importing.formats.passed_over import PassedOver
from interactions.services.importing.formats.recognised import recognised
from interactions.services.importing.lines import Directory, ImportedPreference, LineReader
from interactions.services.importing.plan import ImportPlan, ImportTarget
from interactions.services.importing.readers.open_file import open_file
from interactions.services.importing.readers.records import FileRecord
from interactions.services.recording.drafts import Draft
from interactions.services.uploads.reader import open_upload
from projects.models import Project, User

RECORDS_LOOKED_AT = 50
_MOST_BYTES = 8 * 1024 * 1024  # of records that are held for a page
EXAMPLE_LENGTH = 80


@dataclass(slots=True)
class FileStart:
    """What a file begins with: its kind, its first records, and the likely plan for it."""

    upload: Upload
    kind: str
    packing: str
    unit: str
    records: list[FileRecord]
    guess: ImportPlan
    columns: list[str] = field(default_factory=list)

    def examples(self, column: str, limit: int = 2) -> list[str]:
        """What stands in a column, shortened."""
        held = (record.value.get(column) for record in self.records if record.value)
        texts = [_text(value) for value in held if value not in (None, "")]
        return list(dict.fromkeys(texts))[:limit]


@dataclass(slots=True)
class PreviewRow:
    """A record as it would come in: a draft, a preference, or why it would not."""

    number: int
    draft: Draft | None = None
    pair: ImportedPreference | None = None
    fault: str = ""
    passed_over: str = ""


def start_of(upload: Upload) -> FileStart:
    """The first records of an upload that is whole. Raises Invalid where it cannot be read."""
    with (
        open_upload(upload) as file,
        open_file(upload.name, file, upload.received) as found,
    ):
        records: list[FileRecord] = []
        begun = 0
        for record in found.records:
            records.append(record)
            begun += len(record.text) or len(_text(record.value, None))
            if len(records) >= RECORDS_LOOKED_AT or begun > _MOST_BYTES:
                break
        held = [record.value for record in records if record.value is not None]
        names = list(dict.fromkeys(name for value in held for name in value))
        key = recognised(held)
        mapping = columns.guessed(names, held)
        guess = ImportPlan(upload.id, upload.name, key, mapping)
        return FileStart(upload, found.kind, found.packing, found.unit, records, guess, names)


def likely_kind(start: FileStart) -> str:
    """The kind of dataset that the first records would make."""
    any_kind = replace(start.guess, target=ImportTarget(Dataset.Kind.PROMPT, ""))
    lines = []
    try:
        any_kind.check()
    except Invalid:  # columns that nobody has told yet
        return Dataset.Kind.COMPLETION
    for record in start.records:
        with suppress(DomainError, PassedOver):
            if record.value is not None:
                lines.append(any_kind.whole_line(record.value))
    return dataset_kinds.likely_kind(lines)


def rows(project: Project, start: FileStart, plan: ImportPlan, *, by: User) -> list[PreviewRow]:
    """The first records as `plan` would bring them in; nothing is written."""
    reader = LineReader(Directory(project), by=by, kept=Counter())
    return [_row(record, plan, reader) for record in start.records]


def _row(record: FileRecord, plan: ImportPlan, reader: LineReader) -> PreviewRow:
    try:
        made = reader.read(exact_json.dumps(plan.line(record)))
    except PassedOver as kind:
        return PreviewRow(record.number, passed_over=str(kind))
    except DomainError as fault:
        return PreviewRow(record.number, fault=str(fault))
    except (TypeError, ValueError) as error:
        return PreviewRow(record.number, fault=f"holds a value that JSON cannot: {error}")
    if isinstance(made, Draft):
        return PreviewRow(record.number, draft=made)
    return PreviewRow(record.number, pair=made)


def _text(value: Any, longest: int | None = EXAMPLE_LENGTH) -> str:
    text = value if isinstance(value, str) else exact_json.dumps(value).decode()
    return text if longest is None or len(text) <= longest else f"{text[:longest]}…"
