"""The rows of a list: read by at most four queries, and no more of each than a list shows.

Plain objects: of 50 rows with their labels and feedback Django made 350 models by 35,000 calls,
which took 12 ms of a page; these take 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from uuid import UUID

from django.db import connection

from interactions.filters.notation import spell_label
from interactions.filters.sql import queries
from interactions.filters.tree import Tree
from interactions.models import Source
from interactions.services.analysis import costs
from interactions.services.browsing.rows import FEEDBACK_READ
from projects.models import Metric, Project, User


@dataclass(frozen=True, slots=True)
class ListedLlm:
    """A model, by its names."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class ListedLabel:
    """A label of an interaction; `holds` where it is a legal hold."""

    id: int
    key: str
    value: str | None
    holds: bool = False


@dataclass(frozen=True, slots=True)
class ListedFeedback:
    """A value of feedback; of its metric only what says how a value is written is set."""

    metric: Metric
    value: float


@dataclass(frozen=True, slots=True)
class ListedImage:
    """An image, by what its thumbnail's address is made of; `is_shown` as of the model."""

    sha256: str
    format: str
    is_shown: bool


@dataclass(slots=True)
class ListedInteraction:
    """An interaction without its body; `created_by` and `cost` are set by whoever shows them."""

    id: UUID
    session_id: UUID | None
    created_at: datetime
    created_by_id: int | None
    said_by: str | None
    source: str
    label_ids: list[int]
    prompt_preview: str
    completion_preview: str
    image_count: int
    prompt_tokens: int | None
    completion_tokens: int | None
    latency_ms: int | None
    ttft_ms: int | None
    cached_tokens: int | None
    llm: ListedLlm | None = None
    created_by: User | None = None
    cost: Decimal | None = None

    def get_source_display(self) -> str:
        """How the interaction came in, in words."""
        return str(dict(Source.choices).get(self.source, self.source))


@dataclass(slots=True)
class ListRow:
    """One interaction with what stands beside it in a list.

    `feedback` is its newest, of `feedback_count` in all.
    """

    interaction: ListedInteraction
    labels: list[ListedLabel] = field(default_factory=list)
    feedback: list[ListedFeedback] = field(default_factory=list)
    feedback_count: int = 0
    images: list[ListedImage] = field(default_factory=list)

    @property
    def held_by(self) -> str:
        """The labels by which it is under legal hold, in words."""
        return ", ".join(spell_label(one.key, one.value) for one in self.labels if one.holds)


@dataclass(frozen=True, slots=True)
class RowsPage:
    """A page of a list in the order shown, and whether matches follow it and stand before it.

    A row is missing where its interaction was deleted after `ids` were read.
    """

    ids: list[UUID]
    rows: list[ListRow]
    has_next: bool
    has_previous: bool


def page_of_rows(
    project: Project,
    tree: Tree,
    *,
    limit: int,
    before: UUID | None = None,
    after: UUID | None = None,
    oldest_first: bool = False,
) -> RowsPage:
    """The matches older than `before` or newer than `after`, one of them or neither.

    Paging back to where less than a page is left gives the first page, so that it is full.
    """
    onwards, back = (after, before) if oldest_first else (before, after)
    forwards, backwards = ("after", "before") if oldest_first else ("before", "after")

    def window(end: str, at: UUID | None, *, oldest_first: bool) -> list[UUID]:
        bounds = {end: at}
        return queries.window(project, tree, limit=limit + 1, oldest_first=oldest_first, **bounds)

    if back is not None:
        ids = window(backwards, back, oldest_first=not oldest_first)
        if len(ids) > limit:
            ids = ids[limit - 1 :: -1]
            return RowsPage(ids, rows(project, ids), True, True)
        onwards = None
    ids = window(forwards, onwards, oldest_first=oldest_first)
    has_next, ids = len(ids) > limit, ids[:limit]
    return RowsPage(ids, rows(project, ids), has_next, onwards is not None)


def rows(project: Project, ids: Sequence[UUID]) -> list[ListRow]:
    """The rows with these ids, in their order, in at most four queries whatever their number.

    At most `FEEDBACK_READ` of each one's feedback is read.
    """
    found = _interactions(project, ids)
    if found:
        _add_labels(project, found)
        _add_feedback(project, found)
        _add_images(project, found)
    return [found[id] for id in ids if id in found]


