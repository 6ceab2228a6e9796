"""Tool calls that some log in a completion's text, for want of a place."""

import re
from typing import Any

from adaptive_site.lib import exact_json
from interactions.web.rendering.json_text import Layout, laid_out

LONGEST_CALLS = 20_000  # characters of calls after other words
_CALLS = re.compile(r'\s*\{\s*"tool_calls"\s*:\s*\[')


def calls_in(text: str, layout: Layout) -> list[Any]:
    """The calls of `{"tool_calls": […]}`; none where reading them would change a letter."""
    if not _CALLS.match(text):
        return []
    try:
        value = exact_json.loads(text)
    except ValueError:
        return []
    if list(value) != ["tool_calls"]:
        return []
    same = laid_out(exact_json.dumps(value).decode(), 2 * len(layout.text))
    return value["tool_calls"] if same is not None and same.text == layout.text else []


def with_calls(text: str) -> tuple[str, list[Any]]:
    """A text without the tool calls that some log in its last lines, for want of a place."""
    at = text.rfind('\n{"tool_calls": [', max(0, len(text) - LONGEST_CALLS))
    layout = laid_out(text[at + 1 :], LONGEST_CALLS) if at >= 0 else None
    calls = calls_in(text[at + 1 :], layout) if layout is not None else []
    return (text[:at], calls) if calls else (text, [])
