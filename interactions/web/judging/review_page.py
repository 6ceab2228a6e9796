"""What the page of a review shows: an interaction to give feedback on, and the progress."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils.text import Truncator

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters import feedback_text
from interactions.filters.conditions import HasFeedback
from interactions.filters.notation import spell_feedback
from interactions.filters.sql import queries
from interactions.filters.tree import conditions_of
from interactions.models import Feedback, Interaction
from interactions.services.analysis import metric_usage
from interactions.services.judging import review
from interactions.services.judging.metric_scales import Scale, scales
from interactions.services.judging.review import LARGEST_SAMPLE, Queue
from interactions.services.rollups import counts
from interactions.web.judging.review_progress import ReviewProgress, progress_of
from interactions.web.judging.sample import SampledPage
from interactions.web.rendering.cards import Card, cards_of
from interactions.web.rendering.feedback import InteractionFeedback, feedback_of
from projects.models import Metric

NEXT_LIMIT_MS = 5_000  # to find what comes next
PROGRESS_LIMIT_MS = 1_000
END = "end"  # in an address: nothing is left
MOST_BAD_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ReviewButton:
    """A button that gives a value, its key, and whether the caller's own value is this one."""

    value: str
    key: str
    word: str
    tone: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class ReviewedInteraction:
    """A value in words, with the beginning of the prompt of its interaction."""

    word: str
    tone: str
    preview: str
    link: str


