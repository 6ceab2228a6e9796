"""Operations of GraphQL made from our schema: each root field with variables, right and odd."""

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from hypothesis import strategies as st

ODD: tuple[Any, ...] = (
    None, "", "\0", "a\0b", "\ud83d", "x" * 5000, "not-a-uuid", "9" * 30, "NaN", "2026-13-45",
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "🙂", "\u202e",
    0, -1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**30, 1e308, -0.0, 0.1, True, False, [], {},
    [[]], [None], {"": None}, {"a": {"b": [1]}}, "WRONG_ENUM", "ASC",
    "'; DROP TABLE interaction; --",
)  # fmt: skip
_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "Int": st.integers(-(2**31), 2**31 - 1),
    "Float": st.floats(allow_nan=False, allow_infinity=False),
    "Boolean": st.booleans(),
    "ID": st.uuids().map(str),
    "UUID": st.uuids().map(str),
    "Long": st.integers(-(2**63), 2**63 - 1),
    "ScoreValue": st.one_of(st.booleans(), st.floats(-1e9, 1e9)),
    "Timestamp": st.integers(0, 2**41),
    "InputDatetime": st.datetimes().map(lambda at: at.isoformat()),
    "JSON": st.recursive(
        st.none() | st.booleans() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
        ),
        max_leaves=5,
    ),
}


class Operations:
    """Makes operations for the root fields of a schema, with what is there under these names."""

    def __init__(self, schema: GraphQLSchema, there: dict[str, list[Any]]) -> None:
        self._there = there
        self.roots: list[tuple[str, str, GraphQLField]] = [
            (word, name, field)
            for word, type_ in (("query", schema.query_type), ("mutation", schema.mutation_type))
            for name, field in (type_.fields if type_ else {}).items()
        ]

    def of(self, word: str, name: str, field: GraphQLField) -> st.SearchStrategy[dict[str, Any]]:
        """Bodies that ask for that root field."""
        given = ", ".join(f"${arg}: {one.type}" for arg, one in field.args.items())
        passed = ", ".join(f"{arg}: ${arg}" for arg in field.args)
        text = f"{word} {f'({given})' if given else ''} {{ {name}"
        text += f"{f'({passed})' if passed else ''} {selection(field.type, 3)} }}"
        needed: dict[str, st.SearchStrategy[Any]] = {}
        optional: dict[str, st.SearchStrategy[Any]] = {}
        for arg, one in field.args.items():
            group = needed if is_required_argument(one) else optional
            group[arg] = self._value(arg, one.type)
        variables = st.fixed_dictionaries(needed, optional=optional)
        return variables.map(lambda values: {"query": text, "variables": values})

    def _value(self, name: str, type_: GraphQLInputType, depth: int = 4) -> st.SearchStrategy[Any]:
        """Mostly what the type takes and what is there, one time in ten something odd."""
        right = self._right(name, type_, depth)
        return st.integers(0, 9).flatmap(lambda n: right if n else st.sampled_from(ODD))

    def _right(self, name: str, type_: GraphQLInputType, depth: int) -> st.SearchStrategy[Any]:
        if isinstance(type_, GraphQLNonNull):
            return self._right(name, type_.of_type, depth)
        if isinstance(type_, GraphQLList):
            return st.lists(self._value(name, type_.of_type, depth - 1), max_size=3)
        if isinstance(type_, GraphQLEnumType):
            return st.sampled_from(sorted(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            return self._object(type_, depth)
        if there := self._there.get(name) or self._there.get(str(type_)):
            return st.sampled_from(there) | _PLAIN.get(str(type_), st.text(max_size=9))
        return _PLAIN.get(str(type_), st.text(max_size=9))

    def _later(self, name: str, type_: GraphQLInputType, depth: int) -> st.SearchStrategy[Any]:
        """What may be left out, made only where it is drawn: types hold each other."""
        return st.deferred(lambda: self._value(name, type_, depth))

    def _object(self, type_: GraphQLInputObjectType, depth: int) -> st.SearchStrategy[Any]:
        needed: dict[str, st.SearchStrategy[Any]] = {}
        optional: dict[str, st.SearchStrategy[Any]] = {}
        for name, field in type_.fields.items():
            if isinstance(field.type, GraphQLNonNull):
                needed[name] = self._value(name, field.type, depth - 1)
            elif depth > 0:
                optional[name] = self._later(name, field.type, depth - 1)
        if type_.is_one_of:
            choices = [st.fixed_dictionaries({name: value}) for name, value in optional.items()]
            return st.one_of(choices)
        return st.fixed_dictionaries(needed, optional=optional)


def selection(type_: GraphQLOutputType, depth: int) -> str:
    """Its fields without arguments, so many levels deep; nothing of a scalar."""
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType) or depth <= 0:
        return "{ __typename }"
    inner = [
        f"{name} {selection(field.type, depth - 1)}"
        for name, field in named.fields.items()
        if not any(map(is_required_argument, field.args.values()))
    ]
    return f"{{ __typename {' '.join(inner)} }}"
