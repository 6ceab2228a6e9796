"""Executing GraphQL over plain values: root fields by graphql-core, what is below them by us.

graphql-core spends 10 µs on every field of every object: 45 ms on a page of 100 interactions.
Our resolvers return dicts that hold every field of their type, so a selection is compiled once
an operation to nested closures that copy what was asked for: 4 ms. A value that is a function
is called, with the field's arguments, when the field is selected, and only then.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from graphql import (
    Executor,
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    get_argument_values,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from adaptive_site.lib import answer_size

# Of one operation. A page of 1,000 interactions has 10,000; what exceeds this is a selection
# that walks in circles (a model's projects' models' projects …).
MAX_OBJECTS = 300_000
FIELD = 64  # bytes that a field takes beside its name and value, as it waits to be written

Value: TypeAlias = Any
Copy: TypeAlias = Callable[[Value], Value]


class PlainExecutor(Executor[None]):
    """Copies the selected fields out of values that are dicts."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._copies: dict[tuple[str, int], tuple[Any, Copy]] = {}
        self._copied = 0
        self._left = answer_size.MOST_BYTES

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: None,
    ) -> Any:
        """Copy a dict; leave anything else (the schema itself) to graphql-core."""
        if type(result) is not dict:
            return super().complete_object_value(
                return_type, field_details_list, info, path, result, position_context
            )
        return self._object(return_type, field_details_list)(result)

    def _object(self, type_: GraphQLObjectType, details: Any) -> Copy:
        # The list of details is kept beside its copy, so that its id stays its own.
        key = (type_.name, id(details))
        if key not in self._copies:
            self._copies[key] = (details, self._compiled(type_, details))
        return self._copies[key][1]

    def _compiled(self, type_: GraphQLObjectType, details: Any) -> Copy:
        grouped = self.collect_subfields(type_, details).grouped_field_set
        fields = [(key, self._field(type_, same)) for key, same in grouped.items()]

        room = sum(FIELD + len(key) for key, _ in fields)

        def copy(source: Value) -> Value:
            self._copied += 1
            self._spend(room)
            if self._copied > MAX_OBJECTS:
                raise GraphQLError(f"the answer is too large: more than {MAX_OBJECTS} objects")
            return {key: read(source) for key, read in fields}

        return copy

    def _field(self, parent: GraphQLObjectType, details: Any) -> Copy:
        node = details[0].node
        name = node.name.value
        if name == "__typename":
            return lambda source: parent.name
        field = parent.fields[name]
        arguments = get_argument_values(field, node, self.variable_values)
        complete = self._value(field.type, details, f"{parent.name}.{name}")

        def read(source: Value) -> Value:
            value = source[name]
            return complete(value(**arguments) if callable(value) else value)

        return read

    def _leaf(self, value: Value) -> Value:
        """The value, once it is counted: aliases show the same text many times."""
        self._spend(_weight(value))
        return value

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise GraphQLError(answer_size.too_much())

    def _value(self, type_: GraphQLOutputType, details: Any, where: str) -> Copy:
        if is_non_null_type(type_):
            inner = self._nullable(type_.of_type, details, where)

            def present(value: Value) -> Value:
                if value is None:
                    raise GraphQLError(f"Cannot return null for non-nullable field {where}.")
                return inner(value)

            return present
        complete = self._nullable(type_, details, where)
        return lambda value: None if value is None else complete(value)

    def _nullable(self, type_: GraphQLOutputType, details: Any, where: str) -> Copy:
        if is_leaf_type(type_):
            return self._leaf
        if is_list_type(type_):
            item = self._value(type_.of_type, details, where)
            return lambda values: [item(value) for value in values]
        if isinstance(type_, GraphQLUnionType):
            by_name = {one.name: one for one in self.schema.get_possible_types(type_)}
            return lambda value: self._object(by_name[value["__typename"]], details)(value)
        assert isinstance(type_, GraphQLObjectType)
        return self._object(type_, details)


def _weight(value: Value) -> int:
    """About how many bytes a value takes."""
    if type(value) is str:
        return len(value) if value.isascii() else len(value.encode(errors="replace"))
    if type(value) is dict:
        return sum(FIELD + len(key) + _weight(one) for key, one in value.items())
    if type(value) is list:
        return sum(8 + _weight(one) for one in value)
    return 8
