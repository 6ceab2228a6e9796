"""How shares are written."""

from django import template

from interactions.web.choices import said_percent

register = template.Library()
register.filter("percent", said_percent)
