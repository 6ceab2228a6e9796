"""Scripts have short lines, name files that exist, and keep what changes in objects."""

import re

from tests.house.files import ROOT, name_of, named

WIDTH = 120
SCRIPT = re.compile(r"[\w/]+\.js\b")
LET = re.compile(r"^(?:export )?(?:let|var) ", re.MULTILINE)


def test_no_line_of_a_script_is_longer_than_120_columns() -> None:
    long = [
        f"{name_of(path)}:{number}"
        for path in named(".js")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > WIDTH
    ]
    assert not long


def test_what_changes_in_a_module_belongs_to_an_object() -> None:
    assert not [name_of(path) for path in named(".js") if LET.search(path.read_text("utf-8"))]


def test_every_script_that_is_named_exists() -> None:
    """In templates with its folder, in comments of Python, CSS and scripts at least by name."""
    names = {path.name for path in named(".js")}
    gone = [
        f"{name_of(path)}: {found[0]}"
        for path in named(
            ".html", ".css", ".js", ".py", under=("templates", "static", "interactions")
        )
        for found in SCRIPT.finditer(path.read_text("utf-8"))
        if not (ROOT / "static" / found[0]).is_file() and found[0].rpartition("/")[2] not in names
    ]
    assert not gone
