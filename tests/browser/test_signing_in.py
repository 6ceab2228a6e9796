"""Signing in with a provider, as a person sees it: the button, the way there and back."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.openid_provider import running_provider
from tests.served import EMAIL, Served


def test_somebody_signs_in_with_the_provider(
    browser: Browser, site: Served, tmp_path: Path
) -> None:
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(20_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    back = f"{site.url}/login/openid/back/"
    with running_provider(tmp_path, back, port=site.provider_port):
        page.goto("/login/?next=/keys/")
        page.get_by_role("button", name="Sign in with Example").press("Enter")
        stranger = '{"sub": "9", "email": "x@example.org", "email_verified": true}'
        page.get_by_label("Who are you?").fill(stranger)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("nobody has invited you")
        context.clear_cookies(domain="127.0.0.1", name=re.compile("^_session"))
        page.get_by_role("button", name="Sign in with Example").click()
        known = f'{{"sub": "1", "email": "{EMAIL}", "email_verified": true}}'
        page.get_by_label("Who are you?").fill(known)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{site.url}/keys/")
    context.close()
    # The refusal is a 403; the content policy complains of nothing.
    assert [one for one in complaints if "403" not in one] == []
