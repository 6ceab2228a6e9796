"""A module imports its own floor or one below; web and api never import each other."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.files import at, module_of, modules, name_of, tree_of

FLOORS = [
    ("adaptive_site.lib",),
    ("projects.models",),
    ("projects.services",),
    ("interactions.models",),
    ("interactions.textindex",),  # takes texts, not conditions
    ("interactions.filters",),
    ("interactions.providers",),
    ("interactions.services",),
    ("interactions.demo",),
    ("projects", "interactions"),  # the doors: web, api, management, admin, template_filters, urls
    ("adaptive_site",),  # the roof
]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "core"}


def floor_of(module: str) -> int | None:
    """The floor of a module of ours, 0 the lowest; None of another's."""
    names = [(name, n) for n, floor in enumerate(FLOORS) for name in floor]
    inside = [(name, n) for name, n in names if f"{module}.".startswith(f"{name}.")]
    return max(inside, key=lambda found: len(found[0]))[1] if inside else None


LOADERS = {"import_module", "late_view"}  # modules by their names, when they are needed


def imports(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Each import of a file, late ones too, and the absolute name of what it imports."""
    module = module_of(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            source = ".".join([*above, node.module or ""] if node.level else [node.module or ""])
            # `from projects import models` imports projects.models.
            yield from ((node, f"{source.rstrip('.')}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in LOADERS:
            yield from (
                (node, str(given.value)) for given in node.args if isinstance(given, ast.Constant)
            )


def door_of(module: str) -> str | None:
    """`web` or `api`, for the modules that are so."""
    parts = module.split(".")
    is_door = parts[0] in ("projects", "interactions") and len(parts) > 1
    return parts[1] if is_door and parts[1] in ("web", "api") else None


def test_no_module_imports_a_floor_above_its_own() -> None:
    faults = []
    for path in modules():
        own = floor_of(module_of(path))
        assert own is not None, f"{name_of(path)} is on no floor"
        for node, name in imports(path):
            floor = floor_of(name)
            if floor is not None and floor > own:
                faults.append(f"{at(path, node)} imports {name}")
    assert not faults, "\n".join(faults)


def test_a_late_import_is_seen_too() -> None:
    late = {
        name for path in modules() for node, name in imports(path) if isinstance(node, ast.Call)
    }
    assert {"adaptive_site.graphql.graphql", "interactions.demo"} <= late


def test_web_and_api_never_import_each_other() -> None:
    faults = [
        f"{at(path, node)} imports {name}"
        for path in modules()
        for node, name in imports(path)
        if {door_of(module_of(path)), door_of(name)} == {"web", "api"}
    ]
    assert not faults, "\n".join(faults)


def test_projects_never_imports_interactions() -> None:
    faults = [
        f"{at(path, node)} imports {name}"
        for path in modules()
        for node, name in imports(path)
        if module_of(path).startswith("projects.") and name.startswith("interactions.")
    ]
    assert not faults, "\n".join(faults)


def test_only_the_first_start_makes_the_demo() -> None:
    makers = {
        name_of(path)
        for path in modules()
        for _, name in imports(path)
        if f"{name}.".startswith("interactions.demo.")
        and not module_of(path).startswith("interactions.demo")
    }
    assert makers == {"adaptive_site/serving/provision.py"}


def test_the_floors_themselves_are_told_apart() -> None:
    assert floor_of("adaptive_site.lib.ids") == 0
    assert floor_of("adaptive_site.settings") == 10
    assert floor_of("projects.services.access") == 2
    assert floor_of("projects.web.listing") == floor_of("interactions.admin") == 9
    assert floor_of("django.db") is None


def test_no_import_stands_in_a_function() -> None:
    faults = [
        at(path, inner)
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not faults, "\n".join(faults)


def test_nothing_is_imported_with_a_star() -> None:
    faults = [
        at(path, node) for path in modules() for node, name in imports(path) if name[-1] == "*"
    ]
    assert not faults, "\n".join(faults)


def test_no_module_has_a_name_that_says_nothing() -> None:
    exceptions = (
        "interactions/providers/base.py",
        "adaptive_site/lib/database/replicas/base.py",  # where Django looks for a backend
    )
    faults = [
        name_of(path)
        for path in modules()
        if FORBIDDEN_NAMES & set(module_of(path).split(".")) and name_of(path) not in exceptions
    ]
    assert not faults, "\n".join(faults)


def test_there_are_no_signals() -> None:
    faults = [
        f"{at(path, node)} imports {name}"
        for path in modules()
        for node, name in imports(path)
        if name.startswith("django.") and {"signals", "receiver"} & set(name.split("."))
    ]
    assert not faults, "\n".join(faults)
