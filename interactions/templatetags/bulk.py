"""Which bulk actions the bar below the list offers."""

from django import template

from interactions.web.filtering.filtered_page import Look

register = template.Library()


@register.filter
def may(look: Look, permission: str) -> bool:
    """Whether who looks has the permission in the project."""
    return look.caller.may(permission, look.project)
