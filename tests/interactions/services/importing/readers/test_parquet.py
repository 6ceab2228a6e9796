"""Parquet is read row by row, where pyarrow is at hand: it is an extra, not of these tests' own."""

import importlib
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from interactions.services.importing.readers import parquet_rows

ROOT = Path(__file__).parents[5]


@pytest.fixture
def pyarrow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The library: installed here, or in an environment of published clients."""
    beside = [str(found.parent) for found in ROOT.glob(".venv*/lib/python3*/site-packages/pyarrow")]
    monkeypatch.setattr(sys, "path", sys.path + beside)
    library = pytest.importorskip("pyarrow")
    monkeypatch.setattr(parquet_rows, "pyarrow", library)
    monkeypatch.setattr(parquet_rows, "parquet", pytest.importorskip("pyarrow.parquet"))
    yield library


def test_rows_come_with_lists_times_and_images(pyarrow: Any) -> None:
    rows = [
        {
            "messages": [{"role": "user", "content": f"Question {n}"}],
            "at": datetime(2024, 5, 29, tzinfo=UTC),
            "score": float("nan") if n else 0.5,
            "image": {"bytes": b"\x89PNG", "path": None},
        }
        for n in range(200)
    ]
    shape = pyarrow.schema(
        [
            ("messages", pyarrow.list_(
                pyarrow.struct([("role", pyarrow.string()), ("content", pyarrow.string())])
            )),
            ("at", pyarrow.timestamp("us", tz="UTC")),
            ("score", pyarrow.float64()),
            ("image", pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])),
        ]
    )  # fmt: skip
    out = io.BytesIO()
    importlib.import_module("pyarrow.parquet").write_table(
        pyarrow.Table.from_pylist(rows, shape), out
    )
    out.seek(0)
    found = list(parquet_rows.records(io.BufferedReader(out)))
    assert [one.number for one in found] == list(range(1, 201))
    assert found[0].value == {
        "messages": rows[0]["messages"], "at": "2024-05-29T00:00:00+00:00", "score": 0.5,
        "image": "data:image/*;base64,iVBORw==",
    }  # fmt: skip
    assert found[1].value is not None and found[1].value["score"] is None
