"""What a start does to the database and the static files before anything is served."""

import hashlib
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction

from adaptive_site.environment import Environment
from adaptive_site.lib.database import schema_check
from adaptive_site.lib.database.direct_connection import direct_connection
from adaptive_site.rewritten_migrations import mend
from projects.models import ApiKey, User
from projects.services import api_keys, llms, people

OLDEST_POSTGRES = 15
logger = logging.getLogger(__name__)
# Any number: it names the lock that keeps two starting servers from migrating at once.
_LOCK = 0x5EED_5EED


@dataclass(frozen=True)
class Welcome:
    """What to tell the person who starts the site.

    At the first start `password` and `api_key` are the secrets that we made, or where they come
    from instead: what the environment holds is not repeated on a terminal or in a log.
    """

    email: str
    password: str | None
    api_key: str | None
    warnings: tuple[str, ...] = ()

    @property
    def is_first_start(self) -> bool:
        """Whether the administrator was made just now."""
        return self.password is not None


def provision(environment: Environment, note: Path) -> Welcome:
    """Bring the database up to date and, at the first start, make the administrator.

    `note` is the file that keeps the secrets of the first start. Raises OperationalError when
    the database cannot be reached.
    """
    with _one_at_a_time():
        _migrate()
        llms.offer_echo(is_offered=environment.ADAPTIVE_SITE_DEMO_MODEL == "on")
        for key in people.ROLES:  # with or without a demo: the admin console offers them
            people.role(key)
        admin = User.objects.filter(is_superuser=True).order_by("id").first()
        if admin is not None:
            return Welcome(admin.email, None, None)
        # All or nothing: an interrupted first start begins again, demo and all.
        with transaction.atomic():
            welcome = _first_start(environment)
            keep_note(note, welcome)
        return welcome


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one process at a time in; the lock is a transaction's, so that a pooler keeps to it."""
    with closing(direct_connection()) as locking:
        locking.ensure_connection()
        if (version := locking.connection.info.server_version) < OLDEST_POSTGRES * 10000:
            raise SystemExit(
                f"DATABASE_URL: PostgreSQL {OLDEST_POSTGRES} or newer is needed, "
                f"this is {version // 10000}"
            )
        with locking.connection.transaction():
            # Nothing is read or written under it, so no snapshot is held while it is kept.
            locking.connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            with locking.wrap_database_errors:
                locking.connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            yield


def _migrate() -> None:
    """Apply the migrations, if any is missing; to see that none is takes their names alone.

    Raises SystemExit when the tables are not what the migrations make all the same.
    """
    missing, unknown = schema_check.migrations()
    if missing or unknown:  # one that nobody knows may be of before some were rewritten
        for done in mend():
            logger.warning("mended: %s", done)
    if missing:
        call_command("migrate", interactive=False, verbosity=0)
    if wrong := [str(one) for one in schema_check.stopping_drifts()]:
        said = "\n  ".join(["The database is not what the migrations make:", *wrong])
        raise SystemExit(f"{said}\n{schema_check.ADVICE}")


def _first_start(environment: Environment) -> Welcome:
    email = environment.ADAPTIVE_SITE_ADMIN_EMAIL
    if User.objects.at(email).exists():
        # Not made an administrator by us: whoever took that from them meant it.
        raise SystemExit(
            f"ADAPTIVE_SITE_ADMIN_EMAIL: no administrator is left, and {email} is a user without "
            "those rights; name another address, or run `manage.py createsuperuser`"
        )
    given = environment.ADAPTIVE_SITE_ADMIN_PASSWORD
    warnings = tuple(_weakness(given, email, environment)) if given else ()
    password = given or secrets.token_urlsafe(12)
    admin = User.objects.create_user(email, password, is_staff=True, is_superuser=True)
    api_key = people.issue_key(admin, name="First key", secret=environment.ADAPTIVE_SITE_API_KEY)
    if environment.ADAPTIVE_SITE_DEMO == "on":
        # Loaded for this one time: 25 ms of processor time of every other start.
        import_module("interactions.demo").provision_demo(by=admin)
    return Welcome(
        admin.email,
        "as set by ADAPTIVE_SITE_ADMIN_PASSWORD" if given else password,
        "as set by ADAPTIVE_SITE_API_KEY" if environment.ADAPTIVE_SITE_API_KEY else api_key,
        warnings=warnings,
    )


def _weakness(password: str, email: str, environment: Environment) -> Iterator[str]:
    """Why the password is easily guessed, if it is; where others reach the site it is refused."""
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        said = f"ADAPTIVE_SITE_ADMIN_PASSWORD: {' '.join(error.messages)}"
        if not environment.is_private:
            raise SystemExit(said) from error
        yield f"{said} It is taken because only this machine reaches the site; change it."


def ignored_settings(environment: Environment) -> Iterator[str]:
    """Name the settings of the first start that are set, but differ from what is stored.

    A password is hashed for it, which takes longer than all else: not before the site answers.
    """
    user = User.objects.at(environment.ADAPTIVE_SITE_ADMIN_EMAIL).first()
    if user is None and "ADAPTIVE_SITE_ADMIN_EMAIL" in environment.model_fields_set:
        yield "ADAPTIVE_SITE_ADMIN_EMAIL"
    password = environment.ADAPTIVE_SITE_ADMIN_PASSWORD
    if password and (user is None or not user.check_password(password)):
        yield "ADAPTIVE_SITE_ADMIN_PASSWORD"
    secret = environment.ADAPTIVE_SITE_API_KEY
    if secret:
        keys = ApiKey.objects.filter(digest=api_keys.digest_of(secret), revoked_at=None)
        if not keys.exists():
            yield "ADAPTIVE_SITE_API_KEY"


def keep_note(note: Path, welcome: Welcome) -> None:
    """Keep the secrets that we made, for the person who closed the terminal; mode 0600."""
    note.unlink(missing_ok=True)
    number = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w") as file:
        file.write(
            f"Made at the first start; delete this file once you have noted them.\n"
            f"login:    {welcome.email}\npassword: {welcome.password}\n"
            f"API key:  {welcome.api_key}\n"
        )


def collect_static() -> bool:
    """Collect, hash and compress the static files if any changed; return whether that was so."""
    seal = Path(settings.STATIC_ROOT) / ".fingerprint"
    fingerprint = _fingerprint()
    if seal.exists() and seal.read_text() == fingerprint:
        return False
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    seal.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    seal.write_text(fingerprint)
    return True


def _fingerprint() -> str:
    """Return a digest of the names, sizes and times of every source file."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
