"""Versions of a dataset: their list, making one, and what changed between two."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib import word_diff
from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.word_diff import Run
from interactions.models import DatasetItem, DatasetVersion
from interactions.services.datasets import version_diff, versions
from interactions.services.datasets.version_diff import ChangeKind, ItemChange, VersionDiff
from interactions.services.training.record import TrainingRecord
from interactions.web.datasets.frame import DatasetFrame, dataset_of
from interactions.web.datasets.record_rows import RecordRow
from projects.services.access import EDIT_DATASETS
from projects.web.requests import ProjectRequest, in_project, project_page

DIFF_LIMIT_MS = 10_000
LONGEST_NOTE = 2_000


@dataclass
class VersionsPage(DatasetFrame):
    """The page; `error` says why no version was made of `note`."""

    view = "dataset-versions"

    error: str = ""
    note: str = ""

    @cached_property
    def versions(self) -> list[DatasetVersion]:
        """All versions, the latest first."""
        return versions.of(self.dataset)

    @cached_property
    def is_changed(self) -> bool:
        """Whether the draft differs from the newest version."""
        return versions.is_changed(self.dataset)

    def diff_link(self, before: int, after: int | None = None) -> str:
        """The page of what changed from one version to another, or to the draft."""
        asked = {"a": before} | ({} if after is None else {"b": after})
        return f"{self.link('dataset-version-diff')}?{urlencode(asked)}"

    @property
    def draft_diff(self) -> str:
        """What changed since the newest version."""
        return self.diff_link(self.dataset.head)


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A record that changed, as rows of both versions, and its answer word by word."""

    change: ItemChange
    before: RecordRow | None
    after: RecordRow | None

    @property
    def row(self) -> RecordRow:
        """The record as it is now, or was last."""
        shown = self.after or self.before
        assert shown is not None
        return shown

    @property
    def runs(self) -> list[Run] | None:
        """From the answer before to the one after; None when they are the same or too long."""
        if self.before is None or self.after is None:
            return None
        before, after = _text(self.before), _text(self.after)
        found = word_diff.compare(before, after) if before != after else None
        return found.runs if found else None

    @property
    def split(self) -> str:
        """`train → test`, if the split is another now."""
        if self.before is None or self.after is None:
            return ""
        was, now = self.before.item.split, self.after.item.split
        return f"{was} → {now}" if was != now else ""


@dataclass
class DiffPage(VersionsPage):
    """What is otherwise in version `b`, or in the draft, than in version `a`."""

    a: int = 0
    b: int | None = None
    kind: ChangeKind | None = None
    after: int = 0

    @cached_property
    def diff(self) -> VersionDiff | None:
        """The changes; None when finding them took too long."""
        try:
            with time_limit(DIFF_LIMIT_MS):
                return version_diff.diff(
                    self.dataset, self.a, self.b, kind=self.kind, after=self.after
                )
        except TookTooLong:
            return None

    @cached_property
    def changes(self) -> list[ShownChange]:
        """The changes of the page."""
        found = self.diff.changes if self.diff else []
        return [ShownChange(one, _row(one.before), _row(one.after)) for one in found]

    @property
    def names(self) -> tuple[str, str]:
        """What is compared, in words."""
        before = f"version {self.a}" if self.a else "the beginning"
        return before, "the draft" if self.b is None else f"version {self.b}"

    @property
    def kinds(self) -> list[tuple[str, int, str, bool]]:
        """Words, number, link and whether it is on, of each kind of change."""
        counts = self.diff.counts if self.diff else {}
        return [
            (kind.value, counts.get(kind, 0), self.asking(kind), self.kind == kind)
            for kind in ChangeKind
        ]

    def asking(self, kind: ChangeKind) -> str:
        """The link to changes of one kind alone, or back to all."""
        return self._query({} if self.kind == kind else {"kind": kind.value})

    @property
    def later(self) -> str:
        """The link to the next page."""
        if self.diff is None or self.diff.next is None:
            return ""
        kind = {"kind": self.kind.value} if self.kind else {}
        return self._query({**kind, "after": str(self.diff.next)})

    def _query(self, more: dict[str, str]) -> str:
        asked = {"a": str(self.a)} | ({} if self.b is None else {"b": str(self.b)}) | more
        return f"?{urlencode(asked)}"


def _row(item: DatasetItem | None) -> RecordRow | None:
    return None if item is None else RecordRow(item, TrainingRecord.of(item.content))


def _text(row: RecordRow) -> str:
    if row.item.correction is not None:
        return row.item.correction
    return row.record.answer.text if row.record.answer else ""


@require_GET
@in_project()
def listing(request: ProjectRequest, dataset: str) -> HttpResponse:
    """The page."""
    page = VersionsPage(request.caller, request.project, dataset_of(request, dataset))
    return project_page(request, "datasets/versions.html", {"page": page}, tab="datasets")


@require_POST
@in_project(EDIT_DATASETS)
def make(request: ProjectRequest, dataset: str) -> HttpResponse:
    """Make a version of the draft, or say why not."""
    found = dataset_of(request, dataset)
    note = request.POST.get("note", "")
    page = VersionsPage(request.caller, request.project, found, note=note)
    try:
        if len(note) > LONGEST_NOTE:
            raise Invalid(f"expected at most {LONGEST_NOTE:,} characters", field="note")
        made = versions.make(found, by=request.caller.user, note=note)
    except Invalid as error:
        page.error = str(error)
        context = {"page": page}
        return project_page(
            request, "datasets/versions.html", context, tab="datasets", status=422
        )  # fmt: skip
    records = f"{made.records:,} record{'' if made.records == 1 else 's'}"
    messages.info(request, f"Version {made.number} has {records} and does not change any more.")
    return HttpResponseRedirect(page.link("dataset-versions"), status=303)


@require_GET
@in_project()
def diff(request: ProjectRequest, dataset: str) -> HttpResponse:
    """What changed between two versions."""
    data = request.GET
    kind = data.get("kind", "")
    if kind and kind not in list(ChangeKind):
        raise Invalid(f"expected one of {', '.join(ChangeKind)}", field="kind")
    page = DiffPage(
        request.caller,
        request.project,
        dataset_of(request, dataset),
        a=_number(data, "a") or 0,
        b=_number(data, "b"),
        kind=ChangeKind(kind) if kind else None,
        after=_number(data, "after") or 0,
    )
    return project_page(request, "datasets/version_diff.html", {"page": page}, tab="datasets")


def _number(data: QueryDict, name: str) -> int | None:
    given = data.get(name, "")
    if given and not (given.isdecimal() and len(given) < 10):
        raise Invalid("expected a whole number", field=name)
    return int(given) if given else None
