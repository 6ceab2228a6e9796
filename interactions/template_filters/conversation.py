"""How times, sizes and ids are written on the page of an interaction."""

from datetime import datetime, timedelta
from uuid import UUID

from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from adaptive_site.lib.time_zones import name_at
from interactions.template_filters.times import TIME_UNITS, iso
from interactions.web.interaction.snippets import fetching
from projects.models import Project
from projects.web.snippets import Snippet

LONGEST_FEEDBACK_TEXT = 10_000  # characters of feedback's text that a page shows


def exactly(at: datetime) -> SafeString:
    """A time to the second; in full on hovering."""
    said = f"{date(timezone.localtime(at), 'j M Y H:i:s')} {name_at(at)}"
    return format_html('<time datetime="{}" title="{}">{}</time>', iso(at), iso(at), said)


def spanning(start: datetime, end: datetime) -> str:
    """How long from one time to another: `within 1 s`, `over 12 min`, `over 3 days`.

    >>> spanning(datetime(2024, 2, 21), datetime(2024, 2, 21, 1, 40))
    'over 1 h'
    """
    took = end - start
    if took >= timedelta(days=2):
        return f"over {took.days} days"
    for unit, name in TIME_UNITS:
        if took >= unit:
            return f"over {took // unit} {name}"
    return "within 1 s"


def size(count: int) -> str:
    """Bytes as `812 B`, `9 kB`, `1.3 MB`.

    >>> size(812), size(9_310), size(1_310_000), size(2_000_000_000)
    ('812 B', '9 kB', '1.3 MB', '2.0 GB')
    """
    if count < 1000:
        return f"{count} B"
    if count >= 1_000_000_000:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1e6:.1f} MB"


def intcomma(count: int | None) -> str:
    """`12,345`, and a dash for none."""
    return "–" if count is None else f"{count:,}"


def beginning(text: str) -> str:
    """A reason or details; of a very long text the beginning, and how much is left out."""
    rest = len(text) - LONGEST_FEEDBACK_TEXT
    return text if rest <= 0 else f"{text[:LONGEST_FEEDBACK_TEXT]} … ({rest:,} more characters)"


def shortened(id: UUID) -> str:
    """The beginning and the end of an id, by which it is recognized.

    >>> shortened(UUID("01a183e9-9d5d-7bf6-acb7-d8a2f5708a05"))
    '01a183e9…8a05'
    """
    text = str(id)
    return f"{text[:8]}…{text[-4:]}"


def fetching_snippets(project: Project, id: UUID, address: str) -> list[Snippet]:
    """Code that fetches an interaction from the server at `address`."""
    return fetching(project, id, address=address)
