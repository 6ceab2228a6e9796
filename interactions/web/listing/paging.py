"""Pages of the list from either end."""

from dataclasses import dataclass
from uuid import UUID

from interactions.filters.sql import queries
from interactions.filters.tree import Tree
from projects.models import Project


@dataclass(frozen=True, slots=True)
class PageOfIds:
    """The ids of a page in the order shown, and whether matches follow and stand before."""

    ids: list[UUID]
    has_next: bool
    has_previous: bool


def page_of_ids(
    project: Project,
    tree: Tree,
    *,
    limit: int,
    before: UUID | None,
    after: UUID | None,
    oldest_first: bool,
) -> PageOfIds:
    """The page older than `before` or newer than `after`, one of them or neither.

    Paging back to where less than a page is left shows the first page, so that it is full.
    """
    onwards, back = (after, before) if oldest_first else (before, after)
    if back is None:
        bounds = {"after" if oldest_first else "before": onwards}
        ids = queries.window(project, tree, limit=limit + 1, oldest_first=oldest_first, **bounds)
        return PageOfIds(ids[:limit], len(ids) > limit, onwards is not None)
    bounds = {"before" if oldest_first else "after": back}
    ids = queries.window(project, tree, limit=limit + 1, oldest_first=not oldest_first, **bounds)
    if len(ids) <= limit:
        return page_of_ids(
            project, tree, limit=limit, before=None, after=None, oldest_first=oldest_first
        )
    return PageOfIds(ids[limit - 1 :: -1], True, True)
