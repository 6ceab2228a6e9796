"""The job that erases for good, stage by stage, and at last looks for what was erased.

It cannot be taken back: cancelled or failed, it leaves what is left, and may be begun again.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from interactions.models import Job
from interactions.services.erasure import proof, targets
from interactions.services.erasure.files import erase_files
from interactions.services.erasure.index import erase_from_index
from interactions.services.erasure.records import erase_records
from interactions.services.erasure.redaction import redact
from interactions.services.erasure.rows import erase_interactions
from interactions.services.erasure.traces import erase_traces
from projects.services import audit
from projects.services.access import DELETE

PERMISSION = DELETE  # and, where datasets hold something of it, MANAGE
AUDIT_TABLE = "projects_event"


class ErasureStage(NamedTuple):
    """A part of the work, which says whether it is through."""

    words: str
    step: Callable[[Job], bool]


# Interactions go before whatever is made of them, so that nothing is made anew of them.
STAGES = (
    ErasureStage("finding what is erased", targets.gather),
    ErasureStage("erasing interactions", erase_interactions),
    ErasureStage("erasing the bin and undo logs", erase_traces),
    ErasureStage("erasing records of datasets", erase_records),
    ErasureStage("erasing the index of texts", erase_from_index),
    ErasureStage("erasing files", erase_files),
    ErasureStage("taking the words out of other texts", redact),
    ErasureStage("looking through all tables", proof.search_tables),
    ErasureStage("looking through all files", proof.search_files),
)


def sentence(job: Job) -> str:
    """What is done, in words."""
    return "Erase for good"


def step(job: Job) -> bool:
    """Do the next step."""
    at = job.cursor.setdefault("at", 0)
    stage = STAGES[at]
    if job.stage != stage.words:
        job.stage, job.done, job.total = stage.words, 0, None
        return False
    if not stage.step(job):
        return False
    job.cursor["at"] = at + 1
    job.cursor["place"] = {}
    if at + 1 < len(STAGES):
        return False
    _finish(job)
    return True


def cancelled(job: Job) -> None:
    """What is erased stays so; the rest stays as it is."""
    _leave(job, "interactions.erasure_cancelled")


def failed(job: Job) -> None:
    """Trying again goes on where it stands."""


def _leave(job: Job, verb: str) -> None:
    counts = {what: n for what, n in job.cursor.get("counts", ()) if n}
    looked = job.cursor.get("proof", {})
    targets.forget(job)
    by = job.cancelled_by or job.created_by
    audit.record(
        job.project, actor=by, verb=verb, subject=str(job.uuid), erased=counts, looked_at=looked
    )
    job.cursor = {}


def _finish(job: Job) -> None:
    """Report, and forget what was looked for."""
    counts, looked = job.cursor.get("counts", []), job.cursor["proof"]
    kept = f"an id in {AUDIT_TABLE}"
    left = [one for one in looked["found"] if one[0] != kept]
    in_log = sum(n for where, n in looked["found"] if where == kept)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    words = [
        f"{looked['tables']:,} tables with {looked['rows']:,} rows and {looked['files']:,} files"
        " were looked through.",
        f"Something is left in {len(left):,} places: see below." if left else "Nothing is left.",
    ]
    if in_log:
        words.append("The audit log keeps the ids of what people acted on, and nothing it said.")
    words.append(f"Backups made before {now} still hold it.")
    job.result = {
        "words": " ".join(words),
        "lines": [
            *([f"erased: {what}", n] for what, n in counts if n),
            ["looked through: tables", looked["tables"]],
            ["looked through: rows", looked["rows"]],
            ["looked through: files", looked["files"]],
            *([f"left: {where}", n] for where, n in left),
        ],
        "left": left,
    }
    _leave(job, "interactions.erased")
