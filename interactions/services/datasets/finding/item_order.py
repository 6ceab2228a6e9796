"""In which order pages show the records of a dataset, and places in it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from adaptive_site.lib.database.sql import Sql
from adaptive_site.lib.errors import Invalid
from interactions.models import DatasetItem

_MICROSECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHANGED = "coalesce((extract(epoch FROM changed_at) * 1000000)::bigint, 0)"


@dataclass(frozen=True, slots=True)
class ItemOrder:
    """By a number of each record, those that are equal by their positions.

    `column` is the number, an expression; "" for the positions themselves.
    """

    name: str
    words: str
    column: str = ""
    is_down: bool = False

    def key_of(self, item: DatasetItem) -> str:
        """The place of an item, as an address has it.

        >>> ORDERS["longest"].key_of(DatasetItem(position=7, tokens=230))
        '230.7'
        """
        if not self.column:
            return str(item.position)
        number = item.tokens if self.column == "tokens" else _microseconds(item.changed_at)
        return f"{number}.{item.position}"

    def beyond(self, place: str, *, is_back: bool) -> Sql:
        """Whether a row comes after a place, or going back before it. Raises Invalid."""
        sign = ">" if is_back == self.is_down else "<"
        number, dot, position = place.partition(".")
        texts = (number, position) if self.column else (number,)
        is_read = all(one.isdecimal() and len(one) < 19 for one in texts)
        if not is_read or bool(dot) != bool(self.column):
            raise Invalid("expected a whole number", field="before" if is_back else "after")
        if not self.column:
            return Sql(f"position {sign} %s", (int(number),))
        return Sql(f"({self.column}, position) {sign} (%s, %s)", (int(number), int(position)))

    def by(self, *, is_back: bool) -> str:
        """What stands after ORDER BY."""
        way = "DESC" if is_back != self.is_down else "ASC"
        columns = [self.column] if self.column else []
        return ", ".join(f"{one} {way}" for one in (*columns, "position", "id"))


def _microseconds(at: datetime | None) -> int:
    if at is None:
        return 0
    past = at - _EPOCH
    return (past.days * 86_400 + past.seconds) * _MICROSECOND + past.microseconds


IN_ORDER = ItemOrder("", "In order")
_ALL = (
    IN_ORDER,
    ItemOrder("last", "Last first", is_down=True),
    ItemOrder("longest", "Longest", "tokens", is_down=True),
    ItemOrder("shortest", "Shortest", "tokens"),
    ItemOrder("changed", "Newest change", _CHANGED, is_down=True),
)
ORDERS = {one.name: one for one in _ALL}
