"""The filter of the audit log as an address has it: read, checked, and shown as chips."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property

import django_filters
from django.http import QueryDict
from django.utils import timezone

from adaptive_site.lib.errors import Invalid
from interactions.web.auditing.words import NOUNS, noun_of
from projects.models import Event
from projects.services.auditing.listing import EventFilter, EventPlace
from projects.services.auditing.origin import DOORS
from projects.web.form_chips import Condition, FormChip, FormChips

AFTER = "after"
_PERSON = Condition("person", "Person", "email", placeholder="ana@example.org")
_DOOR = Condition("door", "Door", "choice", list(DOORS.items()))
_SUBJECT = Condition("subject", "Subject", placeholder="an id or a key")


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


class AskedEvents(FormChips):
    """What an address asks for. Raises Invalid, which names the parameter."""

    def __init__(self, data: QueryDict, nouns: Sequence[str] = tuple(NOUNS)) -> None:
        super().__init__(data, AFTER)
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
    def chips(self) -> Iterator[FormChip]:
        """All conditions, in their order, whether in force or not."""
        said, nouns = self._said, [(noun, noun_of(noun)) for noun in self._nouns]
        yield self.chip(Condition("what", "What", "choice", nouns), noun_of(said["what"]))
        yield self.chip(_PERSON, said["person"])
        yield self.chip(_DOOR, DOORS.get(said["door"], ""))
        yield self.chip(_SUBJECT, said["subject"])
        for name, title in (("since", "From"), ("until", "Until")):
            day = said[name]
            yield self.chip(Condition(name, title, "date"), f"{day:%-d %b %Y}" if day else "")


def _start(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
