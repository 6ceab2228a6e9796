"""A file for the storage whose bytes are made while it is saved."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.core.files.base import File


class StreamedFile(File):  # type: ignore[type-arg]  # as it is at run time
    """Gives its bytes once, as they are made, and knows afterwards how many there were."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        super().__init__(None)
        self.length = 0
        self._parts = parts
        self._hash = hashlib.sha256()
        self._rest = b""

    @property
    def sha256(self) -> str:
        """Of the bytes so far, in hexadecimal."""
        return self._hash.hexdigest()

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The bytes in pieces, of whatever length they are made in."""
        for part in self._parts:
            self.length += len(part)
            self._hash.update(part)
            yield part

    def read(self, size: int = -1) -> bytes:
        """The next bytes, as storages other than the disk ask for them."""
        while size < 0 or len(self._rest) < size:
            part = next(self.chunks(), None)
            if part is None:
                break
            self._rest += part
        end = len(self._rest) if size < 0 else size
        taken, self._rest = self._rest[:end], self._rest[end:]
        return taken

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Any:
        return self.chunks()
