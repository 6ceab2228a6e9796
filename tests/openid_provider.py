"""A certified provider of OpenID Connect on this machine (npm's oidc-provider), and its people."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import requests

from adaptive_site.environment import ROOT
from adaptive_site.lib.openid.settings import OpenIdSettings, read_provider
from tests.served import CLIENT_ID, CLIENT_SECRET

_NODE = ROOT / ".venv-node"


class Provider:
    """A provider that is running."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def settings(self, **given: Any) -> OpenIdSettings:
        """How an operator would set it."""
        usual = {"domains": "", "claim": "", "verified_claim": "email_verified"}
        usual |= {"new_people": "invited", "scopes": "openid email profile", "name": "Example"}
        known = {"issuer": self.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        made = read_provider(**{**usual, **known, **given})
        assert made is not None
        return made

    def misbehave(self, **faults: Any) -> None:
        """Do these things wrong from now on, and no others."""
        requests.post(f"{self.issuer}/faults", json.dumps(faults), timeout=60).raise_for_status()

    def visit(self, address: str, **claims: Any) -> str:
        """Sign in there as somebody, with a browser of their own; where that is sent back to."""
        with requests.Session() as browser:
            asked = browser.get(address, timeout=60)
            assert "Who are you?" in asked.text, asked.text
            given = {"claims": json.dumps(claims) if claims else ""}
            answer = browser.post(asked.url, given, allow_redirects=False, timeout=60)
            while (location := answer.headers["Location"]).startswith(self.issuer):
                answer = browser.get(location, allow_redirects=False, timeout=60)
        return location


def address_of(page: str) -> str:
    """Where the page on the way to the provider leads."""
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
    assert found, page
    return unescape(found[1])


@contextmanager
def running_provider(directory: Path, *callbacks: str, port: int = 0) -> Iterator[Provider]:
    """A provider that sends people back to these addresses; Node finds its package in a copy."""
    assert (_NODE / "bin" / "node").exists(), f"make test makes {_NODE}"
    shutil.copy(ROOT / "tests" / "contract" / "node" / "provider.mjs", directory)
    (directory / "node_modules").symlink_to(_NODE / "clients" / "node_modules")
    process = subprocess.Popen(
        [str(_NODE / "bin" / "node"), "provider.mjs"],
        cwd=directory,
        env={"CALLBACKS": json.dumps(callbacks), "PORT": str(port)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        yield Provider(process.stdout.readline().strip())
