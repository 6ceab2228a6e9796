"""Writing JSON whose numbers may be larger than orjson writes."""

import json
from typing import Any

import orjson


def dumps(value: Any) -> bytes:
    """JSON; whole numbers beyond 64 bits with all their digits.

    >>> dumps({"seed": 2**64})
    b'{"seed":18446744073709551616}'
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
