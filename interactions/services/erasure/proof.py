"""Looking for what was erased in every table and file that is the project's.

What belongs to other projects is passed over: whoever erases may not learn what they hold. What
belongs to none, such as people and sessions, is looked through for administrators.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.models import Job
from interactions.services.erasure import file_texts, folders
from interactions.services.erasure.stepping import STEP_SECONDS, actor, is_mask, progress
from interactions.services.erasure.targets import sought_ids, words_of
from interactions.services.erasure.traces import names_target

BLOCKS_AT_ONCE = 1_000  # of a table, 8 KB each, and what its rows keep elsewhere
FILES_AT_ONCE = 200
RECORDS = "erasures"  # of erasures, which name ids and hold no text
# Tables without a project of their own, and how their rows are one's.
_OWNED = {
    "bulk_action_change": "action_id IN (SELECT id FROM bulk_action WHERE project_id = {})",
    "bulk_action_image": "action_id IN (SELECT id FROM bulk_action WHERE project_id = {})",
    "dataset_image": "dataset_id IN (SELECT id FROM dataset WHERE project_id = {})",
    "planned_record": "job_id IN (SELECT id FROM job WHERE project_id = {})",
    "projects_project": "id = {}",
}
# Bytes that are ids, one after the other.
_JOINED_IDS = {("search_ids", "ids"), ("search_segment", "starts")}
_COLUMNS = """
    SELECT c.relname, pg_relation_size(c.oid) / current_setting('block_size')::int,
        array_agg(a.attname::text ORDER BY a.attnum), array_agg(t.typname::text ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relkind = 'r' AND n.nspname = current_schema()
    AND c.relname NOT IN ('erasure_target', 'erasure_record')
    GROUP BY c.oid, c.relname ORDER BY c.relname
"""
_NO_TEXT = frozenset(("bool", "int2", "int4", "int8", "float8", "date", "timestamptz", "_int4"))


@dataclass(frozen=True, slots=True)
class SearchedTable:
    """A table, and which of its rows are looked through."""

    name: str
    blocks: int
    columns: Sequence[tuple[str, str]]  # with their types

    def rows_of(self, job: Job) -> str | None:
        """The test whether a row is looked through; None of a table that is not."""
        names = {name for name, _ in self.columns}
        if self.name in _OWNED:
            return _OWNED[self.name].format("%(project)s")
        if "project_id" not in names:
            return "TRUE" if actor(job).is_superuser else None
        mine = "project_id = %(project)s"
        if actor(job).is_superuser:
            mine = f"({mine} OR project_id IS NULL)"
        return f"{mine} AND id <> %(job)s" if self.name == "job" else mine

    @property
    def said(self) -> str:
        """All that a row says, as one text."""
        texts = [
            f"encode({name}, 'escape')" if type == "bytea" else f"{name}::text"
            for name, type in ((f'"{name}"', type) for name, type in self.columns)
            if type not in _NO_TEXT
        ]
        return f"concat_ws(E'\\n', {', '.join(texts)})" if texts else "''"

    def holds_id(self, job: Job) -> str:
        """The test whether a row names what is erased."""
        if is_mask(job):
            return "FALSE"
        joined = [name for name, _ in self.columns if (self.name, name) in _JOINED_IDS]
        if not joined:
            return names_target("said")
        (name,) = joined
        return (
            f"EXISTS (SELECT FROM generate_series(0, length({name}) / 16 - 1) n"
            " JOIN erasure_target t ON t.project_id = %(project)s AND t.job_id = %(job)s"
            f" AND t.interaction_id = encode(substr({name}, n * 16 + 1, 16), 'hex')::uuid)"
        )


def tables() -> list[SearchedTable]:
    """All tables of the database."""
    return [
        SearchedTable(name, blocks, list(zip(columns, types, strict=True)))
        for name, blocks, columns, types in fetch(Sql(_COLUMNS))
    ]


def search_tables(job: Job) -> bool:
    """Look through some of the tables."""
    place = progress(job)
    found = job.cursor.setdefault("proof", {"tables": 0, "rows": 0, "files": 0, "found": []})
    all_tables = {table.name: table for table in tables()}
    left = place.setdefault("left", list(all_tables))
    job.total = len(all_tables)
    ends = time.monotonic() + STEP_SECONDS
    while left and time.monotonic() < ends:
        table = all_tables[left[0]]
        first = place.get("block", 0)
        where = table.rows_of(job)
        if where is not None:
            _look(job, table, where, first)
        if where is not None and first + BLOCKS_AT_ONCE < table.blocks:
            place["block"] = first + BLOCKS_AT_ONCE
            continue
        found["tables"] += where is not None
        place["block"] = 0
        left.pop(0)
        job.done += 1
    return not left


def _look(job: Job, table: SearchedTable, where: str, first: int) -> None:
    words = words_of(job)
    spellings = {f"word{n}": one for n, one in enumerate(words.spellings)}
    tests = " OR ".join(f"strpos(lower(said), %({name})s) > 0" for name in spellings) or "FALSE"
    query = (
        f"SELECT count(*), count(*) FILTER (WHERE {tests}),"
        f" count(*) FILTER (WHERE {table.holds_id(job)})"
        f" FROM (SELECT *, {table.said} AS said FROM {table.name} WHERE {where}"
        " AND ctid >= format('(%%s,0)', %(first)s::bigint)::tid"
        " AND ctid < format('(%%s,0)', %(end)s::bigint)::tid) r"
    )
    which: dict[str, Any] = {"project": job.project_id, "job": job.id, "first": first, **spellings}
    which["end"] = first + BLOCKS_AT_ONCE
    with connection.cursor() as cursor:
        cursor.execute(query, which)
        rows, with_word, with_id = cursor.fetchone()
    job.cursor["proof"]["rows"] += rows
    for what, n in (("a word", with_word), ("an id", with_id)):
        _note(job, f"{what} in {table.name}", n)


def search_files(job: Job) -> bool:
    """Look through some of the files."""
    place, ends = progress(job), time.monotonic() + STEP_SECONDS
    ids, words = sought_ids(job), words_of(job)
    is_all = actor(job).is_superuser
    paths = folders.files("") if is_all else folders.of_project(job.project, actor(job))
    done = place.get("done", 0)
    for number, path in enumerate(sorted(paths)):
        if number < done or path.startswith(f"{RECORDS}/"):
            continue
        if time.monotonic() > ends:
            return False
        if file_texts.holds(path, ids, words):
            _note(job, f"the file {path}", 1)
        place["done"] = done = number + 1
        job.cursor["proof"]["files"] += 1
        job.done += 1
    return True


def _note(job: Job, where: str, n: int) -> None:
    if not n:
        return
    found = job.cursor["proof"]["found"]
    for one in found:
        if one[0] == where:
            one[1] += n
            return
    found.append([where, n])
