"""The items of a dataset as pages show them: some of them in order, one with all that it was."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.database.time_limits import time_limit
from adaptive_site.lib.errors import NotFound
from interactions.models import Dataset, DatasetItem, Interaction
from interactions.services.datasets import drafts
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.datasets.finding.item_order import IN_ORDER, ItemOrder
from interactions.services.datasets.item_records import included_sql, rows, rows_sql
from projects.models import Project
from projects.services.auditing import reads

ITEMS_MS = 5_000
COUNTED_AT_MOST = 100_000
SIBLINGS_ASKED = 1_000  # answers to one prompt


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Some items in order, and the places that the pages after and before begin at."""

    items: list[DatasetItem]
    after: str | None
    before: str | None


def page(
    dataset: Dataset,
    version: int | None = None,
    *,
    where: ItemFilter | None = None,
    order: ItemOrder = IN_ORDER,
    after: str = "",
    before: str = "",
    limit: int = 50,
) -> ItemPage:
    """The next items after a place, or the last ones before one, in order.

    Stopped after some seconds: raises TookTooLong.
    """
    where = where or ItemFilter()
    is_back = bool(before)
    with time_limit(ITEMS_MS):
        query = page_query(
            dataset, version, where, order, before or after, is_back=is_back, limit=limit + 1
        )
        items = _read(dataset, [id for (id,) in fetch(query)])
    has_more = len(items) > limit
    items = items[:limit]
    if is_back:
        items.reverse()
        end = order.key_of(items[-1]) if items else before
        return ItemPage(items, end, order.key_of(items[0]) if has_more else None)
    start = order.key_of(items[0]) if items else after
    return ItemPage(items, order.key_of(items[-1]) if has_more else None, start if after else None)


def page_query(
    dataset: Dataset,
    version: int | None,
    where: ItemFilter,
    order: ItemOrder,
    place: str,
    *,
    is_back: bool,
    limit: int,
) -> Sql:
    """The ids of the rows beyond a place, of all rows where that is ""."""
    test = _of_rows(dataset, version, where) & where.test()
    if place:
        test &= order.beyond(place, is_back=is_back)
    return Sql(
        f"SELECT id FROM dataset_item i WHERE project_id = %s AND {test.text}"
        f" ORDER BY {order.by(is_back=is_back)} LIMIT %s",
        (dataset.project_id, *test.params, limit),
    )


def count(
    dataset: Dataset, version: int | None = None, *, where: ItemFilter | None = None
) -> tuple[int, bool]:
    """How many items there are, and whether that is all of them or only where counting ended."""
    where = where or ItemFilter()
    test = _of_rows(dataset, version, where) & where.test()
    with time_limit(ITEMS_MS):
        ((n,),) = fetch(
            Sql(
                "SELECT count(*) FROM (SELECT FROM dataset_item i WHERE project_id = %s"
                f" AND {test.text} LIMIT %s) m",
                (dataset.project_id, *test.params, COUNTED_AT_MOST + 1),
            )
        )
    return min(n, COUNTED_AT_MOST), n <= COUNTED_AT_MOST


def file_rows(dataset: Dataset, version: int | None, where: ItemFilter) -> bytes:
    """The ids of the rows that a filter leaves and that are in files, in order, 8 bytes each."""
    test = included_sql(dataset, version) & where.test()
    query = (
        f"SELECT id FROM dataset_item WHERE project_id = %s AND {test.text} ORDER BY position, id"
    )
    found = fetch(Sql(query, (dataset.project_id, *test.params)))
    return array("q", [id for (id,) in found]).tobytes()


def _of_rows(dataset: Dataset, version: int | None, where: ItemFilter) -> Sql:
    if not where.removed:
        return rows_sql(dataset, version)
    return Sql(
        "dataset_id = %s AND until IS NOT NULL AND NOT EXISTS ("
        "SELECT FROM dataset_item n WHERE n.project_id = %s AND n.dataset_id = %s"
        " AND n.item = i.item AND n.id > i.id)",
        (dataset.id, dataset.project_id, dataset.id),
    )


