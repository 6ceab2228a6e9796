"""An upload's parts read as one file."""

import io
from bisect import bisect_right
from itertools import accumulate
from typing import IO, TYPE_CHECKING, Any

from django.core.files.storage import default_storage

from adaptive_site.lib.errors import NotFound
from interactions.models import Upload

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER_BYTES = 256 * 1024


def open_upload(upload: Upload) -> io.BufferedReader:
    """All bytes of an upload whose parts are here; may be sought in, and must be closed."""
    return io.BufferedReader(_Parts(upload), _BUFFER_BYTES)


class _Parts(io.RawIOBase):
    """The parts one after the other; one of them is open at a time."""

    def __init__(self, upload: Upload) -> None:
        self._paths = [upload.part_path(number) for number in range(1, upload.total_parts + 1)]
        try:
            sizes = [default_storage.size(path) for path in self._paths]
        except FileNotFoundError as error:
            raise NotFound("a part of this upload is not there") from error
        self._starts = [0, *accumulate(sizes)]
        self._at = 0
        self._open: tuple[int, IO[Any]] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}[whence]
        if base + offset < 0:
            raise ValueError("cannot seek to before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        if self._at >= self._starts[-1] or not len(view):
            return 0
        # The last part that begins here or before: an empty one is passed over.
        number = bisect_right(self._starts, self._at) - 1
        left = self._starts[number + 1] - self._at
        data = self._part(number).read(min(left, len(view)))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _part(self, number: int) -> IO[Any]:
        """The file of a part, at the place where the next byte is."""
        if self._open is None or self._open[0] != number:
            self._close_part()
            self._open = number, default_storage.open(self._paths[number])
        file = self._open[1]
        within = self._at - self._starts[number]
        if file.tell() != within:
            file.seek(within)
        return file

    def _close_part(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def close(self) -> None:
        self._close_part()
        super().close()
