"""A newcomer owner invites a viewer, changes the role and takes it back: by mouse, and by keys."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.tasks import task
from tests.served import Served

PEOPLE = "/projects/demo/people/"


@dataclass
class Hands:
    """Somebody at a page, with the mouse or with keys alone, whose acts are counted."""

    page: Page
    acts: int = 0

    def press(self, label: str) -> None:
        """Press a button by a click."""
        self.acts += 1
        self.page.get_by_role("button", name=label, exact=True).click()

    def choose(self, label: str, option: str) -> None:
        """Choose from a list: a click that opens it and one on the option."""
        self.acts += 2
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def write(self, label: str, text: str) -> None:
        """Click into a field and type."""
        self.acts += 1
        self.page.get_by_label(label, exact=True).click()
        self.page.keyboard.type(text)


@dataclass
class Keys(Hands):
    """The same with Tab, letters and Enter."""

    def _to(self, label: str) -> None:
        for _ in range(80):
            if self.page.evaluate(
                "label => { const one = document.activeElement;"
                " return (one.ariaLabel || one.textContent || '').trim() === label }",
                label,
            ):
                return
            self.page.keyboard.press("Tab")
            self.acts += 1
        raise AssertionError(f"Tab does not come to {label}")

    def press(self, label: str) -> None:
        """Press a button by Enter."""
        self._to(label)
        self.page.keyboard.press("Enter")
        self.acts += 1

    def choose(self, label: str, option: str) -> None:
        """Choose by the first letter."""
        self._to(label)
        self.page.keyboard.press(option[0])
        self.acts += 1

    def write(self, label: str, text: str) -> None:
        """Type into a field."""
        self._to(label)
        self.page.keyboard.type(text)


@pytest.mark.parametrize("hands", [Hands, Keys], ids=["mouse", "keys"])
def test_an_owner_invites_a_viewer_changes_the_role_and_revokes(
    plain_page: Page, browser: Browser, site: Served, hands: Callable[[Page], Hands]
) -> None:
    page, by = plain_page, "mouse" if hands is Hands else "keys"
    email = f"vera-{by}@example.org"
    page.goto(PEOPLE)
    owner = hands(page)
    with task(page, "invite a viewer, change the role, revoke", by=by):
        owner.write("E-mail address", email)
        owner.choose("Role", "Viewer")
        owner.press("Invite")
        link = page.get_by_label("The link", exact=True)
        expect(link).to_be_visible()
        newcomer = browser.new_page()
        newcomer.goto(link.inner_text())
        newcomer.get_by_label("Your name").fill(f"Vera {by}")
        newcomer.get_by_label("Password").fill("a walk in the woods")
        newcomer.get_by_role("button", name="Accept the invitation").click()
        newcomer.wait_for_url(f"{site.url}/projects/demo/interactions/**")
        page.goto(PEOPLE)
        owner.choose(f"Role of Vera {by}", "Editor")
        owner.press(f"Change the role of Vera {by}")
        expect(page.get_by_role("status").first).to_contain_text("Editor now")
        owner.press(f"Remove Vera {by}")
        expect(page.get_by_role("status").first).to_contain_text("no longer in this project")
    print(f"{by}: {owner.acts} acts")
    assert owner.acts <= (8 if hands is Hands else 120)
    answer = newcomer.goto(f"{site.url}/projects/demo/interactions/")
    assert answer is not None
    assert answer.status == 404
    newcomer.close()
