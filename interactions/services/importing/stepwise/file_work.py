"""One step of reading a file into pieces, or of storing a piece; `job.cursor` says where it is."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from adaptive_site.lib.errors import Invalid
from interactions.models import Job
from interactions.services.importing import piece_storing, pieces
from interactions.services.importing.normalising import Normaliser
from interactions.services.importing.piece_storing import StoredPiece
from interactions.services.importing.pieces import FilePiece
from interactions.services.importing.plan import ImportPlan
from interactions.services.importing.stores import Rehearsal
from interactions.services.uploads import parts

SECONDS_PER_STEP = 1.0
FAULTS_SHOWN = 100
COUNTS = ("interactions", "interactions_there", "comparisons", "comparisons_there", "made")
# Of a job's row, what is written with each step.
SAVED = ("stage", "total", "done", "cursor", "result")
_LONGEST_FAULT = 300
_HELD = 4  # files that a worker keeps open between steps

# What a worker keeps between two steps of a job; lost with it, and then made anew.
_reading: OrderedDict[int, Normaliser] = OrderedDict()
_rehearsals: OrderedDict[int, tuple[int, Rehearsal]] = OrderedDict()


class TakenOver(Exception):
    """Another process has done the same step: what this one did is rolled back."""


def begin(job: Job, plan: ImportPlan) -> None:
    """The first stage; the second at once where the file has been read before."""
    job.result = dict.fromkeys(COUNTS, 0) | {"refused": 0, "faults": [], "llms": [], "metrics": []}
    summary = pieces.summary(plan.folder)
    if summary is not None:
        _begin_storing(job, plan, summary)
        return
    upload = parts.known(job.created_by, plan.upload)
    job.stage, job.done, job.total = "reading the file, KB", 0, upload.received >> 10
    job.cursor = {"stage": "reading", "pieces": 0, "bytes": upload.received}


def advance(job: Job, plan: ImportPlan) -> bool:
    """Read on for a second, or store the next piece; returns whether all pieces are stored."""
    if job.cursor["stage"] == "reading":
        read_on(job, plan)
        return False
    return _next_piece(job, plan)


def forget(job: Job) -> None:
    """Close what is kept of a job between its steps."""
    reader = _reading.pop(job.id, None)
    if reader is not None:
        reader.close()
    _rehearsals.pop(job.id, None)


def forget_all() -> None:
    """Close what is kept of any job, as when the process had ended."""
    while _reading:
        _reading.popitem()[1].close()
    _rehearsals.clear()


def read_on(job: Job, plan: ImportPlan) -> None:
    """Read the file for a second, and begin to store when that was the last of it."""
    reader = _reading.get(job.id)
    if reader is None or reader.pieces != job.cursor["pieces"]:
        forget(job)
        reader = Normaliser(plan, parts.known(job.created_by, plan.upload))
        _reading[job.id] = reader
        _keep_few()
        reader.pass_over(job.cursor["pieces"])
    has_ended = reader.advance(SECONDS_PER_STEP)
    job.done = min(reader.position >> 10, job.total or 0)
    job.cursor = {**job.cursor, "pieces": reader.pieces}
    if has_ended:
        summary = reader.summary()
        forget(job)
        if not summary["records"]:
            raise Invalid("there are no records in the file", field="file")
        pieces.finish(plan.folder, summary)
        _begin_storing(job, plan, summary)


def _begin_storing(job: Job, plan: ImportPlan, summary: Mapping[str, Any]) -> None:
    job.stage = f"{'checking' if plan.is_dry_run else 'storing'} {summary['unit']}s"
    job.done, job.total = 0, summary["lines"] + summary["refused"]
    job.cursor = {"stage": "storing", "piece": 1, "pieces": summary["pieces"]}
    job.result |= {"passed_over": summary["passed_over"], "unit": summary["unit"]}


def summary_of(plan: ImportPlan) -> dict[str, Any]:
    """What is in the pieces. Raises Invalid when they are gone."""
    summary = pieces.summary(plan.folder)
    if summary is None:
        raise Invalid("what was read of the file is gone: import it again", field="file")
    return summary


def missing(cursor: Mapping[str, Any]) -> Iterator[int]:
    """The numbers of the pieces that are not stored yet."""
    stored = cursor.get("stored", ())  # beyond `piece`
    return (n for n in range(cursor["piece"], cursor["pieces"] + 1) if n not in stored)


def _next_piece(job: Job, plan: ImportPlan) -> bool:
    assert plan.target is None
    n = next(missing(job.cursor), None)
    if n is None:
        return True
    summary = summary_of(plan)
    piece = pieces.read(plan.folder, n)
    if plan.is_dry_run:
        stored = piece_storing.rehearse_piece(_rehearsal(job, plan, summary, n), piece)
        _rehearsals[job.id] = n + 1, _rehearsals[job.id][1]
    else:
        rows = piece_storing.check_piece(
            job.project, piece, n=n, by=job.created_by, kinds=summary["kinds"]
        )
        piece_storing.prepare(job.project, rows)
        stored = piece_storing.store_piece(job.project, rows, by=job.created_by)
        if is_time_to_look(n):
            piece_storing.look_at_tables()
    count(job, n, piece, stored)
    return False


def is_time_to_look(n: int) -> bool:
    """Whether the planner should learn of the rows after this piece: 1, 4, 16, 64 …"""
    return bool(n.bit_length() % 2) and n & (n - 1) == 0


def _rehearsal(job: Job, plan: ImportPlan, summary: Mapping[str, Any], n: int) -> Rehearsal:
    """What remembers the pieces before `n`; they are gone through again where it is lost."""
    at, found = _rehearsals.get(job.id, (0, None))
    if found is None or at != n:
        kinds = summary["kinds"]
        found = Rehearsal(job.project, by=job.created_by, strict=False, kinds=lambda: kinds)
        for earlier in range(1, n):
            piece_storing.rehearse_piece(found, pieces.read(plan.folder, earlier))
        _rehearsals[job.id] = n, found
        _keep_few()
    return found


def count(job: Job, n: int, piece: FilePiece, stored: StoredPiece) -> None:
    """Add what the `n`-th piece brought to the job, and keep what was refused."""
    result = job.result
    for name in COUNTS:
        result[name] += getattr(stored.done, name)
    for name in ("llms", "metrics"):
        result[name] = sorted({*result[name], *getattr(stored, name)})
    raw = dict(piece.lines)
    refused = piece.refused + [
        (number, pieces.refused_line(number, fault, raw[number])) for number, fault in stored.faults
    ]
    refused.sort(key=lambda one: one[0])
    result["refused"] += len(refused)
    shown = [_shown_fault(line) for _, line in refused[:FAULTS_SHOWN]]
    result["faults"] = sorted(result["faults"] + shown)[:FAULTS_SHOWN]
    job.done += piece.size
    job.cursor = _with_piece(job.cursor, n)
    if refused:
        pieces.keep_refused(job.uuid, n, [line for _, line in refused])


def _with_piece(cursor: Mapping[str, Any], n: int) -> dict[str, Any]:
    """The cursor once this piece is stored, too: the next one may have been before it."""
    stored, first = {*cursor.get("stored", ()), n}, cursor["piece"]
    while first in stored:
        stored.remove(first)
        first += 1
    return {**cursor, "piece": first, "stored": sorted(stored)}


def _shown_fault(line: bytes) -> list[Any]:
    given = pieces.parsed(line)
    member = f"{given['member']}: " if given["member"] else ""
    return [given["number"], f"{member}{given['reason']}"[:_LONGEST_FAULT]]


def _keep_few() -> None:
    """Let go of the oldest: their jobs ended elsewhere, or go on with a new one."""
    while len(_reading) > _HELD:
        _reading.popitem(last=False)[1].close()
    while len(_rehearsals) > _HELD:
        _rehearsals.popitem(last=False)
