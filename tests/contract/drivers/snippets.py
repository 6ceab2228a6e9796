"""The examples of the SDK's own docstrings and of its documentation's logging, run as they stand.

Prints {"docstrings": how many examples ran, "printed": what they printed, ...}. Runs in the newest
version's environment, with `model_key` attached to the project that it makes.
"""

import ast
import asyncio
import base64
import contextlib
import inspect
import io
import json
import re
import sys
import textwrap
import time
from typing import Any

from adaptive_sdk import Adaptive, AsyncAdaptive

from tests.contract.drivers.calling import (
    API_KEY,
    ASYNC,
    BASE_URL,
    BLOCKING,
    VERSION,
    Client,
    World,
)

FENCE = re.compile(r"```\n(.*?)```", re.DOTALL)
PROJECT = f"snippets-{VERSION.replace('.', '-')}"
SHORTENED_PICTURE = "data:image/png;base64,iVBOR..."
BULK, AT_ONCE = 400, 30


def examples(method: Any, picture: str) -> str:
    """The fenced code of a docstring; only its shortened picture is filled in."""
    text = inspect.getdoc(method) or ""
    code = "\n".join(textwrap.dedent(part) for part in FENCE.findall(text))
    return code.replace(SHORTENED_PICTURE, picture)


async def run(code: str, names: dict[str, Any]) -> str:
    """Run code that may `await` at its top level; returns what it printed."""
    printed = io.StringIO()
    compiled = compile(code, "docstring", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with contextlib.redirect_stdout(printed):
        if compiled.co_flags & inspect.CO_COROUTINE:
            await eval(compiled, names)
        else:
            exec(compiled, names)
        if "async_chat_stream" in names:
            await names["async_chat_stream"]()
    return printed.getvalue()


async def docstrings(picture: str) -> dict[str, Any]:
    """Run the examples of both clients' `chat.create`."""
    client = Adaptive(base_url=BASE_URL, api_key=API_KEY)
    aclient = AsyncAdaptive(base_url=BASE_URL, api_key=API_KEY)
    for one in (client, aclient):
        one.set_default_project(PROJECT)
    ran = {}
    for kind, found in ((BLOCKING, client), (ASYNC, aclient)):
        code = examples(found.chat.create, picture)
        names: dict[str, Any] = {"client": client, "aclient": aclient}
        printed = await run(code, names) if code else ""
        ran[kind] = {"lines": len(code.splitlines()), "printed": printed}
        if "response" in names:
            ran[kind]["completion_id"] = names["response"].choices[0].completion_id
    await aclient.close()
    return ran


def feedback_by_the_answer_s_id() -> dict[str, str]:
    """Chat, then judge the answer by the id that came with it."""
    client = Adaptive(base_url=BASE_URL, api_key=API_KEY)
    client.set_default_project(PROJECT)
    client.feedback.register_key(project=PROJECT, key="acceptance", kind="bool")
    response = client.chat.create(
        messages=[{"role": "user", "content": "Hello from SDK"}],
        labels={"project": "support-bot"},
    )
    made = client.feedback.log_metric(
        value=True,
        completion_id=response.choices[0].completion_id,
        feedback_key="acceptance",
        details="Great answer",
    )
    return {
        "completion_id": response.choices[0].completion_id,
        "feedback_id": str(made.feedback_id),
    }


async def in_bulk() -> dict[str, Any]:
    """Log many interactions, 30 at a time, with the async client."""
    aclient = AsyncAdaptive(base_url=BASE_URL, api_key=API_KEY)
    aclient.set_default_project(PROJECT)
    semaphore = asyncio.Semaphore(AT_ONCE)

    async def log(number: int) -> str:
        async with semaphore:
            made = await aclient.interactions.create(
                messages=[{"role": "user", "content": f"Bulk question {number}"}],
                completion=f"Bulk answer {number}",
                labels={"origin": "bulk"},
            )
            return str(made.completion_id)

    began = time.monotonic()
    ids = await asyncio.gather(*(log(number) for number in range(BULK)))
    return {"ids": len(set(ids)), "seconds": round(time.monotonic() - began, 2)}


def main() -> dict[str, Any]:
    """Make the project, run everything, and count what is stored."""
    picture = base64.b64encode(sys.stdin.buffer.read()).decode()
    world = World(Client(BLOCKING), b"", project=PROJECT)
    world.call("projects.create", key=PROJECT)
    world.call("set_default_project", project=PROJECT)
    world.attach("model_key")
    ran = asyncio.run(docstrings(f"data:image/png;base64,{picture}"))
    judged = feedback_by_the_answer_s_id()
    bulk = asyncio.run(in_bulk())
    of_bulk = {"labels": [{"key": "origin", "value": ["bulk"]}]}
    return {
        "docstrings": ran,
        "pictured": [world.stored(one["completion_id"])["chatMessages"] for one in ran.values()],
        "judged": judged,
        "scores": world.stored(judged["completion_id"])["directScores"],
        "bulk": bulk,
        "stored_in_bulk": world.call("interactions.list", filters=of_bulk).total_count,
    }


if __name__ == "__main__":
    print(json.dumps(main()))
