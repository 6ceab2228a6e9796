"""A contact sheet: the images of the interactions that a filter leaves, each once a page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from adaptive_site.lib.database.any_of import among
from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import NotFound
from interactions.filters.conditions import Comparator, HasNumber, Number
from interactions.filters.sql import queries
from interactions.filters.tree import And, Tree
from interactions.models import Image, InteractionImage
from interactions.services.browsing.rows import Row, rows
from projects.models import Project

TILES_PER_PAGE = 60  # of a page
INTERACTIONS_WALKED = 240  # interactions that are looked at to fill it
IMAGES_PER_INTERACTION = 12  # images of one interaction that are shown; it has up to 1,000
NEAR_BITS = 12  # of 64 bits of the difference hash that may differ
MOST_NEAR_IMAGES = 24

HAS_IMAGES = HasNumber(Number.IMAGES, Comparator.AT_LEAST, 1)


@dataclass(frozen=True, slots=True)
class Tile:
    """An image, the newest interaction of the page that shows it, and how many of the page do."""

    image: Image
    row: Row
    n: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of tiles, newest first.

    `first` and `last` are the newest and the oldest interaction it is of; there are more on
    either side where it says so.
    """

    tiles: list[Tile] = field(default_factory=list)
    interactions: list[UUID] = field(default_factory=list)
    has_older: bool = False
    has_newer: bool = False

    @property
    def first(self) -> UUID:
        """The newest."""
        return self.interactions[0]

    @property
    def last(self) -> UUID:
        """The oldest."""
        return self.interactions[-1]


def sheet(
    project: Project,
    tree: Tree,
    *,
    before: UUID | None = None,
    after: UUID | None = None,
    with_repeats: bool = False,
) -> Sheet:
    """The images of the nearest matches, as many as make about TILES_PER_PAGE tiles.

    An image that several show is one tile; `with_repeats`, one for each of them.
    """
    page = queries.page(
        project, And((tree, HAS_IMAGES)), limit=INTERACTIONS_WALKED, before=before, after=after
    )
    is_upwards = after is not None
    images = _images(project, page.ids)
    taken = _take(page.ids[::-1] if is_upwards else page.ids, images, with_repeats=with_repeats)
    left = len(taken) < len(page.ids)
    shown = taken[::-1] if is_upwards else taken
    return Sheet(
        _tiles(project, shown, images, with_repeats=with_repeats),
        shown,
        has_older=page.has_older or (left and not is_upwards),
        has_newer=page.has_newer or (left and is_upwards),
    )


def image(project: Project, sha256: str) -> Image:
    """The image with this hash. Raises NotFound."""
    found = Image.objects.in_project(project).filter(sha256=without_nul(sha256)).first()
    if found is None:
        raise NotFound("image not found")
    return found


def uses(project: Project, image: Image, *, limit: int, before: UUID | None = None) -> list[UUID]:
    """The newest interactions that show the image, older than `before`."""
    found = InteractionImage.objects.in_project(project).filter(image=image)
    if before is not None:
        found = found.filter(interaction_id__lt=before)
    ids = found.order_by("-interaction_id").values_list("interaction_id", flat=True)
    return list(ids.distinct()[:limit])


def near(project: Project, image: Image) -> list[Image]:
    """Other images of the project that look nearly the same, the nearest first.

    All of its images are compared, 60 ns each; whoever asks limits the time. What did not decode
    is like nothing.
    """
    if not image.is_shown:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ("
            "SELECT id, bit_count((dhash # %s)::bit(64)) AS apart FROM image"
            " WHERE project_id = %s AND id <> %s AND width > 0) AS others"
            " WHERE apart <= %s ORDER BY apart, id DESC LIMIT %s",
            [image.dhash, project.id, image.id, NEAR_BITS, MOST_NEAR_IMAGES],
        )
        ids = [id for (id,) in cursor.fetchall()]
    found = Image.objects.in_project(project).in_bulk(ids)
    return [found[id] for id in ids]


def _images(project: Project, ids: list[UUID]) -> dict[UUID, dict[int, Image]]:
    """The first images of each of these interactions, by their id."""
    links = (
        InteractionImage.objects.in_project(project)
        .filter(position__lt=IMAGES_PER_INTERACTION)
        .filter(among("interaction_id", ids))
        .select_related("image")
        .order_by("interaction_id", "position")
    )
    found: dict[UUID, dict[int, Image]] = {id: {} for id in ids}
    for link in links:
        found[link.interaction_id][link.image_id] = link.image
    return found


def _take(
    ids: Iterable[UUID], images: dict[UUID, dict[int, Image]], *, with_repeats: bool
) -> list[UUID]:
    """The first of `ids` whose images fill the page; at least one."""
    taken: list[UUID] = []
    seen: set[int] = set()
    n = 0
    for id in ids:
        n += len(images[id]) if with_repeats else len(images[id].keys() - seen)
        if n > TILES_PER_PAGE and taken:
            break
        seen |= images[id].keys()
        taken.append(id)
    return taken


def _tiles(
    project: Project,
    ids: list[UUID],
    images: dict[UUID, dict[int, Image]],
    *,
    with_repeats: bool,
) -> list[Tile]:
    of: dict[tuple[int, UUID | None], list[UUID]] = {}  # the interactions of each tile
    for id in ids:
        for image in images[id]:
            of.setdefault((image, id if with_repeats else None), []).append(id)
    shown = {
        row.interaction.id: row for row in rows(project, list({one[0]: 0 for one in of.values()}))
    }
    return [
        Tile(images[newest[0]][image], shown[newest[0]], len(newest))
        for (image, _), newest in of.items()
        if newest[0] in shown
    ]
