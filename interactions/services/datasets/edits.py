"""What people change in a draft: answers corrected, records approved, rejected, moved, removed.

Each change says what was before, in a token that undoes it; what somebody has changed since is
left as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.db import transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.database.sql import Sql
from adaptive_site.lib.errors import Invalid, NotFound, TooLarge
from interactions.models import Dataset, DatasetItem
from interactions.services.datasets import drafts
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.datasets.item_pages import matching, one
from interactions.services.datasets.item_records import record_of
from interactions.services.recording.masking import Masking
from interactions.services.training import tokens
from projects.models import User
from projects.services import audit
from projects.services.access import EDIT_DATASETS, Caller

LONGEST_CORRECTION = 1_000_000
_SALT = "datasets.edits"
REMOVED = "removed"
COLUMNS = ("review", "split")
VERBS = {"review": "reviewed", "split": "split", "correction": "corrected", REMOVED: "removed"}
Which = Iterable[UUID] | ItemFilter


# What was, what is now, and at which positions, as `drafts.as_spans` writes them.
Step = tuple[str | None, str | None, str]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of `n` records, step by step."""

    dataset: Dataset
    what: str
    steps: list[Step]
    n: int

    @property
    def token(self) -> str:
        """What `undo` takes; signed, so that it can travel through a page."""
        said = [str(self.dataset.id), self.what, self.steps]
        return signing.dumps(said, salt=_SALT, compress=True)


def set_review(dataset: Dataset, which: Which, review: str, *, by: User) -> Edit:
    """Approve or reject records, or take that back; values of DatasetItem.Review."""
    if review not in DatasetItem.Review.values:
        raise Invalid(f"expected one of {', '.join(DatasetItem.Review.values)}", field="review")
    return _set(dataset, which, "review", review, by)


def set_split(dataset: Dataset, which: Which, split: str, *, by: User) -> Edit:
    """Put records into another part of the training files; values of DatasetItem.Split."""
    if split not in DatasetItem.Split.values:
        raise Invalid(f"expected one of {', '.join(DatasetItem.Split.values)}", field="split")
    return _set(dataset, which, "split", split, by)


@transaction.atomic
def _set(dataset: Dataset, which: Which, column: str, value: str, by: User) -> Edit:
    now = _locked(dataset, by)
    test = matching(now, which)
    groups: dict[str, list[int]] = {}
    for position, before in drafts.values(now, test & Sql(f"{column} <> %s", (value,)), column):
        groups.setdefault(before, []).append(position)
    steps: list[Step] = [(before, value, drafts.as_spans(at)) for before, at in groups.items()]
    n = drafts.change(now, test & Sql(f"{column} <> %s", (value,)), {column: value}, by=by)
    return _told(dataset, now, Edit(dataset, column, steps, n), by)


@transaction.atomic
def correct(dataset: Dataset, item: UUID, text: str | None, *, by: User) -> Edit:
    """Write the answer of a record anew, beside the original; None takes the original again.

    Of a preference it is the preferred answer. Raises Invalid when there is no answer.
    """
    now = _locked(dataset, by)
    row = one(now, item)
    if row.until is not None:
        raise NotFound("this record was removed; put it back first")
    answer = record_of(row, is_original=True).answer
    if answer is None:
        raise Invalid("there is no answer to correct: the record is a prompt", field="correction")
    text = _checked(text)
    masking = Masking()
    if text is not None:
        text = masking.text(now.project, text)
        masking.save()
    step = _write(now, row, None if text == answer.text else text, by)
    steps = [step] if step else []
    return _told(dataset, now, Edit(dataset, "correction", steps, len(steps)), by)


def _checked(text: str | None) -> str | None:
    if text is None:
        return None
    if len(text) > LONGEST_CORRECTION:
        raise TooLarge(f"expected at most {LONGEST_CORRECTION:,} characters", field="correction")
    return without_nul(text.replace("\r\n", "\n"))  # as forms send the lines of a text


