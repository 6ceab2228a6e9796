"""Rows that come in while somebody looks."""

import re
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.served import Served

LIST = "/projects/demo/interactions/"
PATIENCE = 20_000  # milliseconds, on a busy machine


def say(site: Served, text: str, env: str = "prod", **labels: str) -> None:
    """Log an interaction as a program would."""
    message = {"role": "user", "content": text}
    body = {"project": "demo", "messages": [message], "completion": "Hi"}
    site.post("interactions", {**body, "labels": {"env": env, **labels}})


def test_the_pill_says_how_many_are_new_and_shows_them(page: Page, site: Served) -> None:
    page.goto(f"{LIST}?label=env:prod")
    pill = page.locator("live-rows .new")
    expect(page.get_by_role("link", name="Live", exact=True)).to_be_visible(timeout=PATIENCE)
    say(site, "A pill shows me")
    say(site, "No pill shows me", env="staging")
    expect(pill).to_have_text("1 new", timeout=PATIENCE)
    expect(page.locator(".rows", has_text="A pill shows me")).to_have_count(0)
    pill.click()
    expect(page.locator(".rows tbody tr").first).to_contain_text("A pill shows me")
    expect(pill).to_be_hidden()


def test_live_rows_come_in_by_themselves_and_wait_while_one_reads(page: Page, site: Served) -> None:
    page.goto(f"{LIST}?label=env:prod")
    page.get_by_role("link", name="Live", exact=True).click(timeout=PATIENCE)
    page.wait_for_url(re.compile("live=1"))
    said = page.locator("live-rows .said")
    page.mouse.move(600, 5)
    first = page.locator(".rows tbody tr").first
    with page.expect_request(re.compile("/live/")):
        page.reload()
    expect(page.locator("live-rows")).to_be_visible(timeout=PATIENCE)
    say(site, "I come by myself")
    say(site, "I do not come", env="staging")
    expect(first).to_contain_text("I come by myself", timeout=PATIENCE)
    page.locator(".rows tbody tr").nth(2).hover()
    for number in range(3):
        say(site, f"I wait {number}")
    expect(said).to_contain_text("paused, 3 waiting", timeout=PATIENCE)
    expect(first).to_contain_text("I come by myself")
    page.mouse.move(600, 5)
    expect(first).to_contain_text("I wait 2", timeout=PATIENCE)
    first.locator("a.open").click()
    expect(page.locator("#open-interaction .turn").first).to_be_visible()
    page.mouse.move(600, 5)
    page.wait_for_function("() => { document.activeElement.blur(); return true }")
    say(site, "I wait too")
    expect(said).to_contain_text("paused, 1 waiting", timeout=PATIENCE)
    page.evaluate("document.isAsBefore = true")
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("^(?!.*open=)"))
    expect(page.locator("#open-interaction > *")).to_have_count(0)
    # The row that was open has the focus again, once the list is there.
    page.wait_for_function(
        """() => {
            document.activeElement.blur();
            return document.querySelector(".rows tbody tr")?.textContent.includes("I wait too");
        }""",
        timeout=PATIENCE,
    )
    expect(first).to_contain_text("I wait too")
    assert page.evaluate("document.isAsBefore")  # the list was not read anew
    assert page.locator(".rows", has_text="I do not come").count() == 0


def test_a_live_row_joins_the_others_if_it_has_the_labels_of_all(page: Page, site: Served) -> None:
    run = str(uuid4())
    for number in range(3):
        say(site, f"Before {number}", run=run)
    with page.expect_request(re.compile("/live/")):
        page.goto(f"{LIST}?view=none&label=run:{run}&live=1")
    first, shared = page.locator(".rows tbody tr").first, page.locator(".rows .shared")
    expect(shared).to_contain_text("env prod")
    page.mouse.move(600, 5)
    read: list[str] = []
    page.on("request", lambda asked: read.append(asked.url) if f"{LIST}?" in asked.url else None)
    say(site, "Like the others", run=run)
    expect(first).to_contain_text("Like the others", timeout=PATIENCE)
    expect(first).not_to_contain_text("env prod")
    assert read == []
    say(site, "Unlike the others", env="staging", run=run)
    expect(first).to_contain_text("Unlike the others", timeout=PATIENCE)
    expect(first).to_contain_text("env staging")
    expect(shared).not_to_contain_text("env prod")
    expect(page.locator(".rows tbody tr")).to_have_count(5)


def test_without_scripts_there_is_neither(plain_page: Page) -> None:
    plain_page.goto(f"{LIST}?live=1&compare=all")
    expect(plain_page.locator(".rows tbody tr").first).to_be_visible()
    assert plain_page.get_by_role("link", name="Live", exact=True).count() == 0
