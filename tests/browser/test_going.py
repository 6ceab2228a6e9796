"""Go to, by keys alone."""

import re

from playwright.sync_api import Page, expect

DEMO = "/projects/demo/"
LIST = f"{DEMO}interactions/"


def test_an_id_or_a_name_is_gone_to_from_anywhere_by_keys_alone(page: Page) -> None:
    page.goto(LIST)
    row = page.locator(".rows tbody tr").first.get_attribute("id") or ""
    id = row.removeprefix("row-")
    page.goto(f"{DEMO}groups/")
    page.locator("#bar").focus()  # also while typing
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Go to")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("sess")
    expect(dialog.get_by_role("option").first).to_contain_text("Sessions")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"{DEMO}sessions/$"))  # and for its scripts
    page.keyboard.press("Meta+k")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.insert_text(f'{{"completion_id": "{id.upper()}"}}')
    page.keyboard.press("Enter")  # waits for the answer
    expect(page).to_have_url(re.compile(f"{id}/$"))


def choose(page: Page, text: str, name: str) -> None:
    """Open the dialog, type, and press Enter on what comes first."""
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Go to")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(text)
    expect(dialog.get_by_role("option").first).to_contain_text(name)
    page.keyboard.press("Enter")


def test_actions_are_done_by_keys_alone(page: Page) -> None:
    page.goto(f"{LIST}?label=language:fr")
    page.wait_for_load_state("networkidle")
    choose(page, "save this", "Save this view")
    expect(page.locator("#view-name")).to_be_focused()
    page.go_back()
    page.wait_for_load_state("networkidle")
    choose(page, "dark", "Switch to the dark theme")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith(f"{LIST}?label=language:fr")
    choose(page, "system", "Use the system’s theme")
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")
    choose(page, "new key", "New API key")
    page.wait_for_url(re.compile("/connect/#api-key$"))
    expect(page.get_by_label("Name of the new key")).to_be_in_viewport()
    page.goto(f"{DEMO}images/?label=language:fr")
    choose(page, "export", "Export all that match")
    page.wait_for_url(re.compile("/export/$"))
    expect(page.locator("main")).to_contain_text(re.compile("language.*fr", re.I))


def test_actions_without_scripts(plain_page: Page) -> None:
    page = plain_page
    page.goto(f"{LIST}?label=language:fr")
    page.get_by_role("link", name="Ctrl K go to").click()
    page.get_by_role("link", name="Images").last.click()
    page.wait_for_url(f"**{DEMO}images/?label=language:fr")
    page.go_back()
    page.get_by_role("link", name=re.compile("^Save this view")).click()
    expect(page.locator("#view-name")).to_be_visible()
