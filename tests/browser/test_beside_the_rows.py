"""Facets, count, chart and hits beside the rows, in a real browser; also without scripts."""

import re

from playwright.sync_api import Locator, Page, Route, expect

from adaptive_site.lib.middle_ellipsis import middle
from tests.browser.addresses import parameters, until_asked
from tests.browser.tasks import scroll_to_group
from tests.browser.test_browsing import LIST, counted

PATIENCE = 20_000  # milliseconds, on a busy machine


def group(page: Page, name: str) -> Locator:
    """A group of the panel."""
    return page.locator("#facets details.facet", has=page.get_by_text(name, exact=True)).first


def test_a_group_is_counted_once_it_is_open_and_in_view(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(LIST)
    expect(group(page, "Model").locator("li").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_load_state("networkidle")
    task = group(page, "task")
    assert not any("of=label:task" in url for url in asked)
    task.locator("summary").evaluate(
        "one => one.click()"
    )  # where it is: its values are out of view
    expect(task.locator("li").first).to_be_attached(timeout=PATIENCE)
    assert sum("of=label:task" in url for url in asked) == 1


def test_groups_count_under_the_other_conditions_and_keep_their_alternatives(page: Page) -> None:
    page.goto(LIST)
    language, env = group(page, "language"), group(page, "env")
    scroll_to_group(env)
    env.get_by_role("link", name=re.compile("^staging ")).click()
    expect(env.locator("li.on")).to_have_text(re.compile("staging"), timeout=PATIENCE)
    expect(env.get_by_role("link", name=re.compile("^prod "))).to_be_visible()
    scroll_to_group(language)
    expect(language.locator("li").first).to_be_visible(timeout=PATIENCE)
    staging = counted(page)
    page.wait_for_function(  # until they are those of this filter; groups above grow meanwhile
        "([group, n]) => { group.scrollIntoView({ block: 'center' });"
        "return [...group.querySelectorAll('li .n')]"
        ".reduce((sum, one) => sum + Number(one.textContent.replaceAll(',', '')), 0) === n }",
        arg=[language.element_handle(), staging],
        timeout=PATIENCE,
    )
    language.get_by_role("link", name=re.compile("^fr ")).click()
    expect(page.locator(".sum .filter")).to_have_count(2)
    assert counted(page) < staging
    assert parameters(page) == {"label": ["env:staging", "language:fr"]}


def test_a_filter_changed_while_groups_are_counted_asks_for_each_once_more(page: Page) -> None:
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/facet/" in request.url else None
    )
    page.goto(LIST)
    page.wait_for_url(LIST)
    page.locator(".rows .chip", has_text="channel").first.click()
    expect(page.locator(".sum .filter")).to_have_count(1)
    page.get_by_role("link", name="Older").click()
    page.wait_for_url(re.compile("before="))
    page.wait_for_load_state("networkidle")
    expect(page.locator("#facets [aria-busy=true]")).to_have_count(0)
    groups = {re.sub(".*of=([^&]*).*", r"\1", url) for url in asked}
    assert 2 < len(groups) < 12  # those in view, however many that are
    assert len(asked) <= 3 * len(groups)


def test_what_may_not_hold_any_more_is_dimmed_from_the_click_on(page: Page) -> None:
    page.goto(LIST)
    env = group(page, "env")
    scroll_to_group(env)
    expect(env.locator("li").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".hist a").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(":is(#facets, #histogram, #count)[aria-busy=true]")).to_have_count(0)
    held: list[Route] = []
    page.route("**/interactions/?*", lambda one: held.append(one))  # the rows are not there yet
    env.get_by_role("link", name=re.compile("^staging ")).click()
    values = env.locator(".facet-values")
    for part in (values, page.locator("#histogram"), page.locator("#count")):
        expect(part).to_have_attribute("aria-busy", "true")
    expect(values).to_have_css("opacity", re.compile(r"^0"))
    facets: list[Route] = []
    page.route("**/facet/**", lambda one: facets.append(one))
    held[0].continue_()
    page.unroute("**/interactions/?*")
    expect(page.locator(".sum .filter")).to_have_count(1, timeout=PATIENCE)
    expect(values).to_have_attribute("aria-busy", "true")  # rows are there, its counts are not
    for one in facets:
        one.continue_()
    page.unroute("**/facet/**")
    expect(env.locator("li.on")).to_have_text(re.compile("staging"), timeout=PATIENCE)
    expect(page.locator("#facets [aria-busy=true]")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("#histogram")).to_have_attribute("aria-busy", "false", timeout=PATIENCE)


