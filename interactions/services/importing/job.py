"""The job that imports an uploaded file: read into pieces, then stored piece by piece.

A dry run is the same job without the storing. Both find each other's pieces, so what was read
for the one is not read again for the other. Each piece is one transaction together with the
job's `cursor`. When it is cancelled what is stored stays: the same file again stores the rest.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db import transaction

from adaptive_site.lib.errors import Invalid
from interactions.filters.notation import spell_label
from interactions.models import Job
from interactions.services.importing import piece_storing, pieces
from interactions.services.importing.normalising import Normaliser
from interactions.services.importing.piece_storing import StoredPiece
from interactions.services.importing.pieces import FilePiece
from interactions.services.importing.plan import ImportPlan
from interactions.services.importing.stores import Rehearsal
from interactions.services.uploads import parts
from projects.services import audit
from projects.services.access import CREATE

PERMISSION = CREATE
SECONDS_PER_STEP = 1.0
FAULTS_SHOWN = 100
_LONGEST_FAULT = 300
_COUNTS = ("interactions", "interactions_there", "comparisons", "comparisons_there", "made")
_HELD = 4  # files that a worker keeps open between steps

# What a worker keeps between two steps of a job; lost with it, and then made anew.
_reading: OrderedDict[int, Normaliser] = OrderedDict()
_rehearsals: OrderedDict[int, tuple[int, Rehearsal]] = OrderedDict()


def sentence(job: Job) -> str:
    """What is done, in words."""
    plan = ImportPlan.of(job.arguments)
    return f"Dry run of importing {plan.name}" if plan.is_dry_run else f"Import {plan.name}"


def step(job: Job) -> bool:
    """Read on for a second, or store the next piece."""
    plan = ImportPlan.of(job.arguments)
    stage = job.cursor.get("stage")
    if stage is None:
        _begin(job, plan)
        return False
    if stage == "reading":
        _read_on(job, plan)
        return False
    return _next_piece(job, plan)


def cancelled(job: Job) -> None:
    """Leave what is stored, and the upload for another attempt; say what came in."""
    _forget(job)
    _say(job, ImportPlan.of(job.arguments))


def failed(job: Job) -> None:
    """Leave what is stored; trying again goes on at the same piece."""
    _forget(job)
    _say(job, ImportPlan.of(job.arguments))


def _begin(job: Job, plan: ImportPlan) -> None:
    """The first stage; the second at once where the file has been read before."""
    job.result = dict.fromkeys(_COUNTS, 0) | {"refused": 0, "faults": [], "llms": [], "metrics": []}
    summary = pieces.summary(plan.folder)
    if summary is not None:
        _begin_storing(job, plan, summary)
        return
    upload = parts.known(job.created_by, plan.upload)
    job.stage, job.done, job.total = "reading the file, KB", 0, upload.received >> 10
    job.cursor = {"stage": "reading", "pieces": 0}


def _read_on(job: Job, plan: ImportPlan) -> None:
    reader = _reading.get(job.id)
    if reader is None or reader.pieces != job.cursor["pieces"]:
        _forget(job)
        reader = Normaliser(plan, parts.known(job.created_by, plan.upload))
        _reading[job.id] = reader
        _keep_few()
        reader.pass_over(job.cursor["pieces"])
    has_ended = reader.advance(SECONDS_PER_STEP)
    job.done = min(reader.position >> 10, job.total or 0)
    job.cursor = {"stage": "reading", "pieces": reader.pieces}
    if has_ended:
        summary = reader.summary()
        _forget(job)
        if not summary["records"]:
            raise Invalid("there are no records in the file", field="file")
        pieces.finish(plan.folder, summary)
        _begin_storing(job, plan, summary)


def _begin_storing(job: Job, plan: ImportPlan, summary: Mapping[str, Any]) -> None:
    job.stage = f"{'checking' if plan.is_dry_run else 'storing'} {summary['unit']}s"
    job.done, job.total = 0, summary["lines"] + summary["refused"]
    job.cursor = {"stage": "storing", "piece": 1}
    job.result |= {"passed_over": summary["passed_over"], "unit": summary["unit"]}


def _next_piece(job: Job, plan: ImportPlan) -> bool:
    n = job.cursor["piece"]
    summary = pieces.summary(plan.folder)
    if summary is None:
        raise Invalid("what was read of the file is gone: import it again", field="file")
    if n > summary["pieces"]:
        _finish(job, plan)
        return True
    piece = pieces.read(plan.folder, n)
    if plan.is_dry_run:
        stored = piece_storing.rehearse_piece(_rehearsal(job, plan, summary, n), piece)
        _rehearsals[job.id] = n + 1, _rehearsals[job.id][1]
    else:
        stored = piece_storing.store_piece(
            job.project, piece, by=job.created_by, kinds=summary["kinds"]
        )
        if n.bit_length() % 2 and n & (n - 1) == 0:  # after pieces 1, 4, 16, 64 …
            piece_storing.look_at_tables()
    _count(job, n, piece, stored)
    job.done += piece.size
    job.cursor = {"stage": "storing", "piece": n + 1}
    return False


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


def _count(job: Job, n: int, piece: FilePiece, stored: StoredPiece) -> None:
    """Add what a piece brought to the result, and keep what was refused."""
    result = job.result
    for name in _COUNTS:
        result[name] += getattr(stored.done, name)
    for name in ("llms", "metrics"):
        result[name] = sorted({*result[name], *getattr(stored, name)})
    raw = dict(piece.lines)
    refused = piece.refused + [
        (number, pieces.refused_line(number, fault, raw[number])) for number, fault in stored.faults
    ]
    refused.sort(key=lambda one: one[0])
    result["refused"] += len(refused)
    room = FAULTS_SHOWN - len(result["faults"])
    result["faults"] += [_shown_fault(line) for _, line in refused[:room]]
    if refused:
        pieces.keep_refused(job.uuid, n, [line for _, line in refused])


def _finish(job: Job, plan: ImportPlan) -> None:
    _forget(job)
    _say(job, plan)
    if plan.is_dry_run:
        return
    result = job.result
    audit.record(
        job.project,
        actor=job.created_by,
        verb="interactions.imported",
        subject=str(job.uuid),
        file=plan.name,
        **{name: result[name] for name in (*_COUNTS, "refused")},
    )
    parts.abort(job.created_by, plan.upload)
    transaction.on_commit(lambda: pieces.drop(plan.upload))


def _say(job: Job, plan: ImportPlan) -> None:
    """The result as pages of jobs show it."""
    result = job.result
    if not result:
        return
    would = "would be " if plan.is_dry_run else ""
    passed = result.get("passed_over", {})
    lines = [
        (f"interactions {would}stored", result["interactions"]),
        ("interactions already there", result["interactions_there"]),
        (f"comparisons {would}stored", result["comparisons"]),
        ("comparisons already there", result["comparisons_there"]),
        (f"interactions {would}made for comparisons", result["made"]),
        ("new models", len(result["llms"])),
        ("new metrics", len(result["metrics"])),
        *((f"passed over: {kind}", n) for kind, n in passed.items()),
        ("refused", result["refused"]),
    ]
    result["lines"] = [list(line) for n, line in enumerate(lines) if n == 0 or line[1]]
    came = any(result[name] for name in _COUNTS)
    new = result["interactions"] + result["comparisons"]
    result["words"] = "Nothing was written." if plan.is_dry_run else f"{new:,} came in."
    if plan.is_dry_run:
        return
    if came and plan.label:
        link = f"interactions/?{urlencode({'label': spell_label(*plan.label)})}"
        result["links"] = [{"address": link, "words": "See what came in"}]
    elif came:
        result["links"] = [{"address": "interactions/", "words": "See the interactions"}]


def _shown_fault(line: bytes) -> list[Any]:
    given = pieces.parsed(line)
    member = f"{given['member']}: " if given["member"] else ""
    return [given["number"], f"{member}{given['reason']}"[:_LONGEST_FAULT]]


def _forget(job: Job) -> None:
    reader = _reading.pop(job.id, None)
    if reader is not None:
        reader.close()
    _rehearsals.pop(job.id, None)


def _keep_few() -> None:
    """Let go of the oldest: their jobs ended elsewhere, or go on with a new one."""
    while len(_reading) > _HELD:
        _reading.popitem(last=False)[1].close()
    while len(_rehearsals) > _HELD:
        _rehearsals.popitem(last=False)
