"""Addresses of the list: every link keeps the filter it was made from."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote_plus

from django.http import QueryDict
from django.urls import reverse

from interactions.filters.address.form import PLACE
from interactions.models import SavedView


@dataclass(frozen=True)
class Address:
    """The parameters of a page; each method gives the query string of a link, with its `?`.

    A page has some 400 of them, so what they share is encoded once: 0.4 ms against 14 ms with
    a copy of the QueryDict each.
    """

    data: QueryDict

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.data.lists() for value in values]

    @cached_property
    def filter(self) -> str:
        """The filter alone."""
        return self._query(self._without(PLACE))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of the filter alone."""
        return self._without(PLACE)

    def adding(self, name: str, value: str, *, instead_of: Collection[str] = ()) -> str:
        """The filter with one more term; `instead_of` are parameters that go."""
        if not instead_of:
            return self.filter if (name, value) in self._pairs else _join(self.filter, name, value)
        return self._query([*self._without((*PLACE, *instead_of)), (name, value)])

    def dropping(self, *names: str) -> str:
        """The filter without some parameters."""
        return self._query(self._without((*PLACE, *names)))

    def between(self, start: str, end: str) -> str:
        """The filter with this time instead of its own."""
        pairs = self._without((*PLACE, "time", "since", "until"))
        return self._query([*pairs, ("since", start), ("until", end)])

    def at(self, **place: str) -> str:
        """The filter at another place: `before=`, `after=` or neither."""
        return self._query([*self._without(PLACE), *place.items()])

    def opening(self, id: str) -> str:
        """This very page with an interaction open beside it."""
        return _join(self.closing, "open", id)

    @cached_property
    def closing(self) -> str:
        """This very page with nothing open."""
        return self._query(self._without(("open",)))

    def _without(self, names: Collection[str]) -> list[tuple[str, str]]:
        return [pair for pair in self._pairs if pair[0] not in names]

    @staticmethod
    def _query(pairs: Iterable[tuple[str, str]]) -> str:
        return spelled(pairs)


def spelled(pairs: Iterable[tuple[str, str]]) -> str:
    """Parameters as a query string, with its `?`."""
    return "?" + "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _quoted(text: str) -> str:
    """As a query string takes it, with what may stand readable left so."""
    return quote_plus(text, safe=":*")


def _join(query: str, name: str, value: str) -> str:
    return f"{query}{'' if query == '?' else '&'}{_quoted(name)}={_quoted(value)}"


def query(data: QueryDict) -> str:
    """The whole of an address's parameters: `?a=1&b=2`; `?` alone when there are none."""
    return f"?{data.urlencode(safe=':*')}"


def saved_view_address(view: SavedView) -> str:
    """The list as a saved view has it; the address says that it was opened as this view."""
    data = QueryDict(view.query, mutable=True)
    data["view"] = str(view.id)
    return reverse("interactions", kwargs={"key": view.project.key}) + query(data)
