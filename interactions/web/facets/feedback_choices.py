"""The feedback under a metric as choices of a facet."""

from collections.abc import Iterator
from typing import TypeAlias

from django.http import QueryDict

from interactions.filters import feedback_text
from interactions.filters.conditions import Comparator, HasFeedback
from interactions.filters.notation import parse_feedback, spell_feedback
from interactions.services.analysis.feedback_counts import FeedbackOnMatches
from interactions.web.facets.choices import FacetChoice, FilterTerms
from projects.models import Metric

Given: TypeAlias = list[tuple[str, HasFeedback, int | None]]


def metric_choices(
    data: QueryDict, metric: Metric, given: FeedbackOnMatches
) -> Iterator[FacetChoice]:
    """The feedback under a metric; choosing another value takes the place of the first."""
    terms = FilterTerms(data, parse_feedback, "feedback", "not_feedback")
    own = terms.pairs("feedback", lambda meaning: bool(meaning.metric == metric.key))
    # The matches were counted without any condition on this metric, so none of them may stay.
    refused = terms.pairs("not_feedback", lambda meaning: bool(meaning.metric == metric.key))
    for name, condition, n in _conditions(metric, given):
        term = spell_feedback(condition)
        wanted = terms.meaning("feedback", condition)
        unwanted = terms.meaning("not_feedback", condition)
        yield FacetChoice(
            name,
            n,
            n / given.n if n and given.n else 0,
            bool(wanted),
            bool(unwanted),
            terms.link(wanted or [*own, *refused], None if wanted else ("feedback", term)),
            terms.link(unwanted or wanted, None if unwanted else ("not_feedback", term)),
        )
    # The other way round: that there is feedback is that "no feedback" shall not be.
    every = HasFeedback(metric.key)
    term, others = spell_feedback(every), [*own, *refused]
    wanted, unwanted = (terms.meaning(name, every) for name in ("not_feedback", "feedback"))
    yield FacetChoice(
        "no feedback",
        given.without,
        0,
        bool(wanted),
        bool(unwanted),
        terms.link(wanted or others, None if wanted else ("not_feedback", term)),
        terms.link(unwanted or others, None if unwanted else ("feedback", term)),
        is_none=True,
    )


def _conditions(metric: Metric, given: FeedbackOnMatches) -> Given:
    """The conditions that a metric's feedback offers, by name."""
    key, n = metric.key, dict(given.values)
    made: Given = []
    if metric.is_yes_no:
        made = [_equal(metric, value, n.get(value, 0)) for value in (1.0, 0.0)]
    else:
        for condition, many in (
            (feedback_text.good(metric), given.good),
            (feedback_text.bad(metric), given.bad),
        ):
            if condition is not None:
                mark = "▲" if condition == feedback_text.good(metric) else "▼"
                made.append((f"{mark} {feedback_text.compared(condition)}", condition, many))
        if given.quarters is None:
            made += [_equal(metric, value, many) for value, many in given.values]
        elif not made:
            for comparator, value in zip(
                (Comparator.AT_MOST, Comparator.AT_LEAST), given.quarters, strict=True
            ):
                condition = HasFeedback(key, comparator, value)
                made.append((feedback_text.compared(condition), condition, None))
    return made


def _equal(metric: Metric, value: float, n: int) -> tuple[str, HasFeedback, int]:
    name = feedback_text.value_of(metric, value)
    if metric.limit is not None:
        name = f"{feedback_text.mark(metric, value)} {name}"
    return name, HasFeedback(metric.key, Comparator.EQUAL, value), n
