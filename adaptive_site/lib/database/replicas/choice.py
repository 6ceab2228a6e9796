"""Whether what is read here comes from a standby."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_reads_replica: ContextVar[bool] = ContextVar("reads_replica", default=False)


def reads_replica() -> bool:
    """Whether a connection that is opened or used now is to be one to the standby."""
    return _reads_replica.get()


@contextmanager
def from_replica(is_read: bool = True) -> Iterator[None]:
    """Let what is read inside come from the standby; with False from the primary all the same."""
    token = _reads_replica.set(is_read)
    try:
        yield
    finally:
        _reads_replica.reset(token)
