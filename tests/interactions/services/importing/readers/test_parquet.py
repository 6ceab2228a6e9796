"""Parquet is read row by row, where pyarrow is at hand: it is an extra, not of these tests' own."""

import importlib
import io
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adaptive_site.lib.errors import DomainError, Invalid
from interactions.services.importing.readers import parquet_rows
from interactions.services.importing.readers.records import FileRecord

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


def written(pyarrow: Any, table: Any) -> bytes:
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out)
    return out.getvalue()


def read(data: bytes) -> list[FileRecord]:
    buffer: io.BufferedReader[Any] = io.BufferedReader(io.BytesIO(data))
    return list(parquet_rows.records(buffer))


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


def test_a_broken_end_is_told_whatever_it_says(pyarrow: Any) -> None:
    table = pyarrow.table({"prompt": ["What?"] * 50, "n": list(range(50)), "l": [[1, 2]] * 50})
    whole = written(pyarrow, table)
    chance = random.Random(14)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(3):
            data[chance.randrange(len(data) - 900, len(data))] = chance.randrange(256)
        try:
            read(bytes(data))
        except DomainError as error:
            assert error.field == "file"
    for cut in (5, len(whole) // 2, len(whole) - 1):
        with pytest.raises(Invalid, match="damaged, or was cut"):
            read(whole[:cut])


def test_a_large_value_that_many_rows_refer_to_is_held_few_times(pyarrow: Any) -> None:
    places = pyarrow.array([0] * 1000, pyarrow.int32())
    texts = pyarrow.DictionaryArray.from_arrays(places, ["x" * 1_000_000])
    data = written(pyarrow, pyarrow.table({"prompt": texts}))
    metadata = pyarrow.parquet.ParquetFile(io.BytesIO(data)).metadata
    assert parquet_rows._rows_at_once(metadata) == 64
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_rows, "_MAX_BATCH", 4_000_000)
        assert parquet_rows._rows_at_once(metadata) <= 4
        assert len(read(data)) == 1000
