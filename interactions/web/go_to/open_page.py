"""The page from which somebody goes elsewhere: its project and its filter."""

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.urls import Resolver404, get_script_prefix, resolve

from adaptive_site.lib.http.addresses import split
from interactions.filters.address.form import InteractionFilter
from interactions.web.filtering.query_string import QueryString, encoded_pairs

LONGEST_ADDRESS = 16_000


@dataclass(frozen=True)
class OpenPage:
    """An address of the site, such as `/projects/demo/images/?label=env:prod`; "" is none."""

    address: str = ""

    @cached_property
    def _named(self) -> tuple[str, str]:
        """The name of the page, and the key of its project."""
        path = split(self.address[:LONGEST_ADDRESS]).path
        prefix = get_script_prefix()
        if not path.startswith(prefix):
            return "", ""
        try:
            found = resolve(f"/{path.removeprefix(prefix)}")
        except Resolver404:
            return "", ""
        return found.url_name or "", found.kwargs.get("key", "")

    @property
    def project(self) -> str:
        """The key of the page's project, whether or not there is one of that key."""
        return self._named[1]

    @cached_property
    def _data(self) -> QueryDict:
        return QueryDict(split(self.address[:LONGEST_ADDRESS]).query)

    @cached_property
    def filter(self) -> str:
        """The filter alone, as a query string with its `?`."""
        lists = self._data.lists()
        names = InteractionFilter.base_filters
        return encoded_pairs((name, one) for name, all in lists if name in names for one in all)

    @property
    def list(self) -> str:
        """The query of the list with the same filter; where the list is open, as it is shown."""
        return str(QueryString(self._data)) if self._named[0] == "interactions" else self.filter
