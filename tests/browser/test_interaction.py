"""One interaction in a real browser: judged, compared, read in its session, its images seen."""

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests import make
from tests.browser.axe import faults
from tests.browser.tasks import task
from tests.served import Served

PROJECT = "/projects/demo"
BY = pytest.mark.parametrize("by", ["mouse", "keys"])


def logged(site: Served, completion: str, *messages: dict[str, Any], **more: Any) -> str:
    """The page of a new interaction."""
    asked = messages or ({"role": "user", "content": "What is a maple?"},)
    made = site.post(
        "interactions",
        {"project": "demo", "messages": list(asked), "completion": completion, **more},
    )
    return f"{PROJECT}/interactions/{made['completion_id']}/"


def tab_to(page: Page, selector: str, *, most: int = 60) -> None:
    """Press Tab until what has the focus is `selector`."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def assert_accessible(page: Page) -> None:
    assert faults(page) == []


@BY
def test_a_verdict_with_a_reason_is_given_and_withdrawn(page: Page, site: Served, by: str) -> None:
    page.goto(logged(site, "A tree."))
    assert_accessible(page)
    helpful = page.locator(".metric-feedback", has=page.get_by_role("heading", name="helpful"))
    no = helpful.locator(".seg").get_by_role("button", name="no")
    with task(page, "give a value and a reason, then withdraw it", by=by):
        if by == "mouse":
            helpful.get_by_text("reason").click()
            helpful.get_by_label("Reason for helpful").fill("too short")
            no.click()
        else:
            page.keyboard.press(str(no.get_attribute("data-key")))
            expect(no).to_have_attribute("aria-pressed", "true")
            page.keyboard.press("w")
            expect(helpful.get_by_label("Reason for helpful")).to_be_focused()
            page.keyboard.type("too short")
            page.keyboard.press("Control+Enter")
        expect(helpful.locator(".reason")).to_have_text("“too short”")
        expect(no).to_have_attribute("aria-pressed", "true")
        if by == "mouse":
            helpful.get_by_role("button", name="Withdraw").click()
        else:
            tab_to(page, "[aria-label^='Withdraw']")
            page.keyboard.press("Enter")
        expect(helpful.locator(".metric-values")).to_have_count(0)
        expect(no).to_have_attribute("aria-pressed", "false")
    page.locator("details.history > summary", has_text="History").click()
    expect(page.locator(".timeline")).to_contain_text("withdrew helpful: no")
    expect(page.locator(".timeline")).to_contain_text("too short")


@BY
def test_three_answers_of_one_prompt_are_compared(page: Page, site: Served, by: str) -> None:
    asked = {"role": "user", "content": f"Describe a maple {uuid4()}"}
    logged(site, "A maple is a huge tree.", asked)
    logged(site, "A maple is a small tree.", asked)
    page.goto(logged(site, "A maple is a tall tree.", asked))
    with task(page, "compare three answers of one prompt by word diff", by=by):
        if by == "mouse":
            page.get_by_role("link", name="Side by side, word by word").click()
            page.locator(".choose a:not([aria-current])").click()
        else:
            page.keyboard.press("s")
            page.wait_for_url(re.compile("/siblings/"))
            tab_to(page, ".choose a:not([aria-current])")
            page.keyboard.press("Enter")
        expect(page.locator(".answers article")).to_have_count(3)
        words = page.locator(".answers .differing")
        assert {text.strip() for text in words.locator("ins").all_inner_texts()} == {
            "huge",
            "small",
        }
        assert {text.strip() for text in words.locator("del").all_inner_texts()} == {"tall"}
    assert_accessible(page)


@BY
def test_a_session_is_read_and_a_turn_of_it_judged(page: Page, site: Served, by: str) -> None:
    session = str(uuid4())
    said: list[dict[str, Any]] = []
    for number in range(3):
        said = [*said, {"role": "user", "content": f"Question {number} of {session}"}]
        logged(site, f"Answer {number}", *said, session_id=session)
        said = [*said, {"role": "assistant", "content": f"Answer {number}"}]
    page.goto(f"{PROJECT}/sessions/?session={session}")
    second = page.locator(".exchange").nth(1)
    yes = second.locator(".metric-feedback", has=page.get_by_role("heading", name="helpful"))
    yes = yes.locator(".seg").get_by_role("button", name="yes")
    with task(page, "read a session and judge a turn in it", by=by):
        if by == "mouse":
            page.get_by_role("link", name="Question 0").click()
            second.hover()
            second.get_by_role("link", name="Judge turn 2").click()
            yes.click()
        else:
            page.keyboard.press("j")
            page.keyboard.press("Enter")
            page.wait_for_url(re.compile(session + "/"))
            page.keyboard.press("j")
            page.keyboard.press("j")
            expect(second).to_be_focused()
            tab_to(page, "[aria-label='Judge turn 2']")
            page.keyboard.press("Enter")
            expect(second.locator(".margin .seg button").first).to_be_focused()
            page.keyboard.press(str(yes.get_attribute("data-key")))
        expect(yes).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".exchange")).to_have_count(3)
    expect(page.get_by_text("repeats 4 messages")).to_have_count(1)
    expect(page.locator(".exchange [aria-pressed=true]")).to_have_count(1)
    assert_accessible(page)
    expect(page.locator(".exchange form")).not_to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".exchange form")).to_have_count(0)
    expect(second.locator(".margin")).to_contain_text("helpful: yes")
    assert_accessible(page)


def test_the_open_form_of_a_session_follows_the_turn_in_hand(page: Page, site: Served) -> None:
    session = str(uuid4())
    for number in range(3):
        asked = {"role": "user", "content": str(number)}
        logged(site, f"Answer {number}", asked, session_id=session)
    page.goto(f"{PROJECT}/sessions/{session}/")
    turns = page.locator(".exchange")
    page.keyboard.press("j")
    page.keyboard.press("w")  # the form opens, and the reason in it
    expect(turns.nth(0).locator("textarea:focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(turns.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(turns.nth(1).locator("form").first).to_be_visible()
    expect(turns.nth(0).locator("form")).to_have_count(0)
    expect(turns.nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".exchange form")).to_have_count(0)


@BY
def test_an_image_is_zoomed_and_the_next_one_seen(page: Page, site: Served, by: str) -> None:
    uris = [make.data_uri(make.make_image(size=(1600, n))) for n in (900, 1000)]
    page.goto(logged(site, "Two.", make.image_message(*uris, text="How many?")))
    picture = page.locator("dialog[open] .lightbox-room img")
    with task(page, "zoom into an image and step to the next", by=by):
        if by == "mouse":
            page.locator("a.zoom").first.click()
            expect(page.locator("dialog .position")).to_have_text("1 of 2")
            page.mouse.move(500, 400)
            page.mouse.wheel(0, -500)
        else:
            tab_to(page, "a.zoom")
            page.keyboard.press("Enter")
            expect(page.locator("dialog .position")).to_have_text("1 of 2")
            for _ in range(4):
                page.keyboard.press("+")
        page.wait_for_function(
            "() => parseInt(document.querySelector('.zoomed').textContent) > 120"
        )
        before = str(picture.get_attribute("style"))
        if by == "mouse":
            page.mouse.down()
            page.mouse.move(400, 350, steps=3)
            page.mouse.up()
        else:
            page.keyboard.press("ArrowRight")  # larger than the window: it moves
        expect(picture).not_to_have_attribute("style", before)
        expect(page.locator("dialog .position")).to_have_text("1 of 2")
        if by == "mouse":
            page.get_by_role("button", name="Next image").click()
        else:
            page.keyboard.press("PageDown")
        expect(page.locator("dialog .position")).to_have_text("2 of 2")
        expect(page.locator(".lightbox-aside")).to_contain_text("How many?")
        assert_accessible(page)
        page.keyboard.press("Escape")
    expect(page.locator("a.zoom").nth(1)).to_be_focused()


def test_keys_label_copy_and_read_raw_also_beside_the_list(page: Page, site: Served) -> None:
    one = logged(site, "A **bold** tree.")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{PROJECT}/interactions/?open={one.split('/')[-2]}")
    page.keyboard.press("j")  # another row, then back: what is swapped in has keys too
    page.wait_for_url(lambda url: one.split("/")[-2] not in url)
    page.goto(f"{PROJECT}/interactions/?open={one.split('/')[-2]}")
    expect(
        page.locator("#open-interaction").get_by_role("button", name="Copy link")
    ).to_be_visible()
    page.keyboard.press("r")
    expect(page.locator("#open-interaction .answer .verbatim")).to_have_text("A **bold** tree.")
    page.keyboard.press("c")
    expect(page.locator("#open-interaction").get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site.url}{one}"
    page.keyboard.press("l")
    page.keyboard.type("seen")
    page.keyboard.press("Tab")
    page.keyboard.type("1r2")  # no key acts while typing
    page.keyboard.press("Enter")
    expect(page.locator("#open-interaction .labels .chip")).to_have_text("seen 1r2")
    expect(page.locator("#open-interaction .answer .verbatim")).to_have_count(1)


def test_without_scripts_all_of_it_is_reached(plain_page: Page, site: Served) -> None:
    system = {"role": "system", "content": f"Be kind. {uuid4()}"}
    long = {"role": "user", "content": "\n\n".join(f"Line {n}" for n in range(200))}
    session = str(uuid4())
    one = logged(site, "A tree.", system, long, session_id=session)
    logged(site, "A bush.", system, long)
    page = plain_page
    page.goto(one)
    last = page.get_by_text("Line 199")
    expect(last).not_to_be_in_viewport()
    page.get_by_text("Show all").click()
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    page.get_by_role("link", name="others with this system prompt").click()
    expect(page.get_by_role("link", name="same as 1 other")).to_be_visible()
    page.goto(one)
    page.get_by_text("History", exact=True).click()
    page.get_by_role("link", name="Who did what, and when").click()
    expect(page.locator(".timeline li")).to_have_count(1)
    page.goto(f"{one}siblings/")
    expect(page.locator(".differing ins")).to_have_text("bush")
    page.goto(f"{PROJECT}/sessions/{session}/")
    page.get_by_role("link", name="Judge turn 1").click()
    expect(page).to_have_url(re.compile(re.escape(one) + "#feedback-"))
    page.locator(".seg").get_by_role("button", name="yes").first.click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    page.goto(f"{PROJECT}/sessions/{session}/")
    expect(page.locator(".margin")).to_contain_text("helpful: yes")


def test_paper_has_all_of_it_unfolded_and_nothing_of_the_site(page: Page, site: Served) -> None:
    system = {"role": "system", "content": "Rules. " * 60}
    one = logged(
        site, "A tree.", system, {"role": "user", "content": "Hm?"}, labels={"env": "prod"}
    )
    page.goto(one)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator(".one button").first).to_be_hidden()
    expect(page.locator(".system .text")).to_be_visible()
    expect(page.locator(".labels .chip")).to_be_visible()
    expect(page.locator(".printed")).to_contain_text(f"{site.url}{one}")
    assert len(page.pdf(format="A4")) > 5_000
