"""Which fields an operation asks for: older clients are told from newer ones by them."""

from collections.abc import Iterator

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from projects.api.roots import Info


def names(info: Info) -> frozenset[str]:
    """The names of all fields below the one that is resolved, however deep."""
    roots = (node.selection_set for node in info.field_nodes)
    return frozenset(name for root in roots if root for name in _names(info, root))


def _names(info: Info, selected: SelectionSetNode) -> Iterator[str]:
    """A fragment that spreads itself is refused before anything is executed."""
    for node in selected.selections:
        inside: SelectionSetNode | None = None
        if isinstance(node, FragmentSpreadNode):
            inside = info.fragments[node.name.value].selection_set
        elif isinstance(node, FieldNode | InlineFragmentNode):
            inside = node.selection_set
        if isinstance(node, FieldNode):
            yield node.name.value
        if inside is not None:
            yield from _names(info, inside)