def _write(now: Dataset, row: DatasetItem, text: str | None, by: User) -> Step | None:
    """Give a row of the draft another correction; None when it has it already."""
    before = row.correction
    if text == before:
        return None
    row.correction = text
    to = {"correction": text, "tokens": tokens.of_record(record_of(row))}
    drafts.change(now, drafts.of_items([row.item]), to, by=by)
    return before, text, drafts.as_spans([row.position])


@transaction.atomic
def remove(dataset: Dataset, which: Which, *, by: User) -> Edit:
    """Take records out of the draft; versions that have them keep them."""
    now = _locked(dataset, by)
    at = drafts.close(now, matching(now, which))
    edit = Edit(dataset, REMOVED, [(None, REMOVED, drafts.as_spans(at))], len(at))
    return _told(dataset, now, edit, by)


@transaction.atomic
def put_back(dataset: Dataset, items: Iterable[UUID], *, by: User) -> Edit:
    """Put records back that were taken out, as they were last."""
    now = _locked(dataset, by)
    at = drafts.reopen(now, drafts.of_items(items), by=by)
    edit = Edit(dataset, REMOVED, [(REMOVED, None, drafts.as_spans(at))], len(at))
    return _told(dataset, now, edit, by)


@transaction.atomic
def undo(dataset: Dataset, token: str, *, by: User) -> Edit:
    """Take a change back where nobody has changed the same since; undoing that redoes it.

    Raises Invalid for what is no token of this dataset.
    """
    try:
        id, what, steps = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise Invalid("this cannot be undone", field="undo") from error
    if id != str(dataset.id):
        raise Invalid("this was a change of another dataset", field="undo")
    now = _locked(dataset, by)
    taken_back = {REMOVED: _presence, "correction": _correction}.get(what)
    back: list[tuple[Step, int]] = []
    for before, after, spans in steps:
        test = drafts.at_positions(spans)
        if taken_back is not None:
            at = taken_back(now, test, before, after, by)
        else:
            at = _column(now, test, what, before, after, by)
        back.append(((after, before, drafts.as_spans(at)), len(at)))
    edit = Edit(dataset, what, [step for step, n in back if n], sum(n for _, n in back))
    return _told(dataset, now, edit, by)


def _presence(
    now: Dataset, test: Sql, before: str | None, after: str | None, by: User
) -> list[int]:
    return drafts.reopen(now, test, by=by) if after == REMOVED else drafts.close(now, test)


def _correction(
    now: Dataset, test: Sql, before: str | None, after: str | None, by: User
) -> list[int]:
    unchanged = test & Sql("correction IS NOT DISTINCT FROM %s::text", (after,))
    found = drafts.values(now, unchanged, "item")
    return [at for at, item in found if _write(now, one(now, item), before, by)]


def _column(
    now: Dataset, test: Sql, column: str, before: str | None, after: str | None, by: User
) -> list[int]:
    unchanged = test & Sql(f"{column} = %s", (after,))
    at = [position for position, _ in drafts.values(now, unchanged, column)]
    drafts.change(now, unchanged, {column: before}, by=by)
    return at


def _locked(dataset: Dataset, by: User) -> Dataset:
    Caller(by).check_may(EDIT_DATASETS, dataset.project)
    return drafts.lock(dataset)


def _told(dataset: Dataset, now: Dataset, edit: Edit, by: User) -> Edit:
    """Write what was done into the audit log, and the count into the caller's dataset."""
    dataset.records, dataset.head = now.records, now.head
    if edit.n:
        to = sorted({str(after) for _, after, _ in edit.steps}) if edit.what in COLUMNS else []
        audit.record(
            now.project, actor=by, verb=f"dataset.items_{VERBS[edit.what]}", subject=now.key,
            records=edit.n, **({"to": ", ".join(to)} if to else {}),
        )  # fmt: skip
    return edit
