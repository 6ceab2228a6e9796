"""Few ticked rows change in place, the list stays, and it is undone: by mouse and by keys."""

from playwright.sync_api import Page, expect

from tests.browser.tasks import task
from tests.browser.test_bulk import BOXES, DEMO, counted, selected, step


def said(page: Page, words: str) -> None:
    """What the toast says."""
    expect(page.locator("#toast p")).to_have_text(words)


def test_two_rows_are_labelled_without_leaving_by_mouse(page: Page) -> None:
    page.goto(f"{DEMO}?columns=ask,label:triage")
    rows, steps = page.locator(".rows tbody tr"), page.evaluate("history.length")
    with task(page, "label two rows", by="mouse"):
        page.locator(BOXES).nth(0).click()
        page.locator(BOXES).nth(1).click()
        page.locator("#selection").get_by_role("button", name="Label").click()
        popover = page.get_by_role("dialog", name="Label 2 interactions")
        popover.get_by_label("Key").fill("triage")
        popover.get_by_label("Value").fill("mouse")
        popover.get_by_role("button", name="Label 2 interactions").click()
        said(page, "2 interactions labelled triage:mouse.")
    for n in (0, 1):
        expect(rows.nth(n)).to_contain_text("mouse")
    expect(rows.nth(2)).not_to_contain_text("mouse")
    expect(page.get_by_role("dialog")).to_have_count(0)
    selected(page, "2 selected")
    expect(page.locator(f"{BOXES}:checked")).to_have_count(2)
    expect(page.locator("#selection").get_by_role("button", name="Label")).to_be_focused()
    assert page.evaluate("history.length") == steps  # Back leads where it led before
    page.locator("#toast").get_by_role("button", name="Undo").click()
    said(page, "Undone: 2 interactions labelled triage:mouse.")
    expect(rows.nth(0)).not_to_contain_text("mouse")


def test_two_rows_are_labelled_without_leaving_by_keys(page: Page) -> None:
    page.goto(f"{DEMO}?columns=ask,label:triage")
    rows = page.locator(".rows tbody tr")
    with task(page, "label two rows", by="keys"):
        for _ in range(2):
            step(page)
            page.keyboard.press("x")
        page.keyboard.press("l")
        page.keyboard.type("triage")  # at once: what is typed waits for its field
        expect(page.locator("#bulk-popover").get_by_label("Key")).to_have_value("triage")
        page.keyboard.press("Tab")
        page.keyboard.type("keys")
        page.keyboard.press("Enter")
        said(page, "2 interactions labelled triage:keys.")
    for n in (0, 1):
        expect(rows.nth(n)).to_contain_text("keys")
    expect(rows.nth(1).locator("a.open")).to_be_focused()
    page.keyboard.press("f")
    popover = page.get_by_role("dialog", name="Give feedback on 2 interactions")
    helpful = popover.get_by_role("group", name="helpful")
    helpful.get_by_role("button", name="no").press("Enter")
    said(page, "Feedback helpful: no on 2 interactions.")
    expect(popover).to_be_hidden()  # keys are off in a dialog
    page.keyboard.press("z")
    said(page, "Undone: feedback helpful: no on 2 interactions.")
    page.keyboard.press("z")
    said(page, "Undone: 2 interactions labelled triage:keys.")
    expect(rows.nth(0)).not_to_contain_text("keys")


def test_rows_keep_their_place_when_they_change(page: Page) -> None:
    page.goto(f"{DEMO}?columns=ask,label:place")
    row = page.locator(".rows tbody tr").nth(20)
    row.scroll_into_view_if_needed()
    row.locator(".pick input").check()
    was = row.bounding_box()
    page.keyboard.press("l")
    page.keyboard.type("place")
    expect(page.locator("#bulk-popover").get_by_label("Key")).to_have_value("place")
    page.keyboard.press("Tab")
    page.keyboard.type("kept")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("kept")
    expect(row.locator(".pick input")).to_be_focused()
    now = row.bounding_box()
    assert was and now and abs(was["y"] - now["y"]) < 2
    page.keyboard.press("z")
    said(page, "Undone: 1 interaction labelled place:kept.")


