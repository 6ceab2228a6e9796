"""Ticking rows, acting on many and undoing it: by mouse, by keys alone, and without scripts."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.axe import FEW_ALIKE, faults
from tests.browser.tasks import task

DEMO = "/projects/demo/interactions/"
BOXES = ".rows .pick input[name=id]"


POPOVERS = (
    ("Label", "Label 1 interaction"),
    ("Give feedback", "Give feedback on 1 interaction"),
    ("Delete", "Delete 1 interaction?"),
    ("Remove a label", "Remove a label from 1 interaction"),
    ("Withdraw feedback", "Withdraw feedback from 1 interaction"),
)


def counted(page: Page) -> int:
    """What the count above the list says, once it is there."""
    count = page.locator("#count b")
    expect(count).to_be_visible()
    return int(count.inner_text().replace(",", ""))


def selected(page: Page, words: str) -> None:
    expect(page.locator("#selected")).to_have_text(words)


def step(page: Page) -> None:
    """To the next row, until it is open."""
    row = page.locator(".rows tr[aria-selected=true]")
    was = str(row.get_attribute("id")) if row.count() else "none"
    page.keyboard.press("j")
    expect(row).to_have_count(1)
    expect(row).not_to_have_id(was)
    page.wait_for_url(f"**open={str(row.get_attribute('id')).removeprefix('row-')}*")


def finished(page: Page, state: str, said: str) -> None:
    progress = page.locator(f"#progress[data-state={state}]")
    expect(progress).to_be_visible(timeout=60_000)
    expect(progress).to_contain_text(said)


def test_all_but_two_are_labelled_and_it_is_undone_by_mouse(page: Page, real: str) -> None:
    here = f"/projects/{real}/interactions/?label=source:can-ai-code"
    with task(page, "label all but two of 9,041, and undo it", by="mouse"):
        page.goto(here)
        assert counted(page) == 9041
        page.locator("#pick-page").check()
        page.get_by_role("button", name="select all 9,041 matching").click()
        page.locator(BOXES).nth(0).uncheck()
        page.get_by_role("link", name="Older →").click()
        page.wait_for_url(re.compile("before="))
        expect(page.locator(BOXES).nth(3)).to_be_checked()
        page.locator(BOXES).nth(3).uncheck()
        selected(page, "9,039 selected")
        page.locator(".bulk").get_by_role("button", name="Label").first.click()
        page.get_by_label("Key").fill("triage")
        page.get_by_label("Value").fill("mouse")
        page.get_by_role("button", name="Preview changes").click()
        expect(page.locator(".will")).to_contain_text(
            "Label triage = mouse will be set on 9,039 interactions; 0 have another value"
        )
        page.get_by_role("button", name="Label triage = mouse").click()
        finished(page, "done", "9,039 of 9,039 interactions changed")
        labelled = page.url
        page.goto(f"/projects/{real}/interactions/?label=triage:mouse")
        assert counted(page) == 9039
        page.goto(labelled)
        page.get_by_role("button", name="Undo").click()
        finished(page, "undone", "9,039 interactions are as before")
    page.goto(f"/projects/{real}/interactions/?label=triage:mouse")
    expect(page.locator(".state")).to_contain_text("Nothing matches")
    page.goto(here)
    expect(page.locator(f"{BOXES}:checked")).to_have_count(0)


def test_all_but_two_are_labelled_and_it_is_undone_by_keys(page: Page, real: str) -> None:
    with task(page, "label all but two of 9,041, and undo it", by="keys"):
        page.goto(f"/projects/{real}/interactions/?label=source:can-ai-code")
        assert counted(page) == 9041
        page.keyboard.press("A")
        for _ in range(2):
            step(page)
            page.keyboard.press("x")
        selected(page, "9,039 selected")
        page.keyboard.press("l")
        page.wait_for_url(re.compile("/label/$"))
        page.keyboard.type("triage")
        page.keyboard.press("Tab")
        page.keyboard.type("keys")
        page.keyboard.press("Enter")
        expect(page.locator(".will")).to_contain_text("will be set on 9,039 interactions")
        page.keyboard.press("Enter")
        finished(page, "done", "9,039 of 9,039 interactions changed")
        page.keyboard.press("z")
        finished(page, "undone", "9,039 interactions are as before")


def test_ticks_stay_while_paging_and_go_with_the_filter(page: Page) -> None:
    page.goto(DEMO)
    page.locator(BOXES).nth(2).check()
    page.get_by_role("link", name="Older →").click()
    page.wait_for_url(re.compile("before="))
    page.locator(BOXES).nth(0).check()
    selected(page, "2 selected")
    page.reload()
    selected(page, "2 selected")
    expect(page.locator(BOXES).nth(0)).to_be_checked()
    page.locator(".rows .chip").first.click()
    page.wait_for_url(re.compile("label="))
    expect(page.locator(".bulk")).to_be_hidden()
    expect(page.locator(f"{BOXES}:checked")).to_have_count(0)


def test_what_is_ticked_is_labelled_by_l_and_let_go_once_it_is_sent(page: Page) -> None:
    late: list[Route] = []
    page.route(re.compile(r"/interaction\.[^/]*js$"), lambda route: late.append(route))
    page.goto(DEMO)
    with page.expect_request(re.compile(r"/interaction\.[^/]*js$")):
        step(page)
    expect(page.locator("#open-interaction .labels .add")).to_have_count(1)
    page.keyboard.press("l")  # nothing is ticked: a label of the open one, whose script is late
    late.pop().continue_()
    expect(page.locator("#open-interaction .labels .add input[name=key]")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("#pick-page").check()
    page.keyboard.press("A")  # all that match: a page of their own
    page.keyboard.press("l")
    page.wait_for_url(re.compile("/label/$"))
    page.goto(DEMO)
    expect(page.locator(".rows tbody tr").first).to_be_visible()
    expect(page.locator(f"{BOXES}:checked")).to_have_count(0)
    page.keyboard.press("e")  # nothing is ticked: all that match
    page.wait_for_url(re.compile("/export/"))
    page.go_back()
    expect(page.locator(".rows tbody tr").first).to_be_visible()
    expect(page.locator(f"{BOXES}:checked")).to_have_count(0)


def test_without_scripts_boxes_and_buttons_are_a_form(plain_page: Page) -> None:
    page = plain_page
    page.goto(DEMO)
    page.locator(BOXES).nth(0).check()
    page.locator(BOXES).nth(1).check()
    page.locator(".bulk").get_by_role("button", name="Label").first.click()
    page.get_by_label("Key").fill("plain")
    page.get_by_role("button", name="Preview changes").click()
    page.get_by_role("button", name="Label plain = (empty)").click()
    expect(page.locator("#progress")).to_contain_text("2 of 2 interactions changed", timeout=20_000)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#progress")).to_contain_text("Undone", timeout=20_000)
    page.goto(f"{DEMO}?label=language:fr")
    page.get_by_label("all that match").check()
    page.locator(".bulk").get_by_text("More").click()
    page.get_by_role("button", name="Open selected").click()
    expect(page.locator("header")).to_contain_text(["", "All interactions where language is fr"])


def test_the_pages_have_no_fault_that_axe_finds(page: Page) -> None:
    page.goto(DEMO)
    page.locator(BOXES).nth(0).check()
    some_rows = ".bulk, .rows thead, .rows tbody tr:nth-child(-n+3)"
    pages = [("the list", faults(page, some_rows))]
    for name, title in POPOVERS:
        if name in ("Remove a label", "Withdraw feedback"):
            page.locator(".bulk").get_by_text("More").click()
        page.locator("#selection").get_by_role("button", name=name).click()
        popover = page.get_by_role("dialog", name=title)
        expect(popover.get_by_role("button", name="Cancel")).to_be_visible()
        pages.append((name, faults(page, "#bulk-popover")))
        page.keyboard.press("Escape")
    page.keyboard.press("z")
    expect(page.locator("#toast")).not_to_be_empty()
    counted(page)
    idle = "() => !document.querySelector('.htmx-request, [aria-busy=true]')"
    for _ in range(3):  # what is stale is dimmed
        page.wait_for_timeout(100)
        page.wait_for_function(idle)
    pages.append(("a toast", faults(page, "#toast")))
    page.locator(".bulk").get_by_text("More").click()
    pages.append(("the menu", faults(page, ".bulk")))
    before = page.url
    page.get_by_role("button", name="Open selected").click()
    page.wait_for_url(lambda url: url != before)
    selection = page.url
    for name in ("", "label/?key=env&value=x", "feedback/", "withdraw/", "delete/", "export/"):
        page.goto(selection + name)
        page.evaluate(FEW_ALIKE)
        pages.append((name, faults(page)))
    for name, found in pages:
        assert not found, f"{name}: {found}"
