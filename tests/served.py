"""The one site that the browser's and the client's tests share: `make serve`, demo data and all."""

import json
import os
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.running.ports import free_port
from tests.running.prepared import migrated_site
from tests.sites import Site

EMAIL = "alice@example.org"
PASSWORD = "a password of the tests"
KEY = "a-key-of-the-tests-0123456789"
CLIENT_ID, CLIENT_SECRET = "adaptive-site", "a-secret-of-the-tests"  # at the provider
BROWSERS = (  # as `.ci/browser` looks for them
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
)


@dataclass(frozen=True)
class Served:
    """A site that is running, configured for a provider to sign in with that is not there yet."""

    site: Site
    provider_port: int = 0

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.site.port}"

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py beside the server and return what it printed."""
        done = self.site.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST to the REST API with the administrator's key."""
        request = urllib.request.Request(
            f"{self.url}/api/v1/{path}",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            made: dict[str, Any] = json.loads(answer.read())
            return made


@contextmanager
def served(data: Path) -> Iterator[Served]:
    """Start a site with demo data in `data`, and stop it afterwards."""
    site, port = migrated_site(data), free_port()
    with site.serving(
        ADAPTIVE_SITE_OIDC_ISSUER=f"http://127.0.0.1:{port}",
        ADAPTIVE_SITE_OIDC_CLIENT_ID=CLIENT_ID,
        ADAPTIVE_SITE_OIDC_CLIENT_SECRET=CLIENT_SECRET,
        ADAPTIVE_SITE_OIDC_NAME="Example",
        ADAPTIVE_SITE_DEMO="on",
        ADAPTIVE_SITE_ADMIN_EMAIL=EMAIL,
        ADAPTIVE_SITE_ADMIN_PASSWORD=PASSWORD,
        ADAPTIVE_SITE_API_KEY=KEY,
    ):
        yield Served(site, port)


def chromium() -> str:
    """The program of the browser: the one named by CHROMIUM, else the first of BROWSERS."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, f"none of {', '.join(BROWSERS)} is installed"
    return found
