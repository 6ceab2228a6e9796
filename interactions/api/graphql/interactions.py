"""Interactions through GraphQL, where they are called completions: lists, and one of them."""

from typing import Any
from uuid import UUID

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import Invalid
from interactions.api.graphql import paging
from interactions.api.graphql.advanced_filter import tree_of
from interactions.api.graphql.paging import PageRequest
from interactions.api.graphql.present import ShownCompletions
from interactions.filters.sql import queries
from interactions.filters.tree import Tree
from interactions.services import searches
from interactions.services.rollups import counts
from projects.api.present import Shown
from projects.api.roots import Info, project_named, query
from projects.models import Project

LIST_LIMIT_MS = 10_000
TOTAL_LIMIT_MS = 10_000
EXACT_TOTAL_LIMIT_MS = (
    250  # for more than EXACT_COUNT_ALWAYS; every page of the SDK's list asks for its total
)
EXACT_COUNT_ALWAYS = 10_000


@query.field("completions")
def completions(
    _: None,
    info: Info,
    *,
    filter: dict[str, Any],
    page: dict[str, Any],
    order: list[dict[str, Any]] | None = None,
) -> Shown:
    """A page of the interactions that match, newest first unless asked otherwise."""
    caller = info.context
    project = project_named(caller, filter, field="filter")
    tree, asked = tree_of(filter), paging.read(page)
    window = _window(project, tree, asked, is_ascending=is_oldest_first(order))
    searches.note(project, tree, by=caller.user, page="completions")
    shown = ShownCompletions(caller, project, window.ids)
    return {
        "totalCount": lambda: count(project, tree),
        "pageInfo": page_info(window),
        "nodes": shown.all,
    }


@query.field("completion")
def completion(
    _: None,
    info: Info,
    *,
    id: UUID,
    project: str | None = None,
    useCase: str | None = None,
) -> Shown | None:
    """An interaction of a project; null when the project has none of this id."""
    caller = info.context
    found = project_named(caller, {"project": project, "useCase": useCase})
    return next(iter(ShownCompletions(caller, found, [id]).all()), None)


class Window:
    """Ids in the order they are shown in, and whether there are more on either side."""

    def __init__(self, ids: list[UUID], *, has_next: bool, has_previous: bool) -> None:
        self.ids = ids
        self.has_next = has_next
        self.has_previous = has_previous


def _window(project: Project, tree: Tree, asked: PageRequest, *, is_ascending: bool) -> Window:
    after = paging.id_at(asked.after, field="page.after")
    before = paging.id_at(asked.before, field="page.before")
    older, newer = (before, after) if is_ascending else (after, before)
    with time_limit(LIST_LIMIT_MS):
        ids = queries.window(
            project,
            tree,
            limit=asked.offset + asked.size + 1,
            before=older,
            after=newer,
            oldest_first=is_ascending != asked.from_end,
        )
    has_more = len(ids) > asked.offset + asked.size
    ids = ids[asked.offset : asked.offset + asked.size]
    if asked.from_end:
        return Window(ids[::-1], has_next=before is not None, has_previous=has_more)
    return Window(ids, has_next=has_more, has_previous=after is not None or asked.offset > 0)


def page_info(window: Window) -> Shown:
    """`PageInfo` of a list of interactions."""
    return {
        "hasNextPage": window.has_next,
        "hasPreviousPage": window.has_previous,
        "startCursor": paging.cursor_at(window.ids[0]) if window.ids else None,
        "endCursor": paging.cursor_at(window.ids[-1]) if window.ids else None,
    }


def is_oldest_first(order: list[dict[str, Any]] | None) -> bool:
    """The one order there is, by time, and its direction. Raises Invalid for another."""
    for one in order or []:
        if one["field"] not in ("created_at", "createdAt"):
            raise Invalid("expected created_at", field="order")
    return bool(order) and (order or [])[0]["order"] == "ASC"


def count(project: Project, tree: Tree) -> int:
    """How many match: exactly, unless there are many and a second is not enough.

    Then it is what the database expects from its statistics.
    """
    with time_limit(TOTAL_LIMIT_MS):
        if (known := counts.counted(project, tree)) is not None:
            return known
        some = queries.count(project, tree, cap=EXACT_COUNT_ALWAYS)
        if some.is_exact:
            return some.n
        try:
            with time_limit(EXACT_TOTAL_LIMIT_MS):
                return queries.count(project, tree, cap=None).n
        except TookTooLong:
            return max(some.n, queries.estimate(project, tree))
