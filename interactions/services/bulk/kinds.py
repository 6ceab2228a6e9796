"""The kinds of acts by name, and what each of their modules offers."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from interactions.models import Act
from interactions.services.bulk import delete, give_feedback, label, withdraw_feedback
from projects.models import Project
from projects.services.access import Caller


class Kind(Protocol):
    """What can be done to many; `do` and `undo` run in the transaction of their piece."""

    PERMISSION: str

    def check(
        self, project: Project, given: Mapping[str, Any], *, caller: Caller
    ) -> dict[str, Any]:
        """The arguments as they are kept. Raises Invalid naming the one at fault."""

    def prepare(self, act: Act) -> None:
        """Do what has to be committed before the first piece."""

    def sentence(self, arguments: Mapping[str, Any]) -> str:
        """What is done, in words."""

    def do(self, act: Act, ids: Sequence[UUID]) -> int:
        """Do it to these; returns how many it changed."""

    def undo(self, act: Act, ids: Sequence[UUID]) -> int:
        """Undo what it changed of these; returns how many are as before."""


KINDS: dict[str, Kind] = {
    Act.Kind.LABEL: label,
    Act.Kind.UNLABEL: label,
    Act.Kind.FEEDBACK: give_feedback,
    Act.Kind.WITHDRAW: withdraw_feedback,
    Act.Kind.DELETE: delete,
}


def kind_of(act: Act) -> Kind:
    """The module that does it."""
    return KINDS[act.kind]
