"""The pages of a project in a real browser: connect, models, metrics; also without scripts."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.served import Served

PROJECT = "/projects/demo/"
PAGES = ["connect", "models", "metrics"]


def test_the_tabs_lead_to_every_page(page: Page) -> None:
    page.goto(f"{PROJECT}interactions/")
    tabs = page.get_by_role("navigation", name="Project")
    for name in ("Settings", "Interactions"):
        tabs.get_by_role("link", name=name).click()
        expect(tabs.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
    tabs.get_by_role("link", name="Settings").click()
    settings = page.get_by_role("navigation", name="Settings")
    for name in ("Models", "Metrics", "Connect", "General"):
        settings.get_by_role("link", name=name).click()
        expect(settings.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
        expect(tabs.locator("[aria-current]")).to_have_text("Settings")


def test_a_key_is_made_copied_and_revoked(page: Page) -> None:
    page.goto(f"{PROJECT}connect/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_label("Name of the new key").fill("a browser's test")
    page.get_by_role("button", name="Create API key").click()
    fresh = page.locator(".fresh")
    expect(fresh).to_contain_text(re.compile("export ADAPTIVE_API_KEY=as-"))
    fresh.get_by_role("button", name="Copy").click()
    expect(fresh.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == fresh.locator("pre").inner_text()
    page.goto(f"{PROJECT}connect/")
    assert copied.partition("=")[2] not in page.content()
    page.get_by_text("Your API keys").click()
    page.get_by_role("button", name="Revoke a browser's test").click()
    expect(page.get_by_role("status").first).to_contain_text("is revoked")


def test_a_model_is_registered_made_default_and_detached(plain_page: Page) -> None:
    page = plain_page
    page.goto(f"{PROJECT}models/")
    page.get_by_label("Name", exact=True).fill("Browser Test")
    page.get_by_label("Name at the provider").fill("m")
    page.get_by_label("Base URL").fill("http://127.0.0.1:9/v1")
    page.get_by_label("API key").fill("sk-of-the-browser")
    page.get_by_role("button", name="Register model").click()
    row = page.locator(".lines tr", has_text="browser-test")
    expect(row).to_contain_text("m at http://127.0.0.1:9/v1")
    assert "sk-of-the-browser" not in page.content()
    page.get_by_role("button", name="Make browser-test the default").click()
    expect(row).to_contain_text("default")
    page.get_by_role("button", name="Remove browser-test as the default").click()
    page.get_by_role("button", name="Detach browser-test").click()
    expect(page.get_by_role("status").first).to_contain_text("browser-test is detached")
    expect(row).to_have_count(0)
    offered = page.locator("#model option", has_text="browser-test")
    page.get_by_label("Model", exact=True).select_option(offered.get_attribute("value"))
    page.get_by_role("button", name="Attach model").click()
    expect(row).to_have_count(1)
    page.get_by_role("button", name="Detach browser-test").click()
    page.get_by_role("button", name="Make echo the default").click()


def test_a_metric_is_created_edited_and_unlinked(plain_page: Page) -> None:
    page = plain_page
    page.goto(f"{PROJECT}metrics/")
    page.get_by_label("Name in programs").fill("browser_test")
    page.get_by_label("Values").select_option("a number")
    page.get_by_role("button", name="Create metric").click()
    row = page.locator(".lines tr", has_text="browser_test")
    expect(row).to_contain_text("higher is better")
    page.get_by_role("link", name="Edit browser_test").click()
    page.get_by_label("Direction").select_option("lower is better")
    page.get_by_role("button", name="Save metric").click()
    expect(row).to_contain_text("lower is better")
    page.get_by_role("button", name="Retire browser_test").click()
    expect(row).to_contain_text("retired")


@pytest.mark.parametrize("name", PAGES)
def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{PROJECT}{name}/")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("name", PAGES)
def test_every_control_has_a_name_and_every_id_stands_once(page: Page, name: str) -> None:
    page.goto(f"{PROJECT}{name}/")
    nameless = page.evaluate(
        "[...document.querySelectorAll('main :is(input:not([type=hidden]), select, textarea,"
        " button)')].filter(one => !one.labels?.length && !one.textContent.trim()"
        " && !one.getAttribute('aria-label')).map(one => one.outerHTML)"
    )
    assert nameless == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))


def test_a_refused_form_says_what_is_wrong_where_it_is(
    browser: Browser, site: Served, logged_in: dict[str, object]
) -> None:
    # Not the watched window: the browser itself reports the status 422.
    context = browser.new_context(
        base_url=site.url,
        storage_state=logged_in,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.goto(f"{PROJECT}metrics/")
    page.get_by_label("Name in programs").fill("helpful")
    page.get_by_role("button", name="Create metric").click()
    field = page.get_by_label("Name in programs")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("exists"))
    expect(field).to_be_in_viewport()
    expect(field).to_have_value("helpful")
    context.close()
