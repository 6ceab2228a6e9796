"""Feedback as the page of an interaction shows it: a row for each metric, to read and to give."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from interactions.filters import feedback_text
from interactions.models import Feedback
from interactions.services.judging.metric_scales import Scale
from projects.models import Metric, Project
from projects.services.access import GIVE_FEEDBACK, MANAGE, Caller

MOST_METRICS_UNFOLDED = 6  # metrics; with more, those without a value here are folded away


@dataclass(frozen=True, slots=True)
class ShownFeedback:
    """One value with its author in words, and whether the caller may withdraw it."""

    feedback: Feedback
    word: str
    tone: str
    by: str
    may_withdraw: bool


@dataclass(slots=True)
class ValueButton:
    """A button that gives `value`, or withdraws it when the caller's own value is this one.

    `key` presses the button: one of 1 to 9, those of the primary metric first, "" for the buttons
    after.
    """

    value: int
    word: str
    tone: str
    is_on: bool
    key: str = ""


@dataclass(slots=True)
class MetricFeedback:
    """A metric with its values, newest first, and the buttons that give one.

    Without buttons a number is typed; `typed`, `reason` and `error` are of an attempt that
    was not stored. A metric that is no longer linked to the project takes no more values.
    """

    metric: Metric
    buttons: list[ValueButton]
    values: list[ShownFeedback]
    is_primary: bool = False
    takes_more: bool = True
    typed: str = ""
    reason: str = ""
    error: str = ""


@dataclass(slots=True)
class InteractionFeedback:
    """All the feedback of one interaction by metric; `feedback` is newest first."""

    project: Project
    id: UUID
    feedback: Sequence[Feedback]
    may_give: bool
    shown: list[MetricFeedback] = field(default_factory=list)
    folded: list[MetricFeedback] = field(default_factory=list)

    def refuse(self, metric: str, *, error: str, typed: str, reason: str) -> None:
        """Say at the metric with this key what is wrong with a value that was not stored."""
        for row in [*self.shown, *self.folded]:
            if row.metric.key == metric:
                row.error, row.typed, row.reason = error, typed, reason
                if row in self.folded:
                    self.folded.remove(row)
                    self.shown.append(row)
                return


def given_to(
    caller: Caller, project: Project, id: UUID, feedback: Sequence[Feedback]
) -> InteractionFeedback:
    """The feedback of the interaction `id` to be read, without rows to give more."""
    return InteractionFeedback(project, id, feedback, may_give=caller.may(GIVE_FEEDBACK, project))


def feedback_of(
    caller: Caller,
    project: Project,
    id: UUID,
    *,
    scales: Sequence[Scale],
    feedback: Sequence[Feedback],
) -> InteractionFeedback:
    """The feedback of the interaction `id`, with a row for every metric in `scales`."""
    may_manage = caller.may(MANAGE, project)
    made = InteractionFeedback(project, id, feedback, may_give=caller.may(GIVE_FEEDBACK, project))
    for scale in scales:
        values = [one for one in feedback if one.metric_id == scale.metric.id]
        row = _metric_feedback(caller, scale, values, may_manage=may_manage)
        is_short = scale.is_primary or len(scales) <= MOST_METRICS_UNFOLDED
        is_shown = bool(values) or (made.may_give and is_short)
        (made.shown if is_shown else made.folded).append(row)
    known = {scale.metric.id for scale in scales}
    for metric in {one.metric_id: one.metric for one in feedback}.values():
        if metric.id not in known:  # unlinked since
            values = [one for one in feedback if one.metric_id == metric.id]
            row = _metric_feedback(caller, Scale(metric), values, may_manage=may_manage)
            row.takes_more = False
            made.shown.append(row)
    if made.may_give:
        _number(made.shown)
    return made


def _number(shown: Sequence[MetricFeedback]) -> None:
    """Give the buttons their keys; none where digits type a number of the primary metric."""
    if any(row.is_primary and not row.buttons for row in shown):
        return
    buttons = [one for row in shown if row.takes_more for one in row.buttons]
    for number, button in enumerate(buttons[:9], start=1):
        button.key = str(number)


def _metric_feedback(
    caller: Caller, scale: Scale, feedback: Sequence[Feedback], *, may_manage: bool
) -> MetricFeedback:
    metric = scale.metric
    own = [
        one.value
        for one in feedback
        if one.created_by_id == caller.user.id and one.source == Feedback.Source.REVIEW
    ]
    values = [
        ShownFeedback(
            one,
            feedback_text.value_of(metric, one.value),
            metric.tone(one.value),
            one.author,
            may_manage or one.created_by_id == caller.user.id,
        )
        for one in feedback
    ]
    buttons = [
        ValueButton(
            value, feedback_text.value_of(metric, value), metric.tone(value), own[:1] == [value]
        )
        for value in scale.values
    ]
    return MetricFeedback(metric, buttons, values, is_primary=scale.is_primary)
