"""Lines of templates and styles fit beside each other on a screen."""

from pathlib import Path

import pytest

from tests.house.files import name_of, named

WIDTH = 120
VENDORED = ("vendor",)


def wide(text: str) -> dict[int, int]:
    """How wide each line is that is too wide, by its number."""
    widths = {n: len(line) for n, line in enumerate(text.splitlines(), 1)}
    return {n: width for n, width in widths.items() if width > WIDTH}


@pytest.mark.parametrize("suffix", [".html", ".css"])
def test_no_line_is_wider_than_120_columns(suffix: str) -> None:
    found = {
        f"{name_of(path)}:{n}": width
        for path in files(suffix)
        for n, width in wide(path.read_text("utf-8")).items()
    }
    assert not found


def files(suffix: str) -> list[Path]:
    return [path for path in named(suffix) if not set(VENDORED) & set(path.parts)]


def test_both_kinds_are_looked_at() -> None:
    assert len(files(".html")) > 50 and len(files(".css")) > 10
    assert wide("short\n" + "x" * 121) == {2: 121} and not wide("x" * 120)
