"""Django's backend for PostgreSQL, with a second connection to a standby."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from adaptive_site.lib.database.replicas.choice import reads_replica

# What Django keeps of a connection; all else is empty outside of a transaction.
_STATE: dict[str, Any] = {
    "connection": None,
    "close_at": None,
    "closed_in_transaction": False,
    "errors_occurred": False,
    "health_check_enabled": False,
    "health_check_done": False,
    "autocommit": False,
}


class DatabaseWrapper(base.DatabaseWrapper):
    """A thread's connections to the primary and to the standby; a transaction stays with its one.

    Each is opened when it is first wanted, and Django's attributes are those of the one in use.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_replica = False
        self._other: dict[str, Any] = {**_STATE}
        self._is_kept = False

    def get_connection_params(self) -> dict[str, Any]:
        """Those of the one in use."""
        if not self._is_replica:
            return super().get_connection_params()
        primary = self.settings_dict
        self.settings_dict = {**primary, **settings.REPLICA_DATABASE}
        try:
            return super().get_connection_params()
        finally:
            self.settings_dict = primary

    def ensure_connection(self) -> None:
        """Have the one open that is wanted here."""
        self._choose()
        super().ensure_connection()

    def close_if_health_check_failed(self) -> None:
        """Look at the one that is wanted here, and close that alone."""
        self._choose()
        with self._kept():
            super().close_if_health_check_failed()

    def close_if_unusable_or_obsolete(self) -> None:
        """Do so with both."""
        self._to_both(super().close_if_unusable_or_obsolete)

    def close(self) -> None:
        """Close both, unless one alone is meant, or a transaction has one."""
        if self._is_kept:
            super().close()
        else:
            self._to_both(super().close)

    def _to_both(self, act: Callable[[], None]) -> None:
        with self._kept():
            act()
            if not self.in_atomic_block:
                self._change()
                try:
                    act()
                finally:
                    self._change()

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Let the one in use be the one that is meant, whatever is wanted."""
        self._is_kept = True
        try:
            yield
        finally:
            self._is_kept = False

    def _choose(self) -> None:
        if self._is_kept or self.in_atomic_block:
            return
        if reads_replica() != self._is_replica:
            self._change()

    def _change(self) -> None:
        kept = {name: getattr(self, name) for name in _STATE}
        for name, value in self._other.items():
            setattr(self, name, value)
        self._other = kept
        self._is_replica = not self._is_replica
