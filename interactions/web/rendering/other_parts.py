"""Parts of a message that are neither text nor an image of ours, made ready to be read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from interactions.models.content_parts import IMAGE, is_text
from interactions.web.rendering.json_blocks import Data, Reading, data_part, is_name, pieces
from interactions.web.rendering.json_text import in_one_line

# A file in base64, as audio and documents are sent: nobody reads it, and megabytes of it would be
# all that a page has. It is whole in the record and in exports.
_FILE = re.compile(r"(?:data:[^,]{0,200},)?[\w+/-]{400,}(?:[\r\n]+[\w+/-]+)*={0,2}\s*", re.ASCII)
_BEGINNING = 40
LONGEST_OPEN_PART = 2_000  # characters of a part that begin open


def other_part(part: Any, reading: Reading) -> Data:
    """A part by its type, with what it holds: as text where that is all, else as JSON."""
    if not isinstance(part, dict):
        return data_part("part", without_files(part), reading)
    kind = part.get("type")
    if not is_name(kind):
        return data_part("part", without_files(part), reading)
    name = str(kind or "part of no type")
    value: Any = {key: one for key, one in part.items() if key != "type"}
    if list(value) == [name]:  # {"type": "file", "file": {…}}
        value = value[name]
    value = without_files(value)
    if isinstance(value, str):
        shown, is_short = reading.beginning(value), len(value) <= LONGEST_OPEN_PART
        preview = "" if is_short else in_one_line(value)
        rest = len(value) - len(shown)
        return Data(name, pieces(shown), is_short, preview=preview, rest=rest, link=reading.link)
    return data_part(name, value, reading)


def beside(part: Any, reading: Reading) -> Iterator[Data]:
    """What a part of text or an image has beside that, such as `cache_control`."""
    if not isinstance(part, dict):
        return
    shown = {"type", "text"} if is_text(part) else {"type", IMAGE}
    more = {key: one for key, one in part.items() if key not in shown}
    link = part.get(IMAGE)
    if IMAGE in shown and isinstance(link, Mapping):
        more |= {key: one for key, one in link.items() if key not in ("url", "detail")}
    if more:
        yield data_part("with it", without_files(more), reading)


def without_files(value: Any) -> Any:
    """The value with the beginning of each file in base64 in the place of the file."""
    if isinstance(value, dict):
        return {key: without_files(one) for key, one in value.items()}
    if isinstance(value, list):
        return [without_files(one) for one in value]
    if isinstance(value, str) and len(value) > 400 and _FILE.fullmatch(value):
        return f"{value[:_BEGINNING]}… ({len(value):,} characters)"
    return value
