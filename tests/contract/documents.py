"""The GraphQL documents that are written into an installed client."""

import ast
from pathlib import Path

from graphql import FieldNode, OperationDefinitionNode, parse

from tests.contract.environments import python_of


def documents(version: str) -> list[str]:
    """Every document of the blocking and of the async client, each once."""
    found: dict[str, None] = {}
    for name in ("client.py", "async_client.py"):
        tree = ast.parse((package(version) / "graphql_client" / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "gql"
                and isinstance(node.args[0], ast.Constant)
            ):
                found[str(node.args[0].value)] = None
    return list(found)


def package(version: str) -> Path:
    """Where a version of the SDK is installed."""
    environment = python_of(f"sdk-{version}").parent.parent
    (found,) = environment.glob("lib/python3*/site-packages/adaptive_sdk")
    return found


def roots(document: str) -> list[str]:
    """The root fields that a document asks for."""
    return [
        selection.name.value
        for definition in parse(document).definitions
        if isinstance(definition, OperationDefinitionNode)
        for selection in definition.selection_set.selections
        if isinstance(selection, FieldNode)
    ]
