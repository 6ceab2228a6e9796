"""The same two keys give the project's primary metric wherever an interaction stands."""

from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.axe import faults
from tests.browser.tasks import task
from tests.browser.test_interaction import PROJECT, logged
from tests.served import Served

LIST = f"{PROJECT}/interactions/"


def list_of_three(site: Served) -> str:
    """The list of three new interactions of one session, without feedback."""
    run, session = str(uuid4()), str(uuid4())
    for number in range(3):
        asked = {"role": "user", "content": f"Question {number} of {run}"}
        logged(site, f"Answer {number}", asked, labels={"run": run}, session_id=session)
    return f"{LIST}?view=none&label=run:{run}"


@pytest.fixture
def three(site: Served) -> str:
    """The address of such a list."""
    return list_of_three(site)


def said(page: Page) -> Locator:
    """The line that says what a key did."""
    return page.locator("#status-line")


def marks(page: Page, row: int, word: str) -> Locator:
    """The mark of a row, if it says this of its feedback."""
    row_at = page.locator(".rows tbody tr").nth(row)
    return row_at.locator(f"[id^=fb-][aria-label*='helpful: {word}']")


def test_two_rows_are_judged_by_keys_without_opening_them(page: Page, three: str) -> None:
    page.goto(three)
    links = page.locator(".rows a.open")
    expect(page.locator("#count b")).to_have_text("3")
    links.first.focus()
    with task(page, "judge two rows without opening them", by="keys"):
        page.keyboard.press("1")
        expect(said(page)).to_have_text("helpful: yes given. 1 again withdraws it.")
        page.keyboard.press("ArrowDown")
        expect(links.nth(1)).to_be_focused()
        page.keyboard.press("2")
        expect(said(page)).to_have_text("helpful: no given. 2 again withdraws it.")
    expect(marks(page, 0, "yes")).to_have_count(1)
    expect(marks(page, 1, "no")).to_have_count(1)
    expect(page.locator("#open-interaction > *")).to_have_count(0)
    expect(page.locator("#count .judged")).to_contain_text("50 % bad")
    page.keyboard.press("2")
    expect(said(page)).to_have_text("helpful: no withdrawn.")
    expect(marks(page, 1, "no")).to_have_count(0)
    page.keyboard.press("9")
    expect(said(page)).to_have_text("helpful has its values on the keys 1 to 2.")
    assert faults(page) == []


def test_the_two_keys_are_the_same_everywhere(page: Page, three: str) -> None:
    page.goto(three)
    page.keyboard.press("j")
    yes = page.locator("#open-interaction .primary .seg button").first
    expect(yes).to_have_attribute("data-key", "1")
    page.keyboard.press("1")
    expect(yes).to_have_attribute("aria-pressed", "true")
    expect(marks(page, 0, "yes")).to_have_count(1)
    page.keyboard.press("o")
    page.wait_for_url("**/interactions/*/?**")
    buttons = page.locator("main .primary .seg button")
    expect(buttons.first).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("2")
    expect(buttons.nth(1)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="turn 3 of 3").click()
    page.wait_for_url("**/sessions/**")
    page.locator(".exchange").first.focus()
    page.keyboard.press("2")
    first = page.locator(".exchange").first.locator(".primary .seg button")
    expect(first.nth(1)).to_have_attribute("aria-pressed", "true")
    page.goto(three.replace("/interactions/", "/review/"))
    expect(page.locator("#card h2").nth(1)).to_contain_text("elpful")
    page.keyboard.press("1")
    expect(page.locator("#status .last")).to_contain_text("▲ yes")


def test_a_key_that_follows_j_at_once_is_for_the_row_it_led_to(page: Page, three: str) -> None:
    page.goto(three)
    page.keyboard.press("j")
    expect(page.locator("#open-interaction .answer")).to_contain_text("Answer 2")
    page.route("**/interactions/?*open=*", lambda route: route.abort())  # it does not come
    page.locator(".rows a.open").nth(2).focus()
    page.keyboard.press("2")
    expect(marks(page, 2, "no")).to_have_count(1)
    expect(marks(page, 0, "no")).to_have_count(0)
    expect(page.locator("#open-interaction [aria-pressed=true]")).to_have_count(0)


