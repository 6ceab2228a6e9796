"""Calls of what this server does not do: what does the caller see?"""

import importlib
import inspect
import tempfile
from operator import attrgetter
from pathlib import Path
from typing import Any

from adaptive_sdk import input_types

from tests.contract.drivers.calling import API_KEY, BASE_URL, World

ID = "0190a6f0-0000-7000-8000-000000000000"
GRADER: dict[str, Any] = {"key": "a-grader", "feedback_key": "helpful"}
NEVER = "never called: without `init` there is no run"
RECIPE = "def main() -> None:\n    pass\n"


def arguments(files: Path) -> dict[str, dict[str, Any]]:
    """Something to call each method with; keywords that a version lacks are left out."""
    recipe = files / "recipe.py"
    recipe.write_text(RECIPE, encoding="utf-8")
    taken = str(files / "taken")
    return {
        "ab_tests.cancel": {"key": "a-test"},
        "ab_tests.create": {"ab_test_key": "a-test", "feedback_key": "x", "models": ["echo"]},
        "ab_tests.get": {"key": "a-test"},
        "ab_tests.list": {"active": True},
        "artifacts.download": {"artifact_id": ID, "destination_path": taken},
        "compute_pools.list": {},
        "compute_pools.resize_inference_partition": {"compute_pool_key": "default", "size": 1},
        "graders.create.binary_judge": {**GRADER, "criteria": "Polite?", "judge_model": "echo"},
        "graders.create.custom": GRADER,
        "graders.create.external_endpoint": {**GRADER, "url": "http://127.0.0.1:9/"},
        "graders.create.function": {**GRADER, "fn": "async def grade(thread):\n    return 1.0"},
        "graders.create.prebuilt_judge": {
            **GRADER, "type": "FAITHFULNESS", "judge_model": "echo",
        },
        "graders.delete": {"grader_key": "a-grader"},
        "graders.get": {"grader_key": "a-grader"},
        "graders.list": {},
        "graders.lock": {"grader_key": "a-grader", "locked": True},
        "graders.test_external_endpoint": {"url": "http://127.0.0.1:9/"},
        "integrations.delete": {"id": ID},
        "integrations.get": {"id": ID},
        "integrations.get_provider": {"name": "slack"},
        "integrations.list": {"team": "a-team"},
        "integrations.list_providers": {},
        "integrations.update": {"id": ID, "name": "Renamed"},
        **notifications(),
        "jobs.cancel": {"job_id": ID},
        "jobs.delete": {"job_id": ID},
        "jobs.get": {"job_id": ID},
        "jobs.list": {},
        "jobs.rename": {"job_id": ID, "name": "Renamed"},
        "jobs.run": {"recipe_key": "a-recipe", "num_gpus": 0},
        "models.add_hf_model": {
            "hf_model_id": "Qwen/Qwen2.5-0.5B", "output_model_name": "q",
            "output_model_key": "q", "hf_token": "none",
        },
        "recipes.delete": {"recipe_key": "a-recipe"},
        "recipes.generate_sample_input": {"recipe_key": "a-recipe"},
        "recipes.get": {"recipe_key": "a-recipe"},
        "recipes.list": {},
        "recipes.update": {"recipe_key": "a-recipe", "name": "Renamed"},
        "recipes.upload": {"path": str(recipe)},
        "recipes.upsert": {"path": str(recipe)},
    }  # fmt: skip


def notifications() -> dict[str, dict[str, Any]]:
    """Calls whose arguments are objects that 0.1 does not have."""
    if not hasattr(input_types, "ConnectionConfigInputWebhook"):
        return {}
    hook = input_types.ConnectionConfigInputWebhook(
        url="http://127.0.0.1:9/", method="POST", headers={}
    )
    return {
        "integrations.create": {
            "team": "a-team", "name": "A hook", "provider": "webhook", "connection": hook,
        },
        "integrations.test_notification": {
            "topic": "jobs", "payload": input_types.NotificationPayload(), "scope_user": [ID],
        },
    }  # fmt: skip


def refusals(world: World) -> dict[str, str]:
    """What each method said: its answer, or "Type of error: its text"."""
    said = {}
    with tempfile.TemporaryDirectory() as files:
        for method, keywords in arguments(Path(files)).items():
            if world.client.has(method):
                known = inspect.signature(attrgetter(method)(world.client.sdk)).parameters
                kept = {name: value for name, value in keywords.items() if name in known}
                said[method] = saying(lambda: world.call(method, **kept))  # noqa: B023
    return said


def saying(call: Any) -> str:
    """The answer of a call, or its error, as text."""
    try:
        return str(call())
    except Exception as error:  # whatever it is, it is what the caller sees
        return f"{type(error).__name__}: {error}"


def monitoring(world: World) -> dict[str, str]:
    """What the monitoring module of 0.14 says; it is no part of the client object."""
    try:
        module = importlib.import_module("adaptive_sdk.monitoring")
    except ModuleNotFoundError:
        return {}
    said = {}
    for name in module.__all__:
        member = getattr(module, name)
        if inspect.isfunction(member):
            said[f"monitoring.{name}"] = saying(
                lambda: module.init(world.project, "a-run", api_url=BASE_URL, api_key=API_KEY)
            )
        methods = inspect.getmembers(member, inspect.isfunction) if inspect.isclass(member) else []
        said |= {f"monitoring.{name}.{m}": NEVER for m, _ in methods if not m.startswith("_")}
    return said
