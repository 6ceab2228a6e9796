"""Addresses of the list: every link keeps the filter it was made from."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict

# What belongs to one look at the list and not to its filter.
PLACE = ("before", "after", "open")


@dataclass(frozen=True, slots=True)
class Address:
    """The parameters of a page; each method gives the query string of a link, with its `?`."""

    data: QueryDict

    @property
    def filter(self) -> QueryDict:
        """The parameters that are the filter."""
        return self._without(PLACE)

    def adding(self, name: str, value: str, *, instead_of: Iterable[str] = ()) -> str:
        """The filter with one more term; `instead_of` are parameters that go."""
        changed = self._without((*PLACE, *instead_of))
        if value not in changed.getlist(name):
            changed.appendlist(name, value)
        return query(changed)

    def removing(self, name: str, values: Iterable[str]) -> str:
        """The filter without some terms of a parameter."""
        gone = set(values)
        changed = self._without(PLACE)
        changed.setlist(name, [value for value in changed.getlist(name) if value not in gone])
        return query(changed)

    def dropping(self, *names: str) -> str:
        """The filter without some parameters."""
        return query(self._without((*PLACE, *names)))

    def at(self, **place: str) -> str:
        """The filter at another place: `before=`, `after=` or neither."""
        changed = self._without(PLACE)
        changed.update(place)
        return query(changed)

    def opening(self, id: str) -> str:
        """This very page with an interaction open beside it."""
        changed = self._without(("open",))
        changed["open"] = id
        return query(changed)

    def closing(self) -> str:
        """This very page with nothing open."""
        return query(self._without(("open",)))

    def _without(self, names: Iterable[str]) -> QueryDict:
        changed = self.data.copy()
        for name in names:
            changed.pop(name, None)
        return changed


def query(data: QueryDict) -> str:
    """`?a=1&b=2`, readable where an address may be; `?` alone when there is nothing."""
    return f"?{data.urlencode(safe=':*')}"
