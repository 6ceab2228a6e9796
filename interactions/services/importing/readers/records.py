"""One record of a file, or what is wrong with it."""

from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any

from adaptive_site.lib.errors import DomainError, Invalid, TooLarge
from adaptive_site.lib.json_faults import in_words, kind_of
from interactions.services.importing.jsonl import MAX_LINE
from interactions.services.recording.drafts import parse_json

MAX_COLUMNS = 2_000


@dataclass(slots=True)
class FileRecord:
    """What stands at one place of a file: a `value`, or with `fault` the text that is no record.

    `had_nul` says that NULs in its texts became U+FFFD.
    """

    number: int
    value: dict[str, Any] | None = None
    fault: DomainError | None = None
    text: bytes = b""
    had_nul: bool = False


def of_json(number: int, raw: bytes) -> FileRecord:
    """The record in some JSON, checked as a line of `ingest` is."""
    try:
        if len(raw) > MAX_LINE:
            said = f"expected at most {MAX_LINE >> 20} MB in a record"
            raise TooLarge(said)
        value, had_nul = parse_json(raw)
        if not isinstance(value, dict):
            raise Invalid(f"expected an object, {{…}}, got {kind_of(value)}")
    except Invalid as error:
        fault = Invalid(_said(error, raw), field=error.field)
        return FileRecord(number, fault=fault, text=raw)
    except TooLarge as error:
        return FileRecord(number, fault=error, text=raw)
    return FileRecord(number, value, had_nul=had_nul)


def _said(error: Invalid, raw: bytes) -> str:
    cause = error.__cause__
    if isinstance(cause, JSONDecodeError):
        return f"is not valid JSON: {in_words(cause, raw)}"
    return str(error).removeprefix(f"{error.field}: ") if cause is None else str(cause)
