"""Groups and feedback over time in a real browser: by mouse, by keys, without scripts, and seen."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import FEW_ALIKE, faults
from tests.browser.tasks import task
from tests.browser.test_axe import VARIANTS

WORST = "jondurbin/airoboros-l2-7b-gpt4-m2.0"  # 36.0 % of 50; the next has 39.1 % of 64
FELL = "5 Aug – 11 Aug 2024: 16.7 % of 18"  # the lowest week with ten values or more
PATIENCE = 20_000


def tab_to(page: Page, test: str, key: str = "Tab") -> None:
    """Press Tab until the focused element passes the test, an expression over `it`."""
    for _ in range(200):
        page.keyboard.press(key)
        if page.evaluate(f"(() => {{ const it = document.activeElement; return {test} }})()"):
            return
    raise AssertionError(f"Tab never came to {test}")


def asked(page: Page) -> dict[str, list[str]]:
    """The parameters of the address."""
    return parse_qs(urlsplit(page.url).query)


def by_mouse(page: Page) -> None:
    page.get_by_role("link", name="Groups", exact=True).click()
    page.locator(".what summary").click()
    page.get_by_role("link", name="Only tests_passed", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("tests_passed")
    page.locator(".grid thead").get_by_role("link", name="tests_passed").click()
    page.get_by_role("spinbutton").fill("50")
    page.get_by_role("button", name="Apply", exact=True).last.click()
    page.wait_for_url(re.compile("least=50"))
    page.locator(".grid tbody tr").first.get_by_role("link", name=re.compile("▼ 32")).click()


def by_keys(page: Page) -> None:
    tab_to(page, "it.textContent === 'Groups'")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/groups/"))
    tab_to(page, "it.matches('.what summary')")
    page.keyboard.press("Enter")
    expect(page.locator(".metrics input").first).to_be_focused()
    for number in range(page.locator(".metrics input").count()):
        if number:
            tab_to(page, "it.matches('.metrics input')")
        at = page.locator(".metrics input").nth(number)
        if at.is_checked() != (at.get_attribute("value") == "tests_passed"):
            page.keyboard.press("Space")
    tab_to(page, "it.textContent === 'Show these'")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("metric=tests_passed"))
    assert asked(page)["metric"] == ["tests_passed"]
    for order in ("desc", "asc"):
        tab_to(page, "it.matches('.grid thead .metric a')")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(f"order={order}"))
    tab_to(page, "it.matches('input[name=least]')")
    page.keyboard.press("Control+A")
    page.keyboard.type("50")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("least=50"))
    page.keyboard.press("j")
    expect(page.locator(".grid tbody a.open").first).to_be_focused()
    tab_to(page, "it.textContent.includes('▼')")
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("way", "by"), [(by_mouse, "mouse"), (by_keys, "keys")])
def test_the_model_that_fails_most_and_its_failures(
    page: Page, real: str, way: Callable[[Page], None], by: str
) -> None:
    page.goto(f"/projects/{real}/interactions/")
    with task(page, "open the failures of the model that fails most", by=by):
        way(page)
        page.wait_for_url(re.compile("/interactions/"))
        expect(page.locator("#count")).to_contain_text("32", timeout=PATIENCE)
    assert asked(page) == {"model": [WORST], "feedback": ["tests_passed:eq:0"]}
    expect(page.locator(".rows tbody tr")).to_have_count(32)


def fall_by_mouse(page: Page) -> None:
    page.get_by_role("link", name="Feedback", exact=True).click()
    point = page.get_by_role("link", name=re.compile(re.escape(FELL)))
    point.hover(force=True)
    expect(point.locator("xpath=ancestor::trend-chart").locator(".readout")).to_contain_text(FELL)
    point.click(force=True)


def fall_by_keys(page: Page) -> None:
    tab_to(page, "it.textContent === 'Feedback'")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/feedback/"))
    name = "(it.getAttribute('aria-label') ?? '')"
    chart = "it.closest('section')?.querySelector('h2')?.textContent.startsWith('tests_passed')"
    tab_to(page, f"it.matches('.plot a') && {chart}")
    tab_to(page, f"{name}.startsWith('{FELL}')", "ArrowLeft")
    expect(page.locator(".readout.is-told")).to_contain_text(FELL)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("way", "by"), [(fall_by_mouse, "mouse"), (fall_by_keys, "keys")])
def test_the_week_in_which_a_metric_fell_and_its_rows(
    page: Page, real: str, way: Callable[[Page], None], by: str
) -> None:
    page.goto(f"/projects/{real}/interactions/")
    with task(page, "open the rows of the week in which tests_passed fell", by=by):
        way(page)
        page.wait_for_url(re.compile("/interactions/"))
        expect(page.locator("#count")).to_contain_text("18", timeout=PATIENCE)
    week = {"since": ["2024-08-05"], "until": ["2024-08-12"]}
    assert asked(page) == {"feedback": ["tests_passed"], **week}
    expect(page.locator(".rows tbody tr")).to_have_count(18)


def test_without_scripts_groups_are_sorted_ticked_and_opened(plain_page: Page) -> None:
    page = plain_page
    page.goto("/projects/demo/groups/?by=label:task&label=env:prod")
    page.locator(".grid thead").get_by_role("link", name="helpful").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("helpful")
    numbers = page.locator(".grid tbody td.count b").all_inner_texts()[:2]
    for box in page.locator(".grid tbody input[type=checkbox]").all()[:2]:
        box.check()
    page.get_by_role("button", name="Open selected").click()
    page.wait_for_url(re.compile("/interactions/"))
    assert len(asked(page)["label"]) == 3
    page.get_by_role("link", name="Count", exact=True).click()
    total = sum(int(number.replace(",", "")) for number in numbers)
    expect(page.locator("main")).to_contain_text(f"{total:,}")
    page.goto("/projects/demo/feedback/?time=7d")
    page.locator(".as-table summary").first.click()
    page.locator(".buckets tbody a").first.click()
    assert asked(page)["feedback"] == ["helpful"] and "since" in asked(page)


def test_without_scripts_two_groups_are_compared(plain_page: Page) -> None:
    page = plain_page
    page.goto("/projects/demo/groups/?by=label:version")
    for box in page.locator(".grid tbody input[type=checkbox]").all()[:2]:
        box.check()
    page.get_by_role("button", name="Compare two selected").click()
    page.wait_for_url(re.compile("/groups/compare/"))
    assert len(asked(page)["group"]) == 2
    expect(page.locator(".versus tbody tr").first).to_contain_text("points")
    expect(page.locator(".shared").first.locator(".side")).to_have_count(2)
    page.get_by_role("link", name="Judge this pair").first.click()
    page.wait_for_url(re.compile("/pairs/.*pair="))
    expect(page.locator(".faults")).to_have_count(0)


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_two_groups_are_compared_and_their_answers_read(page: Page, by: str) -> None:
    page.goto("/projects/demo/groups/?by=label:version")
    compare = page.get_by_role("button", name="Compare two selected")
    expect(compare).to_be_disabled()
    with task(page, "compare two groups and read an answer of both", by=by):
        if by == "mouse":
            for box in page.locator(".grid tbody input[type=checkbox]").all()[:2]:
                box.check()
            compare.click()
        else:
            for key in "jxjx":
                page.keyboard.press(key)
            expect(compare).to_be_enabled()
            page.keyboard.press("c")
        page.wait_for_url(re.compile("/groups/compare/"))
        expect(page.locator(".versus tbody tr").first).to_contain_text("points")
        if by == "mouse":
            page.get_by_role("link", name="Read side by side").first.click()
        else:
            page.keyboard.press("j")
            expect(page.locator(".shared").first).to_be_focused()
            tab_to(page, "it.textContent === 'Read side by side'")
            page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/siblings/"))
    expect(page.locator(".answers article")).to_have_count(2)


def test_nothing_is_in_the_way_of_anybody(page: Page) -> None:
    compared = "groups/compare/?by=label:version&group=version:v7&group=version:v6"
    groups = ("groups/?by=label:task", "groups/?by=prompt", compared)
    for path in (*groups, "feedback/?time=7d&split=model"):
        page.goto(f"/projects/demo/{path}")
        for summary in page.locator(".as-table summary").all():
            summary.click()
        page.evaluate(FEW_ALIKE)
        for variant, width, scheme, options in VARIANTS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, (path, width)
            assert faults(page, options=options) == [], (path, variant)
