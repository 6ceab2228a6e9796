"""Keeping a provider's key out of what a provider says, also in pieces."""

import re
from base64 import b64encode
from collections.abc import Iterator

RUN_ALWAYS_REDACTED = 8  # letters and digits of the key in a row that never stay
RUN_SOMETIMES_REDACTED = 4  # in a row that do not stay where much of the key is told in such pieces
SHARE_OF_KEY = 0.5  # of the key
# A letter or a digit, plain or as an escape stands for it; other escapes are passed over.
_LETTER_OR_ESCAPE = re.compile(
    r"\\u(?P<u>[0-9a-fA-F]{4})|\\x(?P<x>[0-9a-fA-F]{2})|%(?P<percent>[0-9a-fA-F]{2})"
    r"|&#x(?P<hex>[0-9a-fA-F]{1,4});|&#(?P<number>[0-9]{1,5});|\\[a-z]|(?P<plain>[A-Za-z0-9])"
)
_NUMBER_OF_SECONDS = re.compile(r"[0-9]{1,9}")
_HTTP_DATE = re.compile(r"[A-Za-z]{3}, [0-9]{2} [A-Za-z]{3} [0-9]{4} [0-9:]{8} GMT")


def redacted(text: str, key: str) -> str:
    """`text` with … in place of the key and of its parts.

    Only letters and digits are compared, in any case, so that spaces, line ends, quotes, escapes
    and hyphens between them hide nothing. Backwards counts, too.

    >>> redacted("bad key sk-abc def\\\\nghi!", "sk-abcdefghi")
    'bad key …!'
    """
    secret = "".join(letter for letter, _, _ in _letters(key))
    if len(secret) < RUN_SOMETIMES_REDACTED:
        return text.replace(key, "…") if key else text
    found = list(_letters(text))
    letters = "".join(letter for letter, _, _ in found)
    marked: set[int] = set()
    for told in (secret, secret[::-1], *_encoded(key)):
        marked |= _marked(letters, told, min(RUN_ALWAYS_REDACTED, len(told)))
    rest = "".join(" " if n in marked else letter for n, letter in enumerate(letters))
    for told in (secret, secret[::-1]):
        pieces = _marked(rest, told, RUN_SOMETIMES_REDACTED)
        if len(_told(rest, told, pieces)) >= SHARE_OF_KEY * len(told):
            marked |= pieces
    made, end = [], 0
    for first, last in _runs(sorted(marked)):
        made += [text[end : found[first][1]], "…"]
        end = found[last][2]
    return "".join([*made, text[end:]])


def _encoded(key: str) -> Iterator[str]:
    """The letters of a key in hexadecimal, and in base64 wherever in a text it begins."""
    if len(key) < RUN_ALWAYS_REDACTED:
        return
    raw = key.encode()
    yield raw.hex()
    for before in range(3):
        said = b64encode(bytes(before) + raw).decode()[4 if before else 0 :].rstrip("=")
        yield "".join(letter for letter in said.lower() if letter.isalnum())


def _letters(text: str) -> Iterator[tuple[str, int, int]]:
    """The letters and digits of a text in lower case, and where each begins and ends."""
    for match in _LETTER_OR_ESCAPE.finditer(text):
        kind = match.lastgroup
        if kind is None:
            continue
        value = match[kind]
        letter = value if kind == "plain" else chr(int(value, 10 if kind == "number" else 16))
        if letter.isascii() and letter.isalnum():
            yield letter.lower(), match.start(), match.end()


def _marked(letters: str, secret: str, least: int) -> set[int]:
    """The places of `letters` that belong to `least` letters of the secret in a row, or more."""
    windows = {secret[n : n + least] for n in range(len(secret) - least + 1)}
    return {
        place
        for n in range(len(letters) - least + 1)
        if letters[n : n + least] in windows
        for place in range(n, n + least)
    }


def _told(letters: str, secret: str, marked: set[int]) -> set[int]:
    """The places of the secret that the marked places tell."""
    told: set[int] = set()
    for first, last in _runs(sorted(marked)):
        for n in range(first, last + 2 - RUN_SOMETIMES_REDACTED):
            piece = letters[n : n + RUN_SOMETIMES_REDACTED]
            found = secret.find(piece)
            while found >= 0:
                told |= set(range(found, found + len(piece)))
                found = secret.find(piece, found + 1)
    return told


def _runs(places: list[int]) -> list[tuple[int, int]]:
    """First and last of the places that follow each other."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and place == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs


def retry_after(header: str) -> str:
    """A `Retry-After` that is one, seconds or a date; "" for anything else."""
    is_one = _NUMBER_OF_SECONDS.fullmatch(header) or _HTTP_DATE.fullmatch(header)
    return header if is_one else ""
