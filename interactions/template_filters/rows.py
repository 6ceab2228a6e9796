"""How a row of the list is written."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.safestring import SafeString, mark_safe
from markupsafe import escape

from adaptive_site.lib.middle_ellipsis import middle
from interactions.filters import feedback_text
from interactions.filters.notation import spell_label
from interactions.models import Feedback, Label
from interactions.web.filtering.query_string import QueryString
from projects.models import TokenPrices
from projects.models.prices import spelled_price


def chips(labels: Iterable[Label], address: QueryString) -> SafeString:
    """A row's labels, each the link that narrows to it.

    Some 300 stand on a page, a third of them different: each is made once a page.
    """
    made = address.chips
    return mark_safe("".join(made.get(one.id) or _chip(one, address) for one in labels))


def _chip(label: Label, address: QueryString) -> SafeString:
    value = label.value or ""
    link = escape(address.adding("label", spell_label(label.key, label.value)))
    key, title = escape(label.key), escape(value)
    chip = address.chips[label.id] = mark_safe(
        f'<a class="chip" href="{link}" title="{key} is {title}">{key} <b>{middle(value)}</b></a>'
    )
    return chip


def good_and_bad_first(feedback: list[Feedback]) -> list[Feedback]:
    """Good and bad feedback before feedback that is neither, each newest first."""
    return sorted(feedback, key=lambda one: one.metric.limit is None)


def tone(feedback: Feedback) -> str:
    """`good`, `bad` or `none`."""
    return feedback.metric.tone(feedback.value)


def mark(feedback: Feedback) -> str:
    """▲, ▼ or ·."""
    return feedback_text.mark(feedback.metric, feedback.value)


def value(feedback: Feedback) -> str:
    """The value alone, in the words of its metric: `no`, `4`."""
    return feedback_text.value_of(feedback.metric, feedback.value, is_short=True)


def said(feedback: Feedback) -> str:
    """The value in full, with its metric: `helpful: no`."""
    return feedback_text.with_metric(feedback.metric, feedback.value)


def seconds(milliseconds: int) -> str:
    """`0.84 s`, `2.4 s`, `95 s`."""
    value = milliseconds / 1000
    return f"{value:.2f} s" if value < 1 else f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def dollars(cost: Decimal) -> str:
    """`$1,234.50`, `$0.31`, `$0.0042`: never zero of what is not, as a small cost would be.

    >>> dollars(Decimal("0.00421")), dollars(Decimal(0))
    ('$0.0042', '$0')
    """
    if not cost:
        return "$0"
    if cost >= 1:
        return f"${cost:,.2f}"
    # Two digits that say something: 0.31, 0.0042, 0.0000065.
    return f"${cost.quantize(Decimal(1).scaleb(cost.adjusted() - 1)):f}"


def priced(prices: TokenPrices) -> str:
    """The prices of a model in a line: `2.5 in · 1.25 cached · 10 out`."""
    named = (("in", prices.prompt), ("cached", prices.cached), ("out", prices.completion))
    return " · ".join(f"{spelled_price(one)} {name}" for name, one in named if one is not None)


def label_of(labels: list[Label], key: str) -> Label | None:
    """A row's label of this key."""
    return next((label for label in labels if label.key == key), None)


def of_metric(feedback: list[Feedback], key: str) -> list[Feedback]:
    """A row's feedback under this metric, newest first."""
    return [one for one in feedback if one.metric.key == key]
