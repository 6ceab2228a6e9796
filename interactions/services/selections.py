"""Selections: made once, never changed, read piece by piece."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection
from django.http import QueryDict

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.errors import Invalid, NotFound
from adaptive_site.lib.ids import first_id_at, to_millisecond
from interactions.filters.address.controls import canonical
from interactions.filters.address.form import InteractionFilter
from interactions.filters.address.parameters import PLACE
from interactions.filters.conditions import CreatedIn
from interactions.filters.sql import queries
from interactions.filters.sql.queries import Count
from interactions.filters.tree import And, Tree, conjuncts
from interactions.models import BulkAction, Interaction, Selection
from interactions.services.browsing import explanations
from interactions.services.rollups import counts
from projects.models import Project, User

COUNTED_AT_FIRST = 10_000  # at first; more when somebody asks for it
_FIRST = UUID(int=0)
_LAST = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some ids of a selection in their order; `end` is where the next begins, None after all."""

    ids: list[UUID]
    end: UUID | None


def tick(project: Project, ids: Collection[UUID], *, by: User, came_from: str = "") -> Selection:
    """Select these interactions. Raises Invalid when none of them is in the project.

    `came_from` is the filter of the list where they were ticked.
    """
    mine = Interaction.objects.in_project(project).with_ids(ids).oldest_first()
    found = list(mine.values_list("id", flat=True))
    if not found:
        raise Invalid("expected the ids of interactions of this project", field="id")
    return Selection.objects.create(
        project=project, created_by=by, created_at=_now(), came_from=came_from, includes=found
    )


def freeze(
    project: Project, query: QueryDict, *, by: User, excludes: Collection[UUID] = ()
) -> Selection:
    """Select all that a filter matches now, but `excludes`. Raises Invalid if it cannot be read."""
    now = _now()
    data = absolute(query, now)
    read = InteractionFilter(data)
    if not read.is_valid():
        name, message = read.faults[0]
        raise Invalid(message, field=name)
    return Selection.objects.create(
        project=project,
        created_by=by,
        created_at=now,
        query=data.urlencode(safe=":*"),
        came_from=data.urlencode(safe=":*"),
        below=first_id_at(now),
        excludes=sorted(set(excludes)),
    )


def changed_by(action: BulkAction, *, by: User) -> Selection:
    """Select what a bulk action has changed, as far as that has not been undone."""
    return Selection.objects.create(
        project=action.project,
        created_by=by,
        created_at=_now(),
        came_from=action.selection.came_from,
        changed_by=action,
    )


def without(selection: Selection, ids: Collection[UUID], *, by: User) -> Selection:
    """Another selection, the same but for `ids`: bulk actions and links may refer to the first."""
    return _copied(selection, by=by, gone={*selection.excludes, *ids}, ids=set(ids))


def with_again(selection: Selection, ids: Collection[UUID], *, by: User) -> Selection:
    """A selection like `selection` that includes some excluded interactions again."""
    return _copied(selection, by=by, gone=set(selection.excludes) - set(ids), ids=set())


def _copied(selection: Selection, *, by: User, gone: set[UUID], ids: set[UUID]) -> Selection:
    is_ticked = selection.is_ticked
    includes = sorted(set(selection.includes) - ids)
    if is_ticked and not includes:
        raise Invalid("expected to leave at least one of them", field="id")
    return Selection.objects.create(
        project=selection.project,
        created_by=by,
        created_at=selection.created_at,  # what was relative then stays so
        query=selection.query,
        came_from=selection.came_from,
        below=selection.below,
        includes=includes,
        excludes=[] if is_ticked else sorted(gone),
        changed_by=selection.changed_by,
    )


def known(project: Project, uuid: UUID) -> Selection:
    """The selection with this address. Raises NotFound."""
    mine = Selection.objects.in_project(project).select_related("created_by", "changed_by")
    found = mine.filter(uuid=uuid).first()
    if found is None:
        raise NotFound("there is no such selection in this project")
    found.project = project
    return found


def absolute(query: QueryDict, now: datetime) -> QueryDict:
    """A filter's address with a span of time as the moment that it began at."""
    data = canonical(query)
    for name in PLACE:
        data.pop(name, None)
    read = InteractionFilter(data)
    if data.get("time") and read.is_valid():
        del data["time"]
        created = read.time_term().condition(now)
        if created is not None and created.start is not None:
            data["since"] = created.start.isoformat()
    return data


def tree_of(selection: Selection) -> Tree:
    """The meaning of a selection's filter, at the moment it was frozen.

    Raises Invalid if it can be read no more, as after an upgrade.
    """
    read = InteractionFilter(QueryDict(selection.query or ""))
    if not read.is_valid():
        name, message = read.faults[0]
        raise Invalid(message, field=name)
    return read.tree(selection.created_at)


