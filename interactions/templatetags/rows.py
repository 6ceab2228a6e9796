"""How a row of the list is written."""

from collections.abc import Iterable
from uuid import UUID

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from adaptive_site.lib.middle_ellipsis import MOST_LETTERS_WHOLE, middle
from interactions.filters import feedback_text
from interactions.filters.notation import spell_label
from interactions.models import Feedback, Image, Label
from interactions.web.filtering.query_string import QueryString
from interactions.web.images.files import image_url, thumbnail_url
from interactions.web.listing.display import Display
from projects.models import Llm, Project

register = template.Library()


@register.filter
def opening(address: QueryString, id: UUID) -> str:
    """The link that opens an interaction beside the list."""
    return address.opening(str(id))


@register.simple_tag
def chips(labels: Iterable[Label], address: QueryString) -> SafeString:
    """A row's labels, each the link that narrows to it.

    Some 300 stand on a page; as nodes of a template they took a third of its time.
    """
    return format_html_join(
        "",
        '<a class="chip" href="{}" title="{} is {}">{} <b>{}</b></a>',
        (
            (
                address.adding("label", spell_label(label.key, label.value)),
                label.key,
                label.value or "",
                label.key,
                _value(label.value or ""),
            )
            for label in labels
        ),
    )


def _value(text: str) -> str:
    return text if len(text) <= MOST_LETTERS_WHOLE else middle(text)


@register.filter
def with_llm(address: QueryString, llm: Llm) -> str:
    """The link that narrows to a model."""
    return address.adding("model", llm.key)


@register.filter
def thumb(image: Image, project: Project) -> str:
    """The address of an image's thumbnail."""
    return thumbnail_url(project, image, "thumb")


@register.filter
def icon(image: Image, project: Project) -> str:
    """The address of an image's smallest thumbnail, for a row of a list."""
    return thumbnail_url(project, image, "icon")


@register.filter
def address(image: Image, project: Project) -> str:
    """The address of an image's bytes."""
    return image_url(project, image)


@register.filter
def good_and_bad_first(feedback: list[Feedback]) -> list[Feedback]:
    """Good and bad feedback before feedback that is neither, each newest first."""
    return sorted(feedback, key=lambda one: one.metric.limit is None)


@register.filter
def tone(feedback: Feedback) -> str:
    """`good`, `bad` or `none`."""
    return feedback.metric.tone(feedback.value)


@register.filter
def mark(feedback: Feedback) -> str:
    """▲, ▼ or ·."""
    return feedback_text.mark(feedback.metric, feedback.value)


@register.filter
def value(feedback: Feedback) -> str:
    """The value alone, in the words of its metric: `no`, `4`."""
    return feedback_text.value_of(feedback.metric, feedback.value, is_short=True)


@register.filter
def said(feedback: Feedback) -> str:
    """The value in full, with its metric: `helpful: no`."""
    return feedback_text.with_metric(feedback.metric, feedback.value)


@register.filter
def seconds(milliseconds: int) -> str:
    """`0.84 s`, `2.4 s`, `95 s`."""
    value = milliseconds / 1000
    return f"{value:.2f} s" if value < 1 else f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


@register.filter
def label_of(labels: list[Label], key: str) -> Label | None:
    """A row's label of this key."""
    return next((label for label in labels if label.key == key), None)


@register.filter
def of_metric(feedback: list[Feedback], key: str) -> list[Feedback]:
    """A row's feedback under this metric, newest first."""
    return [one for one in feedback if one.metric.key == key]


@register.filter
def in_session(address: QueryString, id: UUID) -> str:
    """The link that narrows to a session's turns."""
    return address.adding("session", str(id), instead_of=("session",))


@register.filter
def from_source(address: QueryString, source: str) -> str:
    """The link that narrows to how an interaction came in."""
    return address.adding("source", source)


@register.filter
def by_user(address: QueryString, email: str) -> str:
    """The link that narrows to who sent it in."""
    return address.adding("user", email)


@register.filter
def with_label(address: QueryString, label: Label) -> str:
    """The link that narrows to a label."""
    return address.adding("label", spell_label(label.key, label.value))


@register.filter
def shortened(id: UUID) -> str:
    """An id shortened in the middle: `019f4c2e…a91b`."""
    text = str(id)
    return f"{text[:8]}…{text[-4:]}"


@register.filter
def dense(display: Display, density: str) -> str:
    """The link to a density."""
    return display.dense(density)
