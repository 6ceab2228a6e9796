"""Which bulk actions the bar below the list offers."""

from django import template

from interactions.web.filtering.filtered_page import FilteredPage

register = template.Library()


@register.filter
def may(page: FilteredPage, permission: str) -> bool:
    """Whether the person has the permission in the project."""
    return page.caller.may(permission, page.project)
