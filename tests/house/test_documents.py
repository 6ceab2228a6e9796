"""What documents and code name is there: linked files, headings, and paths in backticks."""

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
# In code `a.json` is as often a user's file: only what has a folder, or is a module.
FILE_IN_CODE = re.compile(rf"[\w.-]+/{FILE.pattern}|\w+\.py")
FOLDER = re.compile(r"[\w.-]+/(?:[\w.-]+/)*")
# What a newcomer must find in the tree of CONTRIBUTING.
IN_THE_TREE = re.compile(
    r"adaptive_site/(?:lib/)?\w+/|projects/\w+/|interactions/(?:\w+/|(?:services|web|filters|api)/\w+/)"
)
# Files and folders that only a run makes, or that are somebody else's.
NOT_OURS = {"cache/", "data/", "files/", "log/", "uv.lock"}


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


def is_there(name: str) -> bool:
    """Whether it is a path of ours, or the end of one."""
    return any(f"/{known}".endswith(f"/{name}") for known in there())


def lost_paths(path: Path) -> Iterator[str]:
    """Paths of files and folders that a document has in backticks and that are not there."""
    for text in CODE.findall(text_of(path)):
        is_path = FILE.fullmatch(text) or FOLDER.fullmatch(text)
        if is_path and text not in NOT_OURS and not is_there(text):
            yield text


def lost_files(path: Path) -> Iterator[str]:
    """Files of ours that code has in backticks and that are not there."""
    for text in CODE.findall(path.read_text("utf-8")):
        if FILE_IN_CODE.fullmatch(text) and not is_there(text):
            yield text


@pytest.mark.parametrize("path", named(".md"), ids=name_of)
def test_links_of_a_document_lead_somewhere(path: Path) -> None:
    assert list(lost_links(path)) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_paths_that_a_document_names_are_there(path: Path) -> None:
    assert list(lost_paths(path)) == []


def test_files_that_code_names_are_there() -> None:
    # A migration is frozen with the names of its day.
    code = [p for p in named(".py", ".js", ".css", ".html") if "migrations" not in p.parts]
    found = {name_of(path): lost for path in code if (lost := [*lost_files(path)])}
    assert not found


def test_the_tree_in_contributing_names_the_packages_that_are_there() -> None:
    drawn = FENCED.search((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert drawn
    named_there = set(re.findall(r"[\w-]+/", drawn[0]))
    assert {name for name in named_there if not is_there(name)} == set()
    packages = {Path(name).name + "/" for name in there() if IN_THE_TREE.fullmatch(name)}
    assert packages - named_there == set()


def test_what_leads_nowhere_is_seen(tmp_path: Path) -> None:
    bad = tmp_path / "bad.md"
    text = "[a](none.md) [b](#none) 'interactions/none.py' 'services/none/'\n# Here\n"
    bad.write_text(text.replace("'", "`"))
    assert list(lost_links(bad)) == ["none.md", "#none"]
    assert list(lost_paths(bad)) == ["interactions/none.py", "services/none/"]
    assert list(lost_files(bad)) == ["interactions/none.py"]
    bad.write_text("[b](#here) [c](https://example.com/x) `manage.py` `tests/house/`\n# Here\n")
    assert not [*lost_links(bad), *lost_paths(bad), *lost_files(bad)]
