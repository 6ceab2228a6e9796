"""The panel to narrow by and the histogram on pages of every kind: width, refusing, phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.addresses import parameters
from tests.browser.tasks import scroll_to_group
from tests.browser.test_beside_the_rows import PATIENCE, group
from tests.browser.test_browsing import LIST
from tests.browser.test_charts import bars

PAGES = {
    "images": "size=large",
    "sessions": "",
    "groups": "by=label:env",
    "review": "metric=helpful",
}
DEMO = "/projects/demo/"


@pytest.mark.parametrize("name", PAGES)
def test_a_value_and_a_bar_narrow_the_page_they_stand_on(page: Page, name: str) -> None:
    own = PAGES[name]
    page.goto(f"{DEMO}{name}/?{own}")
    env = group(page, "env")
    value = env.get_by_role("link", name=re.compile("^prod "))
    expect(value).to_be_visible(timeout=PATIENCE)
    value.click()
    page.wait_for_url(re.compile(f"/{name}/.*label=env:prod"))
    assert own in page.url
    expect(page.locator(".sum .filter")).to_have_count(1)
    expect(group(page, "env").locator("li.on")).to_have_text(re.compile("prod"), timeout=PATIENCE)
    bars(page).last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/{name}/.*since="))
    assert own in page.url
    assert parameters(page)["label"] == ["env:prod"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_panel_is_resized_by_mouse_and_keys_and_keeps_its_width(page: Page) -> None:
    page.goto(LIST)
    edge = page.get_by_role("separator", name="Width of the panel to narrow by")
    side = page.locator("#side")
    side.hover()
    box = edge.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(300, box["y"] + 300, steps=3)
    page.mouse.up()
    expect(side).to_have_js_property("offsetWidth", 300)
    edge.focus()
    page.keyboard.press("ArrowRight")
    expect(side).to_have_js_property("offsetWidth", 308)
    expect(edge).to_have_attribute("aria-valuenow", "308")
    page.keyboard.press("End")
    expect(side).to_have_js_property("offsetWidth", 360)
    page.keyboard.press("ArrowRight")
    expect(side).to_have_js_property("offsetWidth", 360)
    expect(page.locator("#facets .percent").first).to_be_visible(timeout=PATIENCE)  # there is room
    page.goto(f"{DEMO}groups/")
    expect(edge).to_have_attribute("aria-valuenow", "360")
    expect(side).to_have_js_property("offsetWidth", 360)
    edge.focus()
    page.keyboard.press("Home")
    expect(side).to_have_js_property("offsetWidth", 200)
    edge.dblclick(position={"x": 4, "y": 200})
    expect(side).to_have_js_property("offsetWidth", 232)


def test_a_value_is_refused_where_the_pointer_or_the_focus_is(page: Page) -> None:
    page.goto(LIST)
    models = group(page, "Model")
    models.locator("summary").scroll_into_view_if_needed()
    row = models.locator("li").first
    expect(row).to_be_visible(timeout=PATIENCE)
    refuse = row.locator("a.not")
    page.mouse.move(0, 0)
    expect(refuse).to_have_css("opacity", "0")
    row.hover()
    expect(refuse).to_have_css("opacity", "1")
    page.mouse.move(0, 0)
    row.locator("a.is").focus()
    expect(refuse).to_have_css("opacity", "1")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=-model"))
    off = models.locator("li.off")
    expect(off).to_have_count(1, timeout=PATIENCE)
    off.locator("a.not").click()
    expect(page.locator(".sum .filter")).to_have_count(0)


def test_a_group_of_which_nothing_is_left_goes_and_comes_back(page: Page) -> None:
    page.goto(f"{LIST}?label=env:prod")
    csat = group(page, "csat")
    scroll_to_group(csat)
    expect(csat.locator("li").first).to_be_visible(timeout=PATIENCE)
    page.locator("#bar").fill("env:prod zzzzzz")
    page.keyboard.press("Enter")
    expect(csat).to_be_hidden(timeout=PATIENCE)
    page.locator("#bar").fill("env:prod")
    page.keyboard.press("Enter")
    expect(csat).to_be_visible(timeout=PATIENCE)
    scroll_to_group(csat)  # the groups above it have grown: only what is in view is counted
    expect(csat.locator("li").first).to_be_visible(timeout=PATIENCE)


def test_the_histogram_has_a_scale_and_four_to_six_dates(page: Page) -> None:
    page.goto(LIST)
    bars(page)
    assert re.fullmatch(r"[\d,]+", page.locator(".hist-top").inner_text().strip())
    for key in ("", "+", "+", "+"):
        if key:
            with page.expect_response(re.compile("histogram")):
                page.keyboard.press(key)
            page.wait_for_load_state("networkidle")
        assert 4 <= page.locator(".hist .scale text").count() <= 6
    bars(page)
    assert page.locator(".hist .bars").evaluate("one => one.getBoundingClientRect().height") > 63


def test_on_a_phone_the_panel_is_a_sheet_behind_a_button(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(LIST)
    side = page.locator("#side")
    expect(side).to_be_hidden()
    page.get_by_role("button", name="Narrow by").click()
    value = group(page, "env").get_by_role("link", name=re.compile("^staging "))
    expect(value).to_be_visible(timeout=PATIENCE)
    assert side.evaluate("one => one.getBoundingClientRect().bottom") == 844
    value.click()
    page.wait_for_url(re.compile("label=env:staging"))
    expect(side).to_be_visible()  # for the next value
    side.get_by_role("button", name="Done").click()
    expect(side).to_be_hidden()
    page.get_by_role("button", name="Narrow by").click()
    expect(side).to_be_visible()
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()


def test_without_scripts_the_panel_of_a_page_leads_back_to_it(plain_page: Page) -> None:
    page = plain_page
    page.goto(f"{DEMO}groups/?by=label%3Aenv")
    page.get_by_role("link", name="Labels, models and metrics to narrow by").click()
    page.get_by_role("link", name=re.compile("^staging ")).first.click()
    page.wait_for_url(re.compile("/groups/.*label=env:staging"))
    assert "by=label" in page.url
