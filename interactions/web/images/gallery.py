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
from interactions.web.filtering.filtered_page import Look
from interactions.web.filtering.links import Address
from interactions.web.filtering.page_parameters import is_sent_by_form, joined, separate
from interactions.web.go_to.ids import opens_ids
from projects.web.requests import ProjectRequest, in_project, project_page

LIMIT_MS = 5_000
NEAR_LIMIT_MS = 300
SIZES = ("small", "medium", "large")
USUAL_SIZE = "medium"
OWN = ("size", "repeats")
USES = 50  # interactions of an image on a page


@dataclass
class Gallery(Look):
    """The contact sheet; `size` and `repeats` are its own parameters."""

    sheet: gallery.Sheet = field(default_factory=gallery.Sheet)

    @property
    def size(self) -> str:
        """How large the tiles are."""
        return self.own.get("size") or USUAL_SIZE

    @property
    def repeats(self) -> str:
        """Not empty where every use of an image is a tile."""
        return self.own.get("repeats") or ""

    def read(self) -> "Gallery":
        """Read the sheet, or say what is wrong."""
        self.checked()
        if self.size not in SIZES:
            self.blame("size", f"expected one of {', '.join(SIZES)}")
        if self.repeats not in ("", "1"):
            self.blame("repeats", "expected 1")
        before, after = (self.cursor(name) for name in ("before", "after"))
        if self.faults:
            return self
        try:
            with time_limit(LIMIT_MS):
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
        return self.address.at(before=str(self.sheet.last)) if self.sheet.has_older else ""

    @property
    def newer(self) -> str:
        """The link to newer ones; to the first page when nothing is here any more."""
        if not self.sheet.has_newer:
            return ""
        place = {"after": str(self.sheet.first)} if self.sheet.interactions else {}
        return self.address.at(**place)

    @property
    def sizes(self) -> list[tuple[str, str]]:
        """Each size and the link to this page in it."""
        return [(size, self._in_size(size)) for size in SIZES]

    @property
    def other_repeats(self) -> str:
        """The link to the sheet with every use of an image, or with each image once."""
        return self.having(repeats="" if self.repeats else "1")

    def _in_size(self, size: str) -> str:
        """The same images."""
        address = joined(self.data, self.own, size=size if size != USUAL_SIZE else "")
        return Address(address).closing

    def _sheet(self, before: UUID | None, after: UUID | None) -> gallery.Sheet:
        return gallery.sheet(
            self.project,
            self.tree,
            before=before,
            after=after,
            with_repeats=bool(self.repeats),
        )


@dataclass
class Picture(Look):
    """One image: the newest interactions that show it, whatever the filter, and its likes.

    `near` is None when they were not found in time.
    """

    image: Image = field(default_factory=Image)
    rows: list[browsing_rows.Row] = field(default_factory=list)
    near: list[Image] | None = None
    before: str = ""
    older: str = ""
    is_late: bool = False

    def read(self) -> "Picture":
        """Read what is around it, each part in its own time."""
        try:
            before = UUID(self.before) if self.before else None
            with time_limit(LIMIT_MS):
                ids = gallery.uses(self.project, self.image, limit=USES + 1, before=before)
                self.rows = browsing_rows.rows(self.project, ids[:USES])
                self.older = self.address.at(before=str(ids[USES - 1])) if ids[USES:] else ""
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
        """The contact sheet one comes from."""
        return reverse("images", kwargs={"key": self.project.key}) + self.address.filter


@require_GET
@in_project()
@opens_ids
def images(request: ProjectRequest) -> HttpResponse:
    """The contact sheet."""
    filter, own = separate(request.GET, OWN)
    look = Gallery(request.caller, request.project, filter, page="images", own=own)
    if is_sent_by_form(request.GET):
        return HttpResponseRedirect(look.having())
    context = {"look": look.read(), "heading": "Images"}
    return project_page(request, "interactions/gallery.html", context, tab="images")


@require_GET
@in_project()
@opens_ids
def picture(request: ProjectRequest, sha256: str) -> HttpResponse:
    """One image and the interactions that show it."""
    image = gallery.picture(request.project, sha256)
    filter, own = separate(request.GET, OWN)
    before = filter.pop("before", [""])[-1]
    look = Picture(
        request.caller, request.project, filter, page="images", own=own, image=image, before=before
    ).read()
    return project_page(request, "interactions/picture.html", {"look": look}, tab="images")
