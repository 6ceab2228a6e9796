"""What the demo is made of: the files in `data`, and texts composed of varied pieces."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

_DATA = Path(__file__).parent / "data"
_CHOICE = re.compile(r"‹([^‹›]*)›")
_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Questions that are one question, the answers that fit it, and what is asked next.

    Every text is a pattern for `compose`. `wrong` are answers against the shop's own rules with
    the complaint they earn: (answer, reason, details). `then` are (question, answer). `images`
    are the names of those that come with the question; `language` is the book's if it is empty.
    """

    asks: Sequence[str]
    answers: Sequence[str]
    wrong: Sequence[tuple[str, str, str]] = ()
    then: Sequence[tuple[str, str]] = ()
    images: Sequence[str] = ()
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasebook:
    """What some people write, all in one language, and what they are answered.

    `slots` are patterns of what differs from one conversation to the next, such as a name.
    """

    language: str
    topics: Mapping[str, Sequence[Case]]
    slots: Mapping[str, str]
    opening: str = ""
    closing: str = ""
    evasive: str
    praise: str
    complaints: Sequence[tuple[str, str]]
    customers: Sequence[str]
    money: str
    date: str
    months: Sequence[str]

    def euros(self, cents: int) -> str:
        """An amount as this language prints it: `€48.90`, `48,90 €`."""
        number = f"{cents / 100:,.2f}"
        if not self.money.startswith("€"):
            number = number.replace(",", " ").replace(".", ",")
        return self.money.format(number)

    def day(self, at: datetime) -> str:
        """A day of the year as this language prints it: `3 May`, `3. Mai`."""
        return self.date.format(day=at.day, month=self.months[at.month - 1])


@cache
def tables(name: str) -> dict[str, Any]:
    """What the file of this name in `data` holds."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


@cache
def phrasebook(name: str) -> Phrasebook:
    """The phrasebook in the file of this name; what that leaves out is as in English."""
    english, own = tables("en"), tables(name)
    topics = {key: [Case(**case) for case in cases] for key, cases in own["topics"].items()}
    slots = english["slots"] | own.get("slots", {})
    return Phrasebook(**english | own | {"topics": topics, "slots": slots})


def pick(rng: Random, weights: Mapping[str, int]) -> str:
    """One of the keys, as often as its weight says."""
    return rng.choices(list(weights), list(weights.values()))[0]


def compose(rng: Random, pattern: str, slots: Mapping[str, str]) -> str:
    """Choose one of each `‹this|that›`, innermost first, and fill every `{slot}` that is known.

    >>> compose(Random(1), "‹Hello› {name}", {"name": "Ada"})
    'Hello Ada'
    """
    while "‹" in pattern:
        pattern = _CHOICE.sub(lambda choice: rng.choice(choice[1].split("|")), pattern)
    return _SLOT.sub(lambda slot: slots.get(slot[1], slot[0]), pattern)
