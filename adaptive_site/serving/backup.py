"""Backups: one tar file with the secret key and the database.

Without the key that it was written with, the providers' keys in the database are lost. The key
stands first: what is cut short lacks a part of the database, and is refused whole.
"""

import os
import tarfile
import time
from pathlib import Path

from django.conf import settings

from adaptive_site.environment import Environment
from adaptive_site.serving.private_database import dump_database, replace_contents

KEY, DUMP = "secret_key", "database.dump"
_BLOCK = 512


def write(file: Path, *, with_key: bool) -> None:
    """Write a backup to `file`, whole or not at all.

    Raises SystemExit naming what is missing.
    """
    if not file.parent.is_dir():
        raise SystemExit(f"{file.parent} is not a folder; make it first")
    if file.is_dir():
        raise SystemExit(f"{file} is a folder; name a file")
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        _write(unfinished, settings.SECRET_KEY.encode() if with_key else b"")
        unfinished.replace(file)
    except OSError as error:
        raise SystemExit(f"{file}: {error.strerror}; nothing was kept") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _write(path: Path, key: bytes) -> None:
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "r+b") as file:
        if key:
            file.write(_head(KEY, len(key)) + key.ljust(-(-len(key) // _BLOCK) * _BLOCK, b"\0"))
        start = file.tell()
        file.write(_head(DUMP, 0))  # the size is not known yet
        dump_database(file)
        size = file.seek(0, os.SEEK_END) - start - _BLOCK
        file.write(b"\0" * (-size % _BLOCK + 2 * _BLOCK))
        file.seek(start)
        file.write(_head(DUMP, size))
        file.flush()
        os.fsync(file.fileno())


def _head(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, int(time.time())
    return member.tobuf(tarfile.GNU_FORMAT)  # sizes beyond 8 GB, too


def restore(file: Path, environment: Environment) -> str:
    """Put a backup back, all of it or nothing; returns what to say of the key.

    A bare file of pg_dump, as earlier versions wrote, is read too. Raises SystemExit.
    """
    if not file.is_file():
        raise SystemExit(f"{file} is not a file")
    key = b""
    with file.open("rb") as stream:
        if tarfile.is_tarfile(file):
            with tarfile.open(fileobj=stream, mode="r:") as members:
                for member in members:
                    if member.name == KEY:
                        stream.seek(member.offset_data)
                        key = stream.read(min(member.size, 4096))
                    elif member.name == DUMP:
                        stream.seek(member.offset_data)
                        break
                else:
                    raise SystemExit(f"{file} holds no {DUMP}")
                replace_contents(stream)
        else:
            stream.seek(0)
            replace_contents(stream)
    return _put_back(key.decode(), environment)


def _put_back(key: str, environment: Environment) -> str:
    """Have the site use the key that the database was written with; mode 0600."""
    if not key:
        return "It holds no secret key: providers' keys need the SECRET_KEY it was written with."
    if key == settings.SECRET_KEY:
        return "The secret key is the same."
    if environment.SECRET_KEY:
        kept = environment.DATA_DIR / "secret_key.of-the-backup"
        _keep(kept, key)
        return (
            f"SECRET_KEY differs from the backup's: set it to what {kept} says, then delete that."
        )
    file = environment.DATA_DIR / "secret_key"
    _keep(file.with_name("secret_key.before-restore"), settings.SECRET_KEY)
    _keep(file, key)
    return f"{file} is that of the backup; the one before is beside it."


def _keep(file: Path, key: str) -> None:
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(key)
    fresh.replace(file)
