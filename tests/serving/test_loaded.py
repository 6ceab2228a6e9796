"""What the processes of a site do not load at their start."""

import os
import subprocess
import sys

import pytest

from adaptive_site.environment import ROOT

# As `serve` does, from which the web server and the worker are forked.
START = """
import sys
from importlib import import_module
import django
django.setup()
import_module("adaptive_site.management.commands.serve")
import_module("adaptive_site.urls")
import_module("adaptive_site.management.commands.work")
import_module("adaptive_site.serving.direct_routes")
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules that are there when the processes are forked."""
    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=ROOT,
        env={
            **os.environ,
            "DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "DJANGO_SETTINGS_MODULE": "adaptive_site.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "library",
    ["aiohttp", "ariadne", "authlib", "graphql", "interactions.demo", "PIL.ImageDraw", "requests"],
)
def test_a_library_is_not_loaded_before_it_is_needed(loaded: set[str], library: str) -> None:
    assert "adaptive_site.urls" in loaded
    assert library not in loaded
