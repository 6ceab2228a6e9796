"""How the list shows its rows: which columns, how dense, from which end."""

from dataclasses import dataclass

from django.http import QueryDict

from interactions.models import ListPreference
from interactions.web.filtering.query_string import QueryString
from interactions.web.filtering.row_sort import ASCENDING, DESCENDING, ListSort, sort_in
from interactions.web.listing.columns import (
    DEFAULT_COLUMNS,
    ListColumn,
    parse_columns,
    spell_columns,
)

COMFORTABLE, COMPACT = DENSITIES = ("comfortable", "compact")
NEWEST_FIRST, OLDEST = ROW_ORDERS = ("newest", "oldest")


@dataclass(frozen=True)
class Display:
    """Columns, density and order: of the address, else the person's last, else the default.

    `sort` is None where rows stand in the order of time.
    """

    columns: list[ListColumn]
    density: str
    order: str
    query: QueryString
    sort: ListSort | None = None

    @property
    def is_compact(self) -> bool:
        """Whether a row is one line."""
        return self.density == COMPACT

    @property
    def other_density(self) -> str:
        """The density that is not shown."""
        return COMFORTABLE if self.is_compact else COMPACT

    @property
    def is_oldest_first(self) -> bool:
        """Whether the oldest stands on top."""
        return self.order == OLDEST and self.sort is None

    @property
    def columns_term(self) -> str:
        """The columns as an address names them."""
        return spell_columns(self.columns)

    @property
    def turned(self) -> str:
        """The link that shows the other end first; the newest first needs no word.

        Where rows are sorted by a number, it leads back to the newest first.
        """
        if self.sort is not None or self.is_oldest_first:
            return self.query.dropping("order", "sort", "sort_order")
        return self.query.adding("order", OLDEST, instead_of=("order",))

    def dense(self, density: str) -> str:
        """The link to this density."""
        return self.query.adding("density", density, instead_of=("density",))


def display_of(data: QueryDict, preference: ListPreference) -> tuple[Display, dict[str, str]]:
    """The display, and what is wrong with the address by parameter."""
    sort, faults = sort_in(data)
    try:
        columns = parse_columns(data.get("columns") or preference.columns or DEFAULT_COLUMNS)
    except ValueError as error:
        columns, faults["columns"] = parse_columns(DEFAULT_COLUMNS), str(error)
    density = data.get("density") or preference.density or COMFORTABLE
    order = data.get("order") or NEWEST_FIRST
    for name, value, known in (("density", density, DENSITIES), ("order", order, ROW_ORDERS)):
        if value not in known:
            faults[name] = f"“{value}”: expected one of {', '.join(known)}"
    return Display(columns, density, order, QueryString(data), sort), faults


def display_query(data: QueryDict, display: Display) -> QueryDict:
    """An address with everything about the display in it, so that it looks alike for everybody."""
    whole = data.copy()
    whole["columns"] = display.columns_term
    whole["density"] = display.density
    whole["order"] = display.order
    if display.sort is not None:
        whole["sort"] = display.sort.term
        whole["sort_order"] = DESCENDING if display.sort.is_descending else ASCENDING
    return whole
