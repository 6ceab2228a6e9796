"""Words taken out of texts that stay: names, notes, filters, arguments of what was done, …"""

from typing import Any

from django.db import connection

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.sql import Sql
from interactions.models import Job
from interactions.services.erasure.sought_words import SoughtWords
from interactions.services.erasure.stepping import count, is_mask, progress
from interactions.services.erasure.targets import words_of
from interactions.services.holds import held
from projects.models import Project

# By table its texts, and its columns of JSON. Every one has `id` and `project_id`.
TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "feedback": (("reason", "details", "said_by"), ()),
    "comparison": (("external_id", "said_by"), ()),
    "label": (("key", "value"), ()),
    "selection": (("query", "came_from"), ()),
    "interactions_savedview": (("name", "query"), ()),
    "bulk_action": (("error",), ("arguments",)),
    "job": (("error",), ("arguments", "cursor", "result", "told")),
    "dataset": (
        ("name", "description", "error", "original_name"),
        ("split_rule", "growth"),
    ),
    "dataset_version": (("note",), ("figures",)),
    "dataset_batch": ((), ("recipe", "steps")),
    "upload": (("name", "content_type"), ("metadata",)),
}


def redact(job: Job) -> bool:
    """Put [erased] in the place of the words in one table."""
    place = progress(job)
    left = place.setdefault("left", list(TEXTS) if words_of(job).words else [])
    job.total = len(TEXTS)
    if left:
        table = left.pop(0)
        instead = "masking words" if is_mask(job) else "[erased]"
        count(job, f"texts elsewhere, with {instead} in their place", _redact(job, table))
        job.done += 1
    return not left


def _redact(job: Job, table: str) -> int:
    words, (texts, jsons) = words_of(job), TEXTS[table]
    columns = (*texts, *jsons)
    said = ", ".join(f"{column}::text" for column in columns)
    test = words.test(f"concat_ws(E'\\n', {said})")
    test = _but_held(job.project, table, test)
    own = job.id if table == "job" else 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {said} FROM {table} WHERE project_id = %s AND {test.text}"
            " ORDER BY id FOR UPDATE",
            [job.project_id, *test.params],
        )
        rows = [row for row in cursor.fetchall() if row[0] != own]
        for id, *values in rows:
            given = [
                _text(words, value, id, is_label=table == "label")
                if column in texts
                else _json(words, value)
                for column, value in zip(columns, values, strict=True)
            ]
            to = ", ".join(f"{column} = %s" for column in columns)
            cursor.execute(
                f"UPDATE {table} SET {to} WHERE project_id = %s AND id = %s",
                [*given, job.project_id, id],
            )
    return len(rows)


def _but_held(project: Project, table: str, test: Sql) -> Sql:
    """The test, but of what belongs to an interaction under legal hold: feedback, and labels."""
    labels = held.held_labels(project)
    if not labels or table not in ("feedback", "label"):
        return test
    if table == "feedback":
        its = held.is_held(project, labels, "feedback.interaction_id")
        return test & Sql(f"NOT {its.text}", its.params)
    return test & Sql(
        "NOT (id = ANY(%s) OR EXISTS (SELECT FROM interaction_label mine"
        " JOIN interaction_label holds ON holds.project_id = mine.project_id"
        " AND holds.interaction_id = mine.interaction_id AND holds.label_id = ANY(%s)"
        " WHERE mine.project_id = %s AND mine.label_id = label.id))",
        (labels + held.held_values(project), labels, project.id),
    )


def _text(words: SoughtWords, value: str | None, id: Any, *, is_label: bool) -> str | None:
    """A label is there once in a project, so what stands for one has its number."""
    if value is None:
        return None
    said = words.without(value)
    return f"{said} {id}" if is_label and said != value else said


def _json(words: SoughtWords, value: str | None) -> str | None:
    if value is None:
        return None
    return exact_json.dumps(words.value_without(exact_json.loads(value))).decode()
