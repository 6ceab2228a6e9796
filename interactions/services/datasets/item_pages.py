"""The items of a dataset as pages show them: some of them in order, one with all that it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from adaptive_site.lib.database.sql import TRUE, Sql, fetch, joined
from adaptive_site.lib.database.time_limits import time_limit
from adaptive_site.lib.errors import NotFound
from interactions.models import Dataset, DatasetItem, Interaction
from interactions.services.datasets import drafts
from interactions.services.datasets.item_records import rows, rows_sql
from projects.models import Project
from projects.services.auditing import reads

ITEMS_MS = 5_000
COUNTED_AT_MOST = 100_000
SIBLINGS_ASKED = 1_000  # answers to one prompt


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items; None and "" do not ask. `review` "included" is both kinds that are in files.

    `removed` asks for those that were taken out of the draft instead.
    """

    split: str | None = None
    review: str | None = None
    text: str = ""
    edited: bool | None = None
    batch: int | None = None
    removed: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether nothing is asked for."""
        return self == ItemFilter()

    def test(self) -> Sql:
        """The test of a row, but for whether it is in the draft or version."""
        asked = [TRUE]
        if self.split is not None:
            asked.append(Sql("split = %s", (self.split,)))
        if self.review == "included":
            asked.append(Sql("review IN ('', 'approved')"))
        elif self.review is not None:
            asked.append(Sql("review = %s", (self.review,)))
        if self.edited is not None:
            asked.append(Sql(f"correction IS {'NOT ' if self.edited else ''}NULL"))
        if self.batch is not None:
            asked.append(Sql("batch_id = %s", (self.batch,)))
        if self.text:
            inside = _like(orjson.dumps(self.text).decode()[1:-1])
            asked.append(
                Sql("(content::text ILIKE %s OR correction ILIKE %s)", (inside, _like(self.text)))
            )
        return joined(asked, " AND ")


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Some items in order, and the positions that the pages after and before begin at."""

    items: list[DatasetItem]
    after: int | None
    before: int | None


def page(
    dataset: Dataset,
    version: int | None = None,
    *,
    where: ItemFilter | None = None,
    after: int = 0,
    before: int | None = None,
    limit: int = 50,
) -> ItemPage:
    """The next items after a position, or the last ones before one, in order.

    Stopped after some seconds: raises TookTooLong.
    """
    where = where or ItemFilter()
    test = _of_rows(dataset, version, where) & where.test()
    is_back = before is not None
    end = Sql("position < %s", (before,)) if is_back else Sql("position > %s", (after,))
    found = test & end
    direction = "DESC" if is_back else "ASC"
    with time_limit(ITEMS_MS):
        ids = fetch(
            Sql(
                f"SELECT id FROM dataset_item i WHERE project_id = %s AND {found.text}"
                f" ORDER BY position {direction}, id {direction} LIMIT %s",
                (dataset.project_id, *found.params, limit + 1),
            )
        )
        items = _read(dataset, [id for (id,) in ids])
    has_more = len(ids) > limit
    if is_back:
        items = items[1:] if has_more else items
        first, last = (items[0].position, items[-1].position) if items else (0, (before or 1) - 1)
        return ItemPage(items, last, first if has_more else None)
    items = items[:limit]
    has_before = after > 0
    return ItemPage(
        items,
        items[-1].position if has_more else None,
        (items[0].position if items else after + 1) if has_before else None,
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
    found = list(mine.select_related("changed_by").order_by("position", "id"))
    for one in found:
        one.dataset = dataset
    return found


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
    reads.saw_record(dataset.project, dataset.key, found.item, made_of)
    return found


def history(dataset: Dataset, item: UUID) -> list[DatasetItem]:
    """Every row that an item has been, the latest first; edits within one draft are one row."""
    mine = DatasetItem.objects.in_project(dataset.project).filter(dataset=dataset, item=item)
    return list(mine.select_related("changed_by").order_by("-id"))


def neighbours(
    dataset: Dataset, position: int, version: int | None = None, *, where: ItemFilter | None = None
) -> tuple[UUID | None, UUID | None]:
    """The items before and after a position among those that a filter asks for."""
    back = page(dataset, version, where=where, before=position, limit=1).items
    on = page(dataset, version, where=where, after=position, limit=1).items
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


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
