"""Runs in MLflow's own environment: stores rows as traces, and writes down what its client sends.

    in_mlflow.py load ADDRESS ROWS.jsonl
    in_mlflow.py requests ROWS.jsonl REQUESTS.jsonl EXPERIMENT

A row is one trace with one span: labels are tags, feedback is assessments. Both commands make
the trace in the same way. `load` gives traces to MLflow's own store, which its server uses too,
without HTTP between. `requests` writes the two bodies that MLflow's client posts for each trace:
its spans (OTLP), then the trace with tags and assessments.
"""

import base64
import json
import multiprocessing
import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from mlflow.entities import (
    AssessmentSource,
    Feedback,
    Span,
    TraceData,
    TraceInfo,
    TraceLocation,
    TraceState,
)
from mlflow.entities.trace import Trace
from mlflow.protos.service_pb2 import StartTraceV3
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.tracing.constant import (
    MAX_CHARS_IN_TRACE_INFO_METADATA,
    TRACE_REQUEST_RESPONSE_PREVIEW_MAX_LENGTH_OSS,
)
from mlflow.utils.proto_json_utils import message_to_json
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

BATCH = 200  # traces whose spans are stored in one transaction
EXPERIMENT = "peers"
LASTED = 500  # milliseconds
AROUND = 800  # bytes of a trace beside what was said
SIZES = ("max", "p25", "p50", "p75")
SOURCE = AssessmentSource(source_type="CODE", source_id="benchmark")


def info_of(row: dict[str, Any], experiment: str) -> TraceInfo:
    """The trace without its spans."""
    feedback = [
        Feedback(name=one["feedback_key"], value=one["value"], source=SOURCE,
                 rationale=one.get("reason"), create_time_ms=row["ms"],
                 last_update_time_ms=row["ms"])
        for one in row["feedbacks"]
    ]  # fmt: skip
    return TraceInfo(
        trace_id=row["trace_id"],
        trace_location=TraceLocation.from_experiment_id(experiment),
        request_time=row["ms"],
        state=TraceState.OK,
        request_preview=json.dumps({"messages": row["messages"]}, ensure_ascii=False)[
            :TRACE_REQUEST_RESPONSE_PREVIEW_MAX_LENGTH_OSS
        ],
        response_preview=json.dumps(row["completion"], ensure_ascii=False)[
            :TRACE_REQUEST_RESPONSE_PREVIEW_MAX_LENGTH_OSS
        ],
        execution_duration=LASTED,
        trace_metadata=metadata_of(row),
        tags={"mlflow.traceName": "chat", **row["labels"]},
        assessments=feedback,
    )


def metadata_of(row: dict[str, Any]) -> dict[str, str]:
    """What MLflow's client says of every trace by itself; the inputs and outputs cut as it does."""
    asked = json.dumps({"model": row["model"], "messages": row["messages"]}, ensure_ascii=False)
    said = json.dumps(row["completion"], ensure_ascii=False)
    size = len(asked) + len(said) + AROUND
    sizes = {"total_size_bytes": size, "num_spans": 1, **dict.fromkeys(SIZES, size)}
    return {
        "mlflow.traceInputs": asked[:MAX_CHARS_IN_TRACE_INFO_METADATA],
        "mlflow.traceOutputs": said[:MAX_CHARS_IN_TRACE_INFO_METADATA],
        "mlflow.trace.sizeBytes": str(size),
        "mlflow.trace.sizeStats": json.dumps(sizes),
        "mlflow.trace_schema.version": "3",
        "mlflow.source.name": "chat.py",
        "mlflow.source.type": "LOCAL",
        "mlflow.user": "somebody",
        **({"mlflow.trace.session": row["session_id"]} if row["session_id"] else {}),
    }


def span_of(row: dict[str, Any]) -> Span:
    """The call of the model."""
    said = {
        "mlflow.traceRequestId": row["trace_id"],
        "mlflow.spanType": "CHAT_MODEL",
        "mlflow.spanInputs": {"model": row["model"], "messages": row["messages"]},
        "mlflow.spanOutputs": row["completion"],
    }
    number = bytes.fromhex(row["trace_id"].removeprefix("tr-"))
    return Span.from_dict(
        {
            "name": "chat",
            "trace_id": base64.b64encode(number).decode(),
            "span_id": base64.b64encode(number[8:]).decode(),
            "parent_span_id": None,
            "start_time_unix_nano": row["ms"] * 1_000_000,
            "end_time_unix_nano": (row["ms"] + LASTED) * 1_000_000,
            "status": {"code": "STATUS_CODE_OK", "message": ""},
            "attributes": {
                key: json.dumps(value, ensure_ascii=False) for key, value in said.items()
            },
            "events": [],
        }
    )


def read(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file."""
    with file.open(encoding="utf-8", newline="\n") as lines:
        yield from map(json.loads, lines)


def load(address: str, file: Path) -> None:
    """Store all rows, by as many processes as there are cores, at most 4."""
    experiment = SqlAlchemyStore(address, str(file.parent / "artifacts")).create_experiment(
        EXPERIMENT
    )
    parts = min(os.cpu_count() or 1, 4)
    processes = multiprocessing.get_context("spawn")
    loaders = [
        processes.Process(target=load_part, args=(address, file, experiment, part, parts))
        for part in range(parts)
    ]
    for loader in loaders:
        loader.start()
    for loader in loaders:
        loader.join()
    if failed := [loader.exitcode for loader in loaders if loader.exitcode]:
        sys.exit(f"a process that stores traces ended with {failed[0]}")


def load_part(address: str, file: Path, experiment: str, part: int, parts: int) -> None:
    """Store every row whose number modulo `parts` is `part`."""
    store = SqlAlchemyStore(address, str(file.parent / "artifacts"))
    spans = []
    for row in islice(read(file), part, None, parts):
        store.start_trace(info_of(row, experiment))
        spans.append(span_of(row))
        if len(spans) == BATCH:
            store.log_spans(experiment, spans)
            spans = []
    store.log_spans(experiment, spans)


def requests(file: Path, to: Path, experiment: str) -> None:
    """Write a line with both bodies (base64) for each row."""
    with to.open("w", encoding="ascii") as lines:
        for row in read(file):
            exported = ExportTraceServiceRequest()
            scope = exported.resource_spans.add().scope_spans.add()
            scope.spans.append(span_of(row).to_otel_proto())
            trace = Trace(info_of(row, experiment), TraceData(spans=[]))
            started = message_to_json(StartTraceV3(trace=trace.to_proto()))
            bodies = (exported.SerializeToString(), started.encode())
            lines.write(json.dumps([base64.b64encode(body).decode() for body in bodies]) + "\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["load", address, rows]:
            load(address, Path(rows))
        case ["requests", rows, to, experiment]:
            requests(Path(rows), Path(to), experiment)
        case _:
            sys.exit(__doc__)
