"""Recorded streams whose framing, letters or numbers are loose."""

from decimal import Decimal
from typing import Any

from tests.recordings import DONE, Recording, chunk, logprob, said
from tests.replay import Reply

GRINNING = "\U0001f600"
HUGE = 18446744073709551616
FAR = Decimal("1E+400")

_HEAD = b'data: {"model":"big-1","choices":[{"index":0,"delta":'
_A = _HEAD + b'{"role":"assistant","content":"A "}}]}'
_TREE = _HEAD + b'{"content":"tree."}}]}'
_END = _HEAD + b'{},"finish_reason":"stop"}]}'


def loose(name: str, *pieces: bytes, text: str = "A tree.", **more: Any) -> Recording:
    """A stream of one text, whose bytes stand here."""
    return Recording(name, Reply(pieces, **more), {"content": text}, usage=None)


LOOSE = [
    loose("lines end in CRLF", *(one + b"\r\n\r\n" for one in (_A, _TREE, _END, b"data: [DONE]"))),
    loose("lines end in CR", *(one + b"\r\r" for one in (_A, _TREE, _END, b"data: [DONE]"))),
    loose(
        "a mark of bytes, comments, names, ids and data without a value",
        b"\xef\xbb\xbf: hello\n\n",
        b"retry: 3000\n\ndata:\n\ndata\n\ndata: \n\n",
        b"event: ping\ndata: {}\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n",
        b"event: message\nid: 7\n" + _A.replace(b"data: ", b"data:") + b"\n\n",
        b"data: null\n\n:\n\n",
        _TREE + b"\n:in between\n\n",
        _END + b"\n\n",
        b"data:  [DONE] \n\n",
    ),
    loose("no empty line between events", *(one + b"\n" for one in (_A, _TREE, _END))),
    loose(
        "an object over several lines",
        *(one.replace(b',"delta', b',\ndata: "delta') + b"\n\n" for one in (_A, _TREE, _END)),
    ),
    loose("no [DONE], and no empty line at the end", _A + b"\n\n", _TREE + b"\n\n", _END),
    loose("no content type", *(one + b"\n\n" for one in (_A, _TREE, _END)), content_type=None),
    loose(
        "said to be JSON",
        *(one + b"\n\n" for one in (_A, _TREE, _END)),
        content_type="application/json",
    ),
    loose(
        "objects on lines of their own",
        *(one.removeprefix(b"data: ") + b"\n" for one in (_A, _TREE, _END)),
        content_type="application/x-ndjson",
    ),
    loose(
        "a pair of surrogates over two chunks",
        *(_HEAD + b'{"content":"' + one + b'"}}]}\n\n' for one in (b"A\\ud83d", b"\\ude00 B")),
        _END + b"\n\n",
        text=f"A{GRINNING} B",
    ),
    loose(
        "bytes of a letter over two chunks",
        *(_HEAD + b'{"content":"' + one + b'"}}]}\n\n' for one in (b"A\xf0\x9f", b"\x98\x80 B")),
        _END + b"\n\n",
        text=f"A{GRINNING} B",
    ),
    loose(
        "halves of pairs that never meet",
        *(
            _HEAD + b'{"content":"' + one + b'"}}]}\n\n'
            for one in (b"\\ude00A\\ud83d", b"B\\ud83dC\xff\x80", b"D\\ud83d")
        ),
        _END + b"\n\n",
        text="\ufffdA\ufffdB\ufffdC\ufffd\ufffdD\ufffd",
    ),
    loose(
        "a line break within a text",
        _HEAD + b'{"content":"A\ttree"}}]}\n\n',
        _END + b"\n\n",
        text="A\ttree",
    ),
    Recording(
        "numbers that are none, and numbers too large",
        Reply(
            [
                said(chunk(None, {"logprobs": {"content": [logprob("A", -0.125)]}}, content="A"))
                .replace(b"-0.125", b"-Infinity"),
                said(chunk(None, {"logprobs": {"content": [logprob("b", -0.125)]}}, content="b"))
                .replace(b"-0.125", b"NaN"),
                said(chunk("stop", {"seed": HUGE, "far": 7}, {"large": -HUGE}))
                .replace(b'"far": 7', b'"far": 1e400'),
                DONE,
            ]
        ),
        {"content": "Ab"},
        usage=None,
        response={"large": -HUGE},
        choice={
            "logprobs": {"content": [logprob("A", None), logprob("b", None)]},
            "seed": HUGE,
            "far": FAR,
        },
    ),
]  # fmt: skip
