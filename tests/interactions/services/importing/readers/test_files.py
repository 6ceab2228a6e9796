"""Files of every kind and packing are read record by record; broken and hostile ones say why."""

import gzip
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from adaptive_site.lib.errors import DomainError, Invalid, TooLarge
from interactions.services.importing.readers import json_values, open_file, parquet_rows, unpacking
from interactions.services.importing.readers import records as file_records
from interactions.services.importing.readers.records import FileRecord

ROWS: list[dict[str, Any]] = [{"a": f"é {n}", "b": [n, {"c": '"}]{'}]} for n in range(50)]
JSONL = b"".join(orjson.dumps(row) + b"\n" for row in ROWS)


def read(name: str, data: bytes) -> list[FileRecord]:
    """All records of a file."""
    buffer: io.BufferedReader[Any] = io.BufferedReader(io.BytesIO(data))
    with open_file.open_file(name, buffer, len(data)) as found:
        return list(found.records)


def values(name: str, data: bytes) -> list[Any]:
    """What the records of a file say; none is at fault."""
    found = read(name, data)
    assert [record.fault for record in found if record.fault] == []
    return [record.value for record in found]


def kind(name: str, data: bytes) -> str:
    """What kind of file one is taken for."""
    buffer: io.BufferedReader[Any] = io.BufferedReader(io.BytesIO(data))
    with open_file.open_file(name, buffer, len(data)) as found:
        return found.kind


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of these."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def length(given: str | bytes) -> str:
    """A name of a test that is the same in every process: archives hold the time."""
    return given if isinstance(given, str) else str(len(given))


PRETTY = orjson.dumps(ROWS, option=orjson.OPT_INDENT_2)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rows.jsonl", JSONL),
        ("rows.txt", b"\xef\xbb\xbf" + JSONL),
        ("rows.json", JSONL),  # named wrongly, as many are
        ("rows.json", PRETTY),
        ("rows.json", orjson.dumps(ROWS)),
        ("rows.json", orjson.dumps({"object": "list", "first": {"data": [1]}, "data": ROWS})),
        ("rows.json", b'{"data" : [\n' + JSONL[:-1].replace(b"\n", b",\n") + b'], "n": 1}\n'),
        ("rows.json", b"\n\n".join(orjson.dumps(r, option=orjson.OPT_INDENT_2) for r in ROWS)),
        ("rows.json", PRETTY.decode().encode("utf-16")),
        ("rows.jsonl.gz", gzip.compress(JSONL)),
        ("whatever", gzip.compress(PRETTY)),
        ("rows.zip", zipped({"../../etc/rows.jsonl": JSONL, "__MACOSX/._rows.jsonl": b"\0"})),
    ],
    ids=length,
)
def test_json_of_every_shape_is_read(name: str, data: bytes) -> None:
    assert values(name, data) == ROWS


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_values_may_end_anywhere_in_what_is_read_at_once(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_values, "_READ", size)
    assert values("rows.json", PRETTY) == ROWS
    assert values("rows.json", orjson.dumps({"runs": ROWS})) == ROWS


def test_a_single_object_is_one_record() -> None:
    assert values("one.json", b'{"messages": [{"role": "user"}], "completion": "x"}') == [
        {"messages": [{"role": "user"}], "completion": "x"}
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_csv_of_every_separator_and_encoding_is_read(separator: str, encoding: str) -> None:
    text = separator.join(["ä", "b", "b", ""]) + "\r\n"
    text += separator.join(['"x\n""y"""', '"1,5"', '"2;0|\t"', ""]) + "\r\n\r\n"
    (row,) = values("rows.csv", text.encode(encoding))
    assert row == {"ä": 'x\n"y"', "b": "1,5", "b (2)": "2;0|\t", "column 4": ""}


def test_rows_are_numbered_as_spreadsheets_do() -> None:
    found = read("rows.csv", b'sep=;\na;b\n"1\n2";x\n3;y;z\n')
    assert [(one.number, bool(one.fault)) for one in found] == [(2, False), (3, True)]
    assert "expected 2 cells" in str(found[1].fault)


def test_a_row_that_is_not_utf_8_is_told_and_the_others_come() -> None:
    first, second, third = read("rows.csv", b"a,b\ngood,1\nb\xe4d,2\ngood,3\n")
    assert first.value == {"a": "good", "b": "1"} and third.value is not None
    assert "not UTF-8" in str(second.fault) and second.text == b"b\xe4d,2"


def test_a_row_with_loose_quotes_is_told_and_the_others_come() -> None:
    first, second, third = read("rows.csv", b'a,b\n1,2\n"1"x,2\n3,"4"\n')
    assert (first.value, third.value) == ({"a": "1", "b": "2"}, {"a": "3", "b": "4"})
    assert second.fault is not None and second.text == b'"1"x,2\n'


def test_broken_lines_are_told_each_for_itself() -> None:
    deep = b'{"a":' * 5000 + b"1" + b"}" * 5000
    data = JSONL + b'{"a": \n[1]\n{"a": NaN}\n{"a": 1, "a": 2}\n' + deep + b'\n{"b": "\\u0000"}\n'
    found = read("rows.jsonl", data)[len(ROWS) :]
    assert [one.number for one in found if one.fault] == [51, 52, 53, 54, 55]
    assert found[-1].value == {"b": "\ufffd"} and found[-1].had_nul


def test_depth_in_a_list_is_told_as_well() -> None:
    data = b'[{"a": 1}, ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b', {"b": 2}, 7\n]'
    first, deep, last, number = read("rows.json", data)
    assert deep.fault is not None and (first.value, last.value) == ({"a": 1}, {"b": 2})
    assert str(number.fault) == "expected an object, {…}, got a number"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a", b"", "the file is empty"),
        ("a.csv", b"  \n", "the file is empty"),
        ("a.png", b"\x89PNG\0\0\0", "expected JSON lines, JSON, CSV or Parquet"),
        ("a.zip", zipped({}), "expected one"),
        ("a.zip", zipped({"a.csv": b"a\n1", "b.csv": b"a\n1"}), "2 files (a.csv, b.csv)"),
        ("a.zip", b"PK\x03\x04 and then nothing", "the archive cannot be read"),
        ("a.gz", gzip.compress(JSONL)[:-40], "cannot be read"),
        ("a.json", b'[{"a": 1}', "ends after record 1 without a ]"),
        ("a.json", b'[{"a": "x', "the file ends inside record 1"),
        ("a.csv", b'a,b\n1,2\n"1,2\n3,4\n', "row 3 does not end: is a quote left open"),
        ("a.csv", b",".join([b"a"] * 1_000_000) + b"\n1\n", "1,000,000 columns"),
        ("a.parquet", b"PAR1 and then nothing", "Parquet"),
        ("a.parquet.gz", gzip.compress(b"PAR1"), "upload it as it is"),
    ],
    ids=length,
)
def test_what_cannot_be_read_says_why(name: str, data: bytes, told: str) -> None:
    with pytest.raises(DomainError, match=".") as error:
        found = read(name, data)
        raise AssertionError(found)
    assert told in str(error.value) and error.value.field == "file"


