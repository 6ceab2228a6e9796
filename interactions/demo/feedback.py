"""What people in the demo think of the answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from random import Random
from uuid import UUID

from adaptive_site.lib.ids import to_millisecond
from interactions.demo.content import compose
from interactions.demo.conversations import Complaint
from interactions.models import Comparison
from interactions.services.judging.comparisons import NewComparison
from interactions.services.recording.drafts import Draft, FeedbackDraft
from projects.models import Metric

Answer = tuple[Draft, bool]  # and whether it is a good one


@dataclass(frozen=True, slots=True)
class Audience:
    """Whoever gives feedback, up to `now`; the metrics are known by their keys."""

    rng: Random
    now: datetime
    metrics: Mapping[str, Metric]

    def on_answer(self, at: datetime, complaint: Complaint, praise: str) -> Iterator[FeedbackDraft]:
        """Whether an answer helped; who has a complaint says so twice as often."""
        rng = self.rng
        if rng.random() >= (0.58 if complaint else 0.27):
            return
        is_helpful = rng.random() < (0.05 if complaint else 0.93)
        given = self._given(at, "helpful", float(is_helpful))
        if complaint and not is_helpful and rng.random() < 0.75:
            given.reason, details = complaint
            given.details = details if rng.random() < 0.8 else ""
        elif is_helpful and not complaint and rng.random() < 0.14:
            given.details = compose(rng, praise, {})
        yield given

    def on_conversation(self, at: datetime, *, is_bad: bool) -> Iterator[FeedbackDraft]:
        """How satisfied the customer is, and how long the matter took, where that is known."""
        rng = self.rng
        if rng.random() < (0.26 if is_bad else 0.17):
            weights = (52, 30, 13, 4, 1) if is_bad else (1, 3, 11, 38, 47)
            yield self._given(at, "csat", rng.choices((1.0, 2.0, 3.0, 4.0, 5.0), weights)[0])
        if rng.random() < 0.17:
            minutes = rng.lognormvariate(3.3 if is_bad else 1.8, 0.5)
            yield self._given(at, "resolution_time_min", round(minutes, 1))

    def on_pairs(
        self, trials: Sequence[Sequence[Answer]], ids: Mapping[int, UUID], *, most: int
    ) -> Iterator[NewComparison]:
        """Which of two answers to one prompt is better; `ids` by the identity of the draft."""
        rng = self.rng
        pairs = [pair for answers in trials for pair in combinations(answers, 2)]
        for pair in rng.sample(pairs, min(most, len(pairs))):
            in_order = sorted(pair, key=lambda answer: (not answer[1], rng.random()))
            (better, is_good), (other, is_other_good) = in_order
            tied, is_same = None, better.completion == other.completion
            if is_good == is_other_good and (not is_good or is_same or rng.random() < 0.45):
                tied = Comparison.Tied.GOOD if is_good else Comparison.Tied.BAD
            yield NewComparison(
                metric=self.metrics["preference"],
                preferred_id=ids[id(better)],
                other_id=ids[id(other)],
                tied=tied,
                created_at=self._later(max(better.created_at, other.created_at), 7),
            )

    def _given(self, at: datetime, key: str, value: float) -> FeedbackDraft:
        later = self._later(at, 4.8)
        return FeedbackDraft(metric=self.metrics[key], value=value, created_at=later)

    def _later(self, at: datetime, scale: float) -> datetime:
        later = at + timedelta(seconds=self.rng.lognormvariate(scale, 1.1))
        return to_millisecond(min(self.now, later))
