"""Pages of people that need something before they are there: an invitation, a link, a role."""

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

PROJECT_PEOPLE = "/projects/demo/people/"


def invitation(page: Page) -> str:
    """The page that an invitation opens."""
    page.goto(PROJECT_PEOPLE)
    page.locator("form input[type=email]").first.fill("ada@example.org")
    page.get_by_role("button", name="Invite").first.click()
    return _shown(page)


def new_password(page: Page) -> str:
    """The page that a link for a new password opens."""
    page.goto("/console/people/")
    row = page.locator("tbody tr", has_text="mia@demo.example")
    row.locator("summary").click()
    row.get_by_role("button", name="Link for a new password").click()
    return _shown(page)


def role(page: Page) -> str:
    """The page that changes a role of the site's own."""
    page.goto("/console/roles/")
    made = page.get_by_role("link", name="Reader", exact=True)
    if made.count() == 0:  # another test of this site may have made it
        page.get_by_label("Name", exact=True).fill("Reader")
        page.get_by_role("checkbox", name="Read interactions").check()
        page.locator("#form button.primary").click()
    return urlsplit(str(made.get_attribute("href"))).path


def registered_model(page: Page) -> str:
    """The page of a registered model."""
    known = "/console/models/?name=looked-at"
    made = page.get_by_role("link", name="looked-at", exact=True)
    page.goto(known)
    if made.count():  # by another test of this site
        return str(made.get_attribute("href"))
    page.goto("/projects/demo/models/")
    page.locator("#register").get_by_label("Name", exact=True).fill("Looked at")
    page.get_by_label("Name at the provider").fill("big-1")
    page.get_by_role("button", name="Register model").click()
    expect(page.get_by_text("looked-at").first).to_be_visible()
    page.goto(known)
    return str(made.get_attribute("href"))


def _shown(page: Page) -> str:
    return urlsplit(page.get_by_label("The link", exact=True).inner_text()).path


MADE_FOR_PEOPLE: dict[str, Callable[[Page], str]] = {
    "invitation": invitation,
    "new_password": new_password,
    "console-role": role,
    "console-model": registered_model,
}
# Files, pictures, and a part of a page.
NO_PAGES_OF_PEOPLE = {
    "audit-export", "server-audit-export", "second-factor-picture", "console-work-progress",
}  # fmt: skip
