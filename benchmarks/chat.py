"""`python -m benchmarks.chat`: a model's stream through us, against straight from the model.

The model says 50 words, one each 20 ms (`benchmarks.upstream`), to 20 and then to 100 at a
time. Through us, each stream is also logged before its end goes out.
"""

import argparse
import asyncio
import os
import time
from contextlib import ExitStack

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from adaptive_site.serving.private_database import database_for_command  # noqa: E402  (they need the settings)
from benchmarks.loading import Load, post  # noqa: E402
from benchmarks.measuring import (  # noqa: E402
    Server,
    free_port,
    granian,
    machine,
    row,
    running,
    scratch_database,
    table,
)
from benchmarks.upstream import EVERY, WORDS  # noqa: E402
from interactions.models import Interaction  # noqa: E402
from projects.models import Llm  # noqa: E402
from projects.services import llm_registration, llms  # noqa: E402
from tests import make  # noqa: E402

KEY = "a-key-of-the-benchmark-0123456789"


class Listener(asyncio.Protocol):
    """One connection that asks, notes when the first word comes, and asks again after the end."""

    def __init__(self, request: bytes, seen: Load, until: float) -> None:
        self._request = request
        self._seen = seen
        self._until = until
        self._has_word = False
        self._asked = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Note the first word, and the end."""
        if not self._has_word and b"word0" in data:
            self._has_word = True
            self._seen.took.append(time.perf_counter() - self._asked)
        if data.endswith(b"0\r\n\r\n"):
            self._seen.statuses[200 if self._has_word else 0] += 1
            if time.perf_counter() < self._until:
                self._ask()
            else:
                self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """End, as asked or not."""
        if not self.done.done():
            self.done.set_result(None)

    def _ask(self) -> None:
        self._has_word = False
        self._asked = time.perf_counter()
        self._transport.write(self._request)


async def listen(port: int, request: bytes, *, streams: int, seconds: float) -> Load:
    """Have `streams` at a time for `seconds`; `took` is the time to the first word."""
    seen = Load()
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = []
    for n in range(streams):  # spread, as people are: a burst would measure itself
        await asyncio.sleep(began + n * WORDS * EVERY / streams - time.perf_counter())
        made.append(
            await loop.create_connection(
                lambda: Listener(request, seen, began + seconds), "127.0.0.1", port
            )
        )
    await asyncio.gather(*(listener.done for _, listener in made))
    seen.seconds = time.perf_counter() - began
    return seen


def measure(upstream: Server, ours: Server, straight: bytes, through: bytes, streams: int) -> None:
    """Print the rows for so many streams."""
    found = {}
    for name, server, request in (("straight", upstream, straight), ("through us", ours, through)):
        asyncio.run(listen(server.port, request, streams=streams, seconds=0.5))
        busy = server.seconds()
        seen = asyncio.run(listen(server.port, request, streams=streams, seconds=6))
        found[name] = seen
        n = seen.statuses.total()
        assert set(seen.statuses) == {200} and n == len(seen.took), seen.statuses
        row(
            f"{name}, {streams} at a time",
            f"{n / seen.seconds:.1f}",
            f"{seen.percentile(0.5):.1f}",
            f"{seen.percentile(0.99):.1f}",
            f"{(server.seconds() - busy) / n * 1000:.1f}",
            f"{server.megabytes():.0f}",
        )
    direct, gateway = found.values()
    rates = [one.statuses.total() / one.seconds for one in (gateway, direct)]
    row(
        "added by us",
        f"× {rates[0] / rates[1]:.2f}",
        f"{gateway.percentile(0.5) - direct.percentile(0.5):.1f}",
        f"{gateway.percentile(0.99) - direct.percentile(0.99):.1f}",
        "",
        "",
    )


def request(model: str, path: str) -> bytes:
    """A question, as it goes over the wire."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": "Say fifty words."}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return post(path, orjson.dumps(body), KEY)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("streams", nargs="*", type=int, default=[20, 100])
    options = parser.parse_args()
    with ExitStack() as stack:
        stack.enter_context(database_for_command(["manage.py", "bench"]))
        address = stack.enter_context(scratch_database())
        port = free_port()
        upstream = stack.enter_context(running("-m", "benchmarks.upstream", str(port), port=port))
        owner = make.make_user("bench")
        project = make.make_project("bench", owner=owner)
        make.make_key(owner, KEY)
        llm = llm_registration.register_external(
            name="words",
            provider=Llm.Provider.OPEN_AI,
            external_id="words",
            api_key="none",
            base_url=f"http://127.0.0.1:{port}/v1",
        )
        llms.attach(project, llm)
        ours = stack.enter_context(granian("adaptive_site.asgi:application", DATABASE_URL=address))
        straight = request("words", "/v1/chat/completions")
        through = request("bench/words", "/api/v1/chat/completions")
        table(
            "50 words in 1 s", "streams a second", "first word p50 ms", "p99 ms",
            "processor ms a stream", "memory MB",
        )  # fmt: skip
        for streams in options.streams:
            measure(upstream, ours, straight, through, streams)
        kept = Interaction.objects.in_project(project).count()
    print(f"\n{kept} streams were logged. {machine()}")


if __name__ == "__main__":
    main()
