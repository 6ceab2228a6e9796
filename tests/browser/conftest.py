"""A real browser on a real site."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.slow import slow_down
from tests.scale.oracle import DIRECTORY
from tests.served import EMAIL, PASSWORD, Served, chromium

FILES = ("interactions", "interactions_multimodal", "preferences")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


expect.set_options(timeout=20_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium, gone before other tests: its event loop would forbid them the database."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


def _state(browser: Browser, site: Served) -> dict[str, object]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/login/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{site.url}/")
    page.goto(f"{site.url}/projects/demo/interactions/")
    page.get_by_role("button", name="Skip the tour").click()  # it would lie over what tests click
    expect(page.locator("#tour")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    state = context.storage_state()
    context.close()
    return dict(state)


@pytest.fixture(scope="package")
def logged_in(browser: Browser, site: Served) -> dict[str, object]:
    """The cookies of a person who logged in through the form."""
    return _state(browser, site)


@pytest.fixture(scope="package")
def real(site: Served) -> str:
    """The key of a project that holds all of `shared/data`, where a checkout has it beside."""
    if not DIRECTORY.is_dir():
        pytest.skip("the real interactions are not beside this checkout")
    files = [str(DIRECTORY / f"{name}.jsonl.gz") for name in FILES]
    site.manage("ingest", *files, "--project", "real", "--create-project")
    return "real"


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of: console errors, exceptions, CSP reports, 5xx."""
    return []


@pytest.fixture
def context(
    browser: Browser, site: Served, logged_in: dict[str, object], complaints: list[str]
) -> Iterator[BrowserContext]:
    """A window of someone logged in; the test fails if the browser complained."""
    yield from _watched(browser, site, logged_in, complaints, scripts=True)


@pytest.fixture
def plain_context(
    browser: Browser, site: Served, logged_in: dict[str, object], complaints: list[str]
) -> Iterator[BrowserContext]:
    """The same with scripts off."""
    yield from _watched(browser, site, logged_in, complaints, scripts=False)


def _watched(
    browser: Browser,
    site: Served,
    logged_in: dict[str, object],
    complaints: list[str],
    *,
    scripts: bool,
) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=site.url,
        storage_state=logged_in,  # type: ignore[arg-type]
        java_script_enabled=scripts,
        viewport={"width": 1440, "height": 900},
    )
    context.set_default_timeout(20_000)  # milliseconds: workers share the machine

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    if scripts:
        slow_down(context)
    context.on("console", heard)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on(
        "response",
        lambda r: complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None,
    )
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab."""
    return context.new_page()


@pytest.fixture
def plain_page(plain_context: BrowserContext) -> Page:
    """A tab with scripts off."""
    return plain_context.new_page()
