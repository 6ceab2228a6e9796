"""GraphQL documents: read, measured and validated once, then remembered by their text."""

from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    parse,
    validate,
)
from graphql.language import Visitor, visit

# The SDK's largest documents have 3,400 characters, 220 tokens, 8 levels and, their fragments
# spread, 93 fields. The usual introspection query has 220 fields; its levels do not count.
MAX_TEXT = 50_000
MAX_TOKENS = 5_000
MAX_DEPTH = 14
MAX_FIELDS = 2_000
MAX_ROOTS = 10
REMEMBERED = 256


class Faulty(Exception):
    """A document that cannot be executed, and all that is wrong with it."""

    def __init__(self, errors: tuple[GraphQLError, ...]) -> None:
        self.errors = errors
        super().__init__(*errors)


@dataclass(frozen=True, slots=True)
class Root:
    """A field at the top of an operation: the key it is answered under, and its name."""

    key: str
    name: str


class Documents:
    """Reads the documents of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._remembered = lru_cache(REMEMBERED)(self._read)

    def read(self, text: str) -> DocumentNode:
        """The document, fit to be executed. Raises Faulty."""
        found = self._remembered(text) if len(text) <= MAX_TEXT else (too_large(),)
        if isinstance(found, tuple):
            raise Faulty(found)
        return found

    def unknown_roots(self, text: str, operation_name: str | None) -> list[Root]:
        """The operation's top fields, when the schema has none of them; else nothing.

        It asks nothing of the rest of the document, whose types the schema does not have.
        """
        try:
            document = _parsed(text) if len(text) <= MAX_TEXT else None
        except GraphQLError:
            return []
        operations = [
            node
            for node in (document.definitions if document else ())
            if isinstance(node, OperationDefinitionNode)
            and (operation_name is None or (node.name and node.name.value == operation_name))
        ]
        if len(operations) != 1:
            return []
        mutates = operations[0].operation == OperationType.MUTATION
        type_ = self._schema.mutation_type if mutates else self._schema.query_type
        known = type_.fields if type_ else {}
        fields = operations[0].selection_set.selections
        roots = [
            Root(node.alias.value if node.alias else node.name.value, node.name.value)
            for node in fields
            if isinstance(node, FieldNode)
        ]
        if len(roots) < len(fields) or len(roots) > MAX_ROOTS:
            return []
        return [] if any(root.name in known or root.name[:2] == "__" for root in roots) else roots

    def _read(self, text: str) -> DocumentNode | tuple[GraphQLError, ...]:
        """The document or its faults, since both are asked for again."""
        try:
            document = _parsed(text)
            _measure(document)
            faults = validate(self._schema, document, max_errors=10)
        except GraphQLError as error:
            return (error,)
        except RecursionError:
            return (too_large(),)
        return tuple(faults) or document


def too_large() -> GraphQLError:
    """What is said of a document beyond our limits."""
    return GraphQLError(
        f"the document is too large: expected at most {MAX_TEXT} characters, {MAX_TOKENS} tokens,"
        f" {MAX_FIELDS} fields, {MAX_DEPTH} levels and {MAX_ROOTS} fields at the top"
    )


@lru_cache(REMEMBERED)
def _parsed(text: str) -> DocumentNode:
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
    except RecursionError as error:
        raise too_large() from error
    visit(document, _NoNul())
    return document


class _NoNul(Visitor):
    """Refuses texts that PostgreSQL cannot hold."""

    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        if "\0" in node.value:
            raise GraphQLError("expected text without the character NUL", node)


def _measure(document: DocumentNode) -> None:
    """Raise a GraphQLError when the document asks for too much."""
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    measure = _Measure(fragments)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode):
            fields, depth = measure.of(node.selection_set)
            if fields > MAX_FIELDS or depth > MAX_DEPTH:
                raise too_large()
        if isinstance(node, OperationDefinitionNode):
            roots, _ = measure.of(node.selection_set, is_top=True)
            if roots > MAX_ROOTS:
                raise too_large()


class _Measure:
    """Counts fields and levels with all fragments spread, each fragment being read once."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[tuple[str, bool], tuple[int, int]] = {}
        self._open: set[str] = set()

    def of(self, selections: SelectionSetNode, *, is_top: bool = False) -> tuple[int, int]:
        """Fields and levels below; with `is_top` the fields of the first level alone."""
        found = [self._selection(node, is_top) for node in selections.selections]
        return sum(n for n, _ in found), max((depth for _, depth in found), default=0)

    def _selection(self, node: object, is_top: bool) -> tuple[int, int]:
        if isinstance(node, FieldNode):
            if is_top or node.selection_set is None:
                return 1, 1
            fields, depth = self.of(node.selection_set)
            return fields + 1, 1 if node.name.value.startswith("__") else depth + 1
        if isinstance(node, InlineFragmentNode):
            return self.of(node.selection_set, is_top=is_top)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value, is_top)
        return 0, 0

    def _fragment(self, name: str, is_top: bool) -> tuple[int, int]:
        if name in self._open or name not in self._fragments:
            return 0, 0  # validation says so better
        if (name, is_top) not in self._known:
            self._open.add(name)
            self._known[name, is_top] = self.of(self._fragments[name].selection_set, is_top=is_top)
            self._open.remove(name)
        return self._known[name, is_top]
