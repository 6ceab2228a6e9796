"""Every decision is a record with all its parts, and the index in DESIGN.md names each once."""

import re
from pathlib import Path

import pytest

from tests.house.files import ROOT, name_of, ours

RECORDS = [path for path in ours() if path.parent == ROOT / "docs" / "decisions"]
PARTS = ["Decision", "Why", "Measured", "What would change it"]
NAME = re.compile(r"(\d{3})-[a-z0-9]+(?:-[a-z0-9]+)*\.md")
STATUS = re.compile(
    r"In force since \d{4}-\d\d-\d\d\.|Superseded by \[\d{3}\]\(\d{3}-[a-z0-9-]+\.md\) on "
    r"\d{4}-\d\d-\d\d\."
)
ENTRY = re.compile(r"^- \[(\d{3})\]\(docs/decisions/([^)]+)\) (.+)$", re.MULTILINE)


@pytest.mark.parametrize("path", RECORDS, ids=name_of)
def test_a_record_has_its_number_its_status_and_its_parts(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    named = NAME.fullmatch(path.name)
    assert named and lines[0].startswith(f"# {named[1]}. ")
    assert STATUS.fullmatch(lines[2]), lines[2]
    headings = [n for n, line in enumerate(lines) if line.startswith("## ")]
    assert [lines[n][3:] for n in headings] == PARTS
    ends = [*headings[1:], len(lines)]
    assert all(any(lines[n + 1 : end]) for n, end in zip(headings, ends, strict=True))


def test_the_index_names_every_record_once_by_its_title() -> None:
    entries = sorted(ENTRY.findall((ROOT / "DESIGN.md").read_text("utf-8")))
    titles = [path.read_text("utf-8").split("\n", 1)[0] for path in RECORDS]
    there = [(path.name, title) for path, title in zip(RECORDS, titles, strict=True)]
    assert there == [(name, f"# {number}. {title}") for number, name, title in entries]


def test_the_numbers_of_records_have_no_gap() -> None:
    assert [path.name[:3] for path in RECORDS] == [f"{n + 1:03d}" for n in range(len(RECORDS))]
