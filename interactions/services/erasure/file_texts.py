"""Looking for words and ids in files, within gzip, zip and Parquet as well.

A Parquet file that cannot be read, or without `pyarrow`, may hold anything: it is taken to hold it.
"""

import gzip
import json
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from io import BufferedReader
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, cast
from zipfile import BadZipFile, ZipExtFile, ZipFile

from django.core.files.storage import default_storage

from interactions.services.erasure.sought_words import SoughtWords

try:
    import pyarrow
    from pyarrow import parquet
except ImportError:  # the extra [parquet] is not there
    pyarrow = parquet = None

CHUNK_BYTES = 1 << 20
PARQUET_ROWS = 100
_PARQUET = b"PAR1"
OVERLAP_BYTES = 4096  # of two neighbouring chunks: longer than any spelling of a word
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def any_holds(paths: Iterable[str], ids: Collection[str], words: SoughtWords) -> bool:
    """Whether one of the files holds one of the ids or words."""
    return any(holds(path, ids, words) for path in paths)


def together_hold(paths: Sequence[str], ids: Collection[str], words: SoughtWords) -> bool:
    """Whether the file of which these are the parts, in order, holds one of the ids or words."""
    if len(paths) < 2:
        return any_holds(paths, ids, words)
    with TemporaryFile() as whole:
        for path in paths:
            with default_storage.open(path) as part:
                copyfileobj(part, whole)
        return _holds(cast(IO[bytes], whole), ids, words)


def holds(path: str, ids: Collection[str], words: SoughtWords) -> bool:
    """Whether a file holds one of the ids or words; its name is not looked at."""
    with default_storage.open(path) as file:
        return _holds(cast(IO[bytes], file), ids, words)


def _holds(file: IO[bytes], ids: Collection[str], words: SoughtWords) -> bool:
    file.seek(0)
    try:
        return any(
            _is_in(chunk, ids, words) for inside in _insides(file) for chunk in _chunks(inside)
        )
    except _Unreadable:
        return True


def _is_in(chunk: bytes, ids: Collection[str], words: SoughtWords) -> bool:
    if words.words and words.is_in(chunk.decode("utf-8", "replace")):
        return True
    return any(found.decode() in ids for found in _UUID.findall(chunk.lower()))


class _Unreadable(Exception):
    """A file whose texts nobody here can read."""


def _insides(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The file as it is, and unpacked where it is packed; a broken one only as it is."""
    yield file
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    if head[:2] == b"\x1f\x8b":
        yield cast(IO[bytes], BufferedReader(cast(BufferedReader, gzip.GzipFile(fileobj=file))))
    elif head == b"PK\x03\x04":
        try:
            archive = ZipFile(file)
        except BadZipFile:  # only begins like one: it was looked at as it is
            return
        for name in archive.namelist():
            with cast(ZipExtFile, archive.open(name)) as member:
                if member.peek(4)[:4] != _PARQUET:
                    yield cast(IO[bytes], member)
                    continue
                with TemporaryFile() as whole:
                    copyfileobj(cast(IO[bytes], member), whole)
                    yield _parquet(cast(IO[bytes], whole))
    elif head == _PARQUET:
        yield _parquet(file)


def _parquet(file: IO[bytes]) -> IO[bytes]:
    """All values of a Parquet file, as JSON, with the names of its columns. Raises _Unreadable."""
    if parquet is None:
        raise _Unreadable
    file.seek(0)
    texts = TemporaryFile()  # noqa: SIM115  # whoever reads it lets it go
    try:
        for batch in parquet.ParquetFile(file).iter_batches(batch_size=PARQUET_ROWS):
            for row in batch.to_pylist():
                texts.write(json.dumps(row, default=_said, ensure_ascii=False).encode())
    except (pyarrow.ArrowException, OSError, UnicodeError) as error:
        raise _Unreadable from error
    texts.seek(0)
    return cast(IO[bytes], texts)


def _said(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    last = b""
    try:
        while piece := file.read(CHUNK_BYTES):
            yield last + piece
            last = piece[-OVERLAP_BYTES:]
    except (EOFError, gzip.BadGzipFile, zlib.error, BadZipFile):  # cut short: no more can be read
        return
