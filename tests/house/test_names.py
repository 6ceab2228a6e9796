"""A name means one thing: no class is called as another, and a constant says of what it is."""

import ast
import re
from collections import defaultdict

from tests.house.files import modules, name_of, tree_of

# Words that say nothing unless one knows of what: `MOST` of what, `LIMIT_MS` for what?
VAGUE = re.compile(
    r"(?:MOST|MANY|FEW|ENOUGH|LEAST|LARGE|LARGEST|LONG|LONGEST|DEEPEST|WIDEST|NEWEST|SHORTEST"
    r"|STEPS|PIECE|EACH|EVERY|TOGETHER|AT_ONCE|BATCH|PAGE|PART|READ|SEEN|SHOWN|LISTED|COUNTED"
    r"|WALKED|KEPT|OFFERED|OWN|USUAL|WAITING|AHEAD|LATE|GRACE|PATIENCE|LIMIT|LIMIT_MS|SECONDS"
    r"|MAX_LENGTH|MAX_BYTES|WORDS|VALUES|KINDS)"
)


def classes_by_name() -> dict[str, list[str]]:
    """The modules in which a class of each name stands at the top level.

    One within another is told apart by it (`Metric.Kind`, `BulkAction.Kind`, `Meta`), and Django
    finds a management command by its being called `Command`.
    """
    found = defaultdict(list)
    for path in modules():
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and node.name != "Command":
                found[node.name].append(name_of(path))
    return found


def test_no_class_is_called_as_another() -> None:
    doubles = {name: places for name, places in classes_by_name().items() if len(places) > 1}
    assert not doubles


def constants(tree: ast.Module) -> set[str]:
    """The public names in capitals that a module sets at its top level."""
    targets: list[ast.expr] = []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AnnAssign):
            targets.append(node.target)
    return {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}


def test_constants_say_of_what_they_are() -> None:
    vague = {
        f"{name_of(path)} {name}"
        for path in modules()
        for name in constants(tree_of(path))
        if VAGUE.fullmatch(name) and name_of(path) != "projects/services/access.py"  # READ may
    }
    assert not vague, sorted(vague)
