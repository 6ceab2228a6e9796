"""The job that erases for good, stage by stage, and at last looks for what was erased.

It cannot be taken back: cancelled or failed, it leaves what is left, and may be begun again.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from interactions.models import Job
from interactions.services.erasure import folders, proof, targets
from interactions.services.erasure.backups import ledger
from interactions.services.erasure.backups.ledger import OlderBackup
from interactions.services.erasure.files import erase_files
from interactions.services.erasure.index import erase_from_index
from interactions.services.erasure.masked_rows import mask_bin, mask_interactions
from interactions.services.erasure.records import erase_records
from interactions.services.erasure.redaction import redact
from interactions.services.erasure.rows import erase_interactions
from interactions.services.erasure.stepping import actor, is_mask
from interactions.services.erasure.traces import erase_traces, mask_traces
from projects.services import audit
from projects.services.access import DELETE

PERMISSION = DELETE  # and, where datasets hold something of it, MANAGE
_WORDS = {False: ", words when they are said again", True: " again"}
AUDIT_TABLE = "projects_event"


class ErasureStage(NamedTuple):
    """A part of the work, which says whether it is through."""

    words: str
    step: Callable[[Job], bool]


MASK_STAGES = (
    ErasureStage("finding what is masked", targets.gather),
    ErasureStage("masking interactions", mask_interactions),
    ErasureStage("masking the bin and undo logs", mask_bin),
    ErasureStage("masking other traces", mask_traces),
    ErasureStage("masking records of datasets", erase_records),
    ErasureStage("writing the index of texts anew", erase_from_index),
    ErasureStage("erasing files", erase_files),
    ErasureStage("masking other texts", redact),
    ErasureStage("looking through all tables", proof.search_tables),
    ErasureStage("looking through all files", proof.search_files),
)
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
    return "Mask for good" if is_mask(job) else "Erase for good"


def step(job: Job) -> bool:
    """Do the next step."""
    at = job.cursor.setdefault("at", 0)
    stages = MASK_STAGES if is_mask(job) else STAGES
    stage = stages[at]
    if job.stage != stage.words:
        job.stage, job.done, job.total = stage.words, 0, None
        return False
    if not stage.step(job):
        return False
    job.cursor["at"] = at + 1
    job.cursor["place"] = {}
    if at + 1 < len(stages):
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


def _of_backups(job: Job, older: list[OlderBackup]) -> str:
    """What backups still hold it, and what to do."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    again = "Delete them, or let them expire. After a restore of one the worker erases it again"
    if is_mask(job):
        again = "Delete them, or let them expire. After a restore of one the words have to be said"
    known = f" {len(older):,} of them are known." if older else ""
    n = sum(not one.has_record for one in older)
    beside = f" Copy the folder {ledger.FOLDER} of the files beside {n:,} of them." if n else ""
    return f"Backups made before {now} still hold it.{known} {again}{_WORDS[is_mask(job)]}.{beside}"


def _places(job: Job, older: list[OlderBackup]) -> list[tuple[str, int]]:
    """Where the known backups are, which is for administrators."""
    if not actor(job).is_superuser:
        return []
    return [
        (f"of {one.backup.taken_at:%Y-%m-%d %H:%M UTC}, {one.backup.place}", one.backup.size)
        for one in older
    ]


def _finish(job: Job) -> None:
    """Report, and forget what was looked for."""
    counts, looked = job.cursor.get("counts", []), job.cursor["proof"]
    done, held = "masked" if is_mask(job) else "erased", job.cursor.get("held", 0)
    kept = f"an id in {AUDIT_TABLE}"
    left = [one for one in looked["found"] if one[0] != kept]
    in_log = sum(n for where, n in looked["found"] if where == kept)
    older = ledger.note(job)
    words = [
        f"{looked['tables']:,} tables with {looked['rows']:,} rows and {looked['files']:,} files"
        " were looked through.",
        f"Something is left in {len(left):,} places: see below." if left else "Nothing is left.",
    ]
    if in_log:
        words.append("The audit log keeps the ids of what people acted on, and nothing it said.")
    if held:
        stay = "stays, with its copies" if held == 1 else "stay, with their copies"
        words.append(f"{held:,} under legal hold {stay}.")
    if n := folders.unseen_uploads(job.project, actor(job)):
        words.append(
            f"{n:,} uploads of other people, to no project, were not looked into: an"
            " administrator’s erasure reaches them."
        )
    words.append(_of_backups(job, older))
    job.result = {
        "words": " ".join(words),
        "lines": [
            *([f"{done}: {what}", n] for what, n in counts if n),
            *([["held, so kept: interactions", held]] if held else []),
            ["looked through: tables", looked["tables"]],
            ["looked through: rows", looked["rows"]],
            ["looked through: files", looked["files"]],
            *([f"left: {where}", n] for where, n in left),
            *([f"bytes of the backup {where}", n] for where, n in _places(job, older)),
        ],
        "left": left,
    }
    _leave(job, "interactions.masked" if done == "masked" else "interactions.erased")
