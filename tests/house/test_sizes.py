"""Files stay small enough to be read at one sitting."""

import ast
from collections import Counter
from pathlib import Path

from tests.house.files import modules, name_of, named, tree_of

WALL = 300
CROWDED = 16  # modules of a folder; of about 15 one still finds each at a glance
SCREEN = 60
VIEW = 20
VENDORED = ("migrations", "vendor")


def lines(text: str) -> int:
    return len(text.splitlines())


def test_no_file_is_longer_than_300_lines() -> None:
    long = {
        name_of(path): lines(path.read_text(encoding="utf-8"))
        for path in named(".py", ".js", ".css", ".html")
        if not set(VENDORED) & set(path.parts)
    }
    assert not {name: n for name, n in long.items() if n > WALL}


def test_no_folder_holds_more_than_16_modules() -> None:
    folders = Counter(path.parent for path in modules() if path.name != "__init__.py")
    crowded = {folder.name: n for folder, n in folders.items() if n > CROWDED}
    assert not crowded


def test_every_function_fits_a_screen() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= SCREEN
    ]
    assert not long, "\n".join(long)


def is_view(node: ast.stmt) -> bool:
    """Whether it is a function of a module of `web` whose first argument is the request."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    arguments = [*node.args.posonlyargs, *node.args.args]
    return bool(arguments) and arguments[0].arg == "request" and not node.name.startswith("_")


def test_every_view_is_shorter_than_20_lines() -> None:
    long = []
    for path in modules():
        if "web" not in Path(name_of(path)).parts:
            continue
        for node in filter(is_view, tree_of(path).body):
            assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            body = [one for one in node.body if not is_docstring(one)]
            length = (node.end_lineno or 0) - body[0].lineno + 1
            if length >= VIEW:
                long.append(f"{name_of(path)}:{node.lineno} {node.name} has {length} lines")
    assert not long, "\n".join(long)


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_every_module_class_and_public_function_says_what_it_is_for() -> None:
    silent = []
    for path in modules():
        tree = tree_of(path)
        if tree.body and not ast.get_docstring(tree):
            silent.append(name_of(path))
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert not silent, "\n".join(silent)
