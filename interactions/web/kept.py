"""A look whose page has parameters of its own beside the filter, such as what it groups by.

Links within the page keep both, links to other pages the filter alone.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse

from interactions.filters.form import ADDERS, canonical

from .address import Address, query
from .look import Look

OWN = "own"  # carries the page's parameters through the filter's form


def separate(data: QueryDict, names: Collection[str]) -> tuple[QueryDict, QueryDict, str]:
    """The filter, the page's own parameters, and where to go when they are spelt otherwise.

    The filter's form has controls of its own, `metric` among them, so it carries the page's
    parameters as one, `own`; the address it leads to is spelt out again, which is the third.
    """
    given, own = data.copy(), QueryDict(mutable=True)
    is_form = OWN in given or any(name in given for name in ADDERS if name not in names)
    source = QueryDict(given.pop(OWN, [""])[-1]) if is_form else given
    for name in names:
        if values := [value for value in source.getlist(name) if value.strip()]:
            own.setlist(name, list(dict.fromkeys(values)))
        if not is_form:
            given.pop(name, None)
    clean = canonical(given)
    return clean, own, query(_joined(clean, own)) if is_form else ""


def _joined(filter: QueryDict, own: QueryDict) -> QueryDict:
    joined = filter.copy()
    for name, values in own.lists():
        joined.setlist(name, values)
    return joined


@dataclass
class KeptLook(Look):
    """A look with the parameters `own` of its page."""

    own: QueryDict = field(default_factory=QueryDict)

    @cached_property
    def address(self) -> Address:
        """The links of this page, which keep what is its own."""
        return Address(_joined(self.data, self.own))

    @cached_property
    def filtering(self) -> Address:
        """The filter alone, to make links of other pages from."""
        return Address(self.data)

    @property
    def query(self) -> str:
        """The filter alone, for other pages and for the fragments that follow it."""
        return self.filtering.filter

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the form's visible controls do not carry, of the filter and of the page."""
        return [*super().hidden, *([(OWN, self.own.urlencode())] if self.own else [])]

    @property
    def here(self) -> str:
        """The page without a filter, as it is otherwise."""
        own = f"?{self.own.urlencode()}" if self.own else ""
        return f"{super().here}{own}"

    @property
    def listing(self) -> str:
        """The interactions of the project, to which a filter is appended."""
        return reverse("interactions", kwargs={"key": self.project.key})

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The filter's parameters."""
        return [(name, str(value)) for name, all in self.data.lists() for value in all]

    def carrying(self, *names: str) -> list[tuple[str, str]]:
        """What a form of the page sends beside its controls: the filter and these of its own."""
        own = [(name, self.own.get(name, "")) for name in names if name in self.own]
        return self.pairs + own

    def with_own(self, **values: str | None) -> str:
        """The query of this page with some of its own parameters set, or with None dropped."""
        own = self.own.copy()
        for name, value in values.items():
            own.pop(name, None)
            if value is not None:
                own[name] = value
        return query(_joined(self.data, own))
