"""A look whose page has parameters of its own beside the filter, which its links keep."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.http import QueryDict

from .address import Address
from .look import Fault, Look

Pairs = list[tuple[str, str]]
# Where one is in what the page shows: another filter begins at its top.
WHERE = ("at", "pair", "start")


@dataclass(frozen=True)
class KeptAddress(Address):
    """Links of a page that keep its own parameters too, behind the filter."""

    own: tuple[tuple[str, str], ...] = ()

    def _query(self, pairs: Iterable[tuple[str, str]]) -> str:  # type: ignore[override]
        return Address._query([*pairs, *self.own])


@dataclass
class KeepingLook(Look):
    """A filter, and `own`: the parameters of the page, already checked, that are not usual."""

    own: dict[str, str] = field(default_factory=dict)

    @cached_property
    def address(self) -> Address:
        """Its links keep the page's own parameters."""
        return KeptAddress(self.data, tuple(self._kept))

    @cached_property
    def plain(self) -> Address:
        """Links with the filter alone."""
        return Address(self.data)

    @property
    def query(self) -> str:
        """The filter alone, for other pages."""
        return self.plain.filter

    @property
    def hidden(self) -> Pairs:
        """What the filter's form has to carry: the page's own parameters too."""
        return [*super().hidden, *self._kept]

    @property
    def _kept(self) -> Pairs:
        return [(name, value) for name, value in self.own.items() if name not in WHERE]

    @property
    def terms(self) -> Pairs:
        """The filter, for a form that changes the page's own parameters."""
        return [(name, value) for name, values in self.data.lists() for value in values]

    def blame(self, name: str, message: str) -> None:
        """Say what is wrong with a parameter, of the filter or of the page."""
        if name in self.own:
            self.faults.append(Fault(name, message, self.having(**{name: ""})))
        else:
            super().blame(name, message)

    def having(self, **changed: str) -> str:
        """This page's link with some of its own parameters changed; "" takes one away."""
        own = {name: value for name, value in (self.own | changed).items() if value}
        return KeptAddress(self.data, tuple(own.items())).filter


def own_parameters(data: QueryDict, names: Iterable[str]) -> tuple[QueryDict, dict[str, str]]:
    """The address without these parameters, and they, as they stand last; empty ones are gone.

    `metric` alone is `under`, as one would write it; beside `metric_is` it is a control of the
    form, which makes a condition.
    """
    rest = data.copy()
    own = {name: rest.pop(name)[-1].strip() for name in names if name in rest}
    if "metric" in rest and "metric_is" not in rest:
        own.setdefault("under", rest.pop("metric")[-1].strip())
    return rest, {name: value for name, value in own.items() if value}
