"""The menu that chooses columns, and what its form asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from interactions.web.listing.columns import BUILT_IN, ListColumn, parse_columns, spell_columns

KEYS_OFFERED = 15  # label keys and metrics that have a box of their own; any other can be typed


@dataclass(frozen=True)
class ColumnMenu:
    """The columns shown, in their order, and those that may be added."""

    shown: list[ListColumn]
    label_keys: Sequence[str]
    metric_keys: Sequence[str]

    @property
    def others(self) -> list[ListColumn]:
        """The built-in columns that are not shown."""
        return self._missing("", BUILT_IN)

    @property
    def labels(self) -> list[ListColumn]:
        """Label keys as columns."""
        return self._missing("label", self.label_keys[:KEYS_OFFERED])

    @property
    def metrics(self) -> list[ListColumn]:
        """Metrics as columns."""
        return self._missing("metric", self.metric_keys[:KEYS_OFFERED])

    @property
    def unknown(self) -> list[ListColumn]:
        """Columns of keys that this project does not have, such as those of an old view."""
        known = {"label": self.label_keys, "metric": self.metric_keys}
        return [one for one in self.shown if one.key and one.key not in known[one.kind]]

    def _missing(self, kind: str, keys: Sequence[str] | dict[str, str]) -> list[ListColumn]:
        found = [ListColumn(kind, key) if kind else ListColumn(key) for key in keys]
        return [column for column in found if column not in self.shown]


def chosen(data: QueryDict) -> str:
    """The columns a submitted form asks for, as an address names them. Raises ValueError.

    `column` are the ticked ones in their order, `label_column` a key that was typed, `up` and
    `down` the one that shall change places with its neighbour.
    """
    columns = [column for term in data.getlist("column") for column in _read(term)]
    if key := data.get("label_column", "").strip():
        columns.append(ListColumn("label", key))
    columns = list(dict.fromkeys(columns))
    for name, by in (("up", -1), ("down", 1)):
        for moved in (one for one in columns if one.term == data.get(name)):
            at = columns.index(moved)
            to = min(max(at + by, 0), len(columns) - 1)
            columns.insert(to, columns.pop(at))
            break
    term = spell_columns(columns)
    parse_columns(term)
    return term


def _read(term: str) -> list[ListColumn]:
    return parse_columns(term.replace(",", "\\,"))
