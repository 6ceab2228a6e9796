"""What people change in a draft: answers corrected, records approved, rejected, moved, removed.

Each change says what was before, and is kept for its person's `z` with that; undoing it leaves
what somebody has changed since as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.database.sql import Sql
from adaptive_site.lib.errors import Invalid, NotFound, TooLarge
from interactions.models import Dataset, DatasetItem, UndoEntry
from interactions.services.datasets import drafts, edit_words, spans
from interactions.services.datasets.changing import undo_entries
from interactions.services.datasets.edit_words import REMOVED
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.datasets.item_pages import matching, one
from interactions.services.datasets.item_records import record_of
from interactions.services.recording.masking import Masking
from interactions.services.training import tokens
from projects.models import User
from projects.services import audit
from projects.services.access import EDIT_DATASETS, Caller

LONGEST_CORRECTION = 1_000_000
COLUMNS = {"review": DatasetItem.Review.values, "split": DatasetItem.Split.values}
VERBS = {"review": "reviewed", "split": "split", "correction": "corrected", REMOVED: "removed"}
Which = Iterable[UUID] | ItemFilter

# What was, what is now, and at which positions, as `spans.of` writes them.
Step = tuple[str | None, str | None, str]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of `n` records, step by step; `entry` is what is kept of it for `z`."""

    dataset: Dataset
    what: str
    steps: list[Step]
    n: int
    entry: UndoEntry | None = field(default=None, compare=False)

    @property
    def words(self) -> str:
        """What was done, such as `Approved 3 records`."""
        to = self.steps[0][1] if self.steps else None
        return edit_words.said(self.what, to, edit_words.counted(self.n))

    @property
    def kept(self) -> dict[str, Any]:
        """The change as an `UndoEntry` has it."""
        to = self.steps[0][1] if self.steps else None
        subject = edit_words.counted(self.n)
        if self.n == 1:
            subject = f"record {spans.ranges(self.steps[0][2])[0][0]:,}"
        said = edit_words.said(self.what, to, subject)
        return {"what": self.what, "steps": self.steps, "n": self.n, "words": said}

    @classmethod
    def of(cls, dataset: Dataset, kept: dict[str, Any]) -> "Edit":
        """The change that `kept` was written of."""
        return cls(dataset, kept["what"], [tuple(one) for one in kept["steps"]], kept["n"])


def set_review(dataset: Dataset, which: Which, review: str, *, by: User) -> Edit:
    """Approve or reject records, or take that back; values of DatasetItem.Review."""
    return change(dataset, "review", review, which, by=by)


def set_split(dataset: Dataset, which: Which, split: str, *, by: User) -> Edit:
    """Put records into another part of the training files; values of DatasetItem.Split."""
    return change(dataset, "split", split, which, by=by)


def remove(dataset: Dataset, which: Which, *, by: User) -> Edit:
    """Take records out of the draft; versions that have them keep them."""
    return change(dataset, REMOVED, REMOVED, which, by=by)


def put_back(dataset: Dataset, items: Iterable[UUID], *, by: User) -> Edit:
    """Put records back that were taken out, as they were last."""
    return change(dataset, REMOVED, None, items, by=by)


@transaction.atomic
def change(dataset: Dataset, what: str, to: str | None, which: Which, *, by: User) -> Edit:
    """Give records another review or split, or take them out of the draft or put them back.

    Raises Invalid, at `review` or `split`, of a value that it cannot have.
    """
    check(what, to)
    now = _locked(dataset, by)
    edit = apply(now, what, to, matching(now, which), by=by)
    return told(dataset, now, edit, by)


def check(what: str, to: str | None) -> None:
    """Raise Invalid of a value that records cannot have."""
    if what in COLUMNS and to not in COLUMNS[what]:
        raise Invalid(f"expected one of {', '.join(COLUMNS[what])}", field=what)


def apply(now: Dataset, what: str, to: str | None, test: Sql, *, by: User) -> Edit:
    """Do to the rows that pass what `change` does; the dataset is locked, `by` was checked."""
    if what == REMOVED:
        at = drafts.close(now, test) if to == REMOVED else drafts.reopen(now, test, by=by)
        before = None if to == REMOVED else REMOVED
        return Edit(now, what, [(before, to, spans.of(at))] if at else [], len(at))
    test = test & Sql(f"{what} <> %s", (to,))
    groups: dict[str, list[int]] = {}
    for position, value in drafts.values(now, test, what):
        groups.setdefault(value, []).append(position)
    n = drafts.change(now, test, {what: to}, by=by)
    return Edit(now, what, [(value, to, spans.of(at)) for value, at in groups.items()], n)


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
    return told(dataset, now, Edit(dataset, "correction", steps, len(steps)), by)


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
    return before, text, spans.of([row.position])


@transaction.atomic
def undo(dataset: Dataset, edit: Edit, *, by: User) -> Edit:
    """Take a change back where nobody has changed the same since; undoing that redoes it."""
    now = _locked(dataset, by)
    return told(dataset, now, take_back(now, edit, by=by), by, is_undoing=True)


def take_back(now: Dataset, edit: Edit, *, by: User) -> Edit:
    """What `undo` does; the dataset is locked, `by` was checked."""
    taken_back = {REMOVED: _presence, "correction": _correction}.get(edit.what)
    back: list[tuple[Step, int]] = []
    for before, after, positions in edit.steps:
        test = spans.at(positions)
        if taken_back is not None:
            at = taken_back(now, test, before, after, by)
        else:
            at = _column(now, test, edit.what, before, after, by)
        back.append(((after, before, spans.of(at)), len(at)))
    return Edit(now, edit.what, [step for step, n in back if n], sum(n for _, n in back))


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
    now = drafts.lock(dataset)
    drafts.check_open(now)
    return now


def told(dataset: Dataset, now: Dataset, edit: Edit, by: User, *, is_undoing: bool = False) -> Edit:
    """Write what was done into the audit log, the count into the caller's dataset, and what
    undoing it needs, unless it was an undoing.
    """
    dataset.records, dataset.head = now.records, now.head
    if not edit.n:
        return replace(edit, dataset=dataset)
    to = sorted({str(after) for _, after, _ in edit.steps}) if edit.what in COLUMNS else []
    said: dict[str, Any] = {"records": edit.n} | ({"to": ", ".join(to)} if to else {})
    verb = f"dataset.items_{VERBS[edit.what]}"
    audit.record(now.project, actor=by, verb=verb, subject=now.key, **said)
    entry = None if is_undoing else undo_entries.keep(now, edit.kept, by=by)
    return replace(edit, dataset=dataset, entry=entry)
