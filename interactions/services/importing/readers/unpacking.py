"""The bytes inside a file: as they are, or unpacked from gzip or zip, within limits."""

import codecs
import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from adaptive_site.lib.errors import Invalid, TooLarge

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_UNPACKED = 32 * 1024**3
# Of unpacked bytes to packed ones, which counts beyond so many bytes: repetitive JSON reaches 50.
MAX_RATIO, RATIO_COUNTS_FROM = 200, 256 * 1024**2
MAX_DIRECTORY = 4 * 1024**2  # bytes of a zip's list of files, which is read as a whole
_BUFFER = 256 * 1024
_GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
PACKED = (_GZIP, *ZIP)
_HIDDEN = (".", "thumbs.db")
# What stands beside the data in archives of datasets, ours among them.
_BESIDE = (
    ".md", ".yaml", ".yml", "dataset_info.json", ".png", ".jpg", ".jpeg", ".webp", ".gif",
)  # fmt: skip
DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError)


def damage(error: Exception) -> str:
    """What a library stumbled over, in words."""
    if isinstance(error, EOFError):
        return "it ends too early (was all of it copied?)"
    if isinstance(error, NotImplementedError):
        return "it is packed in a way that is not known here: expected gzip, or zip with deflate"
    if isinstance(error, zlib.error | zipfile.BadZipFile | gzip.BadGzipFile):
        return "its packed bytes are damaged"
    return str(error)


@dataclass(slots=True)
class UnpackedFile:
    """The data of a file: its name without any path, its bytes, and how it was packed."""

    name: str
    stream: "io.BufferedReader[Any]"
    packing: str  # "", "gzip" or "zip"


@contextmanager
def unpacked(name: str, file: io.BufferedReader, size: int) -> Iterator[UnpackedFile]:
    """The data in `file`, which has `size` bytes and is known by its first, not by its name.

    Raises Invalid for an archive that cannot be read; reading from the stream raises TooLarge
    where more comes out than can be meant.
    """
    file.seek(0)
    start = file.peek(4)[:4]
    file.seek(0)
    base = base_name(name)
    if start.startswith(_GZIP):
        plain = measured(cast(BinaryIO, gzip.GzipFile(fileobj=file)), size)
        yield UnpackedFile(base.removesuffix(".gz"), plain, "gzip")
    elif start in ZIP:
        with open_archive(file, size) as archive:
            entry = _only_entry(archive)
            with archive.open(entry) as inside:
                found = measured(cast(BinaryIO, inside), size)
                yield UnpackedFile(base_name(entry.filename), found, "zip")
    else:
        yield UnpackedFile(base, file, "")


def base_name(name: str) -> str:
    r"""The last part of a name, which is all of it that is ever looked at.

    >>> base_name("../../etc/passwd"), base_name("C:\\data\\rows.csv")
    ('passwd', 'rows.csv')
    """
    return name.replace("\\", "/").rpartition("/")[2]


def in_utf8(stream: io.BufferedReader) -> io.BufferedReader:
    """The same text in UTF-8 without a mark, whatever mark it begins with."""
    start = stream.peek(4)[:4]
    if start.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
        return stream
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if start.startswith(mark):
            stream.read(len(mark))
            return io.BufferedReader(_Recoded(stream, name), _BUFFER)
    return stream


def measured(inside: BinaryIO, size: int) -> io.BufferedReader:
    """What is unpacked of a file of so many bytes; reading raises TooLarge beyond what can be."""
    return io.BufferedReader(_Measured(inside, size), _BUFFER)


class _Measured(io.RawIOBase):
    """What is unpacked, until it is more than a file of that size may hold."""

    def __init__(self, inside: BinaryIO, size: int) -> None:
        self._inside, self._size, self._read = inside, size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        data = self._inside.read(len(view))
        view[: len(data)] = data
        self._read += len(data)
        is_bomb = self._read > RATIO_COUNTS_FROM and self._read > MAX_RATIO * self._size
        if is_bomb or self._read > MAX_UNPACKED:
            said = f"unpacks to more than {self._read >> 20:,} MB, which cannot be meant"
            raise TooLarge(f"{said}: {self._size:,} bytes came", field="file")
        return len(data)


class _Recoded(io.RawIOBase):
    """UTF-16 as UTF-8; what is no UTF-16 becomes U+FFFD."""

    def __init__(self, stream: io.BufferedReader, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        while not self._rest:
            raw = self._stream.read(_BUFFER)
            self._rest = self._decoder.decode(raw, final=not raw).encode("utf-8", "replace")
            if not raw:
                break
        data, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(data)] = data
        return len(data)


def open_archive(file: io.BufferedReader, size: int) -> zipfile.ZipFile:
    """The archive in a file of so many bytes. Raises Invalid, TooLarge."""
    if _directory_bytes(file, size) > MAX_DIRECTORY:
        raise TooLarge("the archive holds too many files: expected one", field="file")
    try:
        return zipfile.ZipFile(file)
    except DAMAGED as error:
        raise Invalid(f"the archive cannot be read: {damage(error)}", field="file") from error


def _directory_bytes(file: io.BufferedReader, size: int) -> int:
    """How long an archive's list of files is, by its end; 0 where it has none."""
    file.seek(max(0, size - 65_600))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return 0
    (length,) = struct.unpack_from("<I", tail, at + 12)
    if at >= 20 and tail[at - 20 :].startswith(b"PK\x06\x07"):
        (place,) = struct.unpack_from("<Q", tail, at - 12)
        if place + 56 <= size:
            file.seek(place)
            record = file.read(56)
            file.seek(0)
            if record.startswith(b"PK\x06\x06"):
                length = max(length, struct.unpack_from("<Q", record, 40)[0])
    return int(length)


def _only_entry(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    entries = [entry for entry in archive.infolist() if is_data(entry)]
    if len(entries) != 1:
        names = ", ".join(base_name(entry.filename) for entry in entries[:5])
        said = f"{len(entries)} files ({names}{', …' if len(entries) > 5 else ''})"
        if not entries:
            said = "no file"
        raise Invalid(f"the archive holds {said}: expected one", field="file")
    if entries[0].flag_bits & 1:
        raise Invalid("the archive is encrypted: expected one without a password", field="file")
    return entries[0]


def is_data(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry of an archive holds records, and is not what stands beside them."""
    path = entry.filename.lower().replace("\\", "/")
    name = base_name(path)
    is_beside = name.endswith(_BESIDE) or name.startswith(_HIDDEN) or path.startswith("__macosx/")
    return not entry.is_dir() and not is_beside
