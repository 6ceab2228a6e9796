"""What the templates of the site may call: the filters and functions of Jinja2's environment."""

import datetime as dt
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import jinja2
from django.template import defaultfilters
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django_htmx.jinja import htmx_script

from adaptive_site.lib.templates.joining import JoinLines
from interactions.filters.notation import spell_label
from interactions.template_filters import conversation, hits, messages, middle, rows, times
from interactions.web.facets.choices import percentage
from interactions.web.images.files import image_url, thumbnail_url


def url(name: str, *args: object, **kwargs: object) -> str:
    """The address of a view."""
    return _url(get_script_prefix(), name, args, tuple(kwargs.items()))


# A page has some 70 addresses, nearly all of them those of the page before: 0.05 ms each.
@lru_cache(4096)
def _url(prefix: str, name: str, args: tuple[object, ...], kwargs: tuple[Any, ...]) -> str:
    return reverse(name, args=args, kwargs=dict(kwargs))


def date(at: dt.date, form: str) -> str:
    """A day, or a time as the clock of whoever looks shows it; `form` is strftime's."""
    if isinstance(at, dt.datetime) and timezone.is_aware(at):
        at = timezone.localtime(at)
    return at.strftime(form)


def iso_time(at: dt.date) -> str:
    """Likewise as a program reads it: `2026-11-30T14:05:00+01:00`."""
    if isinstance(at, dt.datetime) and timezone.is_aware(at):
        at = timezone.localtime(at)
    return at.isoformat()


def quoted(text: str, safe: str = "/") -> str:
    """A text as a part of an address, with the letters of `safe` as they are."""
    return quote(text, safe=safe)


FILTERS = (
    conversation.beginning,
    conversation.exactly,
    conversation.shortened,
    conversation.size,
    conversation.spanning,
    conversation.intcomma,
    date,
    defaultfilters.capfirst,
    defaultfilters.filesizeformat,
    defaultfilters.floatformat,
    defaultfilters.pluralize,
    defaultfilters.slugify,
    hits.around,
    hits.for_turn,
    hits.has_hits,
    hits.hits_of,
    hits.is_hit,
    hits.marked,
    hits.marked_html,
    iso_time,
    messages.coded,
    middle.middle,
    middle.names,
    percentage,
    quoted,
    rows.cut,
    rows.dollars,
    rows.feedback_mark,
    rows.good_and_bad_first,
    rows.label_of,
    rows.mark,
    rows.numbers,
    rows.priced,
    rows.of_metric,
    rows.said,
    rows.seconds,
    rows.tone,
    rows.value,
    times.moment,
    times.row_time,
)
FUNCTIONS = (
    conversation.fetching_snippets,
    htmx_script,
    image_url,
    timezone.now,
    rows.chips,
    spell_label,
    static,
    thumbnail_url,
    url,
)


def environment(**options: Any) -> jinja2.Environment:
    """The environment of all pages but the admin console's.

    What is not there is nothing, as in Django's templates: a part of a page is used by several.
    """
    options["undefined"] = jinja2.ChainableUndefined
    made = jinja2.Environment(**options, extensions=[JoinLines])
    made.policies["truncate.leeway"] = 0
    made.filters |= {each.__name__: each for each in FILTERS}
    made.globals |= {each.__name__: each for each in FUNCTIONS}
    return made
