"""The clients' own environments, and running a driver in one."""

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from adaptive_site.environment import ROOT
from tests.served import KEY, Served

VERSIONS = ("0.14.2", "0.13.0", "0.12.4", "0.1.14")


def python_of(name: str) -> Path:
    """The interpreter of an environment: `sdk-0.14.2`, `openai`, `litellm`."""
    python = ROOT / f".venv-{name}" / "bin" / "python"
    assert python.exists(), f"make test makes {python}"
    return python


def drive(
    name: str, driver: str, site: Served, picture: bytes = b"", **environment: str
) -> dict[str, Any]:
    """Run `tests/contract/drivers/<driver>.py` against a site; returns the JSON it prints."""
    done = subprocess.run(
        [python_of(name), "-m", f"tests.contract.drivers.{driver}"],
        cwd=ROOT,
        input=picture,
        env={
            **os.environ,
            "ADAPTIVE_BASE_URL": site.url,
            "ADAPTIVE_API_KEY": KEY,
            "PYTHONDONTWRITEBYTECODE": "1",
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
