"""How many of something dear one person may have at the same time, in all web processes."""

from collections.abc import Iterator
from contextlib import contextmanager

from adaptive_site.lib.concurrency.shared_counts import COUNTS
from adaptive_site.lib.errors import TooOften

RETRY_SECONDS = 5


class Shares:
    """At most `most` of `what` for each person at once, such as 128 "unfinished requests"."""

    def __init__(self, most: int, what: str) -> None:
        self.most = most
        self._what = what

    @contextmanager
    def one(self, user_id: int) -> Iterator[None]:
        """Have one until the end of the block. Raises TooOften beyond the share."""
        if self.taken(user_id) >= self.most:
            raise TooOften(
                f"you have {self.most} {self._what}, which is your share; wait until one ends",
                seconds=RETRY_SECONDS,
            )
        COUNTS.add((self._what, user_id), 1)
        try:
            yield
        finally:
            COUNTS.add((self._what, user_id), -1)

    def taken(self, user_id: int) -> int:
        """How many the person has now."""
        return COUNTS.total((self._what, user_id))
