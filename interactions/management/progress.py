"""How an import shows its progress."""

import os
import time
from collections.abc import Sequence
from typing import Protocol, Self

from tqdm import tqdm  # type: ignore[import-untyped]

from adaptive_site.lib.errors import DomainError
from interactions.services.importing.jsonl import JsonLines

BAD_LINES_SHOWN = 20  # bad lines told one by one
LINES_BETWEEN_CLOCKS = 1024  # lines between two looks at the clock
SECONDS_BETWEEN_LINES = 5.0  # between two lines of text, where there is no terminal
_BAR = "{percentage:3.0f}% {bar} {n_fmt}/{total_fmt} {postfix} [{elapsed}, {remaining} left]"
_ENDLESS = "{n_fmt} {postfix} [{elapsed}]"


class Out(Protocol):
    """What Django's commands write to."""

    def write(self, msg: str) -> object:
        """Write a line."""


class ImportProgress:
    """A bar over the bytes of all files on a terminal, else a line of text now and then."""

    def __init__(self, files: Sequence[str], *, out: Out, bar: bool) -> None:
        sizes = [os.path.getsize(name) if os.path.isfile(name) else None for name in files]
        known = [size for size in sizes if size is not None]
        self._total = sum(known) if len(known) == len(sizes) else None
        self._out = out
        self._before = 0  # bytes of the files that are finished
        self._file: JsonLines | None = None
        self._lines = 0
        self._bad = 0
        self._began = self._told = time.monotonic()
        self._bar = tqdm(
            total=self._total,
            unit="B",
            unit_scale=True,
            disable=not bar,
            leave=False,
            bar_format=_ENDLESS if self._total is None else _BAR,
        )

    def __enter__(self) -> Self:
        """Ready at once."""
        return self

    def __exit__(self, *failure: object) -> None:
        """Take the bar away."""
        self._bar.close()

    def reading(self, file: JsonLines) -> None:
        """Count a line, and look at the clock now and then."""
        self._lines += 1
        if file is not self._file:
            if self._file is not None:
                self._before += self._file.position if self._file.size is None else self._file.size
            self._file = file
        if self._lines % LINES_BETWEEN_CLOCKS == 0:
            self._show(file)

    def surveying(self, name: str) -> None:
        """Say why nothing seems to happen for a moment."""
        self._bar.set_postfix_str(f"looking through {os.path.basename(name)} for feedback keys")

    def bad_line(self, place: str, fault: DomainError) -> None:
        """Say what is wrong with the first of them."""
        self._bad += 1
        if self._bad <= BAD_LINES_SHOWN:
            self._bar.clear()
            self._out.write(f"{place}: {fault}")

    def finish(self) -> None:
        """Take the bar away, and say how many bad lines were not shown."""
        self._bar.close()
        if self._bad > BAD_LINES_SHOWN:
            self._out.write(f"… and {self._bad - BAD_LINES_SHOWN:,} more bad lines")

    def _show(self, file: JsonLines) -> None:
        now = time.monotonic()
        done = self._before + file.position
        rate = self._lines / max(now - self._began, 1e-3)
        if not self._bar.disable:
            self._bar.set_postfix_str(f"{self._lines:,} lines, {rate:,.0f}/s", refresh=False)
            self._bar.update(done - self._bar.n)
        elif now - self._told >= SECONDS_BETWEEN_LINES:
            self._told = now
            ahead = ""
            if self._total and done:
                left = (now - self._began) * max(self._total - done, 0) / done
                ahead = f" {done / self._total:.0%}, about {left:,.0f} s left,"
            self._out.write(f"{file.name}:{ahead} {self._lines:,} lines, {rate:,.0f} a second")
