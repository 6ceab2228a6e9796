"""An upstream that does what models do: it calls tools, answers in JSON, refuses, counts.

What it does follows from what it is asked, so that each client can be made to see everything.
"""

import json
from array import array
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.contract.upstream import Upstream, upstream

HELLO, WEATHER, TREE, LIMITED = "Hello there", "What is the weather?", "Name a tree", "Too much"
TEXT = "A maple is a tree — with leaves."
AFTER = "It is sunny in both."
NAMED = {"name": "maple", "height": 7}
EMBEDDING = [0.25, -0.5, 0.75]
USAGE = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
CALLS: list[dict[str, Any]] = [
    {
        "id": f"call_{town}",
        "type": "function",
        "function": {"name": "weather", "arguments": json.dumps({"town": town})},
    }
    for town in ("Paris", "Oslo")
]


@dataclass(frozen=True)
class Talking:
    """A running upstream: where it is, and what it was asked since the list was emptied."""

    url: str
    seen: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def talker() -> Iterator[Talking]:
    """Have one running."""
    seen: list[dict[str, Any]] = []

    class Talker(Upstream):
        """Answers POST /v1/chat/completions and POST /v1/embeddings."""

        def do_POST(self) -> None:
            """Answer one request."""
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path.endswith("/embeddings"):
                packed = b64encode(array("f", EMBEDDING).tobytes()).decode()
                numbers = packed if asked.get("encoding_format") == "base64" else EMBEDDING
                data = [{"object": "embedding", "index": 0, "embedding": numbers}]
                usage = {"prompt_tokens": 1, "total_tokens": 1}
                self.answer(200, {"object": "list", "data": data, "model": "t", "usage": usage})
                return
            seen.append(asked)
            if LIMITED in str(asked["messages"][-1]["content"]):
                fault = {"message": "Slow down, please", "type": "rate_limit", "code": None}
                self.answer(429, {"error": fault})
            elif asked.get("stream"):
                self.tell(asked)
            else:
                message, reason = answer_to(asked)
                choice = {"index": 0, "message": message, "finish_reason": reason}
                whole = {"id": "t-1", "object": "chat.completion", "created": 1, "model": "t"}
                self.answer(200, {**whole, "choices": [choice], "usage": USAGE})

        def tell(self, asked: dict[str, Any]) -> None:
            """Send the answer in pieces, arguments of tool calls among them."""
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            message, reason = answer_to(asked)
            for delta in pieces_of(message):
                self.send_event([{"index": 0, "delta": delta, "finish_reason": None}])
            self.send_event([{"index": 0, "delta": {}, "finish_reason": reason}])
            if (asked.get("stream_options") or {}).get("include_usage"):
                self.send_event([], usage=USAGE)
            self.wfile.write(b"data: [DONE]\n\n")
            self.close_connection = True

    with upstream(Talker) as url:
        yield Talking(url, seen)


def answer_to(asked: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The message, and why it ends."""
    if asked["messages"][-1]["role"] == "tool":
        return {"role": "assistant", "content": AFTER}, "stop"
    if asked.get("tools"):
        return {"role": "assistant", "content": None, "tool_calls": CALLS}, "tool_calls"
    if asked["messages"][-1]["content"] == TREE:  # in JSON, as the request says in some way
        return {"role": "assistant", "content": json.dumps(NAMED)}, "stop"
    return {"role": "assistant", "content": TEXT}, "stop"


def pieces_of(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The deltas that make the message, as OpenAI's server sends them."""
    yield {"role": "assistant", "content": None if message.get("tool_calls") else ""}
    for word in (message["content"] or "").split(" "):
        if word:
            yield {"content": word if word == message["content"].split(" ")[0] else f" {word}"}
    for index, call in enumerate(message.get("tool_calls") or ()):
        function = call["function"]
        opening = {**call, "index": index, "function": {**function, "arguments": ""}}
        yield {"tool_calls": [opening]}
        for at in range(0, len(function["arguments"]), 5):
            piece = {"arguments": function["arguments"][at : at + 5]}
            yield {"tool_calls": [{"index": index, "function": piece}]}
