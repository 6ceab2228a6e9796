"""The SDK, our server, and litellm's proxy behind it; runs in the newest SDK's environment.

Registers the proxy's models as the documentation says, with the base URL in `extra_params`, and
prints what came back.
"""

import json
import os
from typing import Any

import httpx

from tests.contract.drivers.calling import API_KEY, ASYNC, BASE_URL, BLOCKING, Client, World
from tests.contract.drivers.talking import text_of

UPSTREAM = os.environ["UPSTREAM_URL"]
SECRET = os.environ["UPSTREAM_SECRET"]
PROJECT = "behind-a-proxy"
HELLO: Any = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
EXTERNAL_IDS = {
    "mock": "mock",
    "limited": "limited",
    "broken": "broken",
    "unknown": "no-such-model",
    "locked": "mock",
    "absent": "mock",
}


def prepared() -> World:
    """A project with the proxy's models, one with a wrong key and one at no server's address."""
    world = World(Client(BLOCKING), b"", project=PROJECT)
    world.call("projects.create", key=PROJECT)
    world.call("set_default_project", project=PROJECT)
    for name, external in EXTERNAL_IDS.items():
        url = "http://127.0.0.1:9/v1" if name == "absent" else UPSTREAM
        world.call(
            "models.add_external",
            name=f"proxy-{name}",
            external_model_id=external,
            api_key="sk-wrong" if name == "locked" else SECRET,
            provider="open_ai",
            extra_params={"base_url": url},
        )
        world.call("models.add_to_project", model=f"proxy-{name}")
    return world


def answers(world: World) -> dict[str, Any]:
    """A whole answer and a streamed one, with what is stored of each."""
    whole = world.call("chat.create", messages=HELLO, model="proxy-mock")
    chunks = world.call(
        "chat.create", messages=HELLO, model="proxy-mock", stream=True, stream_include_usage=True
    )
    streamed = next(chunk.choices[0].completion_id for chunk in chunks if chunk.choices)
    return {
        "whole": whole.choices[0].message.content,
        "usage": whole.usage.model_dump(),
        "streamed": text_of(chunks),
        "chunks": len(chunks),
        "streamed_usage": chunks[-1].usage.model_dump() if chunks[-1].usage else None,
        "stored": world.stored(whole.choices[0].completion_id),
        "stored_of_the_stream": world.stored(streamed),
    }


def failures() -> dict[str, Any]:
    """How each failure of the upstream reaches a caller: [status, body], streamed and not."""
    said = {}
    for name in EXTERNAL_IDS:
        if name == "mock":
            continue
        for stream in (False, True):
            answer = httpx.post(
                f"{BASE_URL}/api/v1/chat/completions",
                json={"model": f"{PROJECT}/proxy-{name}", "messages": HELLO, "stream": stream},
                headers={"Authorization": f"Bearer {API_KEY}"},
                timeout=60,
            )
            said[f"{name}{' streamed' if stream else ''}"] = [answer.status_code, answer.text]
    return said


def main() -> dict[str, Any]:
    """Do everything, with both clients."""
    world = prepared()
    by_async = World(Client(ASYNC), b"", project=PROJECT)
    by_async.call("set_default_project", project=PROJECT)
    return {
        BLOCKING: answers(world),
        ASYNC: answers(by_async),
        "failures": failures(),
        "models": world.call("models.get", model="proxy-mock").model_dump_json(),
    }


if __name__ == "__main__":
    print(json.dumps(main(), default=str))
