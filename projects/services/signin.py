"""The name under which sessions begun with version 0.1 hold who checked their password."""

from typing import Any

from django.contrib.auth.backends import ModelBackend


class BrakedBackend(ModelBackend):
    """Keeps people logged in who logged in before 0.2, and logs nobody in."""

    def authenticate(self, *given: Any, **fields: Any) -> None:
        """Nobody: `signing_in/login.py` checks passwords."""
