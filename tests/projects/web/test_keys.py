"""The keys: the sheet, its page, its document and the scripts say the same."""

import re

import pytest
from django.test import Client

from adaptive_site.environment import ROOT
from projects.models import Project, User
from projects.web.keys import GROUPS

LINE = re.compile(r"^\| (?P<keys>.+?) \| (?P<does>.+?) \|$")
BOUND = re.compile(r"bind\(\{(.*?)\}\)", re.DOTALL)
NAME = re.compile(r"""^\s*(?:"(?P<quoted>[^"]+)"|(?P<plain>\w+))\s*:""", re.MULTILINE)
# What a key is called in the browser, and on the sheet.
NAMES = {"X": "Shift+X", "A": "Shift+A", "ArrowLeft": "←", "ArrowRight": "→", "Escape": "Esc"}


def written() -> list[tuple[str, list[tuple[str, str]]]]:
    """The groups of `docs/keys.md`: title, and keys with what they do."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for line in (ROOT / "docs" / "keys.md").read_text("utf-8").splitlines():
        if line.startswith("## "):
            found.append((line[3:], []))
        elif (row := LINE.match(line)) and found and "`" in row["keys"]:
            found[-1][1].append((row["keys"], row["does"]))
    return found


def test_the_document_lists_the_very_keys_of_the_sheet() -> None:
    assert written() == [
        (group.title, [(key.name, key.does) for key in group.keys]) for group in GROUPS
    ]


def test_every_key_that_a_script_binds_is_on_the_sheet() -> None:
    listed = {" ".join(steps) for group in GROUPS for key in group.keys for steps in key.typed}
    unlisted = []
    for script in sorted((ROOT / "static" / "js").rglob("*.js")):
        for body in BOUND.findall(re.sub(r"(^|\s)//.*", "", script.read_text("utf-8"))):
            for found in NAME.finditer(body):
                key = found["quoted"] or found["plain"]
                name = NAMES.get(key, key)
                is_digit = name in "123456789" and "…" in listed
                if len(name) <= 2 or name in NAMES.values():
                    unlisted += [] if is_digit or name in listed else [f"{script.name}: {key}"]
    assert not unlisted, f"say in projects/web/keys.py and docs/keys.md what they do: {unlisted}"


def test_the_page_and_the_sheet(client: Client, alice: User) -> None:
    assert client.get("/keys/").status_code == 302
    client.force_login(alice)
    page = client.get("/keys/")
    assert "<h1>Keyboard shortcuts</h1>" in page.text
    sheet = client.get("/keys/", headers={"HX-Request": "true"})
    assert "<html" not in sheet.text
    for group in GROUPS:
        assert group.title in page.text
        assert group.title in sheet.text
    assert "HX-Request" in page.headers["Vary"]


def test_every_tab_has_its_key_of_the_sheet(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)
    page = client.get(f"/projects/{project.key}/interactions/").text
    listed = [(key.typed[0], key.does) for key in GROUPS[0].keys if key.typed[0][0] == "g"]
    tabs = re.findall(r'data-key="(g) (\w)">([^<]+)</a>', page)
    assert [((first, second), name) for first, second, name in tabs] == listed


@pytest.mark.parametrize("method", ["post", "put"])
def test_the_page_is_only_read(client: Client, alice: User, method: str) -> None:
    client.force_login(alice)
    assert getattr(client, method)("/keys/").status_code == 405
