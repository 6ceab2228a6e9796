"""What helps whoever is new: the tour, what an empty bar offers, views of every project."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.addresses import until_asked
from tests.browser.tasks import task
from tests.browser.test_browsing import LIST
from tests.served import Served

PATIENCE = 20_000  # milliseconds, on a busy machine
FORGET = "from interactions.models import TourSeen; TourSeen.objects.all().delete()"


@pytest.fixture
def newcomer(page: Page, site: Served) -> Iterator[Page]:
    """A tab of somebody who has not seen the tour; afterwards they have."""
    page.goto(LIST)
    page.evaluate("localStorage.removeItem('tour')")
    site.manage("shell", "-c", FORGET)
    yield page
    site.manage(
        "shell",
        "-c",
        "from interactions.models import TourSeen; from projects.models import User;"
        " [TourSeen.objects.get_or_create(user=one) for one in User.objects.all()]",
    )


def test_the_tour_is_walked_by_keys_and_does_not_come_again(
    newcomer: Page, context: BrowserContext
) -> None:
    page, tour = newcomer, newcomer.locator("#tour")
    page.goto(LIST)
    expect(tour).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#bar")).not_to_be_focused()  # it takes no focus
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    hint = tour.locator("h2:visible")
    for n in range(1, 6):
        expect(hint).to_contain_text(f"hint {n} of 5")
        expect(page.locator(".tour-place")).to_have_count(1)
        if n < 5:
            page.keyboard.press("Enter")
    with page.expect_response("**/tour/"):
        page.keyboard.press("Enter")
    expect(tour).to_have_count(0)
    page.evaluate("localStorage.removeItem('tour')")  # as in another browser
    with page.expect_response("**/tour/?person=*") as answer:
        page.reload()
    assert answer.value.status == 204
    expect(tour).to_have_count(0)


def test_escape_ends_the_tour_but_closes_what_is_open_first(newcomer: Page) -> None:
    page, tour = newcomer, newcomer.locator("#tour")
    page.goto(LIST)
    expect(tour).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("j")
    expect(page.locator("#open-interaction .turn").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#open-interaction > *")).to_have_count(0)
    expect(tour).to_be_visible()
    with page.expect_response("**/tour/"):
        page.keyboard.press("Escape")
    expect(tour).to_have_count(0)
    page.reload()
    expect(page.locator("#count b")).to_be_visible()
    expect(tour).to_have_count(0)


def test_without_scripts_there_is_no_tour(plain_page: Page) -> None:
    plain_page.goto(LIST)
    expect(plain_page.locator(".rows")).to_be_visible()
    expect(plain_page.locator("#tour")).to_have_count(0)


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_an_empty_bar_offers_fields_and_what_was_asked_before(page: Page, by: str) -> None:
    page.goto(LIST)
    bar, options = page.locator("#bar"), page.get_by_role("option")
    with task(page, "write a first query from what the bar offers", by=by):
        if by == "mouse":
            bar.click()
            options.filter(has_text="latency:").click()
            options.filter(has_text=">1s").first.click()
        else:
            page.keyboard.press("/")
            latency = options.filter(has_text="latency:")
            expect(latency).to_be_visible(timeout=PATIENCE)
            while not latency.get_attribute("aria-selected"):
                page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
            expect(options.filter(has_text=">1s").first).to_be_visible(timeout=PATIENCE)
            page.keyboard.press("ArrowDown")
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
        expect(bar).to_have_value("latency:>1s ")
        bar.press("Enter")
        page.wait_for_url(re.compile("latency="))
    page.goto(LIST)
    expect(page.locator(".suggestions")).to_be_hidden()
    bar.click()
    recent = options.filter(has_text="recent")
    expect(recent).to_have_text("latency:>1s recent")
    recent.click()
    expect(bar).to_have_value("latency:>1s ")
    bar.fill("")
    expect(options.first).to_be_visible()
    page.keyboard.press("Tab")  # goes on, and takes nothing
    expect(bar).to_have_value("")
    expect(bar).not_to_be_focused()
    bar.click()
    options.filter(has_text="query syntax").click()
    expect(page.get_by_role("heading", name="Query syntax")).to_be_visible()
    page.get_by_role("link", name="images:>0").click()
    until_asked(page, {"images": ["gt:0"]})


def test_a_view_of_every_project_is_two_clicks_away_and_what_is_shown_is_saved(page: Page) -> None:
    page.goto(LIST)
    with task(page, "see the interactions without feedback", by="mouse"):
        page.locator("#views-menu > summary").click()
        page.get_by_role("link", name="Without feedback").click()
        page.wait_for_url(re.compile("not_feedback="))
    page.get_by_role("link", name="Save view").click()
    expect(page.get_by_label("Name of the view")).to_be_focused(timeout=PATIENCE)


@pytest.mark.parametrize("before", ["", "?since=2024-01-01&until=2024-02-01"])
def test_a_length_of_time_is_typed_where_the_menu_opens(page: Page, before: str) -> None:
    page.goto(LIST + before)
    page.locator("#time-menu > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#time-menu [name=span]")).to_be_focused()
    page.keyboard.type("3h")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("time=3h"))
    expect(page.locator("#time-menu > summary")).to_contain_text("Last 3 hours")
    page.locator("#time-menu > summary").click()
    usual = page.get_by_role("link", name="Last 3 hours", exact=True)
    expect(usual).to_have_attribute("aria-current", "true")
