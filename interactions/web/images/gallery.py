"""The images of a project: a contact sheet of what a filter leaves, and one image with its uses."""

from dataclasses import dataclass, field
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.models import Image
from interactions.services.browsing import gallery
from interactions.services.browsing import rows as browsing_rows
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.filtering.ids_in_bar import opens_ids
from interactions.web.filtering.page_parameters import has_form_controls, joined
from interactions.web.filtering.query_string import QueryString
from interactions.web.filtering.searched import note_search
from projects.web.requests import ProjectRequest, in_project, project_page

GALLERY_LIMIT_MS = 5_000
NEAR_LIMIT_MS = 300
TILE_SIZES = ("small", "medium", "large")
DEFAULT_TILE_SIZE = "medium"
USES_PER_PAGE = 50  # interactions of an image on a page


@dataclass
class GalleryPage(FilteredPage):
    """The contact sheet of the images that the matches hold."""

    has_facets = True
    heading = "Images"
    option_names = ("size", "repeats")

    url_name: str = "images"
    sheet: gallery.Sheet = field(default_factory=gallery.Sheet)

    @property
    def size(self) -> str:
        """How large the tiles are."""
        return self.options.get("size") or DEFAULT_TILE_SIZE

    @property
    def repeats(self) -> str:
        """Not empty where every use of an image is a tile."""
        return self.options.get("repeats") or ""

    def read(self) -> "GalleryPage":
        """Read the sheet, or say what is wrong."""
        self.checked()
        if self.size not in TILE_SIZES:
            self.blame("size", f"expected one of {', '.join(TILE_SIZES)}")
        if self.repeats not in ("", "1"):
            self.blame("repeats", "expected 1")
        before, after = (self.cursor(name) for name in ("before", "after"))
        if self.faults:
            return self
        try:
            with time_limit(GALLERY_LIMIT_MS):
                self.sheet = self._sheet(before, after)
                if after is not None and not self.sheet.has_newer:
                    # What is newest is shown as the first page, so that it fills up.
                    self.sheet = self._sheet(None, None)
        except TookTooLong as error:
            self.blame("text" if self.text else "time", str(error))
        return self

    @property
    def older(self) -> str:
        """The link to older images, "" when there are none."""
        return self.links.page.at(before=str(self.sheet.last)) if self.sheet.has_older else ""

    @property
    def newer(self) -> str:
        """The link to newer ones; to the first page when nothing is here any more."""
        if not self.sheet.has_newer:
            return ""
        place = {"after": str(self.sheet.first)} if self.sheet.interactions else {}
        return self.links.page.at(**place)

    @property
    def sizes(self) -> list[tuple[str, str]]:
        """Each size and the link to this page in it."""
        return [(size, self._in_size(size)) for size in TILE_SIZES]

    @property
    def other_repeats(self) -> str:
        """The link to the sheet with every use of an image, or with each image once."""
        return self.links.changing(repeats="" if self.repeats else "1")

    def _in_size(self, size: str) -> str:
        """The page with its tiles in this size."""
        size = size if size != DEFAULT_TILE_SIZE else ""
        changed = joined(self.data, self.options, size=size)
        return QueryString(changed).closing

    def _sheet(self, before: UUID | None, after: UUID | None) -> gallery.Sheet:
        return gallery.sheet(
            self.project,
            self.tree,
            before=before,
            after=after,
            with_repeats=bool(self.repeats),
        )


@dataclass
class ImagePage(FilteredPage):
    """One image: the newest interactions that show it, whatever the filter, and its likes.

    `near` is None when they were not found in time.
    """

    option_names = GalleryPage.option_names

    url_name: str = "images"
    image: Image = field(default_factory=Image)
    rows: list[browsing_rows.Row] = field(default_factory=list)
    near: list[Image] | None = None
    before: str = ""
    older: str = ""
    is_late: bool = False

    def read(self) -> "ImagePage":
        """Read what is around it, each part in its own time."""
        try:
            before = UUID(self.before) if self.before else None
            with time_limit(GALLERY_LIMIT_MS):
                ids = gallery.uses(self.project, self.image, limit=USES_PER_PAGE + 1, before=before)
                self.rows = browsing_rows.rows(self.project, ids[:USES_PER_PAGE])
                self.older = (
                    self.links.page.at(before=str(ids[USES_PER_PAGE - 1]))
                    if ids[USES_PER_PAGE:]
                    else ""
                )
        except ValueError:
            self.blame("before", "expected the id of an interaction")
        except TookTooLong:
            self.is_late = True
        try:
            with time_limit(NEAR_LIMIT_MS):
                self.near = gallery.near(self.project, self.image)
        except TookTooLong:
            self.near = None
        return self

    @property
    def sheet(self) -> str:
        """The contact sheet with the filter that led here."""
        return reverse("images", kwargs={"key": self.project.key}) + str(self.links.page)


@require_GET
@in_project()
@opens_ids
def images(request: ProjectRequest) -> HttpResponse:
    """The contact sheet."""
    page = GalleryPage.of(request)
    if has_form_controls(request.GET):
        return HttpResponseRedirect(page.links.changing())
    note_search(page)
    return project_page(request, "interactions/gallery.html", {"page": page.read()}, tab="images")


@require_GET
@in_project()
@opens_ids
def image_page(request: ProjectRequest, sha256: str) -> HttpResponse:
    """One image and the interactions that show it."""
    page = ImagePage.of(request)
    page.image = gallery.image(request.project, sha256)
    page.before = page.data.pop("before", [""])[-1]
    return project_page(request, "interactions/image.html", {"page": page.read()}, tab="images")
