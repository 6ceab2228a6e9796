"""What is pressed while answers are on their way is not lost, and is for what it was pressed on."""

from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.test_feedback_keys import list_of_three, marks, writes
from tests.browser.test_interaction import PROJECT, logged
from tests.served import Served

FORMS = "**/interactions/*/feedback/section/"


@pytest.fixture
def turns(page: Page, site: Served) -> Locator:
    """The turns of a new session, without feedback, the first of them in hand."""
    session = str(uuid4())
    for number in range(2):
        asked = {"role": "user", "content": f"Question {number}"}
        logged(site, f"Answer {number}", asked, session_id=session)
    page.goto(f"{PROJECT}/sessions/{session}/")
    page.keyboard.press("j")
    found = page.locator(".exchange")
    expect(found.first).to_be_focused()
    return found


def delay(page: Page, address: str) -> list[Route]:
    """The next request for this, which waits to be answered; those after it do not."""
    delayed: list[Route] = []
    page.route(address, lambda route: route.continue_() if delayed else delayed.append(route))
    return delayed


def release(page: Page, delayed: list[Route]) -> None:
    """Answer it, once it is there."""
    while not delayed:
        page.wait_for_timeout(20)
    delayed[0].continue_()


@pytest.mark.parametrize(("keys", "given"), [("11", 0), ("12", 1)])
def test_of_keys_that_wait_for_the_form_of_a_turn_the_last_one_counts(
    page: Page, turns: Locator, keys: str, given: int
) -> None:
    sent = writes(page)
    delayed = delay(page, FORMS)
    for key in keys:
        page.keyboard.press(key)
    release(page, delayed)
    button = turns.first.locator(".primary .seg button").nth(given)
    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_load_state("networkidle")
    expect(turns.first.locator("[aria-pressed=true]")).to_have_count(1)
    assert len(sent) == 1


def test_a_key_that_waits_is_for_its_turn(page: Page, turns: Locator) -> None:
    delayed = delay(page, FORMS)
    page.keyboard.press("2")
    page.keyboard.press("j")
    expect(turns.nth(1)).to_be_focused()
    release(page, delayed)
    expect(turns.first.locator(".margin")).to_contain_text("helpful: no")  # and its form closed
    expect(turns.first.locator("form")).to_have_count(0)
    expect(turns.nth(1).locator(".primary .seg button").first).to_be_visible()
    expect(turns.nth(1).locator("[aria-pressed=true]")).to_have_count(0)


def test_a_key_whose_form_did_not_come_gives_no_feedback_later(
    page: Page, turns: Locator, complaints: list[str]
) -> None:
    page.route(FORMS, lambda route: route.abort())
    page.keyboard.press("1")
    expect(page.locator("#failure")).to_have_text("The server does not answer. Try again.")
    page.unroute(FORMS)
    complaints.clear()
    turns.first.locator(".judge").click()
    expect(turns.first.locator(".primary .seg button").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(turns.locator("[aria-pressed=true]")).to_have_count(0)


def test_what_is_pressed_while_feedback_is_on_its_way_is_not_lost(page: Page, site: Served) -> None:
    page.goto(list_of_three(site))
    panel = page.locator("#open-interaction")
    buttons, reason = panel.locator(".primary .seg button"), panel.locator(".primary textarea")
    page.keyboard.press("j")
    expect(panel.locator(".answer")).to_contain_text("Answer 2")
    expect(buttons.first).to_be_visible()
    delayed = delay(page, "**/interactions/*/feedback/")
    for key in "12w":
        page.keyboard.press(key)
    expect(reason).to_be_focused()
    page.keyboard.type("12 lines")
    release(page, delayed)
    expect(buttons.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(marks(page, 0, "no")).to_have_count(1)
    expect(reason).to_have_value("12 lines")
    expect(reason).to_be_focused()
    panel.focus()
    delayed = delay(page, "**/interactions/*/feedback/")
    page.keyboard.press("1")
    page.keyboard.press("j")
    expect(panel.locator(".answer")).to_contain_text("Answer 1")
    release(page, delayed)
    expect(marks(page, 0, "yes")).to_have_count(1)  # whatever is open now
    page.keyboard.press("k")
    expect(panel.locator(".answer")).to_contain_text("Answer 2")
    expect(buttons.first).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("1")
    page.keyboard.press("z")
    expect(page.locator("#toast p")).to_contain_text("Undone")
    page.keyboard.press("o")
    page.wait_for_url("**/interactions/*/?**")
    expect(page.locator("main .primary .metric-values")).to_contain_text("12 lines")


def test_keys_that_wait_for_their_script_keep_their_order(page: Page, site: Served) -> None:
    delayed = delay(page, "**/selection*.js")
    page.goto(list_of_three(site))
    for key in "jxj":
        page.keyboard.press(key)
    release(page, delayed)
    rows = page.locator(".rows tbody tr")
    expect(rows.first.locator(".pick input")).to_be_checked()
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.locator(".rows .ticked")).to_have_count(1)
