"""Which members the lines of a file have, and how all of them come to have the same.

Hugging Face's loader takes columns and their types from the first ten megabytes: a member that
comes up later makes it give up, also one that has been null or an empty list so far, and so do
texts in one line where another has parts.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from interactions.services.export.lines import Line

MESSAGE_COLUMNS = ("messages", "prompt", "completion", "chosen", "rejected")
_NOTHING: tuple[Any, ...] = (None, [], {})
_EMPTY: dict[str, Any] = {"tools": "[]", "images": [], "images_file_names": []}
# Of the bytes in which a loader has to have seen every member with a value. Lines may grow when
# they are filled up.
_EARLY = 4 * 1024 * 1024
Members = dict[str, None]  # in the order in which they came up


@dataclass(slots=True)
class Shape:
    """The members of all lines seen, and of all messages in them.

    `is_even`: each line and message had all of these by itself, so that none needs filling up.
    `known` has by file the members that were seen with a value, and `late` the numbers of the lines
    that have the first value of a member too late for a loader.
    """

    members: Members = field(default_factory=dict)
    in_messages: Members = field(default_factory=dict)
    has_texts: bool = False
    has_parts: bool = False
    is_even: bool = True
    known: dict[str, Members] = field(default_factory=dict)
    late: dict[str, list[int]] = field(default_factory=dict)
    # Members of lines and messages of which nothing new can be learnt.
    _settled: set[tuple[Any, ...]] = field(default_factory=set, repr=False, compare=False)

    @property
    def said(self) -> dict[str, Any]:
        """The shape as JSON, for `of`."""
        return {
            "members": list(self.members),
            "in_messages": list(self.in_messages),
            "has_texts": self.has_texts,
            "has_parts": self.has_parts,
            "is_even": self.is_even,
            "known": {name: list(members) for name, members in self.known.items()},
            "late": self.late,
        }

    @classmethod
    def of(cls, said: dict[str, Any]) -> Self:
        """The shape that `said` tells of."""
        return cls(
            dict.fromkeys(said["members"]),
            dict.fromkeys(said["in_messages"]),
            said["has_texts"],
            said["has_parts"],
            said["is_even"],
            {name: dict.fromkeys(members) for name, members in said["known"].items()},
            said["late"],
        )

    def see(self, line: Line, *, file: str = "", number: int = 0, offset: int = 0) -> None:
        """Take note of a line, which is the `number`-th of its file and begins at `offset`."""
        names = (file, *line)
        known = self.known.setdefault(file, {})
        before = len(known)
        if names not in self._settled:
            if self.members.keys() != line.keys():
                self.is_even = self.is_even and not self.members
                self.members.update(dict.fromkeys(line))
            known |= {name: None for name, column in line.items() if column not in _NOTHING}
            if known.keys() >= line.keys():
                self._settled.add(names)
        for name in MESSAGE_COLUMNS:
            column = line.get(name)
            if type(column) is list and column:
                self._see_messages(file, name, column, known)
        if len(known) > before and offset > _EARLY:
            self.late.setdefault(file, []).append(number)

    def _see_messages(self, file: str, column: str, messages: list[Line], known: Members) -> None:
        for message in messages:
            is_list = type(message["content"]) is list
            names = (file, column, is_list, *message)
            if names in self._settled:
                continue
            if self.in_messages.keys() != message.keys():
                self.is_even = self.is_even and not self.in_messages
                self.in_messages.update(dict.fromkeys(message))
            self.has_parts |= is_list
            self.has_texts |= not is_list
            known |= {f"{column}.{name}": None for name, value in message.items() if value}
            if all(message.values()):
                self._settled.add(names)

    @property
    def is_mixed(self) -> bool:
        """Whether some messages have texts, and others parts."""
        return self.has_texts and self.has_parts

    def filled(self, line: Line) -> Line:
        """The line with all members of the file, null or empty where it has none."""
        made = {name: line.get(name, _EMPTY.get(name)) for name in self.members}
        for name in MESSAGE_COLUMNS:
            column = made.get(name)
            if isinstance(column, list) and column and isinstance(column[0], dict):
                made[name] = [self._filled(message) for message in column]
        return made

    def _filled(self, message: Line) -> Line:
        made = {name: message.get(name) for name in self.in_messages}
        if self.is_mixed and isinstance(made["content"], str):
            made["content"] = [{"type": "text", "text": made["content"]}]
        return made
