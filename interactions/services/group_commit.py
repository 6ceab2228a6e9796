"""Writing from coroutines: what comes at the same time shares a commit."""

import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, close_old_connections

from adaptive_site.lib.concurrency.batching import Batcher
from adaptive_site.lib.concurrency.database_threads import has_own_thread, in_database
from interactions.models import Feedback
from interactions.services.judging.feedback import NewFeedback, record, record_together
from interactions.services.recording.drafts import Draft, FeedbackDraft
from interactions.services.recording.log import Entry, Logged, log_interactions, log_together
from projects.models import Project, User

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_IN_COMMIT = 200
_QUIET = 1.0  # seconds after which a connection is tried before it is used again


class GroupWriter(Generic[Item, Result]):
    """Writes many items in one transaction, or one by one if that fails.

    One thread uses it, with its own connection.
    """

    def __init__(self, write: Callable[[list[Item]], Sequence[Result | Exception]]) -> None:
        self._write = write
        self._used = 0.0

    def __call__(self, items: list[Item]) -> Sequence[Result | Exception]:
        """What became of each item: committed, or the reason why not."""
        if time.monotonic() - self._used > _QUIET:
            close_old_connections()
        try:
            done = self._write(items)
        except Exception as error:
            close_old_connections()
            if len(items) == 1 or not _is_undone(error):
                return [error] * len(items)
            return [self([item])[0] for item in items]
        self._used = time.monotonic()
        return done


def _is_undone(error: Exception) -> bool:
    """Whether a transaction that failed with `error` has surely left nothing behind.

    With the connection lost it may have been committed: written again, it would stand twice.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return True
    # The server's own errors have a code; they undo the transaction.
    return getattr(error.__cause__, "sqlstate", None) is not None


_interactions: Batcher[Entry, Logged] = Batcher(
    "log", GroupWriter(log_together), most=MAX_IN_COMMIT
)
_feedback: Batcher[NewFeedback, Feedback] = Batcher(
    "feedback", GroupWriter(record_together), most=MAX_IN_COMMIT
)


async def log_soon(project: Project, draft: Draft) -> Logged:
    """Store one interaction and return once it is committed.

    Raises what `log_interactions` raises for this draft alone, or Busy.
    """
    if has_own_thread():  # perhaps with a transaction, which nobody else may wait for
        (logged,) = await in_database(log_interactions, project, [draft])
        return logged
    return await _interactions.ask((project, draft))


async def record_soon(
    project: Project, interaction_id: UUID, *, given: FeedbackDraft, by: User
) -> Feedback:
    """Add feedback to an interaction and return once it is committed, as `feedback.record`."""
    if has_own_thread():
        return await in_database(record, project, interaction_id, given=given, by=by)
    return await _feedback.ask(NewFeedback(project, interaction_id, given, by))
