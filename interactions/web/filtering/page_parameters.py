"""A page's own parameters: they stand in its address beside the filter and are no part of it."""

from collections.abc import Collection

from django.http import QueryDict

from interactions.filters.address.form import (
    ADDERS,
    BESIDE,
    KEPT,
    PLACE,
    InteractionFilter,
    canonical,
)

# Where one is in what a page shows: another filter begins at its top.
WHERE = ("at", "pair", "page", "start")


def separate(data: QueryDict, names: Collection[str] = ()) -> tuple[QueryDict, QueryDict]:
    """The filter of a page that is not the list, and the page's own parameters, of these names.

    Empty ones are gone, and so is how the list shows its rows, but what the page calls the same.
    """
    given, own = data.copy(), QueryDict(mutable=True)
    for name in names:
        values = [value.strip() for value in given.pop(name, []) if value.strip()]
        if values:
            own.setlist(name, list(dict.fromkeys(values)))
    for name in KEPT:
        given.pop(name, None)
    return canonical(given), own


def unknown(data: QueryDict) -> list[str]:
    """The parameters that some page may call its own, the filter not knowing them."""
    known = {*InteractionFilter.base_filters, *PLACE, *ADDERS, *BESIDE}
    return [name for name in data if name not in known]


def joined(filter: QueryDict, own: QueryDict, **changed: str | None) -> QueryDict:
    """The whole address, with some of the page's own parameters set; None or "" takes one away."""
    made = filter.copy()
    for name, values in own.lists():
        made.setlist(name, values)
    for name, value in changed.items():
        made.pop(name, None)
        if value:
            made[name] = value
    return made


def is_sent_by_form(data: QueryDict) -> bool:
    """Whether it holds controls of the filter, which an address does not keep."""
    return any(name in data for name in ADDERS)
