"""Whole interactions of several projects in one order, as OpenAI's client lists completions."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from adaptive_site.lib.errors import NotFound
from interactions.filters.sql import queries
from interactions.filters.tree import Tree
from interactions.models import Interaction, InteractionBody
from interactions.services.browsing import body_sizes, rows
from interactions.services.browsing.rows import Row
from projects.models import Project
from projects.services.access import READ, Caller, permitted

BEFORE_EVERY_ID = UUID(int=0)  # before every id


@dataclass(frozen=True, slots=True)
class StoredInteraction:
    """An interaction with its project, its labels and images, and its body."""

    project: Project
    row: Row
    body: InteractionBody

    @property
    def interaction(self) -> Interaction:
        """The row itself."""
        return self.row.interaction


def page(
    projects: Iterable[Project],
    tree: Tree,
    *,
    limit: int,
    after: UUID | None = None,
    is_newest_first: bool = False,
) -> tuple[list[StoredInteraction], bool]:
    """At most `limit` that match `tree`, following `after` in this order, and whether more do.

    Ids are in the order of time in every project alike, so the pages of each merge by id. A page
    ends early where more than `sizes.READ` bytes would have to be read for it.
    """
    found: list[tuple[UUID, Project]] = []
    has_more = False
    for project in projects:
        if is_newest_first:
            one = queries.page(project, tree, limit=limit, before=after)
            has_more = has_more or one.has_older
        else:
            one = queries.page(project, tree, limit=limit, after=after or BEFORE_EVERY_ID)
            has_more = has_more or one.has_newer
        found += [(id, project) for id in one.ids]
    found.sort(key=lambda pair: pair[0], reverse=is_newest_first)
    fitting = _fitting(found[:limit])
    return _whole(fitting), has_more or len(found) > len(fitting)


def _fitting(found: list[tuple[UUID, Project]]) -> list[tuple[UUID, Project]]:
    """The first of them that may be read together; one at least."""
    projects = {project.id: project for _, project in found}
    known: dict[UUID, int] = {}
    for project in projects.values():
        ids = [id for id, its in found if its.id == project.id]
        known |= body_sizes.of_bodies(project, ids)
    left = body_sizes.MOST_BODY_BYTES
    for place, (id, _) in enumerate(found):
        left -= known.get(id, 0)
        if left < 0 and place:
            return found[:place]
    return found


def of_caller(caller: Caller, id: UUID, permission: str = READ) -> StoredInteraction:
    """One interaction, whatever its project, in which `caller` has `permission`.

    Raises NotFound when it is not there or not theirs to see, Forbidden when they may only
    see it.
    """
    missing = f"EntityNotFound: completion {id} not found"
    project = permitted(caller, Interaction.project_of(id), permission, missing=missing)
    found = _whole([(id, project)])
    if not found:
        raise NotFound(missing)
    return found[0]


def _whole(found: list[tuple[UUID, Project]]) -> list[StoredInteraction]:
    """Those still there, in their order; eight queries for each project among them."""
    projects = {project.id: project for _, project in found}
    made: dict[UUID, StoredInteraction] = {}
    for project in projects.values():
        ids = [id for id, its in found if its.id == project.id]
        bodies = rows.bodies(project, ids)
        for row in rows.rows(project, ids):
            id = row.interaction.id
            if id in bodies:
                made[id] = StoredInteraction(project, row, bodies[id])
    return [made[id] for id, _ in found if id in made]
