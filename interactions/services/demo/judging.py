"""What people thought of the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from adaptive_site.lib.ids import to_millisecond
from interactions.services.recording.drafts import GivenFeedback
from projects.models import Metric, Project
from projects.services import metrics

HELPFUL, CSAT, RESOLUTION, PREFERENCE = "helpful", "csat", "resolution_time_min", "preference"


def make_metrics(project: Project) -> dict[str, Metric]:
    """The metrics of the demo, by key."""
    yes_or_no, number = Metric.Kind.BOOL, Metric.Kind.SCALAR
    made = [
        metrics.ensure(
            project, HELPFUL, kind=yes_or_no, name="Helpful",
            description="Thumbs up or down under an answer.",
        ),
        metrics.ensure(
            project, CSAT, kind=number, name="CSAT",
            description="Satisfaction after the conversation, 1 to 5.",
        ),
        metrics.ensure(
            project, RESOLUTION, kind=number, name="Resolution time (min)",
            scoring_type=Metric.Scoring.LOWER_IS_BETTER,
            description="Minutes from the first question until the matter was settled.",
        ),
        metrics.ensure(
            project, PREFERENCE, kind=yes_or_no, name="Preference",
            description="Which of two answers to the same prompt is better.",
        ),
    ]  # fmt: skip
    return {metric.key: metric for metric in made}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Gives feedback on the interactions up to `now`."""

    metrics: Mapping[str, Metric]
    now: datetime

    def feedback(
        self, rng: Random, at: datetime, *, complaint: tuple[str, str] | None, praise: Sequence[str]
    ) -> list[GivenFeedback]:
        """Whether one answer given at `at` helped; who is let down says so twice as often."""
        bad = complaint is not None
        if rng.random() >= (0.58 if bad else 0.27):
            return []
        is_helpful = rng.random() < (0.05 if bad else 0.93)
        reason, details = "", ""
        if complaint is not None and not is_helpful and rng.random() < 0.75:
            reason, details = complaint[0], complaint[1] if rng.random() < 0.8 else ""
        elif is_helpful and not bad and rng.random() < 0.14:
            details = rng.choice(praise)
        return [self._given(rng, at, HELPFUL, float(is_helpful), reason, details)]

    def verdict(self, rng: Random, at: datetime, *, bad: bool, is_hot: bool) -> list[GivenFeedback]:
        """On a whole conversation, given with its last answer at `at`."""
        given = []
        if rng.random() < (0.26 if bad else 0.17):
            weights = (52, 30, 13, 4, 1) if bad else (1, 3, 11, 38, 47)
            value = rng.choices((1.0, 2.0, 3.0, 4.0, 5.0), weights)[0]
            given.append(self._given(rng, at, CSAT, value))
        if rng.random() < 0.17:
            minutes = rng.lognormvariate(3.3 if bad else 1.8, 0.5) * (1.5 if is_hot else 1)
            given.append(self._given(rng, at, RESOLUTION, round(minutes, 1)))
        return given

    def _given(
        self, rng: Random, at: datetime, key: str, value: float, reason: str = "", details: str = ""
    ) -> GivenFeedback:
        later = min(self.now, at + timedelta(seconds=rng.lognormvariate(4.8, 1.1)))
        return GivenFeedback(
            metric=self.metrics[key],
            value=value,
            reason=reason,
            details=details,
            created_at=to_millisecond(later),
        )
