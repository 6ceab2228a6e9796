"""Events as rows of a page: in words, with links to where the subject lives."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from interactions.web.auditing.words import details_of, words_of
from projects.models import Event
from projects.services.auditing.origin import DOORS

_INTERACTION = frozenset(("interaction", "ahead", "feedback", "label", "metadata"))
_SHORT = 13  # letters of a UUID
# Where the subject of a noun lives: the name of an address, and that of the subject in it.
_ADDRESSES = {
    "dataset": ("dataset", "dataset"),
    "bulk_action": ("bulk-action", "uuid"),
    "selection": ("selection", "uuid"),
    "interactions": ("job", "uuid"),
    "export": ("job", "uuid"),
    "image": ("image-page", "sha256"),
    "view": ("views", ""),
    "model": ("models", ""),
    "metric": ("metrics", ""),
    "project": ("settings", ""),
}


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event."""

    event: Event

    @property
    def who(self) -> str:
        """By the name that they had."""
        return self.event.who or ("nobody known" if self.event.address else "the site")

    @property
    def words(self) -> str:
        """What was done."""
        return words_of(self.event.verb)

    @property
    def details(self) -> str:
        """What else is known."""
        return details_of(self.event.verb, self.event.details)

    @property
    def door(self) -> str:
        """By which door."""
        return DOORS.get(self.event.door, self.event.door)

    @property
    def subject(self) -> str:
        """To what, briefly."""
        event = self.event
        if event.subjects:
            return f"{len(event.subjects):,} interactions"
        if event.noun == "request":
            return ""
        is_long = len(event.subject) in (36, 64) and " " not in event.subject
        return f"{event.subject[:_SHORT]}…" if is_long else event.subject

    @property
    def whole_subject(self) -> str:
        """All of it."""
        return ", ".join(map(str, self.event.subjects or ())) or self.event.subject

    @property
    def link(self) -> str:
        """Where it lives; "" when it lives nowhere. It may have been deleted."""
        event = self.event
        if not event.project_key or event.subjects:
            return ""
        if event.noun == "search":
            query = event.details.get("query")
            page = event.details.get("page", "")
            return f"{self._page(str(page))}?{query}" if query else ""
        if event.noun in _INTERACTION:
            return self._page("interaction", id=event.subject)
        name, argument = _ADDRESSES.get(event.noun, ("", ""))
        return self._page(name, **({argument: event.subject} if argument else {}))

    def _page(self, name: str, **given: str) -> str:
        try:
            if "id" in given or "uuid" in given:
                given = {key: str(UUID(value)) for key, value in given.items()}
            return reverse(name, kwargs={"key": self.event.project_key, **given}) if name else ""
        except (NoReverseMatch, ValueError):
            return ""
