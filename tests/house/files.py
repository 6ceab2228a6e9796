"""The project's own files, as the house tests read them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("adaptive_site", "projects", "interactions")


@cache
def ours() -> list[Path]:
    """Every file of the project that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = [ROOT / name for name in sorted(set(listed.decode().split("\0"))) if name]
    return [path for path in paths if path.is_file()]


def name_of(path: Path) -> str:
    """The path from the project's top."""
    return path.relative_to(ROOT).as_posix()


def named(*suffixes: str, under: tuple[str, ...] = ()) -> list[Path]:
    """Files whose names end so, in these folders of the top, or anywhere."""
    found = [path for path in ours() if path.suffix in suffixes]
    return [p for p in found if not under or p.relative_to(ROOT).parts[0] in under]


def module_of(path: Path) -> str:
    """The dotted name of a Python file: `projects/models/__init__.py` is `projects.models`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules() -> list[Path]:
    """The Python files of the three packages, without migrations."""
    return [path for path in named(".py", under=CODE) if "migrations" not in path.parts]


def at(path: Path, node: ast.AST) -> str:
    """Where a fault is."""
    return f"{name_of(path)}:{getattr(node, 'lineno', 1)}"


def place_of(path: Path, node: ast.AST) -> str:
    """The function, class or constant of a module that holds a node, as `package.module.name`."""
    holding = next(one for one in tree_of(path).body if any(node is two for two in ast.walk(one)))
    named = getattr(holding, "targets", [holding])[0]
    name = getattr(named, "name", getattr(named, "id", ""))
    return f"{module_of(path)}.{name}"
