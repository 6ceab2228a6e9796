"""What no file of ours may say."""

import re
from pathlib import Path

import pytest

from tests.house.files import name_of, named, ours

TEXT = {".py", ".js", ".css", ".html", ".md", ".toml", ".txt", ".lock", ".yml", ".yaml", ".json"}
# Spelt in pieces, so that this file does not name them either.
MACHINE = re.compile(r"/(?:work|home/\w+|root|tmp/w)/(?:main|shared|w\b|\w+/\.venv)|/tmp" + r"/w/")
HOSTS = [
    "pypi" + ".org", "files.python" + "hosted.org", "registry.npm" + "js.org", "unpkg" + ".com",
    "jsdelivr" + ".net", "cdnjs" + ".cloudflare.com", "fonts.google" + "apis.com",
    "ajax.google" + "apis.com",
]  # fmt: skip
INDEX = re.compile(r"--(?:extra-)?index-url|^\s*index-url|\[\[tool\.uv\.index\]\]", re.MULTILINE)
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")


def text_files() -> list[Path]:
    return [p for p in ours() if p.suffix in TEXT or p.name in ("Makefile", "run", "browser")]


@pytest.mark.parametrize("fault", [MACHINE, INDEX, UNFINISHED], ids=["machine", "index", "to do"])
def test_no_file_names_this_machine_or_an_index_or_what_is_left_to_do(
    fault: re.Pattern[str],
) -> None:
    found = {name_of(p): m[0] for p in text_files() if (m := fault.search(p.read_text("utf-8")))}
    assert not found


def test_no_file_names_a_host_that_serves_packages() -> None:
    found = [
        f"{name_of(path)}: {host}"
        for path in text_files()
        for host in HOSTS
        if host in path.read_text("utf-8")
    ]
    assert not found, "\n".join(found)


def test_no_exception_is_swallowed_in_silence() -> None:
    bare = re.compile(r"except(?: (?:Base)?Exception)?:\s*(?:#.*)?\n\s+pass\b")
    assert not [name_of(path) for path in named(".py") if bare.search(path.read_text("utf-8"))]
