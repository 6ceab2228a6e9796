"""Texts composed of varied pieces, so that two of them rarely read the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

_CHOICE = re.compile(r"‹([^‹›]*)›")
_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Questions that are one question, the answers that fit it, and what is asked next.

    Every text is a pattern for `compose`. `wrong` are answers against the shop's own rules with
    what the customer then says: (answer, reason, details). `then` are (question, answer).
    """

    asks: tuple[str, ...]
    answers: tuple[str, ...]
    wrong: tuple[tuple[str, str, str], ...] = ()
    then: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """A language the shop's customers write in; `money` is how it prints an amount of euros."""

    code: str
    opening: str
    closing: str
    items: tuple[str, ...]
    money: str
    date: str
    topics: Mapping[str, tuple[Case, ...]]
    evasive: tuple[str, ...]
    complaints: tuple[tuple[str, str], ...]
    praise: tuple[str, ...]
    names: tuple[str, ...] = field(default=("Alex",))
    months: tuple[str, ...] = ()

    def euros(self, cents: int) -> str:
        """An amount as this language prints it: `€48.90`, `48,90 €`."""
        number = f"{cents / 100:,.2f}"
        if self.money != "€{}":
            number = number.replace(",", " ").replace(".", ",")
        return self.money.format(number)

    def day(self, day: int, month: int) -> str:
        """A day of the year as this language prints it."""
        return self.date.format(day=day, month=self.months[month - 1] if self.months else month)


def compose(rng: Random, pattern: str, slots: Mapping[str, str]) -> str:
    """Choose one of each `‹this|that›`, innermost first, and fill every `{slot}` that is known.

    >>> compose(Random(1), "‹Hello› {name}", {"name": "Ada"})
    'Hello Ada'
    """
    while "‹" in pattern:
        pattern = _CHOICE.sub(lambda choice: rng.choice(choice[1].split("|")), pattern)
    return _SLOT.sub(lambda slot: slots.get(slot[1], slot[0]), pattern)
