"""A file of JSON that is one list, an object with a list in it, or objects one after the other.

The file is cut into the values of the list by looking for brackets outside strings, so that no
more than one value is held at a time.
"""

import io
import re
from collections.abc import Iterator

from adaptive_site.lib.errors import Invalid, TooLarge
from interactions.services.importing.jsonl import MAX_LINE
from interactions.services.importing.readers.records import FileRecord, of_json

# Members of an object under which exports keep their list of records.
LISTS = (
    "data", "records", "rows", "items", "runs", "traces", "observations", "spans", "interactions",
    "completions", "examples", "generations", "results",
)  # fmt: skip
_READ = 1024 * 1024
# Strings as a whole (possessive, so that a long one takes no memory), brackets, and a quote whose
# string does not end yet.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]|"', re.DOTALL)
_SPACE = re.compile(rb"[\s,]*")
_LIST = re.compile(rb'"(' + "|".join(LISTS).encode() + rb')"\s*:\s*\[\s*(?=[{\]])')
_LOOKED_THROUGH = 4 * 1024 * 1024  # bytes in which the list of an object must begin


def records(stream: io.BufferedReader) -> Iterator[FileRecord]:
    """Each value of the list, numbered from 1. Raises Invalid where the file is cut or broken."""
    text = _Window(stream)
    text.skip_space()
    is_list = text.take(b"[")
    if not is_list:
        is_list = text.skip_to_list()
    number = 0
    while True:
        text.skip_space()
        if text.is_at_end():
            if is_list:
                raise Invalid(f"the list ends after record {number} without a ]", field="file")
            return
        if is_list and text.take(b"]"):
            return
        number += 1
        yield of_json(number, text.value(number))


class _Window:
    """The part of a stream that is looked at."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._data = b""
        self._at = 0

    def skip_space(self) -> None:
        """Go on to what is no space and no comma."""
        while True:
            self._at = _SPACE.match(self._data, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._data) or not self._more(_READ):
                return

    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return self._at >= len(self._data)

    def take(self, letter: bytes) -> bool:
        """Go past `letter`, if it is next."""
        is_next = self._data[self._at : self._at + 1] == letter
        self._at += is_next
        return is_next

    def skip_to_list(self) -> bool:
        """Go into the list of records, if the object that begins here has one."""
        while len(self._data) < _LOOKED_THROUGH and self._more(_READ):
            pass
        depth, position = 0, self._at
        while token := _TOKEN.search(self._data, position):
            position = token.end()
            if token[0] in b"{[":
                depth += 1
            elif token[0] in b"}]":
                depth -= 1
                if depth <= 0:  # the object ends: it is a record itself
                    return False
            elif depth == 1 and (found := _LIST.match(self._data, token.start())):
                self._at = found.end()
                return True
        return False

    def value(self, number: int) -> bytes:
        """The value that begins here."""
        first = self._data[self._at : self._at + 1]
        if first not in (b"{", b"["):
            return self._scalar()
        depth, position, step = 0, self._at, _READ
        while True:
            for token in _TOKEN.finditer(self._data, position):
                if token[0] == b'"':
                    position = token.start()
                    break
                position = token.end()
                if token[0] in b"{[":
                    depth += 1
                elif token[0] in b"}]":
                    depth -= 1
                    if depth == 0:
                        found = self._data[self._at : position]
                        self._at = position
                        return found
            else:
                position = len(self._data)
            if len(self._data) - self._at > MAX_LINE + _READ:
                said = f"record {number} has more than {MAX_LINE >> 20} MB, or lacks a bracket"
                raise TooLarge(said, field="file")
            moved = self._at
            if not self._more(step):
                raise Invalid(f"the file ends inside record {number}", field="file")
            position -= moved
            step = min(step * 2, MAX_LINE)  # a long string is looked through again each time

    def _scalar(self) -> bytes:
        """What is no object, up to the end of its line: it is told as a fault."""
        while (end := self._data.find(b"\n", self._at)) < 0 and len(self._data) - self._at < _READ:
            if not self._more(_READ):
                break
        end = len(self._data) if end < 0 else end
        found = self._data[self._at : end]
        self._at = end
        return found

    def _more(self, size: int) -> bool:
        """Read on, and forget what lies behind; returns whether there was more."""
        new = self._stream.read(size)
        self._data, self._at = self._data[self._at :] + new, 0
        return bool(new)
