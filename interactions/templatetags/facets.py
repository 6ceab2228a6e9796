"""How shares are written."""

from django import template

from interactions.web.facets.choices import said_percent

register = template.Library()
register.filter("percent", said_percent)
