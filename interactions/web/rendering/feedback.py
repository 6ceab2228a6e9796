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
    """One value that was given, and whether the caller may take it back."""

    feedback: Feedback
    word: str
    tone: str
    by: str
    may_withdraw: bool


@dataclass(slots=True)
class ValueButton:
    """A button that gives `value`; it is on, and takes it back, when the caller gave that.

    `key` presses it, one of 1 to 9 among all that are shown; "" for what comes after.
    """

    value: int
    word: str
    tone: str
    is_on: bool
    key: str = ""


@dataclass(slots=True)
class MetricFeedback:
    """A metric: what was given under it, newest first, and the buttons to give a value.

    Without choices a number is typed; `typed`, `reason` and `error` are of an attempt that
    was not stored. One that is unlinked takes no more.
    """

    metric: Metric
    choices: list[ValueButton]
    given: list[ShownFeedback]
    takes_more: bool = True
    typed: str = ""
    reason: str = ""
    error: str = ""


@dataclass(slots=True)
class InteractionFeedback:
    """All the feedback of one interaction; `feedback` is newest first."""

    project: Project
    id: UUID
    feedback: Sequence[Feedback]
    may_give: bool
    shown: list[MetricFeedback] = field(default_factory=list)
    folded: list[MetricFeedback] = field(default_factory=list)

    def refuse(self, metric: str, *, error: str, typed: str, reason: str) -> None:
        """Say at the metric with this key what is wrong with a value that was not stored."""
        for verdict in [*self.shown, *self.folded]:
            if verdict.metric.key == metric:
                verdict.error, verdict.typed, verdict.reason = error, typed, reason
                if verdict in self.folded:
                    self.folded.remove(verdict)
                    self.shown.append(verdict)
                return


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
        mine = [one for one in feedback if one.metric_id == scale.metric.id]
        verdict = _metric_feedback(caller, scale, mine, may_manage=may_manage)
        is_shown = bool(mine) or (made.may_give and len(scales) <= MOST_METRICS_UNFOLDED)
        (made.shown if is_shown else made.folded).append(verdict)
    known = {scale.metric.id for scale in scales}
    for metric in {one.metric_id: one.metric for one in feedback}.values():
        if metric.id not in known:  # unlinked since
            mine = [one for one in feedback if one.metric_id == metric.id]
            verdict = _metric_feedback(caller, Scale(metric), mine, may_manage=may_manage)
            verdict.takes_more = False
            made.shown.append(verdict)
    choices = [one for verdict in made.shown if verdict.takes_more for one in verdict.choices]
    for number, choice in enumerate(choices[:9] if made.may_give else (), start=1):
        choice.key = str(number)
    return made


def _metric_feedback(
    caller: Caller, scale: Scale, feedback: Sequence[Feedback], *, may_manage: bool
) -> MetricFeedback:
    own = [
        one.value
        for one in feedback
        if one.created_by_id == caller.user.id and one.source == Feedback.Source.REVIEW
    ]
    given = [
        ShownFeedback(
            one,
            feedback_text.value_of(scale.metric, one.value),
            scale.metric.tone(one.value),
            one.author,
            may_manage or one.created_by_id == caller.user.id,
        )
        for one in feedback
    ]
    choices = [
        ValueButton(
            value,
            feedback_text.value_of(scale.metric, value),
            scale.metric.tone(value),
            own[:1] == [value],
        )
        for value in scale.values
    ]
    return MetricFeedback(scale.metric, choices, given)
