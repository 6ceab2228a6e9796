"""The lengths of records as a histogram, drawn by the server: each octave is as wide as another."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

LINES = (1_024, 2_048, 4_096, 8_192)  # lengths that trainers cut at by default, in tokens
_BARS_PER_OCTAVE = 4
_SHORTEST = 4  # octaves: what has less than 16 tokens is in the first bar
_LONGEST = 14  # octaves that are there at least, so that the four lines are
HEIGHT = 72


@dataclass(frozen=True, slots=True)
class LengthBar:
    """A bar: where it stands and how wide it is in hundredths, from where down, and how many."""

    x: float
    width: float
    y: float
    height: float
    n: int
    words: str


@dataclass(frozen=True, slots=True)
class LengthLine:
    """A length that is marked, where it stands, and how many records are longer."""

    x: float
    name: str
    longer: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """The drawing, and the figures beside it."""

    bars: list[LengthBar]
    lines: list[LengthLine]
    middle: int
    high: int
    longest: int
    total: int

    height = HEIGHT


def lengths(tokens: Sequence[int]) -> Lengths | None:
    """The histogram of records with so many tokens each; None of no record."""
    if not tokens:
        return None
    found = sorted(tokens)
    octaves = max(_LONGEST, int(log2(max(found[-1], 1))) + 1) - _SHORTEST
    bars = [0] * (octaves * _BARS_PER_OCTAVE)
    for n in found:
        bars[_bar_of(n)] += 1
    most = max(bars)
    return Lengths(
        [_drawn(number, n, most, len(bars)) for number, n in enumerate(bars) if n],
        [
            LengthLine(
                (log2(line) - _SHORTEST) * 100 / octaves,
                f"{line // 1024}k",
                sum(n > line for n in found),
            )
            for line in LINES
        ],
        middle=found[len(found) // 2],
        high=found[min(len(found) - 1, len(found) * 95 // 100)],
        longest=found[-1],
        total=sum(found),
    )


def _bar_of(n: int) -> int:
    return max(0, int((log2(max(n, 1)) - _SHORTEST) * _BARS_PER_OCTAVE))


def _drawn(number: int, n: int, most: int, bars: int) -> LengthBar:
    height = max(1.0, n * HEIGHT / most)  # a single record is seen too
    start, end = (round(2 ** (_SHORTEST + at / _BARS_PER_OCTAVE)) for at in (number, number + 1))
    said = f"up to {end:,}" if number == 0 else f"{start:,} to {end:,}"
    return LengthBar(
        x=round(number * 100 / bars, 3),
        width=round(100 / bars * 0.86, 3),
        y=round(HEIGHT - height, 2),
        height=round(height, 2),
        n=n,
        words=f"{n:,} of {said} tokens",
    )
