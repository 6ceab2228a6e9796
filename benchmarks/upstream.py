"""`python -m benchmarks.upstream PORT`: a model that says 50 words, one each 20 ms.

OpenAI-compatible as far as a stream goes, and with nothing to think about: what is measured
through it is whoever stands before it.
"""

import asyncio
import sys

import orjson
from aiohttp import web

WORDS = 50
EVERY = 0.02


def event(**members: object) -> bytes:
    """One event of a stream."""
    chunk = {"id": "bench", "object": "chat.completion.chunk", "created": 0, "model": "bench"}
    return b"data: " + orjson.dumps(chunk | members) + b"\n\n"


SPOKEN = [
    event(choices=[{"index": 0, "delta": {"content": f"word{n} "}, "finish_reason": None}])
    for n in range(WORDS)
]
USAGE = {"prompt_tokens": 9, "completion_tokens": WORDS, "total_tokens": WORDS + 9}
ENDING = (
    event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
    + event(choices=[], usage=USAGE)
    + b"data: [DONE]\n\n"
)


async def complete(request: web.Request) -> web.StreamResponse:
    """Speak."""
    await request.read()
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for n, spoken in enumerate(SPOKEN, 1):
        await asyncio.sleep(began + n * EVERY - loop.time())
        await response.write(spoken)
    await response.write(ENDING)
    await response.write_eof()
    return response


def main() -> None:
    """Serve."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    main()
