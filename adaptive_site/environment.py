"""The options read from the environment, checked before anything else starts."""

import os
import re
import secrets
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError as NotValid
from django.core.validators import EmailValidator
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from adaptive_site.lib.concurrency.per_process import connections
from adaptive_site.lib.database.address import read_address
from adaptive_site.lib.http.hosts import Host, read_host
from adaptive_site.lib.http.outgoing import check_setting
from adaptive_site.lib.mailing import check_url
from adaptive_site.lib.openid.settings import (
    OpenIdSettings,
    check_claim,
    check_domains,
    check_issuer,
    read_provider,
)
from adaptive_site.lib.postgres.server import LocalPostgres

ROOT = Path(__file__).resolve().parent.parent
_SPARE_CONNECTIONS = 15  # for imports and other commands, psql, and PostgreSQL's own reserve


class BadEnvironment(SystemExit):
    """A setting that cannot be used; ends the program with its name and what was expected."""


def _database_url(value: str) -> str:
    read_address(value)
    return value


def _email(value: str) -> str:
    try:
        EmailValidator(message="expected an e-mail address")(value)
    except NotValid as error:
        raise ValueError("expected an e-mail address") from error
    return value


def _hosts(value: str) -> str:
    for one in value.split(","):
        if one.strip():
            read_host(one.strip())
    return value


def _path(value: str) -> str:
    path = "/" + value.strip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path) or {".", ".."} & set(path.split("/")):
        raise ValueError("expected a path such as /logs")
    return path


def _usual_processes() -> int:
    """One web process for each core that we may use, four at most."""
    return min(4, len(os.sched_getaffinity(0))) if sys.platform == "linux" else 1


def _processes(value: int) -> int:
    if value > 1 and sys.platform != "linux":
        raise ValueError("expected 1: only Linux spreads connections over processes")
    return value