def test_a_key_without_anything_to_do_says_so(page: Page, three: str) -> None:
    page.goto(three)
    expect(page.locator("#count b")).to_have_text("3")
    for keys, text in (
        ("q", "q does nothing here. ? lists the keys."),
        ("gq", "g q does nothing here. ? lists the keys."),
        ("1", "Go to a row first: j opens one, and a digit gives it feedback."),
        ("k", ""),  # opens the first
        ("k", "This is the first row."),
        ("jjj", "This is the last row."),
        ("s", "Nothing else answers this prompt."),
    ):
        for key in keys:
            page.keyboard.press(key)
            if key in "jk":
                page.wait_for_timeout(50)
        if text:
            expect(said(page)).to_have_text(text)
    expect(said(page)).to_have_attribute("role", "status")
    page.keyboard.press("/")
    page.keyboard.type("q")
    expect(said(page)).to_have_text("Nothing else answers this prompt.")


def test_a_number_as_primary_metric_is_typed(page: Page, three: str) -> None:
    chooser = page.get_by_label("Primary metric")
    page.goto(f"{PROJECT}/settings/")
    chooser.select_option("resolution_time_min")
    page.get_by_role("button", name="Save primary metric").click()
    try:
        expect(page.get_by_text("The number keys give resolution_time_min now.")).to_be_visible()
        page.goto(three)
        page.locator(".rows a.open").first.focus()
        page.keyboard.press("4")
        expect(said(page)).to_contain_text("is a number: open the interaction to type it.")
        page.keyboard.press("Enter")
        expect(page.locator("#open-interaction .primary .number")).to_be_visible()
        page.keyboard.type("42")
        page.keyboard.press("Enter")
        expect(page.locator("#open-interaction .primary .metric-values")).to_contain_text("42")
    finally:
        page.goto(f"{PROJECT}/settings/")
        chooser.select_option("")
        page.get_by_role("button", name="Save primary metric").click()
        expect(page.get_by_text("The number keys give the most used")).to_be_visible()


def hold(page: Page, key: str) -> None:
    """Hold a key down for four key presses: the later ones are repeats."""
    for _ in range(4):
        page.keyboard.down(key)
    page.keyboard.up(key)


def writes(page: Page) -> list[str]:
    """The addresses written to from now on, but for what tells the audit log of a look."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and not request.url.endswith("/seen/"):
            sent.append(request.url)

    page.on("request", note)
    return sent


def test_a_key_held_down_writes_once(page: Page, three: str) -> None:
    sent = writes(page)
    page.goto(three)
    page.locator(".rows a.open").first.focus()
    hold(page, "1")
    expect(said(page)).to_have_text("helpful: yes given. 1 again withdraws it.")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".rows a.open").nth(1)).to_be_focused()
    page.keyboard.press("2")  # after all that the first key sends
    expect(said(page)).to_have_text("helpful: no given. 2 again withdraws it.")
    assert len(sent) == 2
    hold(page, "z")
    expect(page.locator("#toast p")).to_contain_text("Undone")
    expect(marks(page, 1, "no")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    expect(marks(page, 0, "yes")).to_have_count(1)
    assert len(sent) == 3


def test_j_held_down_goes_on_and_a_digit_in_what_is_open_does_not(page: Page, three: str) -> None:
    sent = writes(page)
    page.goto(three)
    page.keyboard.press("j")
    expect(page.locator("#open-interaction .answer")).to_contain_text("Answer 2")
    for _ in range(2):
        page.keyboard.down("j")
    page.keyboard.up("j")
    expect(page.locator("#open-interaction .answer")).to_contain_text("Answer 0")
    hold(page, "1")
    yes = page.locator("#open-interaction .primary .seg button").first
    expect(yes).to_have_attribute("aria-pressed", "true")
    page.wait_for_load_state("networkidle")
    assert len(sent) == 1
    expect(yes).to_have_attribute("aria-pressed", "true")


def test_a_key_that_failed_says_so_and_the_next_is_sent(
    page: Page, three: str, complaints: list[str]
) -> None:
    page.goto(three)
    page.locator(".rows a.open").first.focus()
    page.evaluate("""() => {
        const { text } = Response.prototype;
        Response.prototype.text = function () {
            if (!this.url.includes("/by-key/")) return text.call(this);
            Response.prototype.text = text;
            throw new TypeError("the answer broke off");
        };
    }""")
    page.keyboard.press("1")
    expect(said(page)).to_contain_text("the feedback may or may not be stored")
    page.keyboard.press("2")
    expect(said(page)).to_have_text("helpful: no given. 2 again withdraws it.")
    assert complaints and all("the answer broke off" in one for one in complaints)
    complaints.clear()
