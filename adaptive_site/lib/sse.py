"""Reading and writing server-sent events."""


class Events:
    r"""Cuts a stream of bytes, as it comes, into the data of its events.

    >>> events = Events()
    >>> events.feed(b"data: one\n\nda")
    [b'one']
    >>> events.feed(b"ta: two\r\n")
    []
    >>> events.rest()
    [b'two']

    Names, ids and comments are passed over; `buffered` is how many bytes wait for their end.
    """

    def __init__(self) -> None:
        self._line = b""
        self._data: list[bytes] = []

    @property
    def buffered(self) -> int:
        """How many bytes are held back."""
        return len(self._line) + sum(map(len, self._data))

    def feed(self, arrived: bytes) -> list[bytes]:
        """The data of the events that `arrived` completes."""
        *lines, self._line = (self._line + arrived).split(b"\n")
        return [data for line in lines if (data := self._take(line.rstrip(b"\r"))) is not None]

    def rest(self) -> list[bytes]:
        """The data of an event whose empty line never came, once the stream has ended."""
        return self.feed(b"\n\n")

    def _take(self, line: bytes) -> bytes | None:
        if line.startswith(b"data:"):
            self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
        elif not line and self._data:
            data = b"\n".join(self._data)
            self._data = []
            return data
        return None


def event(name: str, data: str, *, id: str = "") -> bytes:
    r"""An event as it is sent.

    >>> event("news", "one\ntwo", id="7")
    b'id: 7\nevent: news\ndata: one\ndata: two\n\n'
    """
    lines = [f"id: {id}"] if id else []
    lines += [f"event: {name}", *(f"data: {line}" for line in data.split("\n"))]
    return ("\n".join(lines) + "\n\n").encode()
