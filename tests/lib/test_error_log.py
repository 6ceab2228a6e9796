"""The latest errors, in a file that pages read."""

import logging
from pathlib import Path

import pytest

from adaptive_site.lib import error_log


def logger_to(path: Path) -> logging.Logger:
    logger = logging.Logger("ours")
    logger.addHandler(error_log.ErrorLog(path))
    return logger


def test_the_newest_error_comes_first_with_what_and_where(tmp_path: Path) -> None:
    path = tmp_path / "errors.jsonl"
    assert error_log.latest(path, 5) == []
    logger = logger_to(path)
    logger.warning("no error")
    logger.error("first %s", "x" * 9000)
    try:
        _ = 1 // 0
    except ZeroDivisionError:
        logger.exception("second\nwith a line")
    newest, oldest = error_log.latest(path, 5)
    assert newest["message"] == "second\nwith a line"
    assert newest["what"] == "ZeroDivisionError"
    assert newest["where"].startswith("test_error_log.py:")
    assert oldest["message"].startswith("first xxx")
    assert len(oldest["message"]) == 500
    assert len(error_log.latest(path, 1)) == 1


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "errors.jsonl"
    logger = logger_to(path)
    for n in range(3000):
        logger.error("%s %s", n, "x" * 400)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 1.3 * 1024 * 1024
    found = error_log.latest(path, 2000)
    assert [int(one["message"].split()[0]) for one in found][:800] == list(range(2999, 2199, -1))


def test_what_cannot_be_written_does_not_stop_who_logs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logger_to(tmp_path / "absent" / "errors.jsonl").error("x")
    assert "FileNotFoundError" in capsys.readouterr().err
