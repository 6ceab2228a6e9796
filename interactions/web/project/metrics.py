"""The metrics of a project: the keys under which feedback is given."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.filters.conditions import Comparator, HasFeedback
from interactions.filters.feedback_text import number
from interactions.filters.notation import spell_feedback
from interactions.filters.sql.queries import Count
from interactions.services.analysis import metric_usage
from projects.models import Metric, Project
from projects.services import metrics as service
from projects.services.access import MANAGE, Caller
from projects.web.refusals import blame
from projects.web.requests import ProjectRequest, in_project


class EditForm(forms.Form):
    """The fields of a metric that may be changed; an empty name means the key."""

    name = forms.CharField(max_length=200, required=False)
    scoring_type = forms.ChoiceField(choices=Metric.Scoring.choices)
    threshold = forms.FloatField(
        required=False, error_messages={"invalid": "expected a number, such as 0.5, or nothing"}
    )
    description = forms.CharField(max_length=10_000, required=False)


class CreateForm(EditForm):
    """A new metric; its key and kind are for good."""

    key = forms.CharField(
        max_length=200, error_messages={"required": "expected a name, such as helpful"}
    )
    kind = forms.ChoiceField(choices=Metric.Kind.choices)


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric, how much was given under it, and the filter that shows what."""

    metric: Metric
    given: Count
    filter: str
    is_for_pairs: bool = False  # nothing but comparisons was given under it

    @property
    def good(self) -> str:
        """Which values are good, such as `≥ 0.5`; "" where a threshold is not set."""
        if self.metric.threshold is None:
            return ""
        sign = Comparator.AT_MOST if self.metric.is_low_better else Comparator.AT_LEAST
        return f"{sign.sign} {number(self.metric.threshold)}"


@dataclass
class MetricsPage:
    """The metrics of a project, and the form for a new one, or for `metric` to be changed."""

    caller: Caller
    project: Project
    form: EditForm
    metric: Metric | None = None

    tab = "metrics"

    @cached_property
    def lines(self) -> list[MetricRow]:
        """All metrics by key, those that are unlinked last."""
        counts = metric_usage.feedback_counts(self.project)
        found = list(Metric.objects.in_project(self.project).order_by("-is_linked", "key"))
        uses = metric_usage.uses(found)
        return [
            MetricRow(
                one,
                counts.get(one.id, Count(0, True)),
                spell_feedback(HasFeedback(one.key)),
                uses[one.id].has_comparisons and not uses[one.id].has_feedback,
            )
            for one in found
        ]

    @property
    def may_manage(self) -> bool:
        """Whether the caller may change any of it."""
        return self.caller.may(MANAGE, self.project)


def _page(request: ProjectRequest, form: EditForm, *, status: int = 200) -> HttpResponse:
    page = MetricsPage(request.caller, request.project, form)
    return render(request, "projects/metrics.html", {"page": page}, status=status)


def _back(request: ProjectRequest, text: str) -> HttpResponse:
    messages.info(request, text)
    return redirect("metrics", request.project.key)


def _metric(request: ProjectRequest, id: UUID) -> Metric:
    found = Metric.objects.in_project(request.project).filter(uuid=id).first()
    if found is None:
        raise NotFound("EntityNotFound: metric not found")
    return found


@require_GET
@in_project()
def metrics(request: ProjectRequest) -> HttpResponse:
    """The page."""
    return _page(request, CreateForm())


@require_POST
@in_project(MANAGE)
def create(request: ProjectRequest) -> HttpResponse:
    """Make a metric."""
    form = CreateForm(request.POST)
    if form.is_valid():
        try:
            made = service.create(request.project, **form.cleaned_data, by=request.caller.user)
        except Invalid as error:
            blame(form, error)
        else:
            return _back(request, f"Feedback can be given under {made.key} now.")
    return _page(request, form, status=422)


@require_http_methods(["GET", "POST"])
@in_project(MANAGE)
def edit(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Change what a metric is called, what it says, and which values are good."""
    metric = _metric(request, id)
    now = {name: getattr(metric, name) for name in EditForm.base_fields}
    form = EditForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_bound and form.is_valid():
        try:
            service.edit(metric, **form.cleaned_data, by=request.caller.user)
        except Invalid as error:
            blame(form, error)
        else:
            return _back(request, f"{metric.key} is changed.")
    page = MetricsPage(request.caller, request.project, form, metric)
    status = 422 if form.is_bound else 200
    return render(request, "projects/metric.html", {"page": page}, status=status)


@require_POST
@in_project(MANAGE)
def link(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Let feedback be given under it again, or with `is_linked=0` no more."""
    is_linked = request.POST.get("is_linked") != "0"
    act = service.link if is_linked else service.unlink
    metric = act(request.project, str(_metric(request, id).uuid), by=request.caller.user)
    change = "takes feedback again" if is_linked else "takes no more feedback; what it has stays"
    return _back(request, f"{metric.key} {change}.")
