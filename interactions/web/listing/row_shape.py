"""What the rows of a page have in common: the cells that hold something, the labels of them all."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from interactions.services.browsing.list_rows import ListedLabel, ListRow
from interactions.web.listing.columns import ListCell, ListColumn, cells_of, spell_columns
from interactions.web.listing.display import Display

MOST_CHIPS, MOST_CHIPS_COMPACT = 3, 1  # labels of a row that are shown; of more, how many more
LEAST_ROWS_SHARING = 3  # rows of a page, from which on a label of all of them is said once
RARE_SHARE = 10  # a label is rare on a page that has ten times as many rows, or more

_HOLDS: Mapping[str, Callable[[ListRow, str], object]] = {
    "model": lambda row, _: row.interaction.llm,
    "labels": lambda row, _: row.labels,
    "images": lambda row, _: row.images,
    "tokens": lambda row, _: row.interaction.prompt_tokens is not None,
    "latency": lambda row, _: row.interaction.latency_ms is not None,
    "ttft": lambda row, _: row.interaction.ttft_ms is not None,
    "cost": lambda row, _: row.interaction.cost is not None,
    "session": lambda row, _: row.interaction.session_id,
    "user": lambda row, _: row.interaction.created_by_id or row.interaction.said_by,
    "label": lambda row, key: any(label.key == key for label in row.labels),
    "metric": lambda row, key: any(one.metric.key == key for one in row.feedback),
}


@dataclass(frozen=True, slots=True)
class RowShape:
    """How the rows of a page stand in its table.

    `empty` are columns that no row has anything in, which are left out; `shared` the labels that
    every row has, which are said once, above them.
    """

    cells: list[ListCell] = field(default_factory=list)
    empty: list[ListColumn] = field(default_factory=list)
    shared: list[ListedLabel] = field(default_factory=list)
    shared_ids: Collection[int] = ()
    rare_ids: Collection[int] = ()
    most_chips: int = MOST_CHIPS
    keys_with_column: Collection[str] = ()

    @property
    def empty_terms(self) -> str:
        """The columns left out, as an address names them."""
        return spell_columns(self.empty)

    @property
    def shared_terms(self) -> str:
        """The ids of the labels that every row has, as an address names them."""
        return ",".join(str(label.id) for label in self.shared)

    @property
    def empty_names(self) -> str:
        """The columns left out, for a person."""
        return ", ".join(column.name for column in self.empty)

    def chips_of(self, row: ListRow) -> list[ListedLabel]:
        """The labels of a row that are not said elsewhere, the rare ones first."""
        return sorted(
            (
                label
                for label in row.labels
                if label.id not in self.shared_ids and label.key not in self.keys_with_column
            ),
            key=lambda label: label.id not in self.rare_ids,
        )


def shape_of(display: Display, rows: Sequence[ListRow]) -> RowShape:
    """The shape of a page of rows."""
    rows_by_label = Counter(id for row in rows for id in row.interaction.label_ids)
    shared: list[ListedLabel] = []
    if len(rows) >= LEAST_ROWS_SHARING and any(one.kind == "ask" for one in display.columns):
        shared = [label for label in rows[0].labels if rows_by_label[label.id] == len(rows)]
    empty = _empty(display.columns, rows, {label.id for label in shared})
    return _shape(display, empty, shared, rows_by_label, len(rows))


def shape_to_join(
    display: Display, empty: Collection[ListColumn], shared_ids: Collection[int]
) -> RowShape:
    """The shape of rows that join a page without the columns `empty`, with labels of all rows."""
    shape = _shape(display, [one for one in display.columns if one in empty], [], {})
    return replace(shape, shared_ids=shared_ids)


def fit(
    empty: Collection[ListColumn], shared_ids: Collection[int], rows: Sequence[ListRow]
) -> bool:
    """Whether rows can join a page: no column is missing, and each has the labels of all."""
    have_shared = all(set(shared_ids) <= set(row.interaction.label_ids) for row in rows)
    return have_shared and len(_empty(list(empty), rows, shared_ids)) == len(empty)


def _shape(
    display: Display,
    empty: list[ListColumn],
    shared: list[ListedLabel],
    rows_by_label: Mapping[int, int],
    n_rows: int = 0,
) -> RowShape:
    kept = [column for column in display.columns if column not in empty]
    if not kept:
        kept, empty = display.columns, []
    return RowShape(
        cells_of(kept, is_compact=display.is_compact),
        empty,
        shared,
        {label.id for label in shared},
        {id for id, rows in rows_by_label.items() if rows * RARE_SHARE <= n_rows},
        MOST_CHIPS_COMPACT if display.is_compact else MOST_CHIPS,
        {column.key for column in kept if column.kind == "label"},
    )


def _empty(
    columns: Sequence[ListColumn], rows: Sequence[ListRow], shared_ids: Collection[int]
) -> list[ListColumn]:
    """The columns that no row has anything in; what is said above the rows is not in them."""
    empty = []
    for column in columns:
        holds = _HOLDS.get(column.kind)
        if holds is None or not rows:
            continue
        if column.kind == "labels":
            is_empty = all(label.id in shared_ids for row in rows for label in row.labels)
        else:
            is_empty = not any(holds(row, column.key) for row in rows)
        if is_empty:
            empty.append(column)
    return empty
