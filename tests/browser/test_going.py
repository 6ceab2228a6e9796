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
