"""What changed between two versions, or since one."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.models import Dataset, DatasetItem
from interactions.services.datasets import versions
from interactions.services.datasets.item_records import included_sql, rows


class ChangeKind(StrEnum):
    """What became of a record."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"  # its correction or its split


@dataclass(frozen=True, slots=True)
class ItemChange:
    """A record that one of two versions has and the other has not, or has otherwise.

    `review` says why the other one has it in no file, when the record is there all the same:
    rejected, or waiting for review.
    """

    kind: ChangeKind
    position: int
    before: DatasetItem | None
    after: DatasetItem | None
    review: str = ""


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """How many records changed in which way, and some of them in order.

    `next` is the position that the following page begins after; None on the last.
    """

    counts: dict[ChangeKind, int]
    changes: list[ItemChange]
    next: int | None

    @property
    def n(self) -> int:
        """How many changed in any way."""
        return sum(self.counts.values())


def diff(
    dataset: Dataset,
    a: int,
    b: int | None = None,
    *,
    kind: ChangeKind | None = None,
    after: int = 0,
    limit: int = 50,
) -> VersionDiff:
    """What is otherwise in version `b` (None: the draft) than in `a`; `a` may be the later one.

    Version 0 is the empty one before the first. Raises NotFound for a version that was not made.
    """
    for number in (a, b):
        if number:
            versions.known(dataset, number)
    changed = _changed(dataset, a, dataset.draft if b is None else b)
    grouped = f"{changed.text} SELECT kind, count(*) FROM c GROUP BY kind"
    counted = dict(fetch(Sql(grouped, changed.params)))
    wanted = [kind.value] if kind else [one.value for one in ChangeKind]
    found = fetch(
        Sql(
            f"{changed.text} SELECT kind, position, before, after FROM c"
            " WHERE position > %s AND kind = ANY(%s) ORDER BY position LIMIT %s",
            (*changed.params, after, wanted, limit + 1),
        )
    )
    page = found[:limit]
    ids = [id for row in page for id in row[2:] if id is not None]
    items = DatasetItem.objects.in_project(dataset.project).filter(id__in=ids).in_bulk()
    changes = [ItemChange(ChangeKind(k), at, items.get(x), items.get(y)) for k, at, x, y in page]
    return VersionDiff(
        {one: counted.get(one.value, 0) for one in ChangeKind},
        _explained(dataset, changes, a, b),
        page[-1][1] if len(found) > limit else None,
    )


def _explained(
    dataset: Dataset, changes: list[ItemChange], a: int, b: int | None
) -> list[ItemChange]:
    """The changes with what was decided of those that one side has in no file."""
    reviews: dict[ChangeKind, dict[UUID, str]] = {}
    for kind, number in ((ChangeKind.REMOVED, b), (ChangeKind.ADDED, a)):
        known = (one.before or one.after for one in changes if one.kind == kind)
        items = [row.item for row in known if row is not None]
        there = rows(dataset, number).filter(item__in=items) if items else None
        reviews[kind] = dict(there.values_list("item", "review")) if there is not None else {}
    return [
        replace(one, review=reviews.get(one.kind, {}).get(row.item, "")) if row else one
        for one, row in ((one, one.before or one.after) for one in changes)
    ]


def _changed(dataset: Dataset, a: int, b: int) -> Sql:
    """A CTE `c` of the records that changed from `a` to `b`. Rows in both versions are left out
    before the two are joined: most are.
    """
    project = dataset.project_id
    low, high = min(a, b), max(a, b)
    old = included_sql(dataset, low) & Sql("until <= %s", (high,))
    new = included_sql(dataset, high) & Sql("since > %s", (low,))
    names = "id, item, position, split, correction"
    before, after = ("o", "n") if a <= b else ("n", "o")
    return Sql(
        f"WITH o AS (SELECT {names} FROM dataset_item WHERE project_id = %s AND {old.text}),"
        f" n AS (SELECT {names} FROM dataset_item WHERE project_id = %s AND {new.text}),"
        " c AS (SELECT coalesce(n.position, o.position) AS position,"
        f" {before}.id AS before, {after}.id AS after,"
        f" CASE WHEN {before}.id IS NULL THEN 'added' WHEN {after}.id IS NULL THEN 'removed'"
        " ELSE 'changed' END AS kind FROM o FULL JOIN n ON n.item = o.item"
        " WHERE o.id IS NULL OR n.id IS NULL"
        " OR (o.split, o.correction) IS DISTINCT FROM (n.split, n.correction))",
        (project, *old.params, project, *new.params),
    )
