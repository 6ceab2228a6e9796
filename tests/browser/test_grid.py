"""One grid: pages begin at one edge, with one kind of title."""

from playwright.sync_api import Page

from tests.browser.test_axe import walked
from tests.served import Served


def test_every_page_begins_at_one_edge_with_one_kind_of_title(page: Page, site: Served) -> None:
    states, _ = walked(page, site)
    astray = {}
    for state in states:
        page.goto(state.path)
        title = page.locator("h1:not(.visually-hidden)").first
        if title.count():
            said = title.evaluate(
                "one => [one.getBoundingClientRect().left, getComputedStyle(one).fontSize,"
                " getComputedStyle(one).fontWeight]"
            )
            if said != [16, "20px", "600"]:
                astray[state.path] = said
    assert not astray
