"""What other tables keep of interactions: the bin, undo logs, selections, the audit log, …"""

from django.db import connection

from adaptive_site.lib.database.sql import Sql
from interactions.models import Job
from interactions.services.erasure.stepping import count, is_mask
from interactions.services.erasure.targets import words_of
from projects.services.auditing.erasing import erase_details

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def is_target(expression: str) -> str:
    """The test whether an id is erased by the job."""
    return (
        f"{expression} IN (SELECT t.interaction_id FROM erasure_target t"
        " WHERE t.project_id = %(project)s AND t.job_id = %(job)s)"
    )


def names_target(text: str) -> str:
    """The test whether a text names an interaction that is erased by the job."""
    found = is_target("found[1]::uuid")
    return f"EXISTS (SELECT FROM regexp_matches({text}, '{_UUID}', 'g') found WHERE {found})"


_IN_COMPARISONS = "c.before ->> 'comparisons'"
_OTHER_COMPARISONS = (
    "SELECT coalesce(jsonb_agg(one), '[]') FROM jsonb_array_elements(c.before -> 'comparisons') one"
    f" WHERE NOT {names_target('one::text')}"
)
# What it is, and the statement that erases it.
_STATEMENTS = (
    (
        "entries of the bin and of undo logs",
        "DELETE FROM bulk_action_change c USING bulk_action a WHERE a.id = c.action_id"
        f" AND a.project_id = %(project)s AND {is_target('c.interaction_id')}",
    ),
    (
        "comparisons in the bin",
        "UPDATE bulk_action_change c"
        f" SET before = jsonb_set(c.before, '{{comparisons}}', ({_OTHER_COMPARISONS}))"
        " FROM bulk_action a WHERE a.id = c.action_id AND a.project_id = %(project)s"
        f" AND a.kind = 'delete' AND {names_target(_IN_COMPARISONS)}",
    ),
    (
        "images in the bin",
        "DELETE FROM bulk_action_image i USING bulk_action a WHERE a.id = i.action_id"
        " AND a.project_id = %(project)s AND NOT EXISTS (SELECT FROM bulk_action_change c,"
        "  jsonb_array_elements(c.before -> 'images') one"
        "  WHERE c.action_id = i.action_id AND (one ->> 'image_id')::bigint = i.image_id)",
    ),
    (
        "entries for undoing",
        "DELETE FROM undo_entry e WHERE e.project_id = %(project)s AND"
        f" ({is_target('e.interaction_id')} OR {names_target('e.before::text')})",
    ),
    (
        "records that jobs have planned",
        "DELETE FROM planned_record p USING job j WHERE j.id = p.job_id"
        f" AND j.project_id = %(project)s AND ({is_target('p.interaction_id')}"
        f" OR {is_target('p.other_id')})",
    ),
    (
        "entries of selections",
        "UPDATE selection s SET"
        f" includes = ARRAY(SELECT id FROM unnest(s.includes) id WHERE NOT {is_target('id')}),"
        f" excludes = ARRAY(SELECT id FROM unnest(s.excludes) id WHERE NOT {is_target('id')})"
        " WHERE s.project_id = %(project)s"
        f" AND EXISTS (SELECT FROM unnest(s.includes || s.excludes) id WHERE {is_target('id')})",
    ),
    (
        "texts that wait for the index",
        "UPDATE arrival a SET interaction_ids ="
        f" ARRAY(SELECT id FROM unnest(a.interaction_ids) id WHERE NOT {is_target('id')})"
        " WHERE a.project_id = %(project)s"
        f" AND EXISTS (SELECT FROM unnest(a.interaction_ids) id WHERE {is_target('id')})",
    ),
)


def erase_traces(job: Job) -> bool:
    """Take ids, and copies of what they stand for, out of the other tables."""
    which = {"project": job.project_id, "job": job.id}
    with connection.cursor() as cursor:
        for what, statement in _STATEMENTS:
            cursor.execute(statement, which)
            count(job, what, cursor.rowcount)
    _erase_undo_entries(job)
    while n := _erase_details(job):
        count(job, "details in the audit log, and answers kept for repeated requests", n)
    return True


def mask_traces(job: Job) -> bool:
    """Delete entries for undoing that hold a word, and details of events; of both nothing is said
    that masking words would keep.
    """
    _erase_undo_entries(job)
    while n := _erase_details(job):
        count(job, "details in the audit log, and answers kept for repeated requests", n)
    return True


def _erase_details(job: Job) -> int:
    """Of some events about what is erased, or with the words; they are more than one step's."""
    if is_mask(job):
        test = words_of(job).test("details::text")
        return erase_details(job.project, test, by=job.created_by, subject=str(job.uuid))
    said = words_of(job).test("details::text")
    ids = f"{names_target('subject')} OR {names_target('details::text')}"
    for name in ("project", "job"):
        ids = ids.replace(f"%({name})s", "%s")
    which = (job.project_id, job.id)
    test = Sql(f"{ids} OR {said.text}", (*which, *which, *said.params))
    return erase_details(job.project, test, by=job.created_by, subject=str(job.uuid))


def _erase_undo_entries(job: Job) -> None:
    """Those that hold the words, of whatever they are."""
    test = words_of(job).test("before::text")
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM undo_entry WHERE project_id = %s AND {test.text}",
            [job.project_id, *test.params],
        )
        count(job, "entries for undoing", cursor.rowcount)
