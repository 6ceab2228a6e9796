"""What stands around every page: tabs that keep the filter, menus, the sheet of keys."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.tasks import scroll_to_group, task
from tests.served import Served

DEMO = "/projects/demo/"
LIST = f"{DEMO}interactions/"
FILTER = "?label=language:fr"
TABS = {
    "i": "Interactions",
    "s": "Sessions",
    "g": "Groups",
    "p": "Pairs",
    "r": "Review",
    "m": "Images",
    "f": "Feedback",
}


def focused(page: Page) -> str:
    """The name of what has the focus, in words."""
    return str(
        page.evaluate(
            "() => { const one = document.activeElement;"
            " return one.getAttribute('aria-label') || one.textContent || one.alt || ''; }"
        )
    ).strip()


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the focus is there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {most} times Tab")


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_a_person_walks_all_tabs_and_keeps_the_filter(page: Page, by: str) -> None:
    page.goto(LIST + FILTER)
    tabs = page.get_by_role("navigation", name="Project")
    there = tabs.get_by_role("link").all_inner_texts()
    walked = [(key, name) for key, name in TABS.items() if name in there]
    with task(page, "walk all tabs, keeping the filter", by=by):
        for key, name in reversed(walked):
            if by == "mouse":
                tabs.get_by_role("link", name=name).click()
            else:
                page.keyboard.press("g")
                page.keyboard.press(key)
            current = tabs.locator("[aria-current]")
            expect(current).to_have_text(name)
            page.wait_for_load_state()  # keys act from then on
            expect(page).to_have_url(re.compile(r"[?&]label=language(:|%3A)fr(&|$)"))
            expect(page.locator(".sum .filter").first).to_contain_text("fr")


def test_the_tabs_follow_a_filter_that_was_changed_without_a_new_page(page: Page) -> None:
    page.goto(LIST)
    tabs = page.get_by_role("navigation", name="Project")
    languages = page.locator("#facets details").filter(has=page.get_by_text("language", exact=True))
    expect(languages.first).to_be_attached()
    scroll_to_group(languages.first)
    languages.first.get_by_role("link", name=re.compile(r"^fr ")).click()
    expect(tabs.get_by_role("link", name="Images")).to_have_attribute(
        "href", f"{DEMO}images/{FILTER}"
    )
    page.locator(".rows a.open").first.click()
    page.locator("#open-interaction").get_by_role("link", name="Open page").click()
    expect(tabs.get_by_role("link", name="Images")).to_have_attribute(
        "href", f"{DEMO}images/{FILTER}"
    )


def test_the_sheet_of_keys_opens_by_key_and_by_mouse(page: Page) -> None:
    page.goto(LIST)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("next and previous row")
    page.keyboard.press("g")
    page.keyboard.press("m")
    assert page.url.endswith(LIST)  # keys are off in a dialog
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.get_by_role("link", name="? shortcuts").click()
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    page.keyboard.type("?")
    expect(sheet).to_be_hidden()  # one may search for it
    page.set_viewport_size({"width": 390, "height": 800})
    page.locator("#person > summary").click()
    page.locator("#person").get_by_role("link", name="Keyboard shortcuts").click()
    expect(sheet).to_be_visible()
    assert page.evaluate("document.querySelector('dialog').scrollWidth") <= 390


def test_frame_and_keys_without_scripts(plain_page: Page) -> None:
    page = plain_page
    page.goto(LIST + FILTER)
    page.get_by_role("link", name="? shortcuts").click()
    expect(page.get_by_role("heading", name="Keyboard shortcuts", level=1)).to_be_visible()
    page.go_back()
    page.get_by_role("navigation", name="Project").get_by_role("link", name="Images").click()
    page.locator("a.picture").first.click()
    expect(page.locator(".turn.answer")).to_be_visible()
    page.locator("#project-menu > summary").click()
    page.get_by_role("link", name="All projects").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Theme: the system's")).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name=re.compile("^Theme: dark")).click()
    page.get_by_role("button", name=re.compile("^Theme: light")).click()


def test_another_project_is_opened_at_the_same_tab(page: Page, site: Served) -> None:
    site.manage("shell", "-c", OTHERS)
    page.goto(f"{DEMO}metrics/")
    tab_to(page, "#project-menu > summary", 3)
    page.keyboard.press("Enter")
    menu = page.get_by_role("navigation", name="Projects")
    box = menu.get_by_role("searchbox")
    expect(box).to_be_visible()
    expect(box).to_be_focused()  # the menu has the focus in its field once that has come
    page.keyboard.type("other 7")
    expect(menu.locator("li")).to_have_count(1)
    tab_to(page, "#project-menu li a", 2)
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/other-7/metrics/")
    page.locator("#project-menu > summary").click()
    expect(box).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()


OTHERS = """
from projects.models import Project
from projects.services import projects
for n in range(9):
    if not Project.objects.filter(key=f"other-{n}").exists():
        projects.create(key=f"other-{n}", name=f"Other {n}")