class Environment(BaseSettings):
    """Every option, by the name of its variable; `docs/operations.md` lists them all."""

    model_config = SettingsConfigDict(case_sensitive=True, env_ignore_empty=True)

    PORT: Annotated[int, Field(ge=1, le=65535)] = 8000
    HOST: str = "127.0.0.1"
    WEB_PROCESSES: Annotated[int, Field(ge=1, le=64), AfterValidator(_processes)] = Field(
        default_factory=_usual_processes
    )
    DATA_DIR: Annotated[Path, AfterValidator(Path.absolute)] = ROOT / "data"
    DATABASE_URL: Annotated[str, AfterValidator(_database_url)] | None = None
    DATABASE_DIRECT_URL: Annotated[str, AfterValidator(_database_url)] | None = None
    DATABASE_REPLICA_URL: Annotated[str, AfterValidator(_database_url)] | None = None
    SECRET_KEY: Annotated[str, Field(min_length=16)] | None = None
    ADAPTIVE_SITE_ADMIN_EMAIL: Annotated[str, AfterValidator(_email)] = "admin@example.com"
    ADAPTIVE_SITE_ADMIN_PASSWORD: Annotated[str, Field(min_length=4)] | None = None
    ADAPTIVE_SITE_API_KEY: Annotated[str, Field(min_length=8, pattern=r"^[\x21-\x7e]+$")] | None = (
        None
    )
    ADAPTIVE_SITE_DEMO: Literal["on", "off"] = "on"
    ADAPTIVE_SITE_DEMO_MODEL: Literal["on", "off"] = "on"
    ADAPTIVE_SITE_PROVIDER_TIMEOUT: Annotated[float, Field(gt=0, le=86400)] = 600
    ADAPTIVE_SITE_KEEPALIVE: Annotated[float, Field(gt=0, le=60)] = 3
    ADAPTIVE_SITE_TIME_LIMITS: Annotated[float, Field(ge=0.1, le=1000)] = 1
    ADAPTIVE_SITE_UPLOAD_GB: Annotated[float, Field(gt=0, le=10_000)] = 20
    ADAPTIVE_SITE_PRIVATE_PROVIDERS: Annotated[str, AfterValidator(check_setting)] = "admins"
    ADAPTIVE_SITE_NEW_PROJECTS: Literal["members", "admins", "everybody"] = "members"
    ADAPTIVE_SITE_WORKER: Literal["on", "off"] = "on"
    ADAPTIVE_SITE_METRICS_TOKEN: Annotated[str, Field(min_length=16)] | None = None
    ADAPTIVE_SITE_DEBUG: Literal["on", "off"] = "off"
    ADAPTIVE_SITE_HOSTS: Annotated[str, AfterValidator(_hosts)] = ""
    ADAPTIVE_SITE_PATH: Annotated[str, AfterValidator(_path)] | None = None
    EMAIL_URL: Annotated[str, AfterValidator(check_url)] | None = None
    ADAPTIVE_SITE_PROXIES: Annotated[int, Field(ge=0, le=10)] = 0
    ADAPTIVE_SITE_POSTGRES: str = "auto"
    ADAPTIVE_SITE_OIDC_ISSUER: Annotated[str, AfterValidator(check_issuer)] | None = None
    ADAPTIVE_SITE_OIDC_CLIENT_ID: str | None = None
    ADAPTIVE_SITE_OIDC_CLIENT_SECRET: str | None = None
    ADAPTIVE_SITE_OIDC_NAME: Annotated[str, Field(max_length=60)] = "single sign-on"
    ADAPTIVE_SITE_OIDC_NEW_PEOPLE: Literal["invited", "everybody"] = "invited"
    ADAPTIVE_SITE_OIDC_DOMAINS: Annotated[str, AfterValidator(check_domains)] = ""
    ADAPTIVE_SITE_OIDC_CLAIM: Annotated[str, AfterValidator(check_claim)] | None = None
    ADAPTIVE_SITE_OIDC_VERIFIED_CLAIM: str = "email_verified"
    ADAPTIVE_SITE_OIDC_SCOPES: str = "openid email profile"

    @property
    def hosts(self) -> list[Host]:
        """Names the site answers to, beyond this machine's own."""
        return [
            read_host(one.strip()) for one in self.ADAPTIVE_SITE_HOSTS.split(",") if one.strip()
        ]

    @property
    def own_names(self) -> list[str]:
        """This machine's names for itself, and the one address that is listened on."""
        names = ["localhost", "127.0.0.1", "[::1]", ".localhost"]
        is_any = self.HOST in ("0.0.0.0", "::", "")
        return names if is_any else [*names, f"[{self.HOST}]" if ":" in self.HOST else self.HOST]

    @property
    def is_private(self) -> bool:
        """Whether nobody but this machine reaches the site, as far as the settings tell."""
        return self.HOST in ("127.0.0.1", "::1", "localhost") and not self.hosts

    def private_database(self) -> LocalPostgres | None:
        """The private PostgreSQL in DATA_DIR, not started; None where DATABASE_URL names another.

        This looks at directories: who owns them decides the account that PostgreSQL runs as, and
        whether that account gets through to DATA_DIR decides where its socket is.
        """
        if self.DATABASE_URL:
            return None
        return LocalPostgres(
            self.DATA_DIR / "postgres",
            self.ADAPTIVE_SITE_POSTGRES,
            {
                "max_connections": str(
                    max(100, connections(self.WEB_PROCESSES) + _SPARE_CONNECTIONS)
                )
            },
        )

    def database(self) -> dict[str, Any]:
        """Django's settings of the database, by DATABASE_URL or by where the private one is."""
        private = self.private_database()
        return private.settings() if private else read_address(self.DATABASE_URL or "")

    def direct_database(self) -> dict[str, Any]:
        """The same without a pooler between, by DATABASE_DIRECT_URL; empty where it is not set."""
        return read_address(self.DATABASE_DIRECT_URL) if self.DATABASE_DIRECT_URL else {}

    def replica_database(self) -> dict[str, Any]:
        """The same of its standbys, by DATABASE_REPLICA_URL; empty where it is not set."""
        if not self.DATABASE_REPLICA_URL:
            return {}
        found = read_address(self.DATABASE_REPLICA_URL, wanted="prefer-standby")
        preset = {"connect_timeout": 2, "load_balance_hosts": "random"}
        return {**found, "OPTIONS": {**preset, **found["OPTIONS"]}}

    @property
    def openid(self) -> OpenIdSettings | None:
        """The provider that people may sign in with, None without one."""
        try:
            return read_provider(
                issuer=self.ADAPTIVE_SITE_OIDC_ISSUER,
                client_id=self.ADAPTIVE_SITE_OIDC_CLIENT_ID,
                client_secret=self.ADAPTIVE_SITE_OIDC_CLIENT_SECRET,
                name=self.ADAPTIVE_SITE_OIDC_NAME,
                scopes=self.ADAPTIVE_SITE_OIDC_SCOPES,
                domains=self.ADAPTIVE_SITE_OIDC_DOMAINS,
                claim=self.ADAPTIVE_SITE_OIDC_CLAIM or "",
                verified_claim=self.ADAPTIVE_SITE_OIDC_VERIFIED_CLAIM,
                new_people=self.ADAPTIVE_SITE_OIDC_NEW_PEOPLE,
            )
        except ValueError as error:
            raise BadEnvironment(f"ADAPTIVE_SITE_OIDC_{error}") from error

    @property
    def secret_key(self) -> str:
        """SECRET_KEY, or the one made at the first start and kept in DATA_DIR (mode 0600)."""
        if self.SECRET_KEY:
            return self.SECRET_KEY
        try:
            return self._kept_key()
        except OSError as error:
            raise BadEnvironment(
                f"DATA_DIR: cannot use {self.DATA_DIR}: {error.strerror} ({error.filename})"
            ) from error

    def _kept_key(self) -> str:
        file = self.DATA_DIR / "secret_key"
        if not file.exists():
            self.DATA_DIR.mkdir(parents=True, exist_ok=True)
            fresh = file.with_name(f"secret_key.{secrets.token_hex(4)}")
            try:
                fresh.touch(mode=0o600)
                fresh.write_text(secrets.token_urlsafe(48))
                file.hardlink_to(fresh)  # the first of several processes wins
            except FileExistsError:
                pass
            finally:
                fresh.unlink(missing_ok=True)
        if not (key := file.read_text().strip()):
            raise BadEnvironment(f"DATA_DIR: {file} is empty; put the key of a backup there")
        return key

    def check_data_dir(self) -> None:
        """Raise BadEnvironment unless DATA_DIR can be written to."""
        probe = self.DATA_DIR / f".probe.{secrets.token_hex(4)}"
        try:
            self.DATA_DIR.mkdir(parents=True, exist_ok=True)
            try:
                probe.write_bytes(b"x" * 65536)
            finally:
                probe.unlink(missing_ok=True)
        except OSError as error:
            raise BadEnvironment(
                f"DATA_DIR: cannot write to {self.DATA_DIR}: {error.strerror}"
            ) from error


def read_environment() -> Environment:
    """Read and check every option.

    Raises BadEnvironment naming each wrong variable, its value's fault and no secret.
    """
    try:
        return Environment()
    except ValidationError as error:
        faults = "\n".join(
            f"  {fault['loc'][0]}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_input=False)
        )
        raise BadEnvironment(f"Wrong setting in the environment:\n{faults}") from error
