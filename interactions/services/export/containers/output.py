"""A file being written, whose bytes are taken away as they come, so that memory stays small."""


class Output:
    """What has been written and not been taken yet; it can only be added to."""

    closed = False

    def __init__(self) -> None:
        self._size = self._waiting = 0
        self._parts: list[bytes] = []

    def write(self, data: "bytes | memoryview") -> int:
        """Add bytes."""
        part = bytes(data)
        self._parts.append(part)
        self._size += len(part)
        self._waiting += len(part)
        return len(part)

    def flush(self) -> None:
        """Nothing to do: what is written is there."""

    def close(self) -> None:
        """Nothing to do: whoever takes the bytes knows when there are no more."""

    def tell(self) -> int:
        """How many bytes have been written."""
        return self._size

    def take(self, *, at_least: int = 0) -> list[bytes]:
        """The bytes that wait, as one piece if any; none while they are fewer than `at_least`."""
        if not self._waiting or self._waiting < at_least:
            return []
        taken = b"".join(self._parts)
        self._parts.clear()
        self._waiting = 0
        return [taken]
