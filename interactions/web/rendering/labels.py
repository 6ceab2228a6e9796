"""Labels as the page of an interaction shows them: chips that lead to the list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from interactions.filters.notation import spell_label
from interactions.models import Label
from interactions.web.filtering.query_string import encoded
from projects.models import Project


@dataclass(frozen=True, slots=True)
class Tag:
    """A label, and the list of everything that has it."""

    key: str
    value: str
    link: str


@dataclass(slots=True)
class Tags:
    """The labels of one interaction; `error`, `key` and `value` are of an attempt not stored."""

    project: Project
    id: UUID
    may_change: bool
    all: list[Tag] = field(default_factory=list)
    error: str = ""
    key: str = ""
    value: str = ""

    def refuse(self, error: str, *, key: str, value: str) -> None:
        """Say what is wrong with a label that was not stored."""
        self.error, self.key, self.value = error, key, value


def tags_of(project: Project, id: UUID, labels: Sequence[Label], *, may_change: bool) -> Tags:
    """The labels of the interaction `id`."""
    return Tags(project, id, may_change, [_tag(project, label) for label in labels])


def _tag(project: Project, label: Label) -> Tag:
    asked = QueryDict(mutable=True)
    asked["label"] = spell_label(label.key, label.value)
    link = reverse("interactions", kwargs={"key": project.key}) + encoded(asked)
    return Tag(label.key, label.value or "", link)
