"""The kinds of bulk actions by name, and what each of their modules offers."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from interactions.models import BulkAction
from interactions.services.bulk import delete, give_feedback, label, withdraw_feedback
from interactions.services.bulk.preview import Preview, Previewed
from projects.models import Project, User
from projects.services.access import Caller


class KindOfAction(Protocol):
    """What can be done to many; `do` and `undo` run in the transaction of their piece."""

    PERMISSION: str
    REQUIRED: str  # the argument without which there is nothing to preview; "" for none

    def check(
        self, project: Project, given: Mapping[str, Any], *, caller: Caller
    ) -> dict[str, Any]:
        """The arguments as they are kept. Raises Invalid naming the one at fault."""

    def preview(self, picked: Previewed, arguments: Mapping[str, Any], *, by: User) -> Preview:
        """What would change, counted by one query."""

    def prepare(self, action: BulkAction) -> None:
        """Do what has to be committed before the first piece."""

    def sentence(self, arguments: Mapping[str, Any]) -> str:
        """What is done, in words."""

    def result(self, arguments: Mapping[str, Any], counted: str) -> str:
        """What was done, in words; `counted` is of how many interactions ("2 interactions")."""

    def do(self, action: BulkAction, ids: Sequence[UUID]) -> int:
        """Change the interactions `ids`; returns how many changed."""

    def undo(self, action: BulkAction, ids: Sequence[UUID]) -> int:
        """Undo the changes of the interactions `ids`; returns how many are as before."""


KINDS_OF_ACTION: dict[str, KindOfAction] = {
    BulkAction.Kind.LABEL: label,
    BulkAction.Kind.UNLABEL: label,
    BulkAction.Kind.FEEDBACK: give_feedback,
    BulkAction.Kind.WITHDRAW: withdraw_feedback,
    BulkAction.Kind.DELETE: delete,
}


def kind_of(action: BulkAction) -> KindOfAction:
    """The module of the kind of a bulk action."""
    return KINDS_OF_ACTION[action.kind]
