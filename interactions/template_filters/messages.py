"""How plain-text messages of the API are written on a page."""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_CODE = re.compile("`([^`]+)`")


def coded(text: str) -> SafeString:
    """`text`, escaped, with what stands between backticks as code."""
    return mark_safe(_CODE.sub(r"<code>\1</code>", escape(text)))  # escaping leaves backticks
