"""Which records a page of a dataset shows, as its address says: a filter, a version, a place."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid
from interactions.models import DatasetItem
from interactions.services.datasets.item_pages import ItemFilter

REMOVED = "removed"  # of `review`: what the draft has no more
NONE = "none"  # of `review`: nobody has decided
REVIEWS = {value or NONE: value for value in DatasetItem.Review.values}
_LONGEST = 200  # characters of a searched text


@dataclass(frozen=True, slots=True)
class ItemAddress:
    """The parameters of an address, checked; "" asks nothing."""

    split: str = ""
    review: str = ""
    edited: str = ""
    q: str = ""
    batch: str = ""
    version: str = ""
    after: str = ""
    before: str = ""
    open: str = ""

    @classmethod
    def of(cls, data: QueryDict) -> "ItemAddress":
        """As somebody typed or followed it. Raises Invalid naming the parameter at fault."""
        said = {name: without_nul(data.get(name, "")).strip() for name in cls.__slots__}
        allowed = {
            "split": DatasetItem.Split.values,
            "review": [*REVIEWS, *([] if said["version"] else [REMOVED])],
            "edited": ["yes"],
        }
        for name, values in allowed.items():
            if said[name] and said[name] not in values:
                raise Invalid(f"expected one of {', '.join(values)}", field=name)
        for name in ("batch", "version", "after", "before"):
            if said[name] and not (said[name].isdecimal() and len(said[name]) < 10):
                raise Invalid("expected a whole number", field=name)
        _check_id(said["open"])
        if len(said["q"]) > _LONGEST:
            raise Invalid(f"expected at most {_LONGEST} characters", field="q")
        return cls(**said)

    @property
    def filter(self) -> ItemFilter:
        """What it asks for, as the service knows it."""
        is_removed = self.review == REMOVED
        return ItemFilter(
            split=self.split or None,
            review=REVIEWS[self.review] if self.review and not is_removed else None,
            text=self.q,
            edited=True if self.edited else None,
            batch=int(self.batch) if self.batch else None,
            removed=is_removed,
        )

    @property
    def number(self) -> int | None:
        """The version; None of the draft."""
        return int(self.version) if self.version else None

    @property
    def opened(self) -> UUID | None:
        """The open record."""
        return UUID(self.open) if self.open else None

    def changing(self, **to: str) -> str:
        """The query string with other values."""
        said = {name: getattr(self, name) for name in self.__slots__} | to
        pairs = [(name, value) for name, value in said.items() if value]
        return f"?{urlencode(pairs)}" if pairs else "?"

    def filtering(self, **to: str) -> str:
        """The query string of a filter alone, from its first page on, with other values."""
        return self.changing(**{"after": "", "before": "", "open": "", **to})


def _check_id(text: str) -> None:
    try:
        UUID(text or "0" * 32)
    except ValueError as error:
        raise Invalid("expected the id of a record", field="open") from error
