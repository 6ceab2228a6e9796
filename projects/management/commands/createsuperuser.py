"""`manage.py createsuperuser`: Django's, which also looks at a password from the environment."""

import os
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from projects.models import User

_PASSWORD = "DJANGO_SUPERUSER_PASSWORD"


class Command(createsuperuser.Command):
    """Make an administrator. By hand one may insist on a weak password; a script may not."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Refuse a password of the environment that is easily guessed."""
        password = os.environ.get(_PASSWORD)
        if not options["interactive"] and password is not None:
            try:
                validate_password(password, User(email=options.get(User.USERNAME_FIELD) or ""))
            except ValidationError as error:
                raise CommandError(f"{_PASSWORD}: {' '.join(error.messages)}") from error
        return super().handle(*args, **options)
