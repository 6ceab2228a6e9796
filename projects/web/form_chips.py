"""Small filters in an address: each condition a chip with a form to change it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from adaptive_site.lib.errors import Invalid

MOST_DAYS_ASKED = 36_500


@dataclass(frozen=True, slots=True)
class Condition:
    """What may be asked: its name in the address, its title, and what it takes.

    `kind` is that of an `<input>`, or `choice`, whose `choices` are values and their words.
    """

    name: str
    title: str
    kind: str = "text"
    choices: Sequence[tuple[str, str]] = ()
    placeholder: str = ""
    unit: str = ""

    @property
    def field(self) -> forms.Field:
        """The field that checks it."""
        if self.kind == "choice":
            return forms.ChoiceField(choices=list(self.choices), required=False)
        if self.kind == "number":
            return forms.IntegerField(min_value=1, max_value=MOST_DAYS_ASKED, required=False)
        return forms.CharField(max_length=254, required=False)


@dataclass(frozen=True, slots=True)
class FormChip:
    """A condition as it is now: the form to change it, and the link without it."""

    condition: Condition
    value: str
    shown: str
    remove: str
    rest: tuple[tuple[str, str], ...]

    @property
    def is_on(self) -> bool:
        """Whether it narrows."""
        return bool(self.shown)


class FormChips:
    """The chips of an address; the parameter `cursor` says where a page of it begins."""

    def __init__(self, data: QueryDict, cursor: str) -> None:
        self.data = data
        self._cursor = cursor

    def chip(self, condition: Condition, shown: str) -> FormChip:
        """The chip of a condition, which is now called `shown`; "" when it does not narrow."""
        rest = self._without(condition.name)
        pairs = tuple((key, str(value)) for key, value in rest.items() if value)
        given = self.data.get(condition.name, "")
        return FormChip(condition, given, shown if given else "", _encoded(rest), pairs)

    @property
    def query(self) -> str:
        """The address without a place."""
        return _encoded(self._without())

    def with_(self, **changed: str) -> str:
        """The address with other conditions, from the first page on."""
        data = self._without(*changed)
        for name, value in changed.items():
            data[name] = value
        return _encoded(data)

    def _without(self, *names: str) -> QueryDict:
        rest = self.data.copy()
        for name in (self._cursor, *names):
            rest.pop(name, None)
        return rest


class AskedConditions(FormChips):
    """Conditions as an address asks for them. Raises Invalid, which names the parameter."""

    def __init__(self, data: QueryDict, cursor: str, conditions: Sequence[Condition]) -> None:
        super().__init__(data, cursor)
        self._conditions = conditions
        fields = {one.name: one.field for one in conditions}
        form = type("ConditionsForm", (forms.Form,), fields)(data)
        if not form.is_valid():
            name, errors = next(iter(form.errors.items()))
            raise Invalid(str(errors[0]), field=name)
        self.said: dict[str, Any] = form.cleaned_data

    @property
    def chips(self) -> Iterator[FormChip]:
        """All conditions, in their order, whether in force or not."""
        for one in self._conditions:
            said = self.said[one.name]
            words = dict(one.choices).get(said, str(said)) if said else ""
            yield self.chip(one, f"{words}{one.unit}" if words else "")

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is asked for but all."""
        return any(self.said.values())

    @property
    def cursor(self) -> str:
        """Where the page begins; "" for the first one."""
        return self.data.get(self._cursor, "")

    @property
    def id_cursor(self) -> int | None:
        """The same, where pages begin at ids. Raises Invalid."""
        if not self.cursor:
            return None
        if not self.cursor.isdecimal() or not self.cursor.isascii() or len(self.cursor) > 18:
            raise Invalid("expected a whole number", field=self._cursor)
        return int(self.cursor)


def _encoded(data: QueryDict) -> str:
    return f"?{data.urlencode(safe=':*')}"
