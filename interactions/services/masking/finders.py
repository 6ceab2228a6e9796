"""Where personal data stands in a text: addresses, numbers of phones, cards and accounts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import phonenumbers
import regex
from stdnum import iban, luhn

# Start and end of what was found.
Span: TypeAlias = tuple[int, int]
Finder: TypeAlias = Callable[[str], Iterator[Span]]

# RFC 5321 §4.5.3.1: 64 characters before the @. The bound keeps a run of letters from being gone
# through once for each of them.
_EMAIL = regex.compile(
    r"(?<![\w.%+-])[\w%+'-][\w.%+'-]{0,63}@(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62}"
)
# ISO/IEC 7812: 13 to 19 digits, of which banks' begin with 2 (from 22 on) to 6. Neither a piece of
# a longer number nor of a UUID. One number in ten passes Luhn's sum by chance.
_CARD = regex.compile(r"(?<![\w.+-])(?:2[2-7]|[3-6]\d)(?:[ -]?\d){11,17}")
# ISO 13616: a country, two check digits, and 11 (Norway) to 30 more.
_IBAN = regex.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", regex.IGNORECASE)
_PHONE_LIKE = regex.compile(r"\d(?:[^\w\n]{0,3}\d){5}")
_CARD_LENGTHS = range(19, 12, -1)
_IBAN_LENGTHS = range(34, 14, -1)


def emails(text: str) -> Iterator[Span]:
    """E-mail addresses."""
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield match.span()


def cards(text: str) -> Iterator[Span]:
    """Card numbers: 13 to 19 digits whose last one is right by Luhn's sum."""
    for match in _CARD.finditer(text):
        yield from _longest(match, _CARD_LENGTHS, luhn.is_valid)


def ibans(text: str) -> Iterator[Span]:
    """International bank account numbers whose length and check digits are their country's."""
    for match in _IBAN.finditer(text):
        yield from _longest(match, _IBAN_LENGTHS, iban.is_valid)


def _longest(match: Any, lengths: range, is_valid: Callable[[str], bool]) -> Iterator[Span]:
    """The longest beginning of a match that is valid, since what follows may be another number."""
    text, start = match.string, match.start()
    at = [start + n for n, letter in enumerate(match.group()) if letter.isalnum()]
    for length in lengths:
        if length > len(at):
            continue
        end = at[length - 1] + 1
        if not text[end : end + 1].isalnum() and is_valid("".join(text[n] for n in at[:length])):
            yield start, end
            return


def phones(region: str) -> Finder:
    """Phone numbers: with `+` and country, and as they are written in `region` (`DE`; "": none)."""

    def find(text: str) -> Iterator[Span]:
        if _PHONE_LIKE.search(text):
            for match in phonenumbers.PhoneNumberMatcher(text, region or None):
                yield match.start, match.end

    return find


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a regular expression of a project finds; what takes longer than `seconds` raises."""

    compiled: Any
    seconds: float = 0.25

    def __call__(self, text: str) -> Iterator[Span]:
        """Raises TimeoutError."""
        for match in self.compiled.finditer(text, timeout=self.seconds):
            if match.end() > match.start():
                yield match.span()


def compiled(pattern: str) -> Any:
    """A regular expression of the library `regex`. Raises ValueError saying what is wrong."""
    try:
        found = regex.compile(pattern)
    except regex.error as error:
        raise ValueError(str(error)) from error
    if found.match(""):
        raise ValueError("it finds the empty text")
    return found
