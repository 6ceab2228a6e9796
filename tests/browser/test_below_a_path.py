"""The site below a path, as a proxy shows it: every address a page asks for is below it, too."""

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.running.ports import free_port
from tests.running.prepared import migrated_site
from tests.served import EMAIL, KEY, PASSWORD

PATH = "/logs"
NGINX = shutil.which("nginx")
CONFIGURATION = """
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port};
        location {path}/ {{
            proxy_pass http://127.0.0.1:{site}/;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_buffering off;
        }}
    }}
}}
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it is: behind nginx, which cuts the path off, where there is one; else by itself."""
    folder = tmp_path_factory.mktemp("below")
    site = migrated_site(folder / "data")
    with site.serving(
        ADAPTIVE_SITE_DEMO="on",
        ADAPTIVE_SITE_ADMIN_EMAIL=EMAIL,
        ADAPTIVE_SITE_ADMIN_PASSWORD=PASSWORD,
        ADAPTIVE_SITE_API_KEY=KEY,
        ADAPTIVE_SITE_PATH=PATH,
        ADAPTIVE_SITE_HOSTS="http://public.localhost",
    ):
        if NGINX is None:
            yield f"http://127.0.0.1:{site.port}{PATH}"
            return
        port = free_port()
        file = folder / "nginx.conf"
        file.write_text(CONFIGURATION.format(folder=folder, port=port, site=site.port, path=PATH))
        with subprocess.Popen([NGINX, "-c", str(file), "-p", str(folder)]) as nginx:
            _await(port)
            yield f"http://127.0.0.1:{port}{PATH}"
            nginx.terminate()


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nginx does not listen")


def test_pages_streams_and_files_stay_below_it(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    context = browser.new_context()
    context.set_default_timeout(20_000)
    page = context.new_page()
    asked: list[Request] = []
    failed: list[str] = []
    page.on("request", lambda request: asked.append(request))
    page.on("response", lambda r: failed.append(r.url) if r.status >= 400 else None)
    _walk(page, address, tmp_path)
    paths = [urlsplit(request.url).path for request in asked]
    assert [path for path in paths if not path.startswith(f"{PATH}/")] == []
    assert f"{PATH}/live/" in paths
    assert any(path.startswith(f"{PATH}/static/js/") for path in paths)
    assert any(path.startswith(f"{PATH}/api/v1/images/") for path in paths)
    assert failed == []
    assert {cookie["path"] for cookie in context.cookies()} == {f"{PATH}/"}
    context.close()


def _walk(page: Page, address: str, folder: Path) -> None:
    page.goto(f"{address}/projects/demo/interactions/?live=1")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{address}/projects/demo/interactions/?live=1")
    rows = page.locator("#results tbody tr")
    said = {"messages": [{"role": "user", "content": "heard below a path"}], "completion": "Hi"}
    time.sleep(1)
    logged = api(address, "/interactions/", {"project": "demo", **said})
    expect(rows.first).to_contain_text("heard below a path")
    page.locator("body").press("e")
    page.wait_for_url("**/export/")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download JSON lines").click()
    assert downloading.value.suggested_filename.endswith(".jsonl")
    page.goto(f"{address}/projects/demo/interactions/{logged['completion_id']}/")
    page.get_by_role("button", name="Theme").click()
    page.wait_for_url("**/interactions/**")
    page.goto(f"{address}/projects/demo/images/")
    expect(page.locator("main img").first).to_be_visible()
    page.goto(f"{address}/projects/demo/connect/")
    expect(page.locator("main")).to_contain_text(address)
    page.goto(f"{address}/admin/")
    page.goto(f"{address}/")
    page.locator("#person summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(f"{address}/login/")


def api(address: str, path: str, body: dict[str, object]) -> dict[str, str]:
    """What the API answers, a slash at its end or not."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/api/v1{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, str] = json.loads(answer.read())
        return found
