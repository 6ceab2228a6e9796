"""The options read from the environment, checked before anything else starts."""

import secrets
from pathlib import Path
from typing import Annotated, Literal

import dj_database_url
from django.core.exceptions import ValidationError as NotValid
from django.core.validators import EmailValidator
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class BadEnvironment(SystemExit):
    """A setting that cannot be used; ends the program with its name and what was expected."""


def _database_url(value: str) -> str:
    try:
        engine = dj_database_url.parse(value)["ENGINE"]
    except (dj_database_url.ParseError, ValueError) as error:
        raise ValueError(f"not a database address: {error}") from error
    if engine != "django.db.backends.postgresql":
        raise ValueError("expected postgres://user:password@host:port/name")
    return value


def _email(value: str) -> str:
    try:
        EmailValidator(message="expected an e-mail address")(value)
    except NotValid as error:
        raise ValueError("expected an e-mail address") from error
    return value


class Environment(BaseSettings):
    """Every option, by the name of its variable; `docs/operations.md` lists them all."""

    model_config = SettingsConfigDict(case_sensitive=True, env_ignore_empty=True)

    PORT: Annotated[int, Field(ge=1, le=65535)] = 8000
    HOST: str = "127.0.0.1"
    DATA_DIR: Annotated[Path, AfterValidator(Path.absolute)] = ROOT / "data"
    DATABASE_URL: Annotated[str, AfterValidator(_database_url)] | None = None
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
    ADAPTIVE_SITE_WORKER: Literal["on", "off"] = "on"
    ADAPTIVE_SITE_DEBUG: Literal["on", "off"] = "off"
    ADAPTIVE_SITE_HOSTS: str = ""
    ADAPTIVE_SITE_POSTGRES: str = "auto"

    @property
    def hosts(self) -> list[str]:
        """Host names the site answers to, beyond this machine's own."""
        return [host.strip() for host in self.ADAPTIVE_SITE_HOSTS.split(",") if host.strip()]

    @property
    def secret_key(self) -> str:
        """SECRET_KEY, or the one made at the first start and kept in DATA_DIR (mode 0600)."""
        if self.SECRET_KEY:
            return self.SECRET_KEY
        file = self.DATA_DIR / "secret_key"
        if not file.exists():
            self.DATA_DIR.mkdir(parents=True, exist_ok=True)
            fresh = file.with_name(f"secret_key.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            try:
                file.hardlink_to(fresh)  # the first of several processes wins
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return file.read_text().strip()


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
