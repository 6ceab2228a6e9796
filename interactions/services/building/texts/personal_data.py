"""What looks like personal data in a text, by patterns and check digits.

Nothing here knows whether it is one: a number that passes may be made up, as in examples.
"""

import re
from collections.abc import Callable, Iterator

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,24})\b")
_RESERVED = re.compile(r"(?:.*\.)?(?:example\.(?:com|org|net)|example|test|invalid)", re.IGNORECASE)
# A country's code after a plus, or as it is written in North America.
_PHONE = re.compile(
    r"(?<![\w.+])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}"
    r"|\(\d{3}\) ?\d{3}[-.]\d{4}|\d{3}([-.])\d{3}\1\d{4})(?![\w-])"
)
_CARD = re.compile(r"(?<![\w.-])[3-6]\d{3}(?:[ -]?\d){9,15}(?![\w-]|\.\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
# How long an IBAN is by country, of the countries with most of them.
_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23,
    "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18,
    "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24,
    "TR": 26, "UA": 29, "AE": 23, "BR": 29,
}  # fmt: skip


def kinds_in(text: str) -> Iterator[str]:
    """Which kinds of personal data the text seems to hold, each once.

    >>> list(kinds_in("Write to ann@maple.org or call +49 30 901820"))
    ['e-mail addresses', 'phone numbers']
    """
    for kind, mark, pattern, is_one in _KINDS:
        if mark(text) and any(is_one(match) for match in pattern.finditer(text)):
            yield kind


def _is_real_address(match: re.Match[str]) -> bool:
    return _RESERVED.fullmatch(match[1]) is None


def _is_phone(match: re.Match[str]) -> bool:
    return 8 <= sum(letter.isdigit() for letter in match[0]) <= 15


def _is_card(match: re.Match[str]) -> bool:
    digits = [int(letter) for letter in match[0] if letter.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) < 2:
        return False
    doubled = [2 * n - 9 if n > 4 else 2 * n for n in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_iban(match: re.Match[str]) -> bool:
    letters = match[0].replace(" ", "")
    if _IBAN_LENGTHS.get(letters[:2]) != len(letters):
        return False
    return int("".join(str(int(one, 36)) for one in letters[4:] + letters[:4])) % 97 == 1


def _has_digits(text: str) -> bool:
    return any(digit in text for digit in "0123456789")


_KINDS: tuple[
    tuple[str, Callable[[str], bool], re.Pattern[str], Callable[[re.Match[str]], bool]], ...
] = (
    ("e-mail addresses", lambda text: "@" in text, _EMAIL, _is_real_address),
    ("phone numbers", _has_digits, _PHONE, _is_phone),
    ("card numbers", _has_digits, _CARD, _is_card),
    ("IBANs", _has_digits, _IBAN, _is_iban),
)
