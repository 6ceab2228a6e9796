"""How long values are shortened, so that their end stays in sight."""

from collections.abc import Iterable, Mapping

from django.utils.safestring import SafeString

from adaptive_site.lib import middle_ellipsis
from interactions.web.facets.choices import FacetChoice


def middle(text: object, among: Mapping[str, int] | None = None) -> SafeString:
    """A value in two parts, the second of which holds what tells it apart from those `among`."""
    value = str(text)
    return middle_ellipsis.middle(value, (among or {}).get(value, 0))


def names(choices: Iterable[FacetChoice]) -> Mapping[str, int]:
    """The names of choices, to be told apart from each other."""
    return middle_ellipsis.shares(choice.name for choice in choices)
