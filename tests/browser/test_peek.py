"""The interaction that is open beside the rows: its room, its place, and its foot."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_interaction import PROJECT, logged
from tests.served import Served

LIST = f"{PROJECT}/interactions/?view=none"
OPEN = "#open-interaction"


@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_the_prompts_keep_320_pixels_beside_what_is_open(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(LIST)
    page.keyboard.press("j")
    expect(page.locator(f"{OPEN} .one")).to_be_visible()
    prompt = page.locator(".rows td.prompt").first.bounding_box()
    opened = page.locator(OPEN).bounding_box()
    assert prompt
    assert opened
    assert prompt["width"] >= 320
    assert opened["width"] >= 360
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_place_is_said_among_all_that_match(page: Page) -> None:
    page.goto(LIST)
    all_of_them = page.locator("#count b").inner_text()
    page.locator(".rows a.open").nth(48).click()
    place = page.locator(f"{OPEN} .position")
    expect(place).to_have_text(f"49 of {all_of_them}")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.wait_for_url(re.compile("before="))
    expect(place).to_have_text(f"51 of {all_of_them}")
    page.keyboard.press("j")
    expect(place).to_have_text(f"52 of {all_of_them}")
    page.keyboard.press("k")
    page.keyboard.press("k")
    page.wait_for_url(re.compile("after="))
    expect(place).to_have_text(f"50 of {all_of_them}")
    page.wait_for_url(re.compile("after=.*open="))
    page.reload()  # nobody knows any more how many stand before
    expect(place).to_have_text("row 50 of this page")


def test_the_open_row_stays_in_the_middle_third_while_walking(page: Page) -> None:
    page.goto(LIST)
    page.keyboard.press("j")
    for key in "j" * 20 + "k" * 12:
        page.keyboard.press(key)
        page.wait_for_timeout(20)
    list_box = page.locator("#results").bounding_box()
    row = page.locator(".rows tr[aria-selected=true]").bounding_box()
    assert list_box
    assert row
    third = list_box["height"] / 3
    assert list_box["y"] + third - 1 <= row["y"]
    assert row["y"] + row["height"] <= list_box["y"] + 2 * third + 1


def test_the_feedback_is_at_the_foot_wherever_the_conversation_is(page: Page, site: Served) -> None:
    long = "\n\n".join(f"Line {n}" for n in range(150))
    run = str(uuid4())
    logged(site, long, labels={"run": run})
    for height in (700, 900):
        page.set_viewport_size({"width": 1280, "height": height})
        page.goto(f"{LIST}&label=run:{run}")
        page.keyboard.press("j")
        yes = page.locator(f"{OPEN} .primary .seg button").first
        for top in (0, 300, 100_000):
            page.locator(OPEN).evaluate("(one, top) => { one.scrollTop = top }", top)
            expect(yes).to_be_in_viewport(ratio=1)
            foot = page.locator(f"{OPEN} .feedback").bounding_box()
            assert foot
            assert abs(foot["y"] + foot["height"] - height) <= 1
            assert foot["height"] < height * 0.4
    page.locator(OPEN).evaluate("one => { one.scrollTop = 1e6 }")
    expect(page.get_by_role("link", name="JSON", exact=True)).to_be_in_viewport()


def test_the_width_it_had_is_remembered_in_this_browser(page: Page) -> None:
    page.goto(LIST)
    page.locator(".rows a.open").first.click()
    page.locator(".splitter").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    narrowed = page.locator(OPEN).bounding_box()
    page.goto(LIST)
    page.locator(".rows a.open").first.click()
    expect(page.locator(f"{OPEN} .one")).to_be_visible()
    again = page.locator(OPEN).bounding_box()
    assert narrowed
    assert again
    assert again["width"] == narrowed["width"] < 1440 * 0.4
