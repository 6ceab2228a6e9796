"""MLflow's side: its tracking server as it starts by itself, asked as its page asks it."""

import base64
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlencode

import orjson
import psycopg

from adaptive_site.environment import ROOT
from benchmarks.measuring import Server, free_port, started
from benchmarks.peers.questions import PAGE, Filter
from benchmarks.peers.rows import Row, write
from benchmarks.peers.sides import (
    Connection,
    Idle,
    Request,
    address_of,
    count,
    have_new,
    is_there,
    rename,
    vacuum,
)

PYTHON = ROOT / ".venv-mlflow" / "bin" / "python"
INSIDE = Path(__file__).with_name("in_mlflow.py")
SEARCH = "/ajax-api/3.0/mlflow/traces/search"
GET = "/ajax-api/3.0/mlflow/traces/get"
START = "/api/3.0/mlflow/traces"
SPANS = "/v1/traces"
DATABASE = "peers_mlflow"
JSON = {"Content-Type": "application/json"}
PATIENCE = 180
MADE = 4000  # traces that are there to be logged; it takes some dozens a second
WARM = 32  # requests on connections of their own, so that every worker has met the database
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


@dataclass
class Mlflow:
    """The server, and where its requests for new traces are."""

    server: Server
    experiment: str
    rows: Sequence[Row]
    place: Path
    started_after: float
    idle: Idle = field(default_factory=Idle)
    name: str = "MLflow"
    database: str = DATABASE

    def newest(self, wanted: Filter) -> Request:
        """As its page asks for the traces of an experiment."""
        location = {
            "type": "MLFLOW_EXPERIMENT",
            "mlflow_experiment": {"experiment_id": self.experiment},
        }
        body = {
            "locations": [location],
            "filter": wanted.expression(),
            "max_results": PAGE,
            "order_by": ["timestamp_ms DESC"],
        }
        return Request("POST", SEARCH, JSON, orjson.dumps(body))

    def listed(self, body: bytes) -> list[int]:
        """The time of each trace."""
        times = [trace["request_time"] for trace in orjson.loads(body).get("traces", [])]
        return [round(datetime.fromisoformat(at).timestamp() * 1000) for at in times]

    def one(self, row: Row) -> Request:
        """As its page asks for a trace with its spans."""
        asked = urlencode({"trace_id": row.trace_id, "allow_partial": "true"})
        return Request("GET", f"{GET}?{asked}", {})

    def shows(self, body: bytes, row: Row) -> bool:
        """By its completion, whole."""
        (span,) = orjson.loads(body)["trace"]["spans"]
        said = {one["key"]: one["value"] for one in span["attributes"]}
        return bool(said["mlflow.spanOutputs"]["string_value"] == row.completion)

    def logging(self) -> Iterator[list[Request]]:
        """Two requests each, as its client sends them: the spans, then the trace."""
        again = [
            Row(row.ms, f"tr-{sha256(f'{time.time_ns()} {n}'.encode()).hexdigest()[:32]}",
                row.messages, row.completion, row.model, row.labels, row.feedbacks, row.session_id)
            for n, row in enumerate(islice(cycle(self.rows), MADE))
        ]  # fmt: skip
        new, bodies = self.place / "new.jsonl", self.place / "requests.jsonl"
        write(again, new)
        _inside("requests", str(new), str(bodies), self.experiment)
        spans = {
            "Content-Type": "application/x-protobuf",
            "x-mlflow-experiment-id": self.experiment,
        }
        for first, second in map(orjson.loads, bodies.read_text().splitlines()):
            yield [
                Request("POST", SPANS, spans, base64.b64decode(first)),
                Request("POST", START, JSON, base64.b64decode(second)),
            ]

    def stored(self) -> int:
        """All of the database."""
        return count(self.database, "trace_info")


@contextmanager
def mlflow(rows: Sequence[Row], place: Path) -> Iterator[Mlflow]:
    """Have the server running on a copy of the database with these rows.

    That one is made once for the same rows and kept: MLflow takes 10 ms for each.
    """
    if not PYTHON.exists():
        raise SystemExit(f"`make bench-peers` makes {PYTHON}")
    place.mkdir(parents=True, exist_ok=True)
    have_new(DATABASE, like=_kept(rows, place))
    with psycopg.connect(address_of(DATABASE)) as asking:
        asked = "SELECT experiment_id FROM experiments WHERE name = 'peers'"
        (experiment,) = asking.execute(asked).fetchone() or (None,)
    port = free_port()
    command = (
        *(str(PYTHON), "-m", "mlflow", "server", "--backend-store-uri", address_of(DATABASE)),
        *("--artifacts-destination", str(place / "artifacts")),
        *("--host", "127.0.0.1", "--port", str(port)),
    )
    began = time.perf_counter()
    with (
        (place / "serve.log").open("wb") as log,
        started(
            command, port=port, environment=QUIET, place=place, log=log, patience=PATIENCE
        ) as server,
    ):
        side = Mlflow(server, str(experiment), rows, place, 0.0)
        Connection(port).body(side.newest(Filter()))
        side.started_after = time.perf_counter() - began
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: Connection(port).body(side.newest(Filter())), range(WARM)))
        yield side


def _kept(rows: Sequence[Row], place: Path) -> str:
    """The name of the database in which these rows are."""
    file = place / "rows.jsonl"
    write(rows, file)
    name = f"{DATABASE}_{sha256(file.read_bytes() + INSIDE.read_bytes()).hexdigest()[:10]}"
    if not is_there(name):
        print(f"Storing {len(rows):,} traces by MLflow's own store: some 10 ms each.", flush=True)
        have_new(f"{name}_new")
        _inside("load", address_of(f"{name}_new"), str(file))
        vacuum(f"{name}_new")
        rename(f"{name}_new", name)
    return name


def _inside(*command: str) -> None:
    subprocess.run(
        [PYTHON, INSIDE, *command], check=True, env={**os.environ, **QUIET}, stdout=sys.stderr
    )
