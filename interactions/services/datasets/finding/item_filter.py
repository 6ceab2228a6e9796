"""A filter over the records of a dataset, and how an address says it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import django_filters
from django import forms
from django.http import QueryDict

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.database.sql import TRUE, Sql, joined
from adaptive_site.lib.errors import Invalid
from interactions.filters.address.form import Term
from interactions.filters.query.grammar import LONGEST_QUERY, parse
from interactions.filters.tree import EVERYTHING, Tree
from interactions.models import DatasetItem
from interactions.services.datasets.finding.faults import FAULTS, fault_test
from interactions.services.datasets.finding.record_tests import record_test

REMOVED = "removed"  # of `review`: what the draft has no more
NONE = "none"  # of `review`: nobody has decided
INCLUDED = "included"  # of `review`: what is in files
REVIEWS = {value or NONE: value for value in DatasetItem.Review.values} | {INCLUDED: INCLUDED}
ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items; None and "" do not ask. `review` "included" is both kinds that are in files.

    `query` is of the query bar's language, `fault` one of `faults.FAULTS`. `removed` asks for
    those that were taken out of the draft instead.
    """

    split: str | None = None
    review: str | None = None
    query: str = ""
    fault: str = ""
    edited: bool | None = None
    batch: int | None = None
    removed: bool = False

    @classmethod
    def of(cls, data: QueryDict) -> Self:
        """What the parameters of an address ask for. Raises Invalid naming the one at fault."""
        said = _cleaned(data)
        if said["q"]:
            record_test(said["q"])  # as far as a record can answer
        return cls(
            split=said["split"] or None,
            review=None if said["review"] in ("", REMOVED) else REVIEWS[said["review"]],
            query=data.get("q", "").strip() if said["q"] else "",
            fault=said["warning"],
            edited=ANSWERS.get(said["edited"]),
            batch=int(said["batch"]) if said["batch"] else None,
            removed=said["review"] == REMOVED,
        )

    @property
    def is_everything(self) -> bool:
        """Whether nothing is asked for."""
        return self == ItemFilter()

    @property
    def tree(self) -> Tree:
        """What the query asks for. Raises Invalid."""
        return _parsed(self.query) if self.query else EVERYTHING

    def test(self) -> Sql:
        """The test of a row, but for whether it is in the draft or version."""
        asked = [TRUE]
        if self.split is not None:
            asked.append(Sql("split = %s", (self.split,)))
        if self.review == INCLUDED:
            asked.append(Sql("review IN ('', 'approved')"))
        elif self.review is not None:
            asked.append(Sql("review = %s", (self.review,)))
        if self.edited is not None:
            asked.append(Sql(f"correction IS {'NOT ' if self.edited else ''}NULL"))
        if self.batch is not None:
            asked.append(Sql("batch_id = %s", (self.batch,)))
        if self.query:
            asked.append(record_test(self.tree))
        if self.fault:
            asked.append(fault_test(self.fault))
        return joined(asked, " AND ")


def _parsed(text: str) -> Tree:
    try:
        return parse(text)
    except ValueError as error:
        raise Invalid(str(error), field="q") from error


def _one_of(values: tuple[str, ...], text: str) -> str:
    if text not in values:
        raise ValueError(f"expected one of {', '.join(values)}")
    return text


def _number(text: str) -> str:
    if not (text.isdecimal() and len(text) < 10):
        raise ValueError("expected a whole number")
    return text


def _choice(*values: str) -> Callable[[str], str]:
    return partial(_one_of, values)


class RecordForm(django_filters.FilterSet):
    """The parameters of an address that ask for records of a dataset."""

    q = Term(parse=parse, most=LONGEST_QUERY)
    split = Term(parse=_choice(*DatasetItem.Split.values))
    review = Term(parse=_choice(*REVIEWS, REMOVED))
    edited = Term(parse=_choice(*ANSWERS))
    warning = Term(parse=_choice(*FAULTS))
    batch = Term(parse=_number)


PARAMETERS = tuple(RecordForm.base_filters)


def _cleaned(data: QueryDict) -> dict[str, Any]:
    """What each parameter means; "" of one that is absent."""
    said: dict[str, Any] = {}
    for name, declared in RecordForm.base_filters.items():
        given = without_nul(data.get(name, "")).strip()
        try:
            said[name] = (declared.field.clean(given) if given else None) or ""
        except forms.ValidationError as error:
            message = error.messages[0]
            raise Invalid(message.removeprefix(f"“{given}”: "), field=name) from error
    return said
