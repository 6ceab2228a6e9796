"""Files on disk that are there whole or not at all, whenever the machine stops."""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils._os import safe_makedirs


class WholeFileStorage(FileSystemStorage):
    """Django's storage, but a file gets its name only once its bytes are on the disk.

    Django's own writes under the final name, where a crash leaves a part that looks like all of
    it. A file that another process saved under the same name meanwhile is replaced: here a name
    says what is in the file.
    """

    def _save(self, name: str, content: "File[Any]") -> str:
        path = Path(self.path(name))
        made = [parent for parent in path.parents if not parent.exists()]
        safe_makedirs(path.parent, self.directory_permissions_mode or 0o777, exist_ok=True)
        number, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".unfinished")
        try:
            with os.fdopen(number, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk.encode() if isinstance(chunk, str) else chunk)
                file.flush()
                # mkstemp's own mode is 0600.
                os.fchmod(number, self.file_permissions_mode or 0o600)
                os.fsync(number)
            os.replace(unfinished, path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        for directory in (path.parent, *(parent.parent for parent in made)):
            _sync_directory(directory)
        return name


def rename(name: str, to: str) -> None:
    """Give a file of the storage another name, in the place of a file that has it."""
    if isinstance(default_storage, FileSystemStorage):
        new = Path(default_storage.path(to))
        os.replace(default_storage.path(name), new)
        _sync_directory(new.parent)
        return
    default_storage.delete(to)
    with default_storage.open(name) as file:
        default_storage.save(to, file)
    default_storage.delete(name)


def _sync_directory(directory: Path) -> None:
    """Have the names in it survive a power cut, as the bytes they name do."""
    number = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
