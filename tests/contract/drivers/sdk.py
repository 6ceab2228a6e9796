"""What `adaptive-sdk` does with a running server; runs in that version's own environment.

Reads a picture from its input and prints one JSON object:
{"version": ..., "methods": {kind: [names]}, "outcomes": {kind: [as `run_all` makes them]},
"beyond": {kind: {method: what it said}}}.
"""

import json
import sys
from typing import Any

from tests.contract.drivers import (
    building,
    datasets,
    generated,
    judging,
    logging_by_hand,
    places,
    registry,
    talking,
)
from tests.contract.drivers.beyond import monitoring, refusals
from tests.contract.drivers.calling import (
    ASYNC,
    BLOCKING,
    VERSION,
    Client,
    World,
    public_methods,
)
from tests.contract.drivers.checks import run_all

# In this order their checks run: those of the first make the project that the others use.
CHAPTERS = (places, logging_by_hand, judging, generated, talking, registry, datasets, building)


def drive(kind: str, picture: bytes) -> dict[str, Any]:
    """Run every check with one kind of client."""
    world = World(Client(kind), picture)
    world.kept["version"] = tuple(int(part) for part in VERSION.split(".")[:2])
    said_of_monitoring = monitoring(world) if kind == BLOCKING else {}
    return {
        "methods": [*public_methods(world.client.sdk), *said_of_monitoring],
        "outcomes": run_all(world, CHAPTERS),
        "beyond": {**refusals(world), **said_of_monitoring},
    }


if __name__ == "__main__":
    given = sys.stdin.buffer.read()
    results = {kind: drive(kind, given) for kind in (BLOCKING, ASYNC)}
    print(json.dumps({"version": VERSION, "clients": results}))
