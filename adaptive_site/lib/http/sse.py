"""Reading and writing server-sent events."""

from codecs import BOM_UTF8


class Events:
    r"""Cuts a stream of bytes, as it comes, into events: the data of each, and its name.

    >>> events = Events()
    >>> events.feed(b"data: one\n\nda")
    [(b'one', '')]
    >>> events.feed(b"ta: two\r\nevent: news\r")
    []
    >>> events.rest()
    [(b'two', 'news')]

    Ids, comments and events without data are passed over; `buffered` is how many bytes wait for
    their end. Read as servers send them, more than as they should: an object on a line of its own
    is an event, and one is over where the next object begins.
    """

    def __init__(self) -> None:
        self._line: list[bytes] = []  # of one that has not ended
        self._data: list[bytes] = []
        self._name = ""
        self._is_first = True
        self._ends_in_cr = False

    @property
    def buffered(self) -> int:
        """How many bytes are held back."""
        return sum(map(len, self._line)) + sum(map(len, self._data))

    def feed(self, arrived: bytes) -> list[tuple[bytes, str]]:
        """The events that `arrived` completes."""
        if self._ends_in_cr and arrived[:1] == b"\n":
            arrived = arrived[1:]  # of a line that has ended already
        self._ends_in_cr = arrived[-1:] == b"\r"
        if b"\r" in arrived:
            arrived = arrived.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = arrived.split(b"\n")
        if not lines:
            self._line.append(rest)
            return []
        if self._line:
            lines[0] = b"".join(self._line) + lines[0]
        self._line = [rest] if rest else []
        if self._is_first:
            lines[0] = lines[0].removeprefix(BOM_UTF8)
            self._is_first = False
        found: list[tuple[bytes, str]] = []
        for line in lines:
            self._take(line, found)
        return found

    def rest(self) -> list[tuple[bytes, str]]:
        """The event whose empty line never came, once the stream has ended."""
        return self.feed(b"\n\n")

    def _take(self, line: bytes, found: list[tuple[bytes, str]]) -> None:
        if line[:5] == b"data:":
            data = line[6:] if line[5:6] == b" " else line[5:]
            if self._data and self._data[-1][-1:] == b"}" and data[:1] in (b"{", b"["):
                self._end(found)
            self._data.append(data)
        elif not line:
            self._end(found)
        elif line[:1] == b"{":
            self._end(found)
            self._data.append(line)
            self._end(found)
        elif line[:6] == b"event:":
            self._name = line[6:].strip().decode(errors="replace")

    def _end(self, found: list[tuple[bytes, str]]) -> None:
        if self._data:
            if data := b"\n".join(self._data).strip():
                found.append((data, self._name))
            self._data = []
        self._name = ""


def event(name: str, data: str, *, id: str = "") -> bytes:
    r"""An event as it is sent.

    >>> event("news", "one\ntwo", id="7")
    b'id: 7\nevent: news\ndata: one\ndata: two\n\n'
    """
    lines = [f"id: {id}"] if id else []
    lines += [f"event: {name}", *(f"data: {line}" for line in data.split("\n"))]
    return ("\n".join(lines) + "\n\n").encode()
