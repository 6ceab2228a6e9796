"""What a document names is there: files that it links to, headings, and paths in backticks."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house.files import ROOT, name_of, named, ours

# Figures of a day name the files of that day, and so does what is told of a version.
AS_IT_WAS = (ROOT / "benchmarks" / "results", ROOT / "CHANGELOG.md")
DOCUMENTS = [p for p in named(".md") if not any(p.is_relative_to(old) for old in AS_IT_WAS)]
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
FILE = re.compile(r"\.?[\w./-]+\.(?:py|md|js|css|html|json|lock|toml|graphql|yml|yaml|sql)")
FOLDER = re.compile(r"[\w.-]+/(?:[\w.-]+/)*")
# Files and folders that only a run makes, or that are somebody else's.
NOT_OURS = {"data/", "files/", "log/", "uv.lock"}


def anchor(heading: str) -> str:
    """The part of an address behind `#` that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def text_of(path: Path) -> str:
    """The document without its blocks of code."""
    return FENCED.sub("", path.read_text("utf-8"))


@cache
def there() -> set[str]:
    """Every file of the project and every folder, a folder with a slash at its end."""
    files = {name_of(path) for path in ours()}
    folders = {f"{up}/" for name in files for up in map(str, Path(name).parents) if up != "."}
    return files | folders


def headings(path: Path) -> set[str]:
    """What stands behind `#` in addresses of parts of a document."""
    return {anchor(heading) for heading in HEADING.findall(path.read_text("utf-8"))}


def lost_links(path: Path) -> Iterator[str]:
    """Links to files or headings that are not there."""
    for target in LINK.findall(CODE.sub("", text_of(path))):
        name, _, place = target.partition("#")
        if ":" in name:
            continue
        file = (path.parent / name).resolve() if name else path
        if not file.exists() or (place and place not in headings(file)):
            yield target


def lost_paths(path: Path) -> Iterator[str]:
    """Paths in backticks that are neither at the project's top nor the end of a path of ours."""
    known = there()
    for text in CODE.findall(text_of(path)):
        is_path = FILE.fullmatch(text) or FOLDER.fullmatch(text)
        if (
            is_path
            and text not in NOT_OURS
            and not any(f"/{k}".endswith(f"/{text}") for k in known)
        ):
            yield text


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_and_paths_of_a_document_lead_somewhere(path: Path) -> None:
    assert [*lost_links(path), *lost_paths(path)] == []


def test_what_leads_nowhere_is_seen(tmp_path: Path) -> None:
    bad = tmp_path / "bad.md"
    bad.write_text("[a](none.md) [b](#none) `interactions/none.py` `services/none/`\n# Here\n")
    assert list(lost_links(bad)) == ["none.md", "#none"]
    assert list(lost_paths(bad)) == ["interactions/none.py", "services/none/"]
    bad.write_text(
        "[b](#here) [c](https://example.com/x) `manage.py` `tests/house/` `models/`\n# Here\n"
    )
    assert not [*lost_links(bad), *lost_paths(bad)]
