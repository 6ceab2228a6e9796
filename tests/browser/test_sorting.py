"""The slowest, the dearest and the worst on top, by mouse, by keys and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.addresses import parameters
from tests.browser.tasks import task

LIST = "/projects/demo/interactions/"
COLUMNS = "density=compact&columns=time,ask,tokens,latency,cost,metric:helpful"


def seconds(page: Page) -> list[float]:
    """The latencies that the rows show."""
    texts = page.locator(".rows tbody .of-latency").all_inner_texts()
    return [float(text.split()[0]) for text in texts if text.strip()]


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_the_slowest_and_the_worst_are_one_click(page: Page, by: str) -> None:
    page.goto(f"{LIST}?{COLUMNS}")
    sorts = page.get_by_role("navigation", name="Sort")
    expect(page.locator(".spreads")).to_contain_text("p95")
    with task(page, "sort by latency and by the worst feedback", by=by):
        for name, said in (("Slowest", "Slowest first"), ("Worst", "Worst first, by helpful")):
            link = sorts.get_by_role("link", name=re.compile(name))
            if by == "mouse":
                link.click()
            else:
                link.focus()
                page.keyboard.press("Enter")
            expect(page.locator(".sorted")).to_contain_text(said)
            expect(sorts.locator("> [aria-current=true]")).to_have_text(re.compile(name))
            if name == "Slowest":
                assert parameters(page)["sort"] == ["latency"]
                assert seconds(page) == sorted(seconds(page), reverse=True)
    assert parameters(page)["sort"] == ["metric:helpful"]
    assert all("▼ no" in text for text in page.locator(".rows tbody .of-metric").all_inner_texts())
    page.go_back()
    expect(page.locator(".sorted")).to_contain_text("Slowest first")


def test_a_heading_sorts_and_turns_round_and_pages_follow(page: Page) -> None:
    page.goto(f"{LIST}?{COLUMNS}&bar=latency:>0s")  # a column of empty cells is not there
    head = page.locator("th.of-latency")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    slowest = seconds(page)
    page.get_by_role("link", name="Next →").click()
    expect(page.get_by_role("link", name="← Previous")).to_be_visible()
    assert max(seconds(page)) <= min(slowest)
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("link", name="← Previous")).to_have_count(0)
    assert seconds(page) == sorted(seconds(page))
    expect(page.locator("live-rows")).to_be_hidden()
    page.locator("th.when").get_by_role("link").click()
    expect(page.locator("th.when")).to_have_attribute("aria-sort", "descending")
    assert "sort" not in parameters(page)


def test_j_and_k_walk_the_rows_in_their_order(page: Page) -> None:
    page.goto(f"{LIST}?sort=tokens")
    ids = [str(row.get_attribute("id")) for row in page.locator(".rows tbody tr").all()]
    selected = page.locator(".rows tr[aria-selected=true]")
    for id in ids[:3]:
        page.keyboard.press("j")
        expect(selected).to_have_attribute("id", id)
    shown = page.locator("#open-interaction .id")  # which comes after the row is marked
    expect(shown).to_have_attribute("title", ids[2].removeprefix("row-"))
    page.locator("#open-interaction .neighbours").get_by_role("link", name="Next").click()
    expect(selected).to_have_attribute("id", ids[3])
    page.locator("#open-interaction .neighbours").get_by_role("link", name="Previous").click()
    expect(selected).to_have_attribute("id", ids[2])


def test_every_order_is_a_link_without_scripts(plain_page: Page) -> None:
    page = plain_page
    page.goto(LIST)
    page.locator("#sort-menu > summary").click()
    page.locator("#sort-menu").get_by_role("link", name="fewest").click()
    expect(page.locator(".sorted")).to_contain_text("Fewest tokens first")
    page.get_by_role("link", name="Percentiles").click()
    expect(page.locator("main")).to_contain_text("p99")


def test_prices_make_costs(page: Page) -> None:
    page.goto("/projects/demo/models/")
    page.get_by_role("link", name="Set the prices of gpt-4o-mini").click()
    page.get_by_label("Input", exact=True).fill("0.15")
    page.get_by_label("Output").fill("0.60")
    page.get_by_role("button", name="Save prices").click()
    expect(page.locator(".notice")).to_contain_text("gpt-4o-mini has prices now")
    page.goto(f"{LIST}?{COLUMNS}&sort=cost&model=gpt-4o-mini")
    expect(page.locator(".sorted")).to_have_text("Most expensive first")
    expect(page.locator(".spreads")).to_contain_text("Cost $")
    page.locator(".rows a.open").first.click()
    expect(page.locator("#open-interaction .facts")).to_contain_text("Cost$0.0")
    page.goto("/projects/demo/models/")
    page.get_by_role("link", name="Change the prices of gpt-4o-mini").click()
    for label in ("Input", "Output"):
        page.get_by_label(label, exact=True).fill("")
    page.get_by_role("button", name="Save prices").click()
    expect(page.locator(".notice")).to_contain_text("gpt-4o-mini has no prices now")
