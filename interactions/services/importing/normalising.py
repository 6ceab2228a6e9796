"""Reading an uploaded file, record by record, into pieces of lines of our own format."""

import time
from collections import Counter
from contextlib import ExitStack
from typing import Any

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import DomainError, Invalid, TooLarge
from interactions.models import Upload
from interactions.services.export.record import without_place
from interactions.services.importing import pieces
from interactions.services.importing.checking import Seen
from interactions.services.importing.formats.passed_over import PassedOver
from interactions.services.importing.ids import claimed, named_by_digest
from interactions.services.importing.jsonl import MAX_LINE
from interactions.services.importing.pieces import FilePiece
from interactions.services.importing.plan import ImportPlan
from interactions.services.importing.readers.open_file import open_file
from interactions.services.importing.readers.records import FileRecord
from interactions.services.recording.drafts import check_time
from interactions.services.uploads.reader import open_upload
from projects.models import Metric


class Normaliser:
    """A file that is being read; it stays open between two steps of a job.

    What it writes depends on the file and the plan alone, so another process that begins anew
    and passes over what is written already goes on with the same pieces. Of each line without a
    name it remembers a digest, to tell equal ones from each other.
    """

    def __init__(self, plan: ImportPlan, upload: Upload) -> None:
        self.records = 0
        self.pieces = 0
        self.lines = 0
        self.refused = 0
        self._plan = plan
        self._passed_over: Counter[str] = Counter()
        self._booleans: set[str] = set()
        self._numbers: set[str] = set()
        self._seen = Seen()
        self._open = ExitStack()
        self._file = self._open.enter_context(open_upload(upload))
        size = upload.received
        found = self._open.enter_context(open_file(upload.name, self._file, size))
        self.unit = found.unit
        self._iterator = found.records

    @property
    def position(self) -> int:
        """How many bytes of the upload have been read."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._open.close()

    def advance(self, seconds: float) -> bool:
        """Write pieces for about so long; returns whether those were the last."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            piece, is_last = self._piece()
            if piece.size:
                self.pieces += 1
                pieces.write(self._plan.folder, self.pieces, piece)
            if is_last:
                return True
        return False

    def pass_over(self, number: int) -> None:
        """Go on to where `number` pieces are written already."""
        while self.pieces < number:
            piece, is_last = self._piece()
            self.pieces += bool(piece.size)
            if is_last:
                return

    def summary(self) -> dict[str, Any]:
        """What is in the pieces, for `pieces.finish`."""
        kinds: dict[str, str] = dict.fromkeys(self._booleans, Metric.Kind.BOOL)
        return {
            "records": self.records,
            "lines": self.lines,
            "refused": self.refused,
            "pieces": self.pieces,
            "passed_over": dict(self._passed_over.most_common(20)),
            "kinds": kinds | dict.fromkeys(self._numbers, Metric.Kind.SCALAR),
            "unit": self.unit,
        }

    def _piece(self) -> tuple[FilePiece, bool]:
        """The next piece, and whether the file ends with it."""
        piece, size = FilePiece(), 0
        for record in self._iterator:
            self.records += 1
            try:
                line = self._written(record)
                piece.lines.append((record.number, line))
                self.lines += 1
                size += len(line)
            except PassedOver as kind:
                self._passed_over[str(kind)] += 1
            except DomainError as fault:
                text = record.text or _shown(record.value)
                refused = pieces.refused_line(record.number, fault, text)
                piece.refused.append((record.number, refused))
                self.refused += 1
                size += len(refused)
            if piece.size >= pieces.LINES_PER_PIECE or size >= pieces.BYTES_PER_PIECE:
                return piece, False
        return piece, True

    def _written(self, record: FileRecord) -> bytes:
        line = without_place(self._plan.line(record))
        self._name(line)
        self._note_kinds(line.get("feedbacks"))
        if record.had_nul and "preferred" not in line:
            line["user_metadata"] = _marked(line.get("user_metadata"))
        if self._plan.label:
            key, value = self._plan.label
            given = line.get("labels") or {}
            line["labels"] = given | {key: value} if isinstance(given, dict) else given
        try:
            written = exact_json.dumps(line)
        except (TypeError, ValueError) as error:
            raise Invalid(f"holds a value that JSON cannot: {error}") from error
        if len(written) > MAX_LINE:
            raise TooLarge(f"expected at most {MAX_LINE >> 20} MB in a record")
        return written

    def _name(self, line: dict[str, Any]) -> None:
        """Give a line without a name the one that `ingest` would give it."""
        if line.get("external_id") not in (None, ""):
            return
        is_pair = "preferred" in line or "other" in line
        if not is_pair and line.get("id") is not None and _claims(line):
            return
        try:
            name, digest = named_by_digest(line)
        except (TypeError, ValueError) as error:
            raise Invalid(f"holds a value that JSON cannot: {error}") from error
        nth = self._seen.repeats({0: digest}).get(0)
        line["external_id"] = f"{name}:{nth}" if nth else name

    def _note_kinds(self, feedback: Any) -> None:
        for one in feedback if isinstance(feedback, list) else ():
            key = one.get("feedback_key", one.get("metric")) if isinstance(one, dict) else None
            if isinstance(key, str):
                value = one.get("value")
                kind = self._booleans if isinstance(value, bool) else self._numbers
                kind.add(key)


def _claims(line: dict[str, Any]) -> bool:
    """Whether the interaction will keep the id that the line brings."""
    try:
        return claimed(line["id"], check_time(line.get("created_at"), field="")) is not None
    except Invalid:
        return False


def _marked(metadata: Any) -> Any:
    if metadata is None:
        return {"nul_replaced": True}
    return metadata | {"nul_replaced": True} if isinstance(metadata, dict) else metadata


def _shown(value: Any) -> bytes:
    try:
        return exact_json.dumps(value)
    except (TypeError, ValueError):
        return repr(value).encode("utf-8", "replace")
