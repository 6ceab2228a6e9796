"""How shares are written."""

from django import template

from interactions.web.facets.choices import percentage

register = template.Library()
register.filter("percent", percentage)
