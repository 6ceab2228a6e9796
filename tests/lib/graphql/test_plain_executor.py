"""Selections over plain values give what graphql-core gives, only sooner."""

from typing import Any

import pytest
from graphql import GraphQLError, build_schema, execute_sync, parse

from adaptive_site.lib.graphql import plain_executor
from adaptive_site.lib.graphql.plain_executor import PlainExecutor

SCHEMA = build_schema("""
type Query { tree: Node, must: Node! }
union Leaf = Word | Number
type Word { text: String! }
type Number { value: Float, unit: String }
type Node {
  name: String!
  note: String
  child: Node
  children(first: Int = 2, order: [String!]): [Node!]
  maybe: [Node]
  leaves: [Leaf!]!
  grid: [[Int!]!]
}
""")


def node(name: str, **more: Any) -> dict[str, Any]:
    def children(first: int, order: list[str] | None = None) -> list[dict[str, Any]]:
        return [node(f"{name}.{n}{'!' if order else ''}") for n in range(first)]

    return {
        "name": name,
        "note": None,
        "child": lambda: node(f"{name}'") if len(name) < 9 else None,
        "children": children,
        "maybe": [None, {**more, "name": "m", "note": "n"}],
        "leaves": [
            {"__typename": "Word", "text": "w"},
            {"__typename": "Number", "value": 1.5, "unit": None},
        ],
        "grid": [[1, 2], [3]],
        **more,
    }


def run(query: str, variables: dict[str, Any] | None = None, **more: Any) -> Any:
    tree = node("t", **more)
    root = {"tree": tree, "must": tree}
    return execute_sync(
        SCHEMA, parse(query), root, variable_values=variables, executor_class=PlainExecutor
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("{ tree { name note } }", {"tree": {"name": "t", "note": None}}),
        ("{ a: tree { b: name } c: tree { name } }", {"a": {"b": "t"}, "c": {"name": "t"}}),
        ("{ tree { child { child { name } } } }", {"tree": {"child": {"child": {"name": "t''"}}}}),
        (
            "{ tree { children { name } } }",
            {"tree": {"children": [{"name": "t.0"}, {"name": "t.1"}]}},
        ),
        (
            "{ tree { few: children(first: 1) { name } none: children(first: 0) { name } } }",
            {"tree": {"few": [{"name": "t.0"}], "none": []}},
        ),
        (
            'query ($n: Int!) { tree { children(first: $n, order: ["a"]) { name } } }',
            {"tree": {"children": [{"name": "t.0!"}]}},
        ),
        ("{ tree { maybe { name } } }", {"tree": {"maybe": [None, {"name": "m"}]}}),
        (
            "{ tree { leaves { __typename ... on Word { text } ... on Number { value unit } } } }",
            {"tree": {"leaves": [
                {"__typename": "Word", "text": "w"},
                {"__typename": "Number", "value": 1.5, "unit": None},
            ]}},
        ),
        ("{ tree { grid __typename } }", {"tree": {"grid": [[1, 2], [3]], "__typename": "Node"}}),
        (
            "{ tree { ...A child { note } ...B } } fragment A on Node { child { name } }"
            " fragment B on Node { ...A name @skip(if: true) note @include(if: false) }",
            {"tree": {"child": {"name": "t'", "note": None}}},
        ),
    ],
)  # fmt: skip
def test_what_is_selected_is_copied(query: str, found: dict[str, Any]) -> None:
    result = run(query, {"n": 1})
    assert result.errors is None
    assert result.data == found


def test_what_is_not_selected_is_not_read() -> None:
    def broken() -> None:
        raise RuntimeError("read")

    assert run("{ tree { name } }", child=broken).errors is None
    (error,) = run("{ tree { child { name } } }", child=broken).errors
    assert isinstance(error.original_error, RuntimeError)
    assert error.path == ["tree"]


def test_null_where_there_must_be_something_is_an_error() -> None:
    result = run("{ tree { leaves { __typename } } }", leaves=None)
    assert result.data == {"tree": None}
    assert "Node.leaves" in str(result.errors[0])
    assert run("{ must { leaves { __typename } } }", leaves=None).data is None


def test_a_selection_that_walks_in_circles_comes_to_an_end(monkeypatch: Any) -> None:
    monkeypatch.setattr(plain_executor, "MAX_OBJECTS", 100)
    inner = "{ name }"
    for _ in range(4):
        inner = f"{{ children(first: 5) {inner} }}"
    (error,) = run(f"{{ tree {inner} }}").errors
    assert isinstance(error, GraphQLError)
    assert "too large" in error.message


def test_the_schema_itself_is_described_as_ever() -> None:
    found = run('{ __type(name: "Word") { name fields { name type { kind } } } }')
    assert found.data["__type"]["fields"] == [{"name": "text", "type": {"kind": "NON_NULL"}}]