def test_the_last_change_is_undone_on_any_page(page: Page) -> None:
    page.goto(DEMO)
    step(page)
    panel = page.locator("#open-interaction")
    for key in ("first", "last"):
        panel.locator(".labels summary").click()
        panel.locator(".labels .add [name=key]").fill(key)
        panel.locator(".labels .add [name=value]").fill("one")
        panel.get_by_role("button", name="Add", exact=True).click()
        expect(panel.locator(".labels .chips")).to_contain_text(f"{key} one")
    page.goto(f"{DEMO}?label=nothing:here")
    expect(page.locator(".state")).to_contain_text("Nothing matches")
    page.keyboard.press("z")
    said(page, "Undone: label last:one.")
    page.goto("/projects/demo/groups/")
    page.keyboard.press("z")
    expect(page.locator(".notice")).to_have_text("Undone: label first:one.")


def test_three_rows_are_deleted_and_restored_by_mouse(page: Page) -> None:
    page.goto(DEMO)
    before = counted(page)
    rows = [row.get_attribute("id") for row in page.locator(".rows tbody tr").all()]
    with task(page, "delete three rows, and restore them", by="mouse"):
        page.locator(BOXES).nth(1).click()
        page.locator(BOXES).nth(3).click(modifiers=["Shift"])
        selected(page, "3 selected")
        expect(page.locator("#pick-page")).to_have_js_property("indeterminate", True)
        page.get_by_role("button", name="Delete").click()
        popover = page.get_by_role("dialog", name="Delete 3 interactions?")
        popover.get_by_role("button", name="Delete 3 interactions").click()
        said(page, "3 interactions deleted.")
        expect(page.locator("#count b")).to_have_text(f"{before - 3:,}")
        expect(page.locator(f"#{rows[1]}, #{rows[2]}, #{rows[3]}")).to_have_count(0)
        expect(page.locator(".bulk")).to_be_hidden()
        page.locator("#toast").get_by_role("button", name="Undo").click()
        said(page, "Undone: 3 interactions deleted.")
        expect(page.locator("#count b")).to_have_text(f"{before:,}")
    expect(page.locator(f"#{rows[3]}")).to_be_visible()
    assert [row.get_attribute("id") for row in page.locator(".rows tbody tr").all()] == rows


def test_three_rows_are_deleted_and_restored_by_keys(page: Page) -> None:
    page.goto(DEMO)
    before = counted(page)
    with task(page, "delete three rows, and restore them", by="keys"):
        step(page)
        page.keyboard.press("x")
        for _ in range(2):
            step(page)
        page.keyboard.press("X")
        selected(page, "3 selected")
        page.keyboard.press("Delete")
        expect(page.locator("#bulk-popover .cancel")).to_be_focused()  # not what deletes
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator("#open-interaction .one")).to_be_visible()  # behind it all stays
        page.keyboard.press("Delete")
        expect(page.locator("#bulk-popover .cancel")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        expect(page.get_by_role("button", name="Delete 3 interactions")).to_be_focused()
        page.keyboard.press("Enter")
        said(page, "3 interactions deleted.")
        expect(page.locator("#count b")).to_have_text(f"{before - 3:,}")
        expect(page.locator("#open-interaction > *")).to_have_count(0)  # that row is gone
        page.keyboard.press("z")
        said(page, "Undone: 3 interactions deleted.")
        expect(page.locator("#count b")).to_have_text(f"{before:,}")


def test_rows_that_could_not_be_read_anew_take_no_focus_later(
    page: Page, complaints: list[str]
) -> None:
    page.goto(f"{DEMO}?columns=ask,label:unread")
    page.locator(BOXES).nth(0).click()
    page.keyboard.press("l")
    page.keyboard.type("unread")
    expect(page.locator("#bulk-popover").get_by_label("Key")).to_have_value("unread")
    page.keyboard.press("Tab")
    page.keyboard.type("one")
    here = page.url
    page.route(here, lambda route: route.fulfill(status=503))
    page.keyboard.press("Enter")
    expect(page.locator("#failure")).to_have_text("The server answered 503. Try again.")
    page.unroute(here)
    assert complaints and all("503" in one for one in complaints)
    complaints.clear()
    page.locator("#bar").focus()
    page.evaluate("""async () => {
        const settled = new Promise((resolve) =>
            document.body.addEventListener("htmx:afterSettle", ({ target }) => {
                if (target.id === "results") resolve();
            }));
        await htmx.ajax("GET", location.href, { target: "#results" });
        await settled;
        for (let n = 0; n < 3; n += 1) await new Promise(requestAnimationFrame);
    }""")
    expect(page.locator(".rows tbody tr").first).to_contain_text("one")
    assert page.evaluate("document.activeElement.id") == "bar"
    page.locator("#undo-last").evaluate("form => form.requestSubmit()")
    said(page, "Undone: 1 interaction labelled unread:one.")
