"""How a row of the list is written."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeAlias

from django.utils.safestring import SafeString, mark_safe
from markupsafe import escape

from interactions.filters import feedback_text
from interactions.filters.notation import spell_label
from interactions.models import Feedback, Label
from interactions.services.browsing.list_rows import ListedFeedback, ListedInteraction, ListRow
from interactions.services.browsing.rows import Row
from interactions.web.filtering.query_string import QueryString
from projects.models import TokenPrices
from projects.models.prices import spelled_price

AnyFeedback: TypeAlias = Feedback | ListedFeedback

LETTERS_WHOLE, LETTERS_AT_END = 22, 8  # letters of a value in a row; titles have all of it


def chips(labels: Sequence[Label], address: QueryString, most: int = 0) -> SafeString:
    """Labels, each the link that narrows to it; of more than `most`, how many more there are.

    Some 300 stand on a page, a third of them different: each is made once a page.
    """
    made = address.chips
    shown, rest = (labels[:most], labels[most:]) if most else (labels, ())
    html = "".join(made.get(one.id) or _chip(one, address) for one in shown)
    if rest:
        names = escape("\n".join(f"{one.key} {one.value or ''}" for one in rest))
        html += f'<span class="rest" title="{names}">+{len(rest)}</span>'
    return mark_safe(html)


def _chip(label: Label, address: QueryString) -> SafeString:
    value = label.value or ""
    link = escape(address.adding("label", spell_label(label.key, label.value)))
    key, title = escape(label.key), escape(value)
    chip = address.chips[label.id] = mark_safe(
        f'<a class="chip" href="{link}" title="{key} is {title}">{key} <b>{cut(value)}</b></a>'
    )
    return chip


def cut(value: str, whole: int = LETTERS_WHOLE) -> SafeString:
    """A long value without its middle: in a row, one text costs less than what can give way.

    >>> cut("zone_understanding.png"), cut("a-much-longer-name-of-a-model")
    ('zone_understanding.png', 'a-much-longer…-a-model')
    """
    if len(value) > whole:
        value = f"{value[: whole - LETTERS_AT_END - 1]}…{value[-LETTERS_AT_END:]}"
    return mark_safe(escape(value))


def feedback_mark(row: Row | ListRow, is_new: bool = False) -> SafeString:
    """The feedback of a row as a mark left of its prompt, with its words on hovering.

    ▼ when some is bad, ▲ when some is good, · when it is neither. Empty without any, so that what
    is given beside the list has its place; `is_new` for an answer that puts it there.
    """
    given = row.feedback
    attributes = f'id="fb-{row.interaction.id}"'
    if is_new:
        attributes += ' hx-swap-oob="true"'
    if not given:
        return mark_safe(f'<span {attributes} class="mark"></span>')
    tones = {tone(one) for one in given}
    shown: list[str] = [name for name in ("bad", "good") if name in tones] or [*tones]
    words = [said(one) for one in good_and_bad_first(given)]
    if row.feedback_count > len(given):
        words.append(f"and {row.feedback_count - len(given)} more")
    title = escape(", ".join(words))
    signs = "".join(f'<b class="{name}">{feedback_text.MARKS[name]}</b>' for name in shown)
    return mark_safe(
        f'<span {attributes} class="mark" role="img" title="{title}"'
        f' aria-label="Feedback: {title}">{signs}</span>'
    )


def good_and_bad_first(feedback: Iterable[AnyFeedback]) -> list[AnyFeedback]:
    """Good and bad feedback before feedback that is neither, each newest first."""
    return sorted(feedback, key=lambda one: one.metric.limit is None)


def tone(feedback: AnyFeedback) -> str:
    """`good`, `bad` or `none`."""
    return feedback.metric.tone(feedback.value)


def mark(feedback: Feedback) -> str:
    """▲, ▼ or ·."""
    return feedback_text.mark(feedback.metric, feedback.value)


def value(feedback: Feedback) -> str:
    """The value alone, in the words of its metric: `no`, `4`."""
    return feedback_text.value_of(feedback.metric, feedback.value, is_short=True)


def said(feedback: AnyFeedback) -> str:
    """The value in full, with its metric: `helpful: no`."""
    return feedback_text.with_metric(feedback.metric, feedback.value)


def seconds(milliseconds: int) -> str:
    """`0.84 s`, `2.4 s`, `95 s`."""
    value = milliseconds / 1000
    return f"{value:.2f} s" if value < 1 else f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def numbers(interaction: ListedInteraction, kinds: Iterable[str]) -> str:
    """Tokens, times and cost of a row, a line each: `412 → 96`, `1.9 s`, `$0.31`."""
    lines = []
    for kind in kinds:
        if kind == "tokens":
            if interaction.prompt_tokens is not None:
                rest = interaction.completion_tokens
                lines.append(f"{interaction.prompt_tokens} → {'?' if rest is None else rest}")
        elif kind == "cost":
            if interaction.cost is not None:
                lines.append(dollars(interaction.cost))
        elif (took := getattr(interaction, f"{kind}_ms")) is not None:
            lines.append(seconds(took))
    return "\n".join(lines)


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
