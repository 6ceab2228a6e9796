"""What is done to records of a dataset, ticked, all that a filter leaves, or one; and undone."""

import json

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset, DatasetItem, Job, UndoEntry
from interactions.services import undo as undo_service
from interactions.services.datasets import edits
from interactions.services.datasets.edit_words import REMOVED
from interactions.services.datasets.edits import Edit, Which
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.jobs import changes
from interactions.services.recording.drafts import check_uuid
from interactions.services.undo import Undone
from interactions.web.datasets.frame import DatasetFrame, dataset_of
from interactions.web.datasets.item_address import ItemAddress
from projects.services.access import EDIT_DATASETS
from projects.web.requests import ProjectRequest, in_project

RECORDS_CHANGED = "records-changed"  # the event that the page reads its rows anew for
NOTHING_TO_UNDO = "Nothing to undo: you have changed nothing in this project in the last 24 hours."
_Review, _Split = DatasetItem.Review, DatasetItem.Split
# What a button is called in a form, and what it gives the records.
CHANGES: dict[str, tuple[str, str | None]] = {
    "approve": ("review", _Review.APPROVED),
    "reject": ("review", _Review.REJECTED),
    "unreview": ("review", _Review.NONE),
    "remove": (REMOVED, REMOVED),
    "put-back": (REMOVED, None),
    "train": ("split", _Split.TRAIN),
    "validation": ("split", _Split.VALIDATION),
    "test": ("split", _Split.TEST),
}


@require_POST
@in_project(EDIT_DATASETS)
def change(request: ProjectRequest, dataset: str) -> HttpResponse:
    """Do what the button `action` says to the records that the form names."""
    found = dataset_of(request, dataset)
    action = request.POST.get("action", "")
    if action not in CHANGES:
        raise Invalid(f"expected one of {', '.join(CHANGES)}", field="action")
    which = _which(request.POST)
    if action == "put-back" and isinstance(which, ItemFilter):
        raise Invalid("expected ticked records", field="item")
    done = changes.change(found, *CHANGES[action], which, by=request.caller.user)
    if isinstance(done, Job):
        return begun(request, found, done)
    return said(request, found, done, done.words)


@require_POST
@in_project(EDIT_DATASETS)
def correct(request: ProjectRequest, dataset: str) -> HttpResponse:
    """Keep a corrected answer beside the original, or with `original` take that again."""
    found = dataset_of(request, dataset)
    item = check_uuid(request.POST.get("item"), field="item")
    text = None if "original" in request.POST else request.POST.get("text", "")
    edit = edits.correct(found, item, text, by=request.caller.user)
    words = "Took the original answer again" if text is None else "Corrected the answer"
    return said(request, found, edit, words if edit.n else "The answer is as it was")


@require_POST
@in_project(EDIT_DATASETS)
def undo(request: ProjectRequest, dataset: str) -> HttpResponse:
    """Undo the change that `entry` names, or the caller's last one in the project."""
    found = dataset_of(request, dataset)
    if given := request.POST.get("entry", ""):
        undone: Undone | None = undo_service.undo_entry(
            request.project, _number(given), caller=request.caller
        )
    else:
        undone = undo_service.undo_last(request.project, caller=request.caller)
    if undone is None:
        return toast(request, found, NOTHING_TO_UNDO)
    if undone.job is not None:
        return begun(request, found, undone.job)
    return toast(request, dataset_of(request, dataset), undone.words, is_changed=True)


def said(request: ProjectRequest, dataset: Dataset, edit: Edit, words: str) -> HttpResponse:
    """Say what was done, with a button that undoes it."""
    return toast(request, dataset, f"{words}.", entry=edit.entry, is_changed=True)


def begun(request: ProjectRequest, dataset: Dataset, job: Job) -> HttpResponse:
    """Show the page with the progress of a job, where the form was."""
    where = _next(request, DatasetFrame(request.caller, request.project, dataset))
    if not request.htmx:
        return HttpResponseRedirect(where, status=303)
    return HttpResponse(headers={"HX-Refresh": "true"})


def toast(
    request: ProjectRequest,
    dataset: Dataset,
    words: str,
    *,
    entry: UndoEntry | None = None,
    is_changed: bool = False,
) -> HttpResponse:
    """The words in a toast; without scripts above the page that the form came from."""
    frame = DatasetFrame(request.caller, request.project, dataset)
    if not request.htmx:
        messages.info(request, words)
        return HttpResponseRedirect(_next(request, frame), status=303)
    context = {"page": frame, "words": words, "entry": entry, "is_changed": is_changed}
    response = render(request, "datasets/_toast.html", context)
    if is_changed:
        response["HX-Trigger"] = json.dumps({RECORDS_CHANGED: {}})
    return response


def _which(data: QueryDict) -> Which:
    """The records a form names: `item`, or with `of` all that the filter `query` leaves."""
    if data.get("of") == "all":
        shown = ItemAddress.of(QueryDict(data.get("query", "").removeprefix("?")))
        if shown.number is not None or shown.filter.removed:
            raise Invalid("expected records of the draft that are in it", field="query")
        return shown.filter
    given = [*data.getlist("item"), *data.get("items", "").split(",")]
    items = [check_uuid(one, field="item") for one in given if one.strip()]
    if not items:
        raise Invalid("expected at least one; nothing is ticked", field="item")
    return items


def _next(request: ProjectRequest, frame: DatasetFrame) -> str:
    """Where the form was, if that is on this site."""
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        return back
    return frame.link("dataset")


def _number(text: str) -> int:
    if not (text.isdecimal() and len(text) < 19):
        raise Invalid("expected the number of a change", field="entry")
    return int(text)
