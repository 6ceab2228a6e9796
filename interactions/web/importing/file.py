"""The page of a file that was uploaded: what it is, its first rows, and beginning the import."""

from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib.errors import DomainError, Invalid, NotFound
from interactions.models import Job, Upload
from interactions.services.importing import preview
from interactions.services.importing.formats.columns import ROLES
from interactions.services.importing.formats.recognised import COLUMNS, IMPORT_FORMATS
from interactions.services.importing.plan import ImportPlan
from interactions.services.jobs import begin as jobs
from interactions.services.uploads import parts
from interactions.web.importing.shown_rows import ShownRow
from projects.models import Project
from projects.services.access import CREATE, Caller
from projects.web.requests import ProjectRequest, in_project, project_page

COLUMNS_SHOWN = 60  # whose roles may be changed; of others the guess holds
ROWS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column on the page: the parameter of its role, its role, and what stands in it."""

    parameter: str
    name: str
    role: str
    examples: list[str]


@dataclass
class FilePage:
    """A file, with the plan that the page's parameters make of the likely one."""

    caller: Caller
    project: Project
    upload: Upload
    data: QueryDict
    error: DomainError | None = None

    formats = IMPORT_FORMATS
    roles = ROLES
    columns_key = COLUMNS

    @cached_property
    def start(self) -> preview.FileStart | None:
        """What the file begins with; None where it cannot be read, as `unreadable` says."""
        try:
            return preview.start_of(self.upload)
        except DomainError as error:
            self.unreadable = str(error).removeprefix("file: ")
            return None

    unreadable = ""

    @cached_property
    def plan(self) -> ImportPlan:
        """The likely plan, changed as the parameters say."""
        assert self.start is not None
        guess = self.start.guess
        mapping = dict(guess.mapping)
        for column in self.columns:
            mapping[column.name] = column.role
        label = tuple(self.data.get(name, "").strip() for name in ("label_key", "label_value"))
        return replace(
            guess,
            format=self.format,
            mapping=mapping if self.format == COLUMNS else {},
            label=(label[0], label[1]) if any(label) else None,
        )

    @cached_property
    def format(self) -> str:
        """The format that was chosen, or is likely."""
        assert self.start is not None
        return self.data.get("format") or self.start.guess.format

    @cached_property
    def columns(self) -> list[ShownColumn]:
        """The first columns with their roles."""
        assert self.start is not None
        return [
            ShownColumn(
                f"c{n}",
                name,
                self.data.get(f"c{n}", self.start.guess.mapping[name]),
                self.start.examples(name),
            )
            for n, name in enumerate(self.start.columns[:COLUMNS_SHOWN])
        ]

    @property
    def fault(self) -> DomainError | None:
        """Why nothing can be imported so."""
        if self.error is not None:
            return self.error
        try:
            self.plan.check()
        except DomainError as error:
            return error
        return None

    @cached_property
    def all_rows(self) -> list[ShownRow]:
        """The first records as they would come in."""
        if self.start is None or self.fault is not None:
            return []
        made = preview.rows(self.project, self.start, self.plan, by=self.caller.user)
        return [ShownRow(row) for row in made]

    @property
    def rows(self) -> list[ShownRow]:
        """The first of those that are interactions or preferences, or are refused."""
        return [row for row in self.all_rows if not row.row.passed_over][:ROWS_SHOWN]

    @property
    def bad(self) -> int:
        """How many of the first records would be refused."""
        return sum(bool(row.row.fault) for row in self.all_rows)

    @property
    def passed_over(self) -> list[str]:
        """What the first records are that are no interactions."""
        return list(
            dict.fromkeys(row.row.passed_over for row in self.all_rows if row.row.passed_over)
        )


@require_GET
@in_project(CREATE)
def file(request: ProjectRequest, id: UUID) -> HttpResponse:
    """How far the file has come in; when it is whole its columns and first rows."""
    upload = _mine(request, id)
    shown = FilePage(request.caller, request.project, upload, request.GET)
    return project_page(request, "importing/file.html", {"page": shown}, tab="import")


@require_POST
@in_project(CREATE)
def begin(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Begin the import, or a dry run, as the form says; else the page with what is wrong."""
    upload = _mine(request, id)
    shown = FilePage(request.caller, request.project, upload, request.POST)
    if not upload.is_whole or shown.start is None or shown.fault is not None:
        context = {"page": shown}
        return project_page(request, "importing/file.html", context, status=422)
    try:
        return _begun(request, replace(shown.plan, is_dry_run="dry_run" in request.POST))
    except Invalid as error:
        shown.error = error
        return project_page(request, "importing/file.html", {"page": shown}, status=422)


@require_POST
@in_project(CREATE)
def after_dry_run(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """Begin the import that a dry run has tried."""
    tried = jobs.known(request.project, uuid, caller=request.caller)
    if tried.kind != Job.Kind.IMPORT:
        raise NotFound("there is no such import in this project")
    plan = ImportPlan.of(tried.arguments)
    _mine(request, plan.upload)
    return _begun(request, replace(plan, is_dry_run=False))


@require_POST
@in_project(CREATE)
def discard(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Delete the file, or what has come of it."""
    upload = _mine(request, id)
    if _running(request, upload.id, also_dry=True):
        raise Invalid("this file is being imported: cancel that first", field="file")
    parts.abort(request.caller.user, upload.id)
    where = reverse("import", kwargs={"key": request.project.key})
    return HttpResponseRedirect(where, status=303)


def _begun(request: ProjectRequest, plan: ImportPlan) -> HttpResponse:
    if not plan.is_dry_run and _running(request, plan.upload):
        raise Invalid("this file is being imported already", field="file")
    job = jobs.begin(request.project, Job.Kind.IMPORT, plan.arguments, by=request.caller.user)
    where = {"key": request.project.key, "uuid": job.uuid}
    return HttpResponseRedirect(reverse("job", kwargs=where), status=303)


def _running(request: ProjectRequest, upload: UUID, *, also_dry: bool = False) -> bool:
    under_way = Job.objects.in_project(request.project).under_way().filter(kind=Job.Kind.IMPORT)
    plans = [ImportPlan.of(job.arguments) for job in under_way]
    return any(plan.upload == upload and (also_dry or not plan.is_dry_run) for plan in plans)


def _mine(request: ProjectRequest, id: UUID) -> Upload:
    upload = parts.known(request.caller.user, id)
    if upload.project_id != request.project.id:
        raise NotFound("there is no such file in this project")
    return upload
