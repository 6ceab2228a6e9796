"""The columns of the list: which there are, and how an address names them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

BUILT_IN = {
    "time": "Time",
    "ask": "Prompt and completion",
    "model": "Model",
    "labels": "Labels",
    "images": "Images",
    "feedback": "Feedback",
    "tokens": "Tokens",
    "latency": "Latency",
    "ttft": "First token",
    "cost": "Cost",
    "session": "Session",
    "source": "Source",
    "user": "User",
    "id": "Id",
}
OF_A_KEY = ("label", "metric")
DEFAULT_COLUMNS = "time,ask,model,labels,images,feedback,tokens,latency"
MOST_COLUMNS = 30
# In comfortable rows these stand below the column they come right after.
STANDS_BELOW = {
    "ask": ("model", "labels"),
    "tokens": ("latency", "ttft", "cost"),
    "latency": ("ttft", "cost"),
    "ttft": ("cost",),
}
MOST_BELOW = 2  # a row has three lines
NUMBER_COLUMNS = ("feedback", "tokens", "latency", "ttft", "cost", "metric")
COLUMN_CLASSES = {"time": "when", "ask": "prompt", "images": "pics"}
_COMMA = re.compile(r"(?<!\\),")


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column: built in (`time`), or of a label's or metric's key (`label:env`)."""

    kind: str
    key: str = ""

    @property
    def term(self) -> str:
        """The column as an address names it."""
        return f"{self.kind}:{self.key}" if self.key else self.kind

    @property
    def name(self) -> str:
        """The column's name for a person."""
        return self.key or BUILT_IN[self.kind]


@dataclass(slots=True)
class ListCell:
    """A column as it stands in the table, with those that stand below it.

    The prompt's `has_mark` when the feedback stands left of it, as a mark.
    """

    column: ListColumn
    below: list[str] = field(default_factory=list)
    has_mark: bool = False

    @property
    def kind(self) -> str:
        """The kind of column: `time`, `label`."""
        return self.column.kind

    @property
    def columns(self) -> list[ListColumn]:
        """The column and those that stand below it."""
        return [self.column, *map(ListColumn, self.below)]

    def takes(self, column: ListColumn) -> bool:
        """Whether a column that comes right after stands below this one."""
        return column.kind in STANDS_BELOW.get(self.kind, ()) and len(self.below) < MOST_BELOW

    @property
    def css(self) -> str:
        """The class of its cells."""
        name = COLUMN_CLASSES.get(self.kind, f"of-{self.kind}")
        if self.has_mark:
            return f"{name} marked"
        return f"{name} num" if self.kind in NUMBER_COLUMNS else name

    @property
    def heading(self) -> str:
        """The header, which also names the columns that stand below."""
        name = "Prompt, completion" if self.kind == "ask" and self.below else self.column.name
        return ", ".join([name, *(BUILT_IN[kind].lower() for kind in self.below)])


def parse_columns(text: str) -> list[ListColumn]:
    """The columns that `time,ask,label:env` names, each once. Raises ValueError.

    >>> [column.name for column in parse_columns(r"time,label:a\\,b")]
    ['Time', 'a,b']
    """
    if "\0" in text:
        raise ValueError("expected text without the character NUL")
    found: dict[ListColumn, None] = {}
    for term in _COMMA.split(text):
        if term.strip():
            found[_column(term.strip().replace("\\,", ","))] = None
    if not found:
        raise ValueError("expected at least one column")
    if len(found) > MOST_COLUMNS:
        raise ValueError(f"expected at most {MOST_COLUMNS} columns")
    return list(found)


def _column(term: str) -> ListColumn:
    kind, _, key = term.partition(":")
    if kind in OF_A_KEY and key:
        return ListColumn(kind, key)
    if term not in BUILT_IN:
        expected = f"{', '.join(BUILT_IN)}, label:KEY or metric:KEY"
        raise ValueError(f"“{term}” is no column; expected {expected}")
    return ListColumn(term)


def spell_columns(columns: Sequence[ListColumn]) -> str:
    """The columns as an address names them; `parse_columns` reads that."""
    return ",".join(column.term.replace(",", "\\,") for column in columns)


def cells_of(columns: Sequence[ListColumn], *, is_compact: bool) -> list[ListCell]:
    """The cells of a row; in comfortable rows some columns stand below the one before.

    Feedback is a mark of the prompt, where both are shown.
    """
    kinds = {column.kind for column in columns}
    has_mark = {"ask", "feedback"} <= kinds
    cells: list[ListCell] = []
    for column in columns:
        if has_mark and column.kind == "feedback":
            continue
        above = cells[-1] if cells and not is_compact else None
        if above is not None and above.takes(column):
            above.below.append(column.kind)
        else:
            cells.append(ListCell(column, has_mark=has_mark and column.kind == "ask"))
    return cells