def test_the_chart_is_one_stop_of_tab_and_arrows_walk_its_bars(page: Page) -> None:
    page.goto(LIST)
    bars = page.locator(".hist a")
    expect(bars.first).to_be_visible(timeout=PATIENCE)
    assert page.locator(".hist a[tabindex='0']").count() == 1
    bars.last.focus()
    page.wait_for_function("() => customElements.get('time-histogram')")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(bars.nth(bars.count() - 3)).to_be_focused()
    page.keyboard.press("Home")
    expect(bars.first).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.hist')") is None
    page.keyboard.press("Shift+Tab")
    expect(bars.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".sum .filter")).to_have_text(re.compile("time"))


def test_hits_are_marked_in_rows_and_in_the_open_interaction(page: Page) -> None:
    page.goto(f"{LIST}?text=refund+order")
    rows = page.locator(".rows tbody tr")
    expect(rows.first).to_be_visible()
    for row in range(min(rows.count(), 10)):
        assert rows.nth(row).locator("mark").count() >= 1
    expect(page.locator(".rows .hit small").first).to_have_text(re.compile("^in "))
    rows.first.locator("a.open").click()
    expect(page.locator("#open-interaction .turn mark").first).to_be_visible()
    expect(page.locator("#open-interaction .hits").first).to_have_text(re.compile(r"^\d+ hits?$"))


def test_without_scripts_the_panel_and_the_chart_are_pages(plain_page: Page) -> None:
    page = plain_page
    page.goto(f"{LIST}?label=language:fr")
    page.get_by_role("link", name="Labels, models and metrics to narrow by").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Narrow by")
    page.locator("summary", has_text="Source").click()
    page.get_by_role("link", name="Count source").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("source")
    page.get_by_role("link", name=re.compile("^Live")).click()
    until_asked(page, {"label": ["language:fr"], "source": ["LIVE"]})
    page.get_by_role("link", name="Over time").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Interactions over time")
    page.locator(".hist a").first.click()
    until_asked(page, ["since", "until", "label", "source"])


CUT = """([place, value]) => {
    const box = document.querySelector(place);
    const template = document.createElement("template");
    template.innerHTML = value;
    box.replaceChildren(template.content);
    const [first, last] = box.querySelectorAll(".mid > span");
    const edge = box.closest(".chip, .name, summary").getBoundingClientRect().right;
    return {
        isFirstCut: first.scrollWidth > first.clientWidth,
        isLastCut: last.scrollWidth > last.clientWidth,
        isWithin: last.getBoundingClientRect().right <= edge + 1,
    };
}"""


def test_the_end_of_a_long_value_stays_in_sight(page: Page) -> None:
    long = middle("acme-production-europe-west-1-customer-success-and-support-department-a")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{LIST}?label=env:prod")
        if width < 760:
            page.locator(".facets-switch").click()
        expect(page.locator("#facets li .name").first).to_be_visible(timeout=PATIENCE)
        for place in ("#facets li .name", ".sum .filter summary b"):
            found = page.evaluate(CUT, [place, str(long)])
            assert found == {"isFirstCut": True, "isLastCut": False, "isWithin": True}, place


def test_feedback_given_beside_the_list_is_counted_there_too(page: Page) -> None:
    page.goto(f"{LIST}?label=env:prod&label=task:warranty")
    count = page.locator("#count .judged")
    page.locator(".rows tr:not(:has(.mark b)) a.open").first.click()
    page.wait_for_load_state("networkidle")
    before = count.inner_text()
    helpful = page.locator("#open-interaction .metric-feedback", has_text="helpful").get_by_role(
        "button"
    )
    helpful.filter(has_text="no").click()
    expect(count).not_to_have_text(before, timeout=PATIENCE)
    expect(page.locator("#count")).to_have_attribute("aria-busy", "false")
    helpful.filter(has_text="no").click()  # taken back
    expect(count).to_have_text(before, timeout=PATIENCE)