"""


@pytest.mark.parametrize("width", [390, 1000, 2560])
def test_nothing_is_wider_than_the_screen_and_the_current_tab_is_in_view(
    page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("images/", "interactions/", "connect/"):
        page.goto(DEMO + path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} pixels wide"
        for current in page.locator(".tabs [aria-current]").all():
            expect(current).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("tab", ["page", "plain_page"])
def test_what_menus_open_is_in_view(request: pytest.FixtureRequest, tab: str) -> None:
    page: Page = request.getfixturevalue(tab)
    for path in ("interactions/", "pairs/", "feedback/"):
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto(DEMO + path)
        expect(page.locator(".htmx-request, [aria-busy=true]")).to_have_count(0)
        for width in (390, 720, 800, 1000):  # 720: 1440 enlarged to 200 %
            page.set_viewport_size({"width": width, "height": 800})
            assert opened_in_view(page, width) >= 4


def opened_in_view(page: Page, width: int) -> int:
    """Open every menu that is seen, and close it again; how many there are."""
    opened = 0
    for menu in page.locator("details.menu").all():
        if not menu.locator("> summary").is_visible():
            continue
        menu.locator("> summary").click()
        panel = menu.locator("> .panel")
        expect(panel).to_be_visible()
        page.wait_for_function(  # the event of its opening comes a little later
            "panel => { const { left, right } = panel.getBoundingClientRect();"
            " return 0 <= left && right <= innerWidth; }",
            arg=panel.element_handle(),
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        menu.evaluate("menu => { menu.open = false }")
        opened += 1
    return opened


def test_the_focus_is_seen_wherever_tab_leads(page: Page) -> None:
    page.goto(f"{DEMO}images/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    unseen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "() => { const style = getComputedStyle(document.activeElement);"
            " return [style.outlineStyle, style.outlineWidth] }"
        )
        if style != ["solid", "2px"]:
            unseen.append((focused(page), style))
    assert not unseen


def test_the_first_row_is_at_most_twelve_stops_of_tab_away(page: Page) -> None:
    page.goto(LIST)
    names = []
    while "Skip to the rows" not in names:
        page.keyboard.press("Tab")
        names.append(focused(page))
    assert names == ["Skip to the content", "Skip to the query", "Skip to the rows"]
    page.keyboard.press("Enter")
    expect(page.locator("#rows")).to_be_focused()
    tab_to(page, ".rows a.open", 12 - len(names))
    page.reload()
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#bar")).to_be_focused()
    page.locator("#rows").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".rows a.open").first).to_be_focused()


def test_an_opened_menu_has_the_focus_in_its_first_field(page: Page) -> None:
    page.goto(LIST)
    for menu in page.locator(".tools details.menu").all():
        if not menu.locator("> summary").is_visible():
            continue
        menu.locator("> summary").focus()
        page.keyboard.press("Enter")
        page.wait_for_function(
            "menu => menu.open && menu.querySelector('.panel').contains(document.activeElement)",
            arg=menu.element_handle(),
        )
        page.keyboard.press("Escape")
        expect(menu.locator("> summary")).to_be_focused()


def test_motion_is_still_and_colours_are_forced_where_that_is_asked_for(
    browser: Browser, site: Served, logged_in: dict[str, object]
) -> None:
    context = browser.new_context(
        base_url=site.url,
        storage_state=logged_in,  # type: ignore[arg-type]
        reduced_motion="reduce",
        forced_colors="active",
    )
    page = context.new_page()
    page.goto(LIST)
    moving = page.evaluate(
        "() => [...document.querySelectorAll('*')].filter(one => { const style ="
        " getComputedStyle(one); return style.animationName !== 'none' ||"
        " parseFloat(style.transitionDuration) > 0 }).map(one => one.outerHTML)"
    )
    assert moving == []
    page.keyboard.press("/")
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"
    context.close()


def test_printed_a_page_has_no_bar_above(page: Page) -> None:
    page.goto(f"{DEMO}models/")
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.get_by_role("heading", name="Models", level=1)).to_be_visible()
