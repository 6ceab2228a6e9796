"""What the templates of the site may call: the filters and functions of Jinja2's environment."""

import datetime as dt
from typing import Any
from urllib.parse import quote

import jinja2
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template import defaultfilters
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django_htmx.jinja import htmx_script

from adaptive_site.lib.templates.joining import JoinLines
from interactions.filters.notation import spell_label
from interactions.template_filters import conversation, hits, messages, middle, rows, times
from interactions.web.facets.choices import percentage
from interactions.web.images.files import image_url, thumbnail_url


def url(name: str, *args: object, **kwargs: object) -> str:
    """The address of a view."""
    return reverse(name, args=args, kwargs=kwargs)


def date(at: dt.date | None, form: str) -> str:
    """A day, or a time as the clock of whoever looks shows it; `form` in Django's letters."""
    if isinstance(at, dt.datetime) and timezone.is_aware(at):
        at = timezone.localtime(at)
    return defaultfilters.date(at, form)


def now(form: str) -> str:
    """The time it is, as the clock of whoever looks shows it."""
    return defaultfilters.date(timezone.localtime(), form)


def quoted(text: str, safe: str = "/") -> str:
    """A text as a part of an address, with the letters of `safe` as they are."""
    return quote(text, safe=safe)


FILTERS = (
    conversation.beginning,
    conversation.exactly,
    conversation.shortened,
    conversation.size,
    conversation.spanning,
    conversation.whole_number,
    date,
    defaultfilters.add,
    defaultfilters.capfirst,
    defaultfilters.floatformat,
    defaultfilters.pluralize,
    defaultfilters.slugify,
    defaultfilters.stringformat,
    defaultfilters.truncatechars,
    defaultfilters.yesno,
    hits.around,
    hits.for_turn,
    hits.has_hits,
    hits.hits_of,
    hits.marked,
    hits.marked_html,
    intcomma,
    messages.coded,
    middle.middle,
    middle.names,
    percentage,
    quoted,
    rows.good_and_bad_first,
    rows.label_of,
    rows.mark,
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
    now,
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
    made.filters |= {each.__name__: each for each in FILTERS}
    made.globals |= {each.__name__: each for each in FUNCTIONS}
    return made
