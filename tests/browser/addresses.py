"""What stands in the address bar."""

from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page


def parameters(page: Page) -> dict[str, list[str]]:
    """The parameters in the address bar, of a page that is there already."""
    return parse_qs(urlsplit(page.url).query)


def until_asked(page: Page, expected: dict[str, list[str]] | Iterable[str]) -> None:
    """Wait for the page with exactly these parameters, or these names of parameters."""
    wanted = expected if isinstance(expected, dict) else set(expected)

    def is_there(url: str) -> bool:
        found = parse_qs(urlsplit(url).query)
        return wanted in (found, set(found))

    page.wait_for_url(is_there)
