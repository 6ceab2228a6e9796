"""A file that was read, kept as pieces of about a thousand lines until they are imported.

Each line of a piece is a sign, the number of the record in the file, and JSON: `+12 {…}` is a line
to import, `!13 {…}` a record that was refused, as the file of refused records tells it. When all
pieces are there, `all.json` says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import DomainError
from interactions.services.uploads import parts

LINES_PER_PIECE, BYTES_PER_PIECE = 1_000, 4 * 1024 * 1024
REFUSED_KEPT = timedelta(days=30)
_ROOT, _REFUSED = "imports", "imports-refused"
_LONGEST_SHOWN = 1024 * 1024  # characters of a refused record


@dataclass(slots=True)
class FilePiece:
    """Some lines to import, and some refused records, both with their numbers in the file."""

    lines: list[tuple[int, bytes]] = field(default_factory=list)
    refused: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many records it has."""
        return len(self.lines) + len(self.refused)


def refused_line(number: int, fault: DomainError, text: bytes) -> bytes:
    """A refused record as the file of them has it."""
    said = str(fault).removeprefix(f"{fault.field}: ")
    given: dict[str, Any] = {"number": number, "member": fault.field, "reason": said}
    record = text.decode("utf-8", "replace").rstrip("\r\n")
    given["record"] = record[:_LONGEST_SHOWN]
    if len(record) > _LONGEST_SHOWN:
        given["cut"] = True
    return exact_json.dumps(given)


def parsed(line: bytes) -> dict[str, Any]:
    """What such a line says."""
    found: dict[str, Any] = exact_json.loads(line)
    return found


def write(folder: str, n: int, piece: FilePiece) -> None:
    """Store the `n`-th piece, in place of what an earlier attempt has stored."""
    signed = [(number, b"+", raw) for number, raw in piece.lines]
    signed += [(number, b"!", raw) for number, raw in piece.refused]
    signed.sort(key=lambda one: one[0])
    _put(f"{folder}/{n:06}", b"".join(b"%b%d %b\n" % (s, k, raw) for k, s, raw in signed))


def read(folder: str, n: int) -> FilePiece:
    """The `n`-th piece."""
    piece = FilePiece()
    with default_storage.open(f"{folder}/{n:06}") as file:
        for raw in file.read().split(b"\n"):
            if raw:
                number, _, said = raw[1:].partition(b" ")
                kind = piece.lines if raw[:1] == b"+" else piece.refused
                kind.append((int(number), said))
    return piece


def finish(folder: str, summary: dict[str, Any]) -> None:
    """Note that all pieces are there, and what is in them."""
    _put(f"{folder}/all.json", orjson.dumps(summary))


def summary(folder: str) -> dict[str, Any] | None:
    """What is in the pieces; None while they are not all there."""
    try:
        with default_storage.open(f"{folder}/all.json") as file:
            found: dict[str, Any] = orjson.loads(file.read())
            return found
    except FileNotFoundError:
        return None


def drop(upload: UUID) -> None:
    """Delete all pieces of an upload."""
    for folder in _listed(f"{_ROOT}/{upload}")[0]:
        _delete_folder(f"{_ROOT}/{upload}/{folder}")
    _delete_folder(f"{_ROOT}/{upload}")


def keep_refused(job: UUID, n: int, lines: list[bytes]) -> None:
    """Keep the refused records of the `n`-th piece, for people to take."""
    _put(f"{_REFUSED}/{job}/{n:06}", b"".join(line + b"\n" for line in lines))


def refused(job: UUID) -> Iterator[bytes]:
    """The refused records of a job, in pieces of a file of JSON lines."""
    for name in sorted(_listed(f"{_REFUSED}/{job}")[1]):
        with default_storage.open(f"{_REFUSED}/{job}/{name}") as file:
            yield file.read()


def sweep_some() -> int:
    """Delete pieces whose upload is gone, and refused records after some time."""
    swept = 0
    for name in _listed(_ROOT)[0]:
        if not parts.is_there(UUID(name)):
            drop(UUID(name))
            swept += 1
    for name in _listed(_REFUSED)[0]:
        files = _listed(f"{_REFUSED}/{name}")[1]
        made = [default_storage.get_modified_time(f"{_REFUSED}/{name}/{one}") for one in files]
        if all(one < datetime.now(UTC) - REFUSED_KEPT for one in made):
            _delete_folder(f"{_REFUSED}/{name}")
            swept += 1
    return swept


def _put(path: str, data: bytes) -> None:
    default_storage.delete(path)
    default_storage.save(path, ContentFile(data))


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def _delete_folder(folder: str) -> None:
    for name in _listed(folder)[1]:
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)
