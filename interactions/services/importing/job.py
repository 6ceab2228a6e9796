"""The job that imports an uploaded file: read into pieces, then stored piece by piece.

A dry run is the same job without the storing. Both find each other's pieces, so what was read
for the one is not read again for the other. Each piece is one transaction together with the
job's `cursor`. When it is cancelled what is stored stays: the same file again stores the rest.
"""

from urllib.parse import urlencode

from django.db import transaction

from interactions.filters.notation import spell_label
from interactions.models import Job
from interactions.services.importing import pieces
from interactions.services.importing.plan import ImportPlan
from interactions.services.importing.stepwise import aside, file_work
from interactions.services.uploads import parts
from projects.services import audit
from projects.services.access import CREATE

PERMISSION = CREATE


def sentence(job: Job) -> str:
    """What is done, in words."""
    plan = ImportPlan.of(job.arguments)
    return f"Dry run of importing {plan.name}" if plan.is_dry_run else f"Import {plan.name}"


def step(job: Job) -> bool:
    """Read on for a second, or store the next piece; several where that is long work."""
    plan = ImportPlan.of(job.arguments)
    if "stage" not in job.cursor:
        file_work.begin(job, plan)
        return False
    is_over = aside.advance(job) if aside.is_large(job) else file_work.advance(job, plan)
    if is_over:
        _finish(job, plan)
    return is_over


def cancelled(job: Job) -> None:
    """Leave what is stored, and the upload for another attempt; say what came in."""
    _end_work(job)
    _say(job, ImportPlan.of(job.arguments))


def failed(job: Job) -> None:
    """Leave what is stored; trying again goes on at the same piece."""
    job.error = job.error.removeprefix("file: ")
    _end_work(job)
    _say(job, ImportPlan.of(job.arguments))


def _finish(job: Job, plan: ImportPlan) -> None:
    _end_work(job)
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
        **{name: result[name] for name in (*file_work.COUNTS, "refused")},
    )
    if not any(result[name] for name in file_work.COUNTS):
        result["kept"] = True  # nothing could be taken: it may be told otherwise
        return
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
    came = any(result[name] for name in file_work.COUNTS)
    new = result["interactions"] + result["comparisons"]
    if plan.is_dry_run:
        result["words"] = "Nothing was written."
        return
    there = result["interactions_there"] + result["comparisons_there"]
    result["words"] = f"{new:,} came in."
    if not new:
        result["words"] = "All of it was here already." if there else "Nothing came in."
    if (result["interactions"] or result["made"]) and plan.label:
        link = f"interactions/?{urlencode({'label': spell_label(*plan.label)})}"
        result["links"] = [{"address": link, "words": "See what came in"}]
        result["filter"] = link.partition("?")[2]
    elif came:
        result["links"] = [{"address": "interactions/", "words": "See the interactions"}]


def _end_work(job: Job) -> None:
    file_work.forget(job)
    aside.end(job)