def test_a_bomb_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "RATIO_COUNTS_FROM", 1024 * 1024)
    text = b'{"a": "' + b"x" * 8 * 1024 * 1024 + b'"}\n'
    for name, data in (("a.gz", gzip.compress(text)), ("a.zip", zipped({"a.jsonl": text}))):
        with pytest.raises(TooLarge, match="cannot be meant"):
            read(name, data)


def test_an_archive_of_many_names_is_not_even_listed() -> None:
    data = zipped({f"{n}.csv" + "x" * 900: b"" for n in range(5_000)})
    with pytest.raises(TooLarge, match="too many files"):
        read("a.zip", data)


@pytest.mark.parametrize("reader", ["a.jsonl", "a.json", "a.csv"])
def test_a_huge_line_is_told_and_not_held(reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (file_records, json_values):
        monkeypatch.setattr(module, "MAX_LINE", 1000)
    monkeypatch.setattr("interactions.services.importing.readers.json_lines.MAX_LINE", 1000)
    monkeypatch.setattr("interactions.services.importing.readers.table.MAX_LINE", 1000)
    monkeypatch.setattr(json_values, "_READ", 500)
    huge = '{"a": "' + "x" * 5000 + '"}'
    texts = {
        "a.jsonl": f'{{"b": 1}}\n{huge}\n{{"b": 2}}\n',
        "a.json": f'[{{"b": 1}}, {huge}, {{"b": 2}}]',
        "a.csv": f"a\n1\n{'x' * 5000}\n",
    }
    if reader == "a.jsonl":
        first, second, third = read(reader, texts[reader].encode())
        assert isinstance(second.fault, TooLarge) and len(second.text) == 1001
        assert (first.value, third.value) == ({"b": 1}, {"b": 2})
    else:
        with pytest.raises(TooLarge, match="MB"):
            read(reader, texts[reader].encode())


def test_parquet_without_pyarrow_says_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_rows, "parquet", None)
    with pytest.raises(Invalid, match="needs pyarrow"):
        read("a.parquet", b"PAR1 and more")


def test_noise_never_breaks_a_reader() -> None:
    chance = random.Random(14)
    for _ in range(300):
        start = chance.choice([JSONL, PRETTY, b"a,b\n1,2\n", gzip.compress(JSONL), b""])
        data = bytearray(start[: chance.randrange(len(start) + 1)] + b"x")
        for _ in range(chance.randrange(8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        name = chance.choice(["a.jsonl", "a.json", "a.csv", "a"])
        try:
            read(name, bytes(data))
        except DomainError:
            continue


def test_paths_in_an_archive_mean_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "rows.jsonl"
    for name in (f"../../..{outside}", str(outside), "..\\..\\rows.jsonl"):
        (record,) = read("a.zip", zipped({name: b'{"a": 1}\n'}))
        assert record.value == {"a": 1}
    assert not outside.exists()


@pytest.mark.parametrize("inner", [gzip.compress(JSONL), zipped({"a.jsonl": JSONL})])
def test_what_is_packed_twice_is_not_unpacked_twice(inner: bytes) -> None:
    for name, data in (("a.gz", gzip.compress(inner)), ("a.zip", zipped({"a": inner}))):
        with pytest.raises(Invalid, match="packed twice"):
            read(name, data)
