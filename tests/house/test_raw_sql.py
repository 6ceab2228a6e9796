"""Isolation between projects: raw SQL on their rows narrows to a project, too.

Each string is looked at by itself, an f-string with `{}` for what is filled in. One that names a
table whose rows are projects', or fills in a table (`FROM {table}`), must say of which project:

- it compares `project_id`, or `metric_id`, since a metric is of one project and was looked up in
  it (`test_querysets.py`), or it fills `project_id` in;
- or it joins by `id` the rows that another piece has found, which is filled in: `FROM ({}) m JOIN
  interaction i ON i.id = m.id`; that piece is looked at where it is written.

So a table and its condition cannot come from two strings without a line in `EXCEPT`. What is not
seen: a table with no FROM, JOIN, UPDATE, INTO, USING or COPY before it in its string, a second
table of a string of which one is narrowed, and whether the value compared is the right project's.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.house.files import at, module_of, modules, name_of, place_of, tree_of
from tests.house.test_querysets import project_models

TABLES = "|".join(sorted(project_models().values(), key=len, reverse=True))
NAMED = re.compile(
    rf"\b(?:FROM|JOIN|UPDATE|INTO|USING|COPY)\s+(?:ONLY\s+)?(?:{TABLES}|\{{\}})(?!\w)"
    rf"|,\s*(?:{TABLES})\s+(?:AS\s+)?\w\b(?!\s*\()"
)
NARROWED = re.compile(
    r"\b(?:project_id|metric_id)\s*(?:=|IN\b)"  # a condition
    r"|=\s*\w+\.(?:project_id|metric_id)\b"
    r"|\b(?:INTO|COPY)\s+\w+\s*\([^)]*\bproject_id\b"  # a column that is filled in
    r"|\(project_id, [^)]*\)\s*(?:=|IN\b)"
)
FOUND = re.compile(r"\(\{\}\).*\b(?:id = \w\.id\b|USING \(id\))", re.DOTALL)
# Places, or whole modules, whose pieces of SQL narrow to no project by themselves, by the reason.
EXCEPT = {
    "walks lists, each of which narrows to the project where it is made (planner.py)": (
        "interactions.filters.sql.index_lists",
        "interactions.filters.sql.list_sizes._probe",
    ),
    "tests a row, named by an id that is filled in, of a query that narrows": (
        "interactions.filters.sql.row_tests",
        "interactions.services.analysis.group_queries._NAMES",
        "interactions.services.images.store.sweep",
    ),
    "joins the rows `r`, which the query before it has found in the project": (
        "interactions.services.analysis.group_pages.GroupPages",
    ),
    "takes the rows of an act, which is of one project": (
        "interactions.services.bulk.delete._PUT_ROWS",
        "interactions.services.bulk.delete._PUT_BODIES",
        "interactions.services.bulk.delete._PUT_IMAGES",
        "interactions.services.selections.newest",
    ),
    "fills in no table but an expression": (
        "interactions.textindex.message_texts",
        "interactions.services.rollups.compaction._HOURS_COMPACTED",
    ),
    "is the worker's, who looks in all projects for something to do": (
        "interactions.textindex.upkeep._mergeable",
        "interactions.textindex.upkeep._sweep",
        "interactions.services.retention.monthly_bodies.keep_up",
    ),
    "seals, or checks, the audit log of the whole server": (
        "projects.services.auditing.sealing.canonical_of",
        "projects.services.auditing.sealing.seal_some",
        "projects.services.auditing.verifying._events",
        "projects.services.auditing.verifying._check_strays",
    ),
    "is the operator's, who is told of all projects together": (
        "adaptive_site.doctor.texts_waiting",
        "adaptive_site.doctor.deltas_waiting",
        "interactions.services.rollups.by_project._COUNTS",
    ),
    "says who stands in the log of the whole server and has no account any more": (
        "projects.services.auditing.listing._ACTORS",
    ),
    "removes rows under a condition that names the project, one for each table of `_ROWS`": (
        "interactions.services.retention.removal._remove_rows",
    ),
    "fills in a table with the test which of its rows are the project's": (
        "interactions.services.erasure.proof._look",
        "interactions.services.erasure.survey._query",
    ),
    "names the project of each row that it adds": ("interactions.services.masking.counts._ADD",),
    "asks of which project an id is, to refuse one that is another's": (
        "interactions.services.importing.ids.projects_of",
    ),
}


def unscoped(path: Path) -> list[tuple[ast.AST, str]]:
    """Each piece of SQL of a file that names a table of projects and narrows to none."""
    tree = tree_of(path)
    inner = {
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr | ast.FormattedValue | ast.Expr)
        for part in ast.iter_child_nodes(node)
    }
    texts = (
        (node, text_of(node))
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr) and node not in inner
    )
    return [
        (node, text)
        for node, text in texts
        if NAMED.search(text) and not NARROWED.search(text) and not FOUND.search(text)
    ]


def text_of(node: ast.Constant | ast.JoinedStr) -> str:
    """A string with `{}` for what is filled in; "" of another constant."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            text_of(part) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return node.value if isinstance(node.value, str) else ""


def test_every_piece_of_sql_narrows_to_a_project() -> None:
    excepted = {place for places in EXCEPT.values() for place in places}
    seen, faults = set(), []
    for path in modules():
        if name_of(path).startswith("adaptive_site/lib/"):  # knows none of the tables
            continue
        for node, text in unscoped(path):
            place = place_of(path, node)
            known = excepted & {place, module_of(path)}
            seen |= known
            if not known:
                faults.append(f"{at(path, node)}: {place}: {' '.join(text.split())}")
    assert not faults, "\n".join(faults)
    assert not excepted - seen, "these narrow to a project now"


@pytest.mark.parametrize(
    ("code", "is_seen"),
    [
        ('cursor.execute("SELECT id FROM interaction WHERE id = %s")', True),
        ('cursor.execute("SELECT id FROM interaction WHERE project_id = %s")', False),
        ('cursor.execute("SELECT project_id FROM interaction WHERE id = %s")', True),
        ('Label.objects.raw("SELECT * FROM\\n label")', True),
        ('x = "UPDATE image SET size = 0" " WHERE id = %s"', True),
        ('x = "UPDATE image SET size = 0" " WHERE project_id = %s"', False),
        ('x = "DELETE FROM feedback" + where("project_id = %s")', True),
        ('x = f"SELECT id FROM {table} WHERE id = {id}"', True),
        ('x = f"SELECT id FROM {table} WHERE project_id = {id}"', False),
        ('x = Sql("SELECT value FROM feedback WHERE metric_id = %s")', False),
        ('x = f"SELECT i.id FROM ({found}) m JOIN interaction i ON i.id = m.id"', False),
        ('x = "SELECT i.id FROM selection m JOIN interaction i ON i.id = m.id"', True),
        ('x = "SELECT f.value FROM unnest(%s) m, feedback f"', True),
        ('x = "INSERT INTO label (key, value) VALUES (%s, %s)"', True),
        ('x = "INSERT INTO label (project_id, key) VALUES (%s, %s)"', False),
        ('x = "SELECT count(*) FROM projects_user"', False),
    ],
)
def test_sql_of_all_projects_is_seen(tmp_path: Path, code: str, is_seen: bool) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text(code)
    assert bool(unscoped(bad)) == is_seen
