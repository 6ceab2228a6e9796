"""Looking for words and ids in files, within gzip and zip as well."""

import gzip
import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from io import BufferedReader
from typing import IO, cast
from zipfile import BadZipFile, ZipFile

from django.core.files.storage import default_storage

from interactions.services.erasure.sought_words import SoughtWords

CHUNK_BYTES = 1 << 20
OVERLAP_BYTES = 4096  # of two neighbouring chunks: longer than any spelling of a word
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def any_holds(paths: Iterable[str], ids: Collection[str], words: SoughtWords) -> bool:
    """Whether one of the files holds one of the ids or words."""
    return any(holds(path, ids, words) for path in paths)


def holds(path: str, ids: Collection[str], words: SoughtWords) -> bool:
    """Whether a file holds one of the ids or words; its name is not looked at."""
    with default_storage.open(path) as file:
        return any(
            _is_in(chunk, ids, words)
            for inside in _insides(cast(IO[bytes], file))
            for chunk in _chunks(inside)
        )


def _is_in(chunk: bytes, ids: Collection[str], words: SoughtWords) -> bool:
    if words.words and words.is_in(chunk.decode("utf-8", "replace")):
        return True
    return any(found.decode() in ids for found in _UUID.findall(chunk.lower()))


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
            yield archive.open(name)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    last = b""
    try:
        while piece := file.read(CHUNK_BYTES):
            yield last + piece
            last = piece[-OVERLAP_BYTES:]
    except (EOFError, gzip.BadGzipFile, zlib.error, BadZipFile):  # cut short: no more can be read
        return