@dataclass
class Review(SampledPage):
    """A filter, a metric, and the interaction to give a value; `next` is the link after it."""

    has_facets = True
    option_names = ("metric", "sample", "seed", "upto", "whose", "show", "at")
    form_options = ("metric", "sample", "whose", "show")

    url_name: str = "review"
    metric: Metric | None = None
    card: Card | None = None
    next: str = ""
    has_skipped: bool = False
    error: str = ""
    typed: str = ""
    reason: str = ""

    def read(self) -> "Review":
        """Find the interaction to show, or say what is wrong."""
        if not self.checked() or self.metric is None:
            return self
        try:
            with time_limit(NEXT_LIMIT_MS):
                self._find()
        except TookTooLong as error:
            self.blame("sample" if "sample" in self.options else "time", str(error))
        return self

    def checked(self) -> bool:
        """Whether filter and parameters can be answered; chooses the metric."""
        super().checked()
        asked = self.options.get("metric")
        self.metric = self._metric(asked) if not self.faults else None
        if asked and self.metric is None and not self.faults:
            known = ", ".join(scale.metric.key for scale in self.scales)
            self.blame("metric", f"expected a metric of this project: {known}")
        if self.metric is not None:
            self.options["metric"] = self.metric.key
        self.check_sample(self.metric)
        for name, expected in (("whose", "all"), ("show", "1")):
            if self.options.get(name, expected) != expected:
                self.blame(name, f"expected {expected} or nothing")
        try:
            _ = self.at
        except ValueError:
            self.blame("at", f"expected the id of an interaction, or {END}")
        return not self.faults

    def _metric(self, key: str | None) -> Metric | None:
        """The metric with this key; without a key one that the filter names, else the primary one,
        else the most used of those whose values are good or bad.
        """
        metrics = [scale.metric for scale in self.scales]
        if key:
            return next((one for one in metrics if one.key == key), None)
        spoken = [one.metric for one in conditions_of(self.tree) if isinstance(one, HasFeedback)]
        wanted = [one for one in metrics if one.key in spoken]
        wanted += [scale.metric for scale in self.scales if scale.is_primary]
        if wanted or not metrics:
            return wanted[0] if wanted else None
        n_given = {id: use.n for id, use in metric_usage.feedback_uses(self.project).items()}
        return max(metrics, key=lambda one: (one.limit is not None, n_given.get(one.id, 0)))

    @cached_property
    def scales(self) -> list[Scale]:
        """The metrics to choose from."""
        return scales(self.project)

    @cached_property
    def scale(self) -> Scale:
        """The chosen metric with its usual values."""
        return next(one for one in self.scales if one.metric == self.metric)

    @property
    def at(self) -> UUID | None:
        """The interaction the address asks about; raises ValueError."""
        at = self.options.get("at", END)
        return None if at == END else UUID(at)

    @cached_property
    def queue(self) -> Queue:
        """The queue, as the service knows it."""
        assert self.metric is not None
        by = None if self.options.get("whose") == "all" else self.caller.user
        return Queue(self.project, self.now_tree, self.metric, by, self.sample)

    def _find(self) -> None:
        at = self.at
        if at is None and self.options.get("at") == END:
            self.has_skipped = bool(review.following(self.queue, None, 1))
            return
        ids = review.following(self.queue, at, 2 if at is None else 1)
        here = at or (ids.pop(0) if ids else None)
        cards = cards_of(self.project, [here], wanted=self.wanted) if here else []
        if at is not None and not cards:
            self.blame("at", "expected an interaction of this project; it may be deleted")
            return
        self.card = cards[0] if cards else None
        self.next = self.links.changing(at=str(ids[0]) if ids else END)

    def after(self, id: UUID) -> str:
        """The link to what comes after this one; raises TookTooLong."""
        with time_limit(NEXT_LIMIT_MS):
            ids = review.following(self.queue, id, 1)
        return self.links.changing(at=str(ids[0]) if ids else END)

    @property
    def choices(self) -> list[ReviewButton]:
        """The buttons: yes is 1 and no is 2, numbers are their own key; none where one is typed."""
        assert self.metric is not None
        own = self._own_value
        return [
            ReviewButton(
                f"{value:g}",
                str(place) if self.metric.is_yes_no else f"{value:g}",
                feedback_text.value_of(self.metric, value),
                self.metric.tone(value),
                own == value,
            )
            for place, value in enumerate(self.scale.values, 1)
        ]

    @property
    def _own_value(self) -> float | None:
        feedback = self.card.whole.feedback if self.card else []
        return next((one.value for one in feedback if self._is_own(one)), None)

    def _is_own(self, one: Feedback) -> bool:
        is_mine = one.created_by_id == self.caller.user.id and one.metric == self.metric
        return is_mine and one.source == Feedback.Source.REVIEW

    @property
    def shows_others(self) -> bool:
        """Whether others' feedback is shown: when asked for, or after the caller's own."""
        return self.options.get("show") == "1" or self._own_value is not None

    @property
    def others(self) -> InteractionFeedback | None:
        """All feedback of the interaction, to read."""
        if self.card is None:
            return None
        feedback = self.card.whole.feedback
        it = self.card.interaction
        return feedback_of(self.caller, self.project, it.id, scales=[], feedback=feedback)

    @cached_property
    def values(self) -> list[review.ReviewValue]:
        """The values in the queue."""
        return review.values_of(self.queue)

    @cached_property
    def progress(self) -> ReviewProgress | None:
        """How far it is; None when that took too long to count."""
        try:
            with time_limit(PROGRESS_LIMIT_MS):
                return progress_of(self.queue, self.values, of=self._of)
        except TookTooLong:
            return None

    @property
    def _of(self) -> str:
        if self.sample is not None:
            return ""
        known = counts.counted(self.project, self.tree)
        found = queries.Count(known, True) if known is not None else None
        found = found or queries.quick_count(self.project, self.tree)
        return f"{found.n:,}{'' if found.is_exact else '+'}"

    @cached_property
    def last(self) -> ReviewedInteraction | None:
        """The last value, which `z` withdraws."""
        assert self.metric is not None
        last = review.latest(self.project, self.metric, self.caller.user)
        return self._reviewed(last.value, last.interaction) if last is not None else None

    def _reviewed(self, value: float, it: Interaction) -> ReviewedInteraction:
        assert self.metric is not None
        word, tone = feedback_text.value_of(self.metric, value), self.metric.tone(value)
        preview = Truncator(it.prompt_preview).chars(80)
        return ReviewedInteraction(word, tone, preview, self.links.changing(at=str(it.id)))

    @cached_property
    def bad(self) -> list[ReviewedInteraction]:
        """The bad values in the queue, newest first, up to 50."""
        if self.metric is None or self.progress is None:
            return []
        bad = [one for one in self.values if self.metric.tone(one.value) == "bad"][:MOST_BAD_SHOWN]
        wanted = [one.interaction_id for one in bad]
        rows = Interaction.objects.in_project(self.project).with_ids(wanted).in_bulk()
        return [
            self._reviewed(one.value, rows[one.interaction_id])
            for one in bad
            if one.interaction_id in rows
        ]

    @property
    def bad_link(self) -> str:
        """The list of all with bad feedback in the filter; "" where no value is good or bad."""
        bad = feedback_text.bad(self.metric) if self.metric is not None else None
        if bad is None:
            return ""
        term = spell_feedback(bad)
        return self.links.list + self.links.filter.adding("feedback", term)

    @property
    def variants(self) -> dict[str, Any]:
        """The page with other options."""
        unsampled = {"sample": "", "seed": "", "upto": "", "at": ""}
        drawn = len(self.sample.ids) if self.sample else 0
        enough = self.progress.more + self.progress.read if self.progress else 0
        return {
            "all": self.links.changing(**unsampled),
            "top": self.links.changing(at=""),
            "enlarged": self.links.changing(
                sample=str(min(max(drawn, enough), LARGEST_SAMPLE)), at=""
            ),
            "mine": self.links.changing(whose="", at=""),
            "everybody": self.links.changing(whose="all", at=""),
            "show": self.links.changing(show="1"),
            "hide": self.links.changing(show=""),
            "here": self.links.changing(),
            "this": self.links.changing(at=str(self.card.interaction.id)) if self.card else "",
            "interactions": self.links.list + str(self.links.filter),
        }
