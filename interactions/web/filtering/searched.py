"""Having the audit log tell what somebody looked for: the filter of a page."""

from interactions.services import searches
from interactions.web.filtering.filtered_page import FilteredPage


def note_search(page: FilteredPage) -> None:
    """Note the filter of a page that was asked for; a page without one is no search."""
    if page.filter.is_valid():
        query = page.data.urlencode()
        searches.note(
            page.project,
            page.tree,
            by=page.caller.user,
            page=page.url_name,
            yes_no=page.yes_no,
            query=query,
        )
