"""A small OpenAI-compatible server on loopback: it answers with what it was told last.

A last message "fail 429" is answered with that status. The key it was called with is in the
answer's `system_fingerprint`, which nobody who asks through our server may see.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Upstream(BaseHTTPRequestHandler):
    """Answers POST /v1/chat/completions and POST /v1/embeddings."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer one request."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/embeddings"):
            numbers = [float(len(asked["input"])), 0.5]
            self.answer(200, {"data": [{"index": 0, "embedding": numbers}], "model": "mirror"})
            return
        said = text_of(asked["messages"][-1]["content"])
        if said.startswith("fail "):
            status = int(said.split()[1])
            self.answer(status, {"error": {"message": "The upstream said no", "type": "test"}})
        elif asked.get("stream"):
            self.stream(said, asked)
        else:
            self.answer(200, completion(said, self.headers["Authorization"]))

    def answer(self, status: int, body: dict[str, Any]) -> None:
        """Send one JSON object."""
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, said: str, asked: dict[str, Any]) -> None:
        """Send the answer word by word, then the usage if it was asked for."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        words = [word + " " for word in said.split(" ")]
        words[-1] = words[-1].removesuffix(" ")
        for word in words:
            self.send_event([{"index": 0, "delta": {"content": word}, "finish_reason": None}])
        self.send_event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
        if (asked.get("stream_options") or {}).get("include_usage"):
            self.send_event([], usage=USAGE)
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def send_event(self, choices: list[Any], **more: Any) -> None:
        """Send one chunk."""
        chunk = {"id": "mirror-1", "object": "chat.completion.chunk", "created": 1, **more}
        data = json.dumps({**chunk, "model": "mirror", "choices": choices})
        self.wfile.write(f"data: {data}\n\n".encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the tests' output is for their own."""


USAGE = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}


def completion(said: str, key: str) -> dict[str, Any]:
    """A whole answer."""
    message = {"role": "assistant", "content": said}
    return {
        "id": "mirror-1",
        "object": "chat.completion",
        "created": 1,
        "model": "mirror",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": USAGE,
        "system_fingerprint": key,
    }


def text_of(content: Any) -> str:
    """The text of a message, whose content may come in parts."""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", f"[{part['type']}]") for part in content)


@contextmanager
def upstream(handler: type[BaseHTTPRequestHandler] = Upstream) -> Iterator[str]:
    """Have one running; yields its address, with the `/v1` at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
