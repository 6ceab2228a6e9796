"""The filter of the audit log as an address has it: read, checked, and shown as chips."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

import django_filters
from django.http import QueryDict
from django.utils import timezone

from adaptive_site.lib.errors import Invalid
from interactions.web.auditing.words import NOUNS, noun_of
from interactions.web.filtering.query_string import encoded
from projects.models import Event
from projects.services.auditing.listing import EventFilter, EventPlace
from projects.services.auditing.origin import DOORS

AFTER = "after"


class EventFilterForm(django_filters.FilterSet):
    """The parameters; `.qs` is not used, since it leaves out what is wrong in silence."""

    person = django_filters.CharFilter(max_length=254)
    what = django_filters.CharFilter(max_length=100)
    door = django_filters.ChoiceFilter(choices=list(DOORS.items()))
    subject = django_filters.CharFilter(max_length=200)
    since = django_filters.DateFilter(field_name="created_at")
    until = django_filters.DateFilter(field_name="created_at")

    class Meta:
        model = Event
        fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventChip:
    """A condition: its name, what it is now, the form to change it, the link without it."""

    name: str
    title: str
    value: str
    shown: str
    remove: str
    rest: tuple[tuple[str, str], ...]
    choices: Sequence[tuple[str, str]] = ()
    kind: str = "text"

    @property
    def is_on(self) -> bool:
        """Whether it narrows."""
        return bool(self.shown)


class AskedEvents:
    """What an address asks for. Raises Invalid, which names the parameter."""

    def __init__(self, data: QueryDict, nouns: Sequence[str] = tuple(NOUNS)) -> None:
        self.data = data
        self._nouns = nouns
        form = EventFilterForm(data, queryset=Event.objects.none()).form
        if not form.is_valid():
            name, errors = next(iter(form.errors.items()))
            raise Invalid(str(errors[0]), field=name)
        self._said = form.cleaned_data
        self.after = self._place(data.get(AFTER, ""))

    @staticmethod
    def _place(text: str) -> EventPlace | None:
        try:
            return EventPlace.read(text) if text else None
        except ValueError as error:
            raise Invalid(
                "expected a place that a page of the log links to", field=AFTER
            ) from error

    @cached_property
    def filter(self) -> EventFilter:
        """The meaning; days are those of the reader's time zone, the last one included."""
        said = self._said
        return EventFilter(
            person=said["person"].strip(),
            noun=said["what"],
            door=said["door"],
            subject=said["subject"].strip(),
            since=_start(said["since"]),
            until=_start(said["until"] and said["until"] + timedelta(days=1)),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is asked for but all."""
        return self.filter != EventFilter()

    @property
    def chips(self) -> Iterator[EventChip]:
        """All conditions, in their order, whether in force or not."""
        nouns = [(noun, noun_of(noun)) for noun in self._nouns]
        yield self._chip("what", "What", noun_of(self._said["what"]), nouns, "choice")
        yield self._chip("person", "Person", self._said["person"], kind="email")
        door = DOORS.get(self._said["door"], "")
        yield self._chip("door", "Door", door, list(DOORS.items()), "choice")
        yield self._chip("subject", "Subject", self._said["subject"])
        for name, title in (("since", "From"), ("until", "Until")):
            day = self._said[name]
            shown = f"{day:%-d %b %Y}" if day else ""
            yield self._chip(name, title, shown, kind="date")

    def _chip(
        self,
        name: str,
        title: str,
        shown: str,
        choices: Sequence[tuple[str, str]] = (),
        kind: str = "text",
    ) -> EventChip:
        rest = self._without(name)
        pairs = tuple((key, str(value)) for key, value in rest.items() if value)
        given = self.data.get(name, "")
        shown = shown if given else ""
        return EventChip(name, title, given, shown, encoded(rest) or "?", pairs, choices, kind)

    def _without(self, *names: str) -> QueryDict:
        rest = self.data.copy()
        for name in (AFTER, *names):
            rest.pop(name, None)
        return rest

    @property
    def query(self) -> str:
        """The address without a place."""
        return encoded(self._without())

    def with_(self, **changed: str) -> str:
        """The address with other conditions, from the first page on."""
        data = self._without(*changed)
        for name, value in changed.items():
            data[name] = value
        return encoded(data)


def _start(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
