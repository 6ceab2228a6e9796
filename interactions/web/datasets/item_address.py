"""Which records a page of a dataset shows, as its address says: a filter, an order, a place."""

from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid
from interactions.services.datasets.finding.item_filter import PARAMETERS, ItemFilter
from interactions.services.datasets.finding.item_order import IN_ORDER, ORDERS, ItemOrder

PLACE = ("version", "sort", "after", "before", "open")


@dataclass(frozen=True, slots=True)
class ItemAddress:
    """The parameters of an address, checked; "" asks nothing.

    `fault` is what is wrong with the query, which people type: no record is shown for it.
    """

    q: str = ""
    split: str = ""
    review: str = ""
    edited: str = ""
    warning: str = ""
    batch: str = ""
    version: str = ""
    sort: str = ""
    after: str = ""
    before: str = ""
    open: str = ""
    filter: ItemFilter = field(default_factory=ItemFilter)
    fault: str = ""

    @classmethod
    def of(cls, data: QueryDict) -> "ItemAddress":
        """As somebody typed or followed it. Raises Invalid naming the parameter at fault."""
        names = (*PARAMETERS, *PLACE)
        said = {name: without_nul(data.get(name, "")).strip() for name in names}
        if said["version"] and not (said["version"].isdecimal() and len(said["version"]) < 10):
            raise Invalid("expected a whole number", field="version")
        if said["sort"] not in ORDERS:
            raise Invalid(f"expected one of {', '.join(filter(None, ORDERS))}", field="sort")
        _check_id(said["open"])
        for name, is_back in (("after", False), ("before", True)):
            if said[name]:
                ORDERS[said["sort"]].beyond(said[name], is_back=is_back)
        asked, fault = ItemFilter(), ""
        try:
            asked = ItemFilter.of(data)
        except Invalid as error:
            if error.field != "q":
                raise
            fault = str(error).removeprefix("q: ")
        if said["version"] and asked.removed:
            raise Invalid("expected none of a version: it loses nothing", field="review")
        return cls(**said, filter=asked, fault=fault)

    @property
    def number(self) -> int | None:
        """The version; None of the draft."""
        return int(self.version) if self.version else None

    @property
    def order(self) -> ItemOrder:
        """In which order the records stand."""
        return ORDERS.get(self.sort, IN_ORDER)

    @property
    def opened(self) -> UUID | None:
        """The open record."""
        return UUID(self.open) if self.open else None

    def changing(self, **to: str) -> str:
        """The query string with other values."""
        said = {name: getattr(self, name) for name in (*PARAMETERS, *PLACE)} | to
        pairs = [(name, value) for name, value in said.items() if value]
        return f"?{urlencode(pairs, safe=':*')}" if pairs else "?"

    def filtering(self, **to: str) -> str:
        """The query string of a filter alone, from its first page on, with other values."""
        return self.changing(**{"after": "", "before": "", "open": "", **to})

    @property
    def of_records(self) -> str:
        """The query string of the filter, without version, order and place."""
        return self.filtering(version="", sort="")

    def without_filter(self) -> str:
        """The query string of all records, of the same version and in the same order."""
        return self.filtering(**dict.fromkeys(PARAMETERS, ""))


def _check_id(text: str) -> None:
    try:
        UUID(text or "0" * 32)
    except ValueError as error:
        raise Invalid("expected the id of a record", field="open") from error