def _read(dataset: Dataset, ids: list[int]) -> list[DatasetItem]:
    mine = DatasetItem.objects.in_project(dataset.project).filter(dataset=dataset, id__in=ids)
    found = {one.id: one for one in mine.select_related("changed_by")}
    for one in found.values():
        one.dataset = dataset
    return [found[id] for id in ids if id in found]


def one(dataset: Dataset, item: UUID, version: int | None = None) -> DatasetItem:
    """An item as it is in a version, or in the draft or was there last. Raises NotFound."""
    mine = DatasetItem.objects.in_project(dataset.project).filter(dataset=dataset, item=item)
    if version is not None:
        mine = rows(dataset, version).filter(item=item)
    found = mine.select_related("changed_by", "batch").order_by("-id").first()
    if found is None:
        raise NotFound("there is no such record in this dataset")
    found.dataset = dataset
    made_of = (found.interaction_id, found.other_id)
    reads.saw_record(dataset.project, (dataset.key, found.item), made_of)
    return found


def history(dataset: Dataset, item: UUID) -> list[DatasetItem]:
    """Every row that an item has been, the latest first; edits within one draft are one row."""
    mine = DatasetItem.objects.in_project(dataset.project).filter(dataset=dataset, item=item)
    return list(mine.select_related("changed_by").order_by("-id"))


def neighbours(
    item: DatasetItem,
    version: int | None = None,
    *,
    where: ItemFilter | None = None,
    order: ItemOrder = IN_ORDER,
) -> tuple[UUID | None, UUID | None]:
    """The items before and after one, among those that a filter asks for and in an order."""
    place = order.key_of(item)
    back = page(item.dataset, version, where=where, order=order, before=place, limit=1).items
    on = page(item.dataset, version, where=where, order=order, after=place, limit=1).items
    return (back[-1].item if back else None), (on[0].item if on else None)


# The second part looks among the answers to the same prompt, since no index has the other ones.
_HOLDING = """
SELECT dataset_id FROM dataset_item
WHERE project_id = %(project)s AND interaction_id = %(id)s AND (until IS NULL OR until > since)
UNION ALL
SELECT d.dataset_id
FROM (
    SELECT id FROM interaction
    WHERE project_id = %(project)s AND prompt_hash = (
        SELECT prompt_hash FROM interaction WHERE project_id = %(project)s AND id = %(id)s
    )
    ORDER BY id DESC LIMIT %(siblings)s
) s CROSS JOIN LATERAL (
    SELECT dataset_id FROM dataset_item
    WHERE project_id = %(project)s AND interaction_id = s.id AND other_id = %(id)s
          AND (until IS NULL OR until > since)
    OFFSET 0
) d
"""


def holding(project: Project, interaction_id: UUID) -> list[Dataset]:
    """The datasets that have the interaction in their draft or a version, by name; of a
    preference also as the other one, as far as the preferred one is still there.
    """
    asked: dict[str, Any] = {
        "project": project.id, "id": interaction_id, "siblings": SIBLINGS_ASKED,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_HOLDING, asked)
        held = {id for (id,) in cursor.fetchall()}
    found = Dataset.objects.in_project(project).present()
    return list(found.filter(id__in=held).order_by("name", "key")) if held else []


def still_there(project: Project, items: Iterable[DatasetItem]) -> set[UUID]:
    """Which of the interactions that items were made of have not been deleted since."""
    wanted = {id for one in items for id in (one.interaction_id, one.other_id) if id is not None}
    found = Interaction.objects.in_project(project).with_ids(wanted)
    return set(found.values_list("id", flat=True))


def matching(dataset: Dataset, which: Iterable[UUID] | ItemFilter) -> Sql:
    """The test whether a row of the draft is of these items, or of those that are asked for."""
    if isinstance(which, ItemFilter):
        return which.test()
    return drafts.of_items(which)
