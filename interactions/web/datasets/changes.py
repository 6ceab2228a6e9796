"""What is done to records of a dataset, ticked, all that a filter leaves, or one; and undone."""

import json
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset, DatasetItem
from interactions.services.datasets import edits
from interactions.services.datasets.edits import Edit, Which
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.recording.drafts import check_uuid
from interactions.web.datasets import undo_stack
from interactions.web.datasets.frame import DatasetFrame, dataset_of
from interactions.web.datasets.item_address import ItemAddress
from projects.models import User
from projects.services.access import EDIT_DATASETS
from projects.web.requests import ProjectRequest, in_project

RECORDS_CHANGED = "records-changed"  # the event that the page reads its rows anew for
NOTHING_TO_UNDO = "Nothing to undo: you have changed nothing in this dataset since you logged in."
_Change = Callable[[Dataset, Which, User], Edit]


def _review(value: str) -> _Change:
    return lambda dataset, which, by: edits.set_review(dataset, which, value, by=by)


def _split(value: str) -> _Change:
    return lambda dataset, which, by: edits.set_split(dataset, which, value, by=by)


def _remove(dataset: Dataset, which: Which, by: User) -> Edit:
    return edits.remove(dataset, which, by=by)


def _put_back(dataset: Dataset, which: Which, by: User) -> Edit:
    if isinstance(which, ItemFilter):
        raise Invalid("expected ticked records", field="item")
    return edits.put_back(dataset, which, by=by)


# What a button is called in a form, what it does, and what is said of it afterwards.
CHANGES: dict[str, tuple[_Change, str]] = {
    "approve": (_review(DatasetItem.Review.APPROVED), "Approved {}"),
    "reject": (_review(DatasetItem.Review.REJECTED), "Rejected {}"),
    "unreview": (_review(DatasetItem.Review.NONE), "Took the review of {} back"),
    "remove": (_remove, "Removed {}"),
    "put-back": (_put_back, "Put {} back"),
    "train": (_split(DatasetItem.Split.TRAIN), "Put {} into train"),
    "validation": (_split(DatasetItem.Split.VALIDATION), "Put {} into validation"),
    "test": (_split(DatasetItem.Split.TEST), "Put {} into test"),
}


@require_POST
@in_project(EDIT_DATASETS)
def change(request: ProjectRequest, dataset: str) -> HttpResponse:
    """Do what the button `action` says to the records that the form names."""
    found = dataset_of(request, dataset)
    action = request.POST.get("action", "")
    if action not in CHANGES:
        raise Invalid(f"expected one of {', '.join(CHANGES)}", field="action")
    do, words = CHANGES[action]
    edit = do(found, _which(request.POST), request.caller.user)
    return said(request, found, edit, words.format(counted(edit.n)))


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
    """Undo the change that `token` names, or the caller's last one of the dataset."""
    found = dataset_of(request, dataset)
    kept = undo_stack.last(request, found)
    if kept and not kept.token and not request.POST.get("token"):
        return toast(request, found, f"{kept.words}: that is too much to be undone by a key.")
    token = request.POST.get("token", "") or (kept.token if kept else "")
    if not token:
        return toast(request, found, NOTHING_TO_UNDO)
    undo_stack.drop(request, token)
    edit = edits.undo(found, token, by=request.caller.user)
    words = f"Undone for {counted(edit.n)}" if edit.n else "Nothing undone: it was changed since"
    return toast(request, found, f"{words}.", is_changed=True)


def said(request: ProjectRequest, dataset: Dataset, edit: Edit, words: str) -> HttpResponse:
    """Say what was done, with a button that undoes it."""
    can_undo = undo_stack.push(request, edit, words)
    token = edit.token if can_undo else ""
    return toast(request, dataset, f"{words}.", token=token, is_changed=True)


def toast(
    request: ProjectRequest,
    dataset: Dataset,
    words: str,
    *,
    token: str = "",
    is_changed: bool = False,
) -> HttpResponse:
    """The words in a toast; without scripts above the page that the form came from."""
    frame = DatasetFrame(request.caller, request.project, dataset)
    if not request.htmx:
        messages.info(request, words)
        return HttpResponseRedirect(_next(request, frame), status=303)
    context = {"page": frame, "words": words, "token": token, "is_changed": is_changed}
    response = render(request, "datasets/_toast.html", context)
    if is_changed:
        response["HX-Trigger"] = json.dumps({RECORDS_CHANGED: {}})
    return response


def counted(n: int) -> str:
    """`1 record`, `1,204 records`."""
    return f"{n:,} record{'' if n == 1 else 's'}"


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
