"""The clients' own environments, and running a driver in one."""

import json
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from adaptive_site.environment import ROOT
from tests.served import KEY, Served

VERSIONS = ("0.14.2", "0.13.0", "0.12.4", "0.1.14")


def python_of(name: str) -> Path:
    """The interpreter of an environment: `sdk-0.14.2`, `openai`, `litellm`, `langchain`."""
    python = ROOT / f".venv-{name}" / "bin" / "python"
    assert python.exists(), f"make test makes {python}"
    return python


def drive(
    name: str, driver: str, site: Served, picture: bytes = b"", **environment: str
) -> dict[str, Any]:
    """Run `tests/contract/drivers/<driver>.py` against a site; returns the JSON it prints."""
    command = [str(python_of(name)), "-m", f"tests.contract.drivers.{driver}"]
    return _printed(command, ROOT, site, picture, environment)


def drive_node(
    directory: Path, site: Served, picture: bytes = b"", **environment: str
) -> dict[str, Any]:
    """Run `tests/contract/node/main.mjs` against a site, in a copy of its own in `directory`.

    Node looks for packages beside the files that want them.
    """
    node = ROOT / ".venv-node" / "bin" / "node"
    assert node.exists(), f"make test makes {node}"
    place = directory / "clients"
    shutil.copytree(ROOT / "tests" / "contract" / "node", place)
    (place / "node_modules").symlink_to(ROOT / ".venv-node" / "clients" / "node_modules")
    return _printed([str(node), "main.mjs"], place, site, picture, environment)


def _printed(
    command: list[str], place: Path, site: Served, picture: bytes, environment: dict[str, str]
) -> dict[str, Any]:
    """The JSON that a program prints which is told where the site is."""
    done = subprocess.run(
        command,
        cwd=place,
        input=picture,
        env={
            **os.environ,
            "ADAPTIVE_BASE_URL": site.url,
            "ADAPTIVE_API_KEY": KEY,
            **environment,
        },
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def graphql(site: Served, query: str, **variables: Any) -> dict[str, Any]:
    """Run an operation with the administrator's key and return its data."""
    request = urllib.request.Request(
        f"{site.url}/api/graphql",
        json.dumps({"query": query, "variables": variables}).encode(),
        {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        body = json.loads(answer.read())
    assert "errors" not in body, body
    data: dict[str, Any] = body["data"]
    return data
