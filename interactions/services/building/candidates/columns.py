"""Columns of many records in little memory: ids are 16 bytes side by side, no objects."""

from collections.abc import Iterable
from uuid import UUID

ID_BYTES = 16
NO_ID = bytes(ID_BYTES)


class IdColumn:
    """A list of ids and digests of 16 bytes each, NO_ID for none.

    A million of them are 16 MB; as UUIDs in a list they were 150.
    """

    __slots__ = ("_bytes",)

    def __init__(self, values: Iterable[bytes] = ()) -> None:
        self._bytes = bytearray(b"".join(values))

    def __len__(self) -> int:
        return len(self._bytes) // ID_BYTES

    def __getitem__(self, at: int) -> bytes:
        return bytes(self._bytes[at * ID_BYTES : (at + 1) * ID_BYTES])

    def append(self, value: bytes | None) -> None:
        """Add one at the end."""
        self._bytes += NO_ID if value is None else value

    def id(self, at: int) -> UUID:
        """One as a UUID."""
        return UUID(bytes=self[at])

    def numbers(self) -> list[int]:
        """For each one a number, the same for the same bytes, from 0; each NO_ID is a -1."""
        known: dict[bytes, int] = {}
        found = []
        for at in range(len(self)):
            value = self[at]
            found.append(-1 if value == NO_ID else known.setdefault(value, len(known)))
        return found
