"""The tokens can be read in either theme, and the page of all parts is there in debug mode only."""

import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from adaptive_site.environment import ROOT
from adaptive_site.styleguide import THEMES, luminance, read_design

WITH_COLOURS = {"tokens.css", "conversation.css"}  # the latter those of highlighted code
CSS = sorted((ROOT / "static" / "css").glob("*.css"))


@pytest.mark.parametrize("n", range(len(THEMES)), ids=THEMES)
def test_every_colour_can_be_read_where_it_stands(n: int) -> None:
    poor = [
        f"{pair.ink} on {pair.ground}: {pair.contrast:.2f}"
        for pair in read_design().pairs(n)
        if not pair.is_enough
    ]
    assert not poor


def test_contrast_is_that_of_the_guidelines() -> None:
    assert luminance("#ffffff") == pytest.approx(1)
    assert luminance("#777777") == pytest.approx(0.1845, abs=1e-4)


def test_spaces_are_on_the_grid() -> None:
    assert [space % 4 for space in read_design().spaces.values()] == [0] * 6


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_a_stylesheet_names_tokens_that_there_are_and_no_colour_of_its_own(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    own = set(re.findall(r"(--[\w-]+):", text))
    known = {f"--{name}" for name in read_design().tokens}
    assert not set(re.findall(r"var\((--[\w-]+)\)", text)) - known - own
    if path.name not in WITH_COLOURS:
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)", text)


@pytest.mark.django_db
def test_the_page_shows_every_token_in_debug_mode_and_is_not_there_otherwise(
    client: Client, settings: Settings
) -> None:
    assert client.get("/design/").status_code == 404
    settings.DEBUG = True
    page = client.get("/design/")
    assert page.status_code == 200
    design = read_design()
    for name, both in design.colours.items():
        assert name in page.text
        assert all(colour in page.text for colour in both)
    assert page.text.count(": 1, not") == 0
    assert len(re.findall(r'data-theme="(?:light|dark)" aria-label', page.text)) == 2