def add_people(found: Sequence[ListRow]) -> None:
    """Add who sent each row in, each person read once."""
    ids = {row.interaction.created_by_id for row in found}
    people = User.objects.in_bulk(id for id in ids if id is not None)
    for row in found:
        if (id := row.interaction.created_by_id) is not None:
            row.interaction.created_by = people.get(id)


def add_costs(project: Project, found: Sequence[ListRow]) -> None:
    """Add what each row cost, in US dollars, where its model has prices: one query."""
    prices = costs.prices(project, {it.llm.key for row in found if (it := row.interaction).llm})
    for it in (row.interaction for row in found):
        if it.llm and it.llm.key in prices:
            price = prices[it.llm.key]
            it.cost = price.cost(it.prompt_tokens, it.completion_tokens, it.cached_tokens)


def _interactions(project: Project, ids: Sequence[UUID]) -> dict[UUID, ListRow]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.id, i.session_id, i.created_at, i.created_by_id, i.said_by, i.source,"
            " i.label_ids, i.prompt_preview, i.completion_preview, i.image_count,"
            " i.prompt_tokens, i.completion_tokens, i.latency_ms, i.ttft_ms, i.cached_tokens,"
            " l.key, l.name"
            " FROM interaction i LEFT JOIN projects_llm l ON l.id = i.llm_id"
            " WHERE i.project_id = %s AND i.id = ANY(%s)",
            [project.id, list(ids)],
        )
        rows = cursor.fetchall()
    found = {row[0]: ListRow(ListedInteraction(*row[:15])) for row in rows}
    for id, *_, key, name in rows:
        if key is not None:
            found[id].interaction.llm = ListedLlm(key, name)
    return found


def _add_labels(project: Project, found: dict[UUID, ListRow]) -> None:
    ids = {id for row in found.values() for id in row.interaction.label_ids}
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id, l.key, l.value, EXISTS (SELECT FROM legal_hold h"
            "  JOIN label k ON k.id = h.label_id WHERE h.project_id = l.project_id"
            "  AND k.key = l.key AND (k.id = l.id OR k.value IS NULL))"
            " FROM label l WHERE l.project_id = %s AND l.id = ANY(%s)",
            [project.id, list(ids)],
        )
        labels = {label[0]: ListedLabel(*label) for label in cursor.fetchall()}
    for row in found.values():
        mine = [labels[id] for id in row.interaction.label_ids if id in labels]
        row.labels = sorted(mine, key=attrgetter("key"))


def _add_feedback(project: Project, found: dict[UUID, ListRow]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.interaction_id, f.in_all, f.value,"
            " m.id, m.key, m.name, m.kind, m.scoring_type, m.threshold FROM ("
            " SELECT id, interaction_id, metric_id, value,"
            "  row_number() OVER (PARTITION BY interaction_id ORDER BY id DESC) AS place,"
            "  count(*) OVER (PARTITION BY interaction_id) AS in_all"
            " FROM feedback WHERE project_id = %s AND interaction_id = ANY(%s)"
            ") AS f JOIN projects_metric m ON m.id = f.metric_id"
            " WHERE f.place <= %s ORDER BY f.id DESC",
            [project.id, list(found), FEEDBACK_READ],
        )
        given = cursor.fetchall()
    metrics: dict[int, Metric] = {}
    for interaction_id, in_all, value, *named in given:
        if (metric := metrics.get(named[0])) is None:
            names = ("id", "key", "name", "kind", "scoring_type", "threshold")
            metric = Metric(project=project, **dict(zip(names, named, strict=True)))
            metrics[named[0]] = metric
        row = found[interaction_id]
        row.feedback.append(ListedFeedback(metric, value))
        row.feedback_count = in_all


def _add_images(project: Project, found: dict[UUID, ListRow]) -> None:
    ids = [id for id, row in found.items() if row.interaction.image_count]
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.interaction_id, i.sha256, i.format, i.width"
            " FROM interaction_image p JOIN image i ON i.id = p.image_id"
            " WHERE p.project_id = %s AND p.interaction_id = ANY(%s)"
            " ORDER BY p.interaction_id, p.position",
            [project.id, ids],
        )
        for id, sha256, format, width in cursor.fetchall():
            found[id].images.append(ListedImage(sha256, format, width > 0))
