"""Isolation between projects: every read of their rows begins by naming the project."""

import ast
from pathlib import Path

from tests.house.files import at, module_of, modules, tree_of

SCOPED = {"Interaction", "Label", "Feedback", "Comparison", "Image"}
# Tables without a query set of their own: their first call is `filter(project=…)`.
FILTERED = {"InteractionBody", "InteractionLabel", "InteractionImage", "LabelCount"}
# Writers name the project in the row; `none` reads nothing.
HARMLESS = {"create", "bulk_create", "none"}


def first_calls(path: Path) -> list[tuple[ast.Attribute, str, str, ast.Call | None]]:
    """Each `Model.objects` of a file: where, the model, the first method, and its call."""
    tree = tree_of(path)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = []
    for node in ast.walk(tree):
        managers = ("objects", "_default_manager", "_base_manager")
        if not (isinstance(node, ast.Attribute) and node.attr in managers):
            continue
        model = ast.unparse(node.value).rpartition(".")[2]
        method = parents[node]
        call = parents.get(method)
        found.append(
            (
                node,
                model,
                method.attr if isinstance(method, ast.Attribute) else "",
                call if isinstance(call, ast.Call) else None,
            )
        )
    return found


def outside_models() -> list[Path]:
    return [path for path in modules() if not module_of(path).startswith("interactions.models")]


def test_in_project_is_the_first_call_on_every_query_set() -> None:
    faults = [
        f"{at(path, node)}: {model}.objects.{method}"
        for path in outside_models()
        for node, model, method, _ in first_calls(path)
        if model in SCOPED and method not in HARMLESS | {"in_project"}
    ]
    assert not faults, "\n".join(faults)


def test_tables_without_in_project_are_filtered_by_project_at_once() -> None:
    faults = []
    for path in outside_models():
        for node, model, method, call in first_calls(path):
            if model not in FILTERED or method in HARMLESS:
                continue
            names = {word.arg for word in call.keywords} if call else set()
            if method != "filter" or not names & {"project", "project_id"}:
                faults.append(f"{at(path, node)}: {model}.objects.{method}")
    assert not faults, "\n".join(faults)


def test_the_law_is_seen_to_be_broken(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("x = models.Interaction.objects.filter(project=p)\ny = Label.objects\n")
    assert {(model, method) for _, model, method, _ in first_calls(bad)} == {
        ("Interaction", "filter"),
        ("Label", ""),
    }
