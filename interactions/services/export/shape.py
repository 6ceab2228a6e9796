"""Which members the lines of a file have, and how all of them come to have the same.

Hugging Face's loader takes the columns from the first ten megabytes; a member that comes up later
makes it give up, and so do texts in one line where another has parts.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from interactions.services.export.lines import Line

MESSAGE_COLUMNS = ("messages", "prompt", "completion", "chosen", "rejected")
_EMPTY: dict[str, Any] = {"tools": "[]", "images": [], "images_file_names": []}
# Of messages, of tables and of everything else: a dict keeps the order in which they came up.
Members = dict[str, None]


@dataclass(slots=True)
class Shape:
    """The members of all lines seen, and of all messages in them.

    `is_even`: each line and message had all of these by itself, so that none needs filling up.
    """

    members: Members = field(default_factory=dict)
    in_messages: Members = field(default_factory=dict)
    has_texts: bool = False
    has_parts: bool = False
    is_even: bool = True

    @property
    def said(self) -> dict[str, Any]:
        """The shape as JSON, for `of`."""
        return {
            "members": list(self.members),
            "in_messages": list(self.in_messages),
            "has_texts": self.has_texts,
            "has_parts": self.has_parts,
            "is_even": self.is_even,
        }

    @classmethod
    def of(cls, said: dict[str, Any]) -> Self:
        """The shape that `said` tells of."""
        members = (dict.fromkeys(said[name]) for name in ("members", "in_messages"))
        return cls(*members, said["has_texts"], said["has_parts"], said["is_even"])

    def see(self, line: Line) -> None:
        """Take note of a line."""
        if self.members.keys() != line.keys():
            self.is_even = self.is_even and not self.members
            self.members.update(dict.fromkeys(line))
        for message in _messages(line):
            if self.in_messages.keys() != message.keys():
                self.is_even = self.is_even and not self.in_messages
                self.in_messages.update(dict.fromkeys(message))
            if isinstance(message["content"], list):
                self.has_parts = True
            else:
                self.has_texts = True

    @property
    def is_mixed(self) -> bool:
        """Whether some messages have texts, and others parts."""
        return self.has_texts and self.has_parts

    def filled(self, line: Line) -> Line:
        """The line with all members of the file, null or empty where it has none."""
        made = {name: line.get(name, _EMPTY.get(name)) for name in self.members}
        for name in MESSAGE_COLUMNS:
            if _is_messages(column := made.get(name)):
                made[name] = [self._filled(message) for message in column]
        return made

    def _filled(self, message: Line) -> Line:
        made = {name: message.get(name) for name in self.in_messages}
        if self.is_mixed and isinstance(made["content"], str):
            made["content"] = [{"type": "text", "text": made["content"]}]
        return made


def _is_messages(column: Any) -> bool:
    return isinstance(column, list) and bool(column) and isinstance(column[0], dict)


def _messages(line: Line) -> list[Line]:
    """All messages in a line; those of ShareGPT have fixed members and are none."""
    columns = (line.get(name) for name in MESSAGE_COLUMNS)
    return [message for column in columns if _is_messages(column) for message in column or ()]