def piece(selection: Selection, *, after: UUID | None, limit: int) -> Piece:
    """The next at most `limit` ids after `after`, oldest first."""
    if selection.is_ticked:
        ids = [id for id in sorted(selection.includes) if id > (after or _FIRST)]
        return Piece(ids[:limit], ids[limit - 1] if len(ids) > limit else None)
    found = _window(selection, after or _FIRST, limit)
    gone = set(selection.excludes)
    end = found[-1] if len(found) == limit else None
    return Piece([id for id in found if id not in gone], end)


def _window(selection: Selection, after: UUID, limit: int) -> list[UUID]:
    if selection.changed_by_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT interaction_id FROM bulk_action_change"
                " WHERE action_id = %s AND interaction_id > %s"
                " ORDER BY interaction_id LIMIT %s",
                [selection.changed_by_id, after, limit],
            )
            return [id for (id,) in cursor.fetchall()]
    return queries.window(
        selection.project,
        tree_of(selection),
        limit=limit,
        before=selection.below,
        after=after,
        oldest_first=True,
    )


def pieces(selection: Selection, *, limit: int) -> Iterator[list[UUID]]:
    """All ids of the selection, piece by piece."""
    end: UUID | None = None
    while True:
        one = piece(selection, after=end, limit=limit)
        if one.ids:
            yield one.ids
        if one.end is None:
            return
        end = one.end


def newest(selection: Selection, limit: int, *, before: UUID | None = None) -> Sql:
    """The query of its newest `limit` ids older than `before`, column `id`, in no order; of rows
    that are there.
    """
    ends = [end for end in (before, selection.below) if end is not None]
    before = min(ends, default=None)
    if selection.is_ticked:
        ids = [id for id in selection.includes if id < (before or _LAST)]
        source = Sql("SELECT unnest(%s::uuid[]) AS id", (ids,))
    elif selection.changed_by_id is not None:
        source = Sql(
            "SELECT c.interaction_id AS id FROM bulk_action_change c"
            " JOIN interaction i ON i.id = c.interaction_id"
            " WHERE c.action_id = %s AND c.interaction_id < %s"
            " ORDER BY c.interaction_id DESC LIMIT %s",
            (selection.changed_by_id, before or _LAST, limit + len(selection.excludes)),
        )
    else:
        source = queries.ordered(
            selection.project,
            tree_of(selection),
            limit + len(selection.excludes),
            before=before,
        )
    return Sql(
        f"SELECT i.id FROM ({source.text}) s JOIN interaction i ON i.id = s.id"
        " WHERE i.project_id = %s AND NOT i.id = ANY(%s::uuid[]) ORDER BY i.id DESC LIMIT %s",
        (*source.params, selection.project_id, selection.excludes, limit),
    )


def shown(selection: Selection, *, limit: int, before: UUID | None = None) -> list[UUID]:
    """Its newest ids, older than `before`."""
    return [id for (id,) in fetch(newest(selection, limit, before=before))]


def count(selection: Selection, *, is_exact: bool = False) -> Count:
    """How many interactions are selected, counted up to COUNTED_AT_FIRST unless exact."""
    if selection.query is not None:
        n = counts.counted(selection.project, _until(selection))
        if n is None and is_exact:
            n = queries.count(selection.project, _until(selection), cap=None).n
        if n is not None:
            return Count(n - _excluded(selection), is_exact=True)
    limit = 2**31 - 2 if is_exact else COUNTED_AT_FIRST
    ids = newest(selection, limit + 1)
    ((n,),) = fetch(Sql(f"SELECT count(*) FROM ({ids.text}) m", ids.params))
    return Count(min(n, limit), is_exact=n <= limit)


def _until(selection: Selection) -> Tree:
    """The filter of a selection up to the moment it was made, as one tree."""
    return And((*conjuncts(tree_of(selection)), CreatedIn(end=selection.created_at)))


def _excluded(selection: Selection) -> int:
    """How many of the excluded interactions match the filter of the selection."""
    if not selection.excludes:
        return 0
    matching = queries.matches(selection.project, _until(selection))
    query = f"SELECT count(*) FROM ({matching.text}) m WHERE id = ANY(%s::uuid[])"
    ((n,),) = fetch(Sql(query, (*matching.params, selection.excludes)))
    return int(n)


def since(selection: Selection) -> Count | None:
    """How many later interactions match the selection's filter; None without a filter."""
    if selection.query is None:
        return None
    later = And((*conjuncts(tree_of(selection)), CreatedIn(start=selection.created_at)))
    return queries.count(selection.project, later, cap=COUNTED_AT_FIRST)


def sentence(selection: Selection) -> str:
    """What it is, in words."""
    if selection.is_ticked:
        n = len(selection.includes)
        return f"{n:,} ticked interaction{'' if n == 1 else 's'}"
    if selection.changed_by is not None:
        said = f"interactions changed by “{selection.changed_by.get_kind_display()}”"
    else:
        said = explanations.sentence(selection.project, tree_of(selection))
        said = f"all interactions{'' if said == 'everything' else f' where {said}'}"
    n = len(selection.excludes)
    return f"{said}, {n:,} excluded" if n else said


def _now() -> datetime:
    return to_millisecond(datetime.now(UTC))
