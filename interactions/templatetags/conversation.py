"""How times, sizes and ids are written on the page of an interaction."""

from datetime import UTC, datetime

from django import template
from django.template.defaultfilters import date
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .times import iso, moment

register = template.Library()

register.filter("moment", moment)


@register.filter
def exactly(at: datetime) -> SafeString:
    """A time to the second; in full on hovering."""
    said = f"{date(at.astimezone(UTC), 'j M Y H:i:s')} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', iso(at), iso(at), said)


@register.filter
def size(count: int) -> str:
    """Bytes as `812 B`, `9 kB`, `1.3 MB`.

    >>> size(812), size(9_310), size(1_310_000)
    ('812 B', '9 kB', '1.3 MB')
    """
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1e6:.1f} MB"


@register.filter
def whole_number(count: int | None) -> str:
    """`12,345`, and a dash for none."""
    return "–" if count is None else f"{count:,}"
