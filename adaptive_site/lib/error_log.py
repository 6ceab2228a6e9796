"""The latest errors of all processes of this machine, in a file that pages can read.

The process log has them too, with their tracebacks; this is for who looks at the site, not at it.
"""

import json
import logging
import os
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_MOST = 512 * 1024  # bytes; then the file becomes the older of two
_LONGEST = 500  # characters of a message


class ErrorLog(logging.Handler):
    """Appends each error as a line of JSON: time, process, logger, message, what, where."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(logging.ERROR)
        self._path = Path(path)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; one that cannot be written is told on standard error, as logging does."""
        try:
            line = json.dumps(_told(record)).encode() + b"\n"
            # One write of a file opened so is not mixed with those of other processes.
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line)
                is_full = os.fstat(file).st_size > _MOST
            finally:
                os.close(file)
            if is_full:
                os.replace(self._path, _older(self._path))
        except OSError:
            self.handleError(record)


def _told(record: logging.LogRecord) -> dict[str, Any]:
    error = record.exc_info[1] if record.exc_info else None
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "process": record.processName,
        "logger": record.name,
        "message": record.getMessage()[:_LONGEST],
        "what": type(error).__name__ if error is not None else "",
        "where": where,
    }


def latest(path: Path, most: int) -> list[dict[str, Any]]:
    """The latest errors, the newest first."""
    lines: list[str] = []
    for file in (path, _older(path)):
        if len(lines) < most and file.exists():
            lines += reversed(file.read_text(errors="replace").splitlines())
    return [json.loads(line) for line in lines[:most] if line.endswith("}")]


def _older(path: Path) -> Path:
    return path.with_name(f"{path.stem}-before{path.suffix}")
