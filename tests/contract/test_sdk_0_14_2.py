"""The published client, in its own environment, against a running server."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from adaptive_site.environment import ROOT
from tests.make import make_image
from tests.served import KEY, Served

PYTHON = ROOT / ".venv-sdk-0.14.2" / "bin" / "python"
SCRIPT = Path(__file__).with_name("sdk_0_14_2.py")


@pytest.fixture(scope="module")
def outcome(site: Served) -> dict[str, Any]:
    """What the client got back."""
    assert PYTHON.exists(), "make test makes this environment"
    done = subprocess.run(
        [PYTHON, SCRIPT],
        input=make_image(size=(64, 48)),
        env={**os.environ, "ADAPTIVE_BASE_URL": site.url, "ADAPTIVE_API_KEY": KEY},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_interactions_are_logged_with_everything_that_came(
    site: Served, outcome: dict[str, Any]
) -> None:
    stored = json.loads(site.manage("shell", "--verbosity", "0", "-c", READ % outcome["text"]))
    assert stored == {
        "created_at": "2024-02-21T09:51:03+00:00",
        "completion": "Hello! How can I help you today?",
        "feedback": [["helpful", 1.0, "polite"]],
        "labels": [["origin", "sdk"]],
        "model": "gpt-4o",
        "images": [],
        "comparisons": 1,
    }
    assert outcome["session"] is True
    assert len(outcome["feedback_ids"]) == 1


def test_images_arrive_as_images(site: Served, outcome: dict[str, Any]) -> None:
    stored = json.loads(site.manage("shell", "--verbosity", "0", "-c", READ % outcome["image"]))
    assert stored["images"] == [[64, 48]]
    assert stored["comparisons"] == 1


def test_a_thousand_at_thirty_at_a_time_are_all_there(
    site: Served, outcome: dict[str, Any]
) -> None:
    assert outcome["bulk"] == 1000
    n = site.manage("shell", "--verbosity", "0", "-c", COUNT)
    assert int(n) == 1000


def test_a_refusal_reaches_the_caller_with_its_reason(outcome: dict[str, Any]) -> None:
    assert outcome["refusal"].startswith("Client error 404")
    assert "model not found or not attached" in outcome["refusal"]


READ = """
import json
from uuid import UUID
from interactions.services import reading
from projects.models import Project
one = reading.whole(Project.objects.get(key="demo"), UUID("%s"))
print(json.dumps({
    "created_at": one.interaction.created_at.isoformat(),
    "completion": one.interaction.body.completion,
    "feedback": [[f.metric.key, f.value, f.details] for f in one.feedback],
    "labels": [[label.key, label.value] for label in one.labels],
    "model": one.interaction.llm and one.interaction.llm.key,
    "images": [[image.width, image.height] for image in one.images],
    "comparisons": len(one.comparisons),
}))
"""

COUNT = """
from interactions.filters import compile
from interactions.filters.conditions import HasLabel
from projects.models import Project
demo = Project.objects.get(key="demo")
print(compile.count(demo, HasLabel("origin", ("sdk-bulk",))).n)
"""
