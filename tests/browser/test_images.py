"""The contact sheet of images: a wrong answer found by its picture, and where an image is used."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tasks import task

WRONG = "?feedback=is_correct:eq:0"


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_a_wrong_answer_is_found_by_its_image(page: Page, real: str, by: str) -> None:
    page.goto(f"/projects/{real}/interactions/{WRONG}")
    with task(page, "find an image among the wrong answers, open its interaction", by=by):
        if by == "mouse":
            page.get_by_role("navigation", name="Project").get_by_role(
                "link", name="Images"
            ).click()
            tile = page.locator(".tile", has_text="solar panels").first
            tile.hover()
            asked = tile.locator(".ask").inner_text()
            tile.locator("a.picture").click()
            expect(page.get_by_role("dialog", name="Image")).to_contain_text("solar panels")
            page.keyboard.press("Escape")
            tile.locator(".ask").click()
        else:
            page.keyboard.press("g")
            page.keyboard.press("m")
            page.wait_for_url("**/images/**")
            page.wait_for_selector(".tiles a.zoom")
            for _ in range(60):
                page.keyboard.press("j")
                alt = page.evaluate("document.activeElement.querySelector('img').alt")
                if "solar panels" in alt:
                    break
            asked = page.evaluate(
                "document.activeElement.closest('.tile').querySelector('.ask').innerText"
            )
            page.keyboard.press("Enter")
            expect(page.get_by_role("dialog", name="Image")).to_contain_text("solar panels")
            page.keyboard.press("Escape")
            page.keyboard.press("o")
        page.wait_for_url(re.compile(r"/interactions/[0-9a-f-]{36}/\?feedback"))
        expect(page.locator(".talk")).to_contain_text(asked.splitlines()[0])
        expect(page.locator(".turn figure img")).to_be_visible()


def test_the_same_image_is_shown_once_and_leads_to_all_that_show_it(page: Page, real: str) -> None:
    page.goto(f"/projects/{real}/images/")
    more = page.locator(".tile .same:not(.once)").first
    n = int(more.inner_text().rpartition("×")[2])
    assert n > 1
    expect(page.locator(".tile")).to_have_count(60)
    more.click()
    expect(page.locator(".uses li").nth(n - 1)).to_be_attached()
    page.go_back()
    page.get_by_role("link", name="Show repeated images").click()
    expect(page.get_by_role("link", name="Show each image once")).to_be_visible()
    expect(page.locator(".tile")).to_have_count(60)
    page.get_by_role("link", name="Small").click()
    expect(page.locator(".gallery")).to_have_class(re.compile("small"))
    assert parse_qs(urlsplit(page.url).query) == {"size": ["small"], "repeats": ["1"]}
