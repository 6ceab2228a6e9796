"""Isolation between projects: raw SQL on their rows narrows to a project, too.

Each string is looked at by itself, an f-string with all its parts: one that reads or writes a
table with a `project_id`, or a table that is filled in (`FROM {table}`), has to compare that
column, or a metric's id, which a query set found in the project, or to fill it in. What is put
together of several strings is not followed: whoever names the table has to name the column, so a
condition that another piece adds needs a line in the lists below. Not seen are a table that is named
without FROM, JOIN, UPDATE, INTO, USING or COPY before it, and which project the value is of.
"""

import ast
import re
from pathlib import Path

from tests.house.files import at, modules, name_of, place_of, tree_of
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
EXCEPT: dict[str, str] = {}


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
        if NAMED.search(text) and not NARROWED.search(text)
    ]


def text_of(node: ast.Constant | ast.JoinedStr) -> str:
    """A string with `{}` for what is filled in; "" of another constant."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            text_of(part) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return node.value if isinstance(node.value, str) else ""


def test_every_piece_of_sql_narrows_to_a_project() -> None:
    seen, faults = set(), []
    for path in modules():
        if name_of(path).startswith("adaptive_site/lib/"):  # it knows none of the tables
            continue
        for node, text in unscoped(path):
            place = place_of(path, node)
            seen.add(place)
            if place not in EXCEPT:
                faults.append(f"{at(path, node)}: {place}: {' '.join(text.split())}")
    assert not faults, "\n".join(faults)
    assert not EXCEPT.keys() - seen, "these narrow to a project now"
