"""The chart as a control, and what sets the matches apart: by mouse and by keys alone."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.addresses import parameters
from tests.browser.tasks import scroll_to_group, task
from tests.browser.test_browsing import LIST

PATIENCE = 20_000  # milliseconds, on a busy machine
SPAN = re.compile(r"since=\d{4}-\d\d-\d\dT\d\d:\d\d&until=")


def bars(page: Page) -> Locator:
    """The bars, once they are there."""
    found = page.locator(".hist a")
    expect(found.first).to_be_visible(timeout=PATIENCE)
    return found


def tab_to(page: Page, target: Locator, *, key: str = "Tab", most: int = 200) -> None:
    """Press Tab until the target has the focus."""
    expect(target).to_be_visible(timeout=PATIENCE)
    for _ in range(most):
        page.keyboard.press(key)
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{most} times Tab do not reach {target}")


def span(page: Page) -> tuple[str, str]:
    """The time that the address asks for."""
    asked = parameters(page)
    return asked["since"][0], asked["until"][0]


def said(page: Page) -> tuple[str, str]:
    """The time that is being chosen, as the address will have it."""
    found = re.findall(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d)", page.locator(".brushed").inner_text())
    (start, end) = (f"{day}T{at}" for day, at in found)
    return start, end


def test_a_time_span_is_selected_in_the_chart(page: Page) -> None:
    page.goto(LIST)
    bars(page)
    with task(page, "select a time span in the chart", by="mouse"):
        box = page.locator(".hist").bounding_box()
        assert box is not None
        y = box["y"] + 20
        page.mouse.move(box["x"] + box["width"] * 0.3, y)
        page.wait_for_function("() => customElements.get('time-histogram')")
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5, y, steps=4)
        chosen = said(page)
        expect(page.locator(".brushed")).to_have_text(re.compile("interactions"))
        page.keyboard.press("Escape")
        expect(page.locator(".brushed")).to_be_hidden()
        page.mouse.up()
        assert not SPAN.search(page.url)
        page.mouse.move(box["x"] + box["width"] * 0.3, y)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5, y, steps=4)
        page.mouse.up()
        page.wait_for_url(SPAN)
        assert span(page) == chosen
    expect(page.locator(".rows tbody tr").first).to_be_visible()
    page.go_back()
    page.wait_for_url(LIST)
    found = bars(page)
    with task(page, "select a time span in the chart", by="keys"):
        tab_to(page, found.last)
        for _ in range(3):
            page.keyboard.press("ArrowLeft")
        for _ in range(4):
            page.keyboard.press("Shift+ArrowLeft")
        chosen = said(page)
        page.keyboard.press("Enter")
        page.wait_for_url(SPAN)
        assert span(page) == chosen


def test_keys_and_the_wheel_zoom(page: Page) -> None:
    page.goto(LIST)
    bars(page)
    page.keyboard.press("+")
    page.wait_for_url(SPAN)
    first = span(page)
    bars(page)
    with page.expect_response(re.compile("histogram")):
        page.keyboard.press("-")
    page.wait_for_function("was => !location.search.includes(was)", arg=first[0])
    wider = span(page)
    assert wider[0] < first[0] < first[1] < wider[1]
    bars(page)
    page.locator(".hist").hover()
    page.mouse.wheel(0, -100)
    page.wait_for_function("was => !location.search.includes(was)", arg=wider[0])
    closer = span(page)
    assert wider[0] < closer[0] < closer[1] < wider[1]


def test_a_stack_is_told_apart_without_colour_and_read_out(page: Page) -> None:
    page.goto(LIST)
    name = re.compile(r": [\d,]+ interactions?; [\d,]+ bad, [\d,]+ good, [\d,]+ neither$")
    expect(page.locator("#histogram").get_by_role("link", name=name)).to_have_count(
        bars(page).count()
    )
    key = page.get_by_role("list", name="Colours")
    assert re.sub(r"\s+", " ", key.inner_text()) == "▼ bad ▲ good neither"
    assert page.locator(".hist rect[fill='url(#bad-lines)']").count() > 1
    expect(page.locator("#count .judged")).to_have_text(
        re.compile(r"[\d,]+ with good or bad feedback \([\d.]+ % bad\)"), timeout=PATIENCE
    )


def find_what_explains(page: Page, real: str, *, by: str) -> None:
    """From all interactions to those that share what the wrong ones have more often."""

    def go(target: Locator, key: str = "Tab") -> None:
        if by == "mouse":
            target.click(timeout=PATIENCE)
        else:
            tab_to(page, target, key=key)
            page.keyboard.press("Enter")

    page.goto(f"/projects/{real}/interactions/?feedback=is_correct")
    facets = page.locator("#facets")
    scroll_to_group(facets.locator("details.facet", has_text="is_correct").last)
    with task(page, "find the label value that explains the thumbs-down", by=by):
        go(facets.get_by_role("link", name=re.compile("^▼ no ")))
        page.wait_for_url(re.compile("is_correct:eq:0"))
        page.wait_for_load_state("networkidle")
        go(facets.get_by_role("link", name="Compare with all"), "Shift+Tab")
        expect(facets.get_by_role("heading", name="What sets them apart")).to_be_visible()
        # What one reads before one asks for less: the panel is whole then.
        expect(facets.locator(".apart .note")).to_contain_text("in all", timeout=PATIENCE)
        page.wait_for_load_state("networkidle")
        go(facets.get_by_role("link", name="only those with is_correct feedback"))
        page.wait_for_url(re.compile("compare=judged"))
        expect(facets.locator(".apart .note")).to_contain_text("with is_correct feedback")
        top = facets.locator(".apart li").first
        expect(top).to_contain_text("GPT4-CoT", timeout=PATIENCE)
        expect(top.locator(".times")).to_contain_text("×1.4")
        go(top.locator("a.is"))
        page.wait_for_url(re.compile("label=run"))
    expect(page.locator("#count")).to_contain_text("1,443", timeout=PATIENCE)
    assert parameters(page)["compare"] == ["judged"]


def test_what_explains_the_thumbs_down_is_found_by_mouse(page: Page, real: str) -> None:
    find_what_explains(page, real, by="mouse")


def test_what_explains_the_thumbs_down_is_found_by_keys(page: Page, real: str) -> None:
    find_what_explains(page, real, by="keys")


def test_a_value_is_looked_for_and_excluded_with_alt(page: Page) -> None:
    page.goto(LIST)
    customers = page.locator("#facets details.facet", has_text="customer").first
    customers.locator("summary").click()
    scroll_to_group(customers)
    customers.get_by_label("Find a value of customer").press_sequentially("bistrot")
    expect(customers.locator("li .name").first).to_contain_text("bistrot", timeout=PATIENCE)
    expect(customers.get_by_label("Find a value of customer")).to_be_focused()
    names = customers.locator("li .name").all_inner_texts()
    assert all("bistrot" in name for name in names)
    customers.locator("li a.is").first.click(modifiers=["Alt"])
    page.wait_for_url(re.compile("not_label=customer:bistrot"))
