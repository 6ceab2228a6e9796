"""Lines for `benchmarks.ingest`: interactions of 2.5 KB as a customer's log holds them."""

from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import orjson

from benchmarks.wording import Wording
from tests.make import NOON

CUSTOMERS = 100_000
MODELS = ("gpt-4o", "gpt-4o-mini", "llama-3-70b", "mixtral-8x7b", "claude-3", "mistral", "qwen")
APART = timedelta(milliseconds=3155)  # ten million of them are a year


def made_up(file: Path, rows: int, *, first: int = 0) -> Path:
    """Write `rows` lines, the `first`-th and following; returns `file`.

    Text of 2.5 KB, 4 or 5 labels, feedback on 30 %, a session for half. Customers are zipf
    distributed; the lines are in the order of time, as exports are, and name no external id,
    which is the dearest for the import.
    """
    chance = Random(first)
    wording = Wording(spoken=1_000_000)
    weights = list(accumulate(1 / rank for rank in range(1, CUSTOMERS + 1)))
    customers = chance.choices(range(CUSTOMERS), cum_weights=weights, k=rows)
    with file.open("wb") as out:
        for n, customer in enumerate(customers, first):
            out.write(orjson.dumps(_line(n, customer, chance, wording)) + b"\n")
    return file


def _line(n: int, customer: int, chance: Random, wording: Wording) -> dict[str, Any]:
    labels = {
        "env": "prod" if chance.random() < 0.9 else "staging",
        "customer": f"customer-{customer}",
        "region": chance.choice(("eu", "us", "asia")),
        "version": f"1.{n // 100_000}",
    }
    if chance.random() < 0.5:
        labels["team"] = f"team-{customer % 20}"
    system, user, completion = wording.say(chance, 600, 700, 1100)
    line = {
        "messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": user},
        ],
        "completion": completion,
        "model": MODELS[min(int(chance.expovariate(0.7)), len(MODELS) - 1)],
        "labels": labels,
        "created_at": (NOON + n * APART).isoformat(),
        "usage": {"prompt_tokens": 320, "completion_tokens": chance.randint(150, 400)},
        "latency_ms": chance.randint(300, 9000),
    }
    if chance.random() < 0.3:
        line["feedbacks"] = [{"feedback_key": "helpful", "value": chance.random() < 0.97}]
    if chance.random() < 0.5:
        line["session_id"] = str(UUID(int=chance.getrandbits(128), version=4))
    return line
