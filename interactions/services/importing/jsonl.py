"""Files of JSON lines, plain or gzip, read one line at a time."""

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Self, cast

from adaptive_site.lib.errors import Invalid

MAX_LINE = 64 * 1024 * 1024
STDIN = "-"
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_BUFFER = 1 << 17  # also the most that is lost before a damaged place


@dataclass(frozen=True, slots=True)
class LineBatch:
    """Consecutive lines of `file` with their numbers: the `n`-th batch of an import."""

    n: int
    file: str
    lines: list[tuple[int, bytes]]

    @property
    def end(self) -> str:
        """Where the last line stands (FILE:LINE)."""
        return f"{self.file}:{self.lines[-1][0]}"


class JsonLines:
    """One file, or standard input when `name` is "-".

    `size` is the bytes of the file, None when it is not a regular file; `position` how many of
    them have been read. Both count what is on disk, so for gzip the compressed bytes.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.size: int | None = None
        self._count = 0

    def __enter__(self) -> Self:
        """Open it; gzip is known by its first bytes, whatever the name says."""
        try:
            raw = sys.stdin.buffer if self.name == STDIN else open(self.name, "rb")  # noqa: SIM115
            # Through a fresh buffer, because a stand-in for standard input may not peek.
            self._raw = io.BufferedReader(cast(io.RawIOBase, raw), _BUFFER)
            packed = self._raw.peek(2)[:2] == _GZIP
        except OSError as error:
            raise Invalid(f"cannot be read: {error.strerror}", field=self.name) from error
        self._lines: BinaryIO = self._raw
        if packed:
            unpacked = cast(io.RawIOBase, gzip.GzipFile(fileobj=self._raw))
            self._lines = io.BufferedReader(unpacked, _BUFFER)
        if self.is_regular:
            self.size = os.fstat(raw.fileno()).st_size
        return self

    def __exit__(self, *failure: object) -> None:
        """Close it, but leave standard input open."""
        if self.name == STDIN:
            self._raw.detach()
        else:
            self._raw.close()

    @property
    def is_regular(self) -> bool:
        """Whether it can be read twice."""
        return self.name != STDIN and stat.S_ISREG(os.stat(self.name).st_mode)

    @property
    def position(self) -> int:
        """Bytes read so far; of standard input, the bytes of its lines."""
        return self._count if self.size is None else self._raw.tell()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        r"""Number, from 1, and bytes of each line that is not blank.

        Lines end at \n alone: strings may hold U+2028 and the like. Of a line longer than
        MAX_LINE only the beginning comes, one byte longer than that. Raises Invalid when the
        file cannot be read on.
        """
        number = 0
        try:
            while raw := self._lines.readline(MAX_LINE + 1):
                number += 1
                self._count += len(raw)
                if len(raw) > MAX_LINE:
                    self._skip(raw)
                elif number == 1:
                    raw = raw.removeprefix(_BOM)
                if not raw.isspace():
                    yield number, raw
        except (OSError, EOFError, zlib.error) as error:
            raise Invalid(
                f"cannot be read after line {number}: {error}", field=self.name
            ) from error

    def _skip(self, part: bytes) -> None:
        while part and not part.endswith(b"\n"):
            part = self._lines.readline(MAX_LINE)
            self._count += len(part)
