"""What stands in the address of a page: the filter, and the page's options beside it."""

from collections.abc import Collection

from django.http import QueryDict

from interactions.filters.address.controls import canonical
from interactions.filters.address.form import InteractionFilter
from interactions.filters.address.parameters import BESIDE, CONTROLS, KEPT_PARAMETERS, PLACE

TIME_PARAMETERS = ("time", "since", "until")
# Options that say where one is in what a page shows: another filter begins at its top.
PLACE_OPTIONS = ("at", "pair", "page", "start")


def separate(data: QueryDict, names: Collection[str] = ()) -> tuple[QueryDict, QueryDict]:
    """The filter of a page that is not the list, and the page's options, which have these names.

    Empty options are left out, and so is how the list shows its rows, unless an option of this
    page has the same name.
    """
    given, options = data.copy(), QueryDict(mutable=True)
    for name in names:
        values = [value.strip() for value in given.pop(name, []) if value.strip()]
        if values:
            options.setlist(name, list(dict.fromkeys(values)))
    for name in KEPT_PARAMETERS:
        given.pop(name, None)
    return canonical(given), options


def unknown(data: QueryDict) -> list[str]:
    """The parameters that the filter does not know, which may be some page's options."""
    known = {*InteractionFilter.base_filters, *PLACE, *CONTROLS, *BESIDE}
    return [name for name in data if name not in known]


def joined(filter: QueryDict, options: QueryDict, **changed: str | None) -> QueryDict:
    """Filter and options together, some options changed; None or "" takes one away."""
    made = filter.copy()
    for name, values in options.lists():
        made.setlist(name, values)
    for name, value in changed.items():
        made.pop(name, None)
        if value:
            made[name] = value
    return made


def has_form_controls(data: QueryDict) -> bool:
    """Whether a form of the filter sent it: an address keeps terms in place of its controls."""
    return any(name in data for name in CONTROLS)
