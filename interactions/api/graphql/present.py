"""Interactions as GraphQL shows them, where they are called completions.

As in `projects.api.present`: dicts that hold every field of their type; what is a function is
called when it is selected, and reads for all that are shown together.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from django.urls import reverse

from adaptive_site.lib.answer_size import spend
from adaptive_site.lib.errors import Invalid, NotFound
from adaptive_site.lib.graphql.scalars import milliseconds
from interactions.models import Comparison, Feedback, Image, InteractionBody
from interactions.models.content_parts import (
    image_address,
    is_text,
    parts_of,
    text_of,
    texts_of,
)
from interactions.services.analysis import metric_usage as usage
from interactions.services.browsing import body_sizes, rows
from interactions.services.images.store import STORED_IMAGE_SCHEME
from projects.api.present import Shown, ShownModels, ShownPeople, ShownProjects, show_metric
from projects.models import Metric, Project, User
from projects.services import llms
from projects.services.access import Caller


class ShownCompletions:
    """Interactions of one project that are shown together."""

    def __init__(self, caller: Caller, project: Project, ids: Iterable[UUID]) -> None:
        self._caller = caller
        self._project = project
        self._ids = list(dict.fromkeys(ids))

    def all(self) -> list[Shown]:
        """The interactions that are there, in the order of the ids."""
        return [self._one(row) for row in self._rows.values()]

    def some(self, ids: Sequence[UUID]) -> list[Shown]:
        """The nodes of these ids, without the ids that no interaction has."""
        return [self._one(self._rows[id]) for id in ids if id in self._rows]

    def _one(self, row: rows.Row) -> Shown:
        """`Completion`."""
        one = row.interaction
        id = one.id

        def scores(filter: dict[str, Any] | None = None) -> list[Shown]:
            if filter and filter.get("labels"):
                raise Invalid("feedback carries no labels here", field="filter.labels")
            return [self._metrics.score(given) for given in row.feedback]

        def compared() -> list[Shown]:
            return [self._compared(comparison) for comparison in self._comparisons[id]]

        return {
            "id": id,
            "chatMessages": lambda: self._messages(row),
            "completion": lambda: self._body(id).completion,
            "completionParts": lambda: [_text_part(self._body(id).completion)],
            "source": one.source,
            "model": self._models.get(one.llm_id),
            "directScores": scores,
            "directFeedbacks": scores,
            "comparisonScores": compared,
            "comparisonFeedbacks": compared,
            "labels": [{"key": label.key, "value": label.value} for label in row.labels],
            "metadata": lambda: _metadata(self._body(id), one.latency_ms, one.ttft_ms),
            "createdAt": milliseconds(one.created_at),
            "promptHash": one.prompt_hash.hex,
            "session": {"id": one.session_id} if one.session_id else None,
            "createdBy": lambda: self._authors.get(one.created_by_id),
        }

    @cached_property
    def _rows(self) -> dict[UUID, rows.Row]:
        spend(body_sizes.of_feedback(self._project, self._ids))
        found = rows.rows(self._project, self._ids, related=False, all_feedback=True)
        return {row.interaction.id: row for row in found}

    @cached_property
    def _bodies(self) -> dict[UUID, InteractionBody]:
        spend(sum(body_sizes.of_bodies(self._project, self._rows).values()))
        return rows.bodies(self._project, self._rows)

    def _body(self, id: UUID) -> InteractionBody:
        if id not in self._bodies:  # it was deleted since its row was read
            raise NotFound(f"EntityNotFound: completion {id} not found")
        return self._bodies[id]

    @cached_property
    def _models(self) -> dict[int | None, Shown]:
        ids = (row.interaction.llm_id for row in self._rows.values())
        found = llms.in_bulk(self._project, [id for id in ids if id is not None])
        shown = ShownModels(self._caller, found.values())
        return {id: shown.one(llm) for id, llm in found.items()}

    @cached_property
    def _authors(self) -> dict[int | None, Shown]:
        authors = (row.interaction.created_by_id for row in self._rows.values())
        users = list(User.objects.filter(id__in={id for id in authors if id is not None}))
        shown = ShownPeople(users)
        return {user.id: shown.one(user) for user in users}

    @cached_property
    def _metrics(self) -> "ShownMetrics":
        ids = {given.metric_id for row in self._rows.values() for given in row.feedback}
        return ShownMetrics(
            self._caller, Metric.objects.in_project(self._project).filter(id__in=ids)
        )

    @cached_property
    def _comparisons(self) -> dict[UUID, list[Comparison]]:
        return rows.comparisons(self._project, self._rows.keys())

    @cached_property
    def _compared_metrics(self) -> "ShownMetrics":
        ids = {one.metric_id for given in self._comparisons.values() for one in given}
        return ShownMetrics(
            self._caller, Metric.objects.in_project(self._project).filter(id__in=ids)
        )

    @cached_property
    def _others(self) -> "ShownCompletions":
        """Both sides of the comparisons."""
        given = [one for comparisons in self._comparisons.values() for one in comparisons]
        ids = [id for one in given for id in (one.preferred_id, one.other_id)]
        return ShownCompletions(self._caller, self._project, ids)

    def _compared(self, one: Comparison) -> Shown:
        """`ComparisonScore`."""
        project = ShownProjects(self._caller, [self._project]).one(self._project)
        return {
            "id": one.id,
            "createdAt": milliseconds(one.created_at),
            "project": project,
            "usecase": project,
            "metric": lambda: self._compared_metrics.by_id(one.metric_id),
            "preferedCompletion": lambda: next(iter(self._others.some([one.preferred_id])), None),
            "otherCompletion": lambda: next(iter(self._others.some([one.other_id])), None),
        }

    def _messages(self, row: rows.Row) -> list[Shown]:
        """`ChatMessage`s: the prompt alone."""
        links = {f"{STORED_IMAGE_SCHEME}{image.sha256}": self._link(image) for image in row.images}
        return [_message(one, links) for one in self._body(row.interaction.id).messages]

    def _link(self, image: Image) -> str:
        named = {"project": self._project.uuid, "sha256": image.sha256, "extension": image.format}
        return reverse("image", kwargs=named)


class ShownMetrics:
    """Metrics that are shown together to one caller."""

    def __init__(self, caller: Caller, metrics: Iterable[Metric]) -> None:
        self._caller = caller
        self._metrics = {metric.id: metric for metric in metrics}
        self._shown = {id: self._one(metric) for id, metric in self._metrics.items()}

    def all(self) -> list[Shown]:
        """Each of them."""
        return list(self._shown.values())

    def by_id(self, id: int) -> Shown | None:
        """The node of the metric with this id."""
        return self._shown.get(id)

    def score(self, given: Feedback) -> Shown:
        """`DirectScore`."""
        return {
            "id": given.id,
            "value": given.value,
            "metric": self._shown[given.metric_id],
            "reason": given.reason or None,
            "details": given.details or None,
            "createdAt": milliseconds(given.created_at),
        }

    def _one(self, metric: Metric) -> Shown:
        """`Metric`."""

        def has_feedback() -> bool:
            return self._uses[metric.id].has_feedback

        def has_comparisons() -> bool:
            return self._uses[metric.id].has_comparisons

        def projects() -> list[Shown]:
            return self._projects.get(metric.project_id, [])

        return {
            **show_metric(metric),
            "hasDirectScores": has_feedback,
            "hasDirectFeedbacks": has_feedback,
            "hasComparisonScores": has_comparisons,
            "hasComparisonFeedbacks": has_comparisons,
            "projects": projects,
            "useCases": projects,
        }

    @cached_property
    def _uses(self) -> dict[int, usage.MetricUse]:
        return usage.uses(self._metrics.values())

    @cached_property
    def _projects(self) -> dict[int | None, list[Shown]]:
        """By project id: the project alone, when the caller may read it."""
        wanted = {metric.project_id for metric in self._metrics.values()}
        projects = [one for one in Project.objects.visible_to(self._caller) if one.id in wanted]
        shown = ShownProjects(self._caller, projects)
        return {project.id: [shown.one(project)] for project in projects}


def _message(message: dict[str, Any], links: dict[str, str]) -> Shown:
    return {
        "role": message["role"],
        "content": "\n".join(texts_of(message)),
        "contentParts": lambda: [_part(part, links) for part in parts_of(message) or [""]],
    }


def _part(part: Any, links: dict[str, str]) -> Shown:
    if is_text(part):
        return _text_part(text_of(part) or "")
    if (url := image_address(part)) is not None:
        return {"__typename": "ImageContentPart", "url": links.get(url, url)}
    kind = part.get("type") if isinstance(part, dict) else None
    return {
        "__typename": "OtherContentPart",
        "type": kind if isinstance(kind, str) else None,
        "value": part,
    }


def _text_part(text: str) -> Shown:
    return {"__typename": "TextContentPart", "text": text}


def _metadata(body: InteractionBody, latency_ms: int | None, ttft_ms: int | None) -> Shown:
    """`CompletionMetadata`."""
    timings = {"latency_ms": latency_ms, "ttft_ms": ttft_ms}
    known = {name: value for name, value in timings.items() if value is not None}
    return {
        "parameters": body.parameters,
        "timings": known or None,
        "usage": _usage(body.usage or {}),
        "system": body.system,
    }


def _usage(usage: dict[str, Any]) -> Shown | None:
    """`Usage`, whose three numbers the client wants all; null when the provider said none."""
    asked, answered = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if type(asked) is not int or type(answered) is not int:
        return None
    total = usage.get("total_tokens")
    return {
        "promptTokens": asked,
        "completionTokens": answered,
        "totalTokens": total if type(total) is int else asked + answered,
        "details": usage,
    }
