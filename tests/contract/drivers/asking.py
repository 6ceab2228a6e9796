"""What every Python client is asked to do with a running server, and what came of it."""

import base64
import json
import os
import re
import sys
from collections.abc import Callable
from typing import Any

import openai

BASE_URL = os.environ["ADAPTIVE_BASE_URL"] + "/api/v1"
API_KEY = os.environ["ADAPTIVE_API_KEY"]
ASKED: dict[str, str] = json.loads(os.environ.get("ASKED", "{}"))
TOWN = {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "weather", "description": "The weather of a town", "parameters": TOWN},
}
TREE: dict[str, Any] = {
    "title": "tree",
    "type": "object",
    "properties": {"name": {"type": "string"}, "height": {"type": "number"}},
    "required": ["name", "height"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {"name": "tree", "schema": TREE, "strict": True},
}
Json = dict[str, Any]


class Exchanges:
    """What went to the server and came back, noted by hooks of OpenAI's HTTP client."""

    def __init__(self) -> None:
        self._seen: list[tuple[Json, str]] = []
        self.http = openai.DefaultHttpxClient(event_hooks={"response": [self._note]})

    def _note(self, response: Any) -> None:
        response.read()
        if response.request.url.path.endswith("/chat/completions"):
            self._seen.append((json.loads(response.request.content), response.text))

    def outcomes(self, cases: dict[str, Callable[[], Json]]) -> Json:
        """What each case comes to: what it returns, or the error that it raises."""
        found = {}
        for name, run in cases.items():
            self._seen.clear()
            try:
                got = run()
            except Exception as error:  # whatever it is, the tests look at it
                status = getattr(error, "status_code", None)
                got = {"error": type(error).__name__, "status": status, "message": str(error)}
            sent, answered = self._seen[-1] if self._seen else (None, "")
            id = re.search(r'"id":\s*"([0-9a-f-]{36})"', answered)
            found[name] = {**got, "id": id[1] if id else None, "sent": sent}
        return found


def picture() -> str:
    """The picture that the tests gave, as a data URI."""
    return "data:image/png;base64," + base64.b64encode(sys.stdin.buffer.read()).decode()


def said(message: Any, finish: Any, usage: Any, **more: Any) -> Json:
    """A message in OpenAI's shape, with its arguments read."""
    calls = [
        {
            "id": call.id,
            "name": call.function.name,
            "arguments": json.loads(call.function.arguments),
        }
        for call in message.tool_calls or ()
    ]
    used = [usage.prompt_tokens, usage.completion_tokens]
    return {"text": message.content, "calls": calls, "finish": finish, "usage": used, **more}
