"""JSON whose numbers stay what they are, however long, and in which nothing is lost unsaid.

A double holds 15 digits, and orjson reads every number beyond 64 bits as one: a `seed` of
18446744073709551616 came back as 18446744073709552000, which it then could not write. So a number
that neither a double nor 64 bits hold is a Decimal. Two writings of one number are the same
(`1.10` and `1.1`, `1e2` and `100`, `-0` and `0`), and so is any order of members: PostgreSQL's
`jsonb` keeps neither.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeAlias

import orjson

from adaptive_site.lib.database.nul import REPLACEMENT

MAX_DIGITS = 1_000  # of a number written out: `1e999` is five letters, and a kilobyte when stored
MAX_WRITTEN = 4_000_000  # digits that exponents of one body stand for: PostgreSQL writes them out
_EXACT = 15  # digits, at least, that a double holds
_SMALL = 64 * 1024  # bytes, in which exponents need not be counted
_FEW = 10_000  # exponents, of at most 324 digits each, that need not be counted
_SURROGATE = re.compile("[\ud800-\udfff]")

Path = tuple[str | int, ...]
_Step: TypeAlias = "tuple[str | int, _Step] | None"  # the last name of a way, and the one before


class Unfit(ValueError):
    """JSON that cannot be kept as it is; `field` names the member at fault, "" for the whole."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class HalfPair(Unfit):
    """There is text with half a surrogate pair; `value` has U+FFFD in its place."""

    def __init__(self, field: str, value: Any) -> None:
        super().__init__("expected text without half a surrogate pair", field)
        self.value = value


def loads(raw: bytes | str, *, is_lenient: bool = False) -> Any:
    """The value of `raw`.

    Raises ValueError for what is not JSON, and Unfit for what could not be kept: a name that
    stands twice in an object (where `is_lenient`, the last one counts), half a surrogate pair,
    a number of more than MAX_DIGITS.
    """
    raw = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return _with_care(raw, is_lenient, error)
    try:
        # Most clients write as orjson does: what comes out as it came in has lost nothing.
        # Of 2.5 KB: 10 µs, against 40 for reading with care.
        is_same = orjson.dumps(value) == raw
        if is_same and (len(raw) < _SMALL or raw.count(b"e+") + raw.count(b"e-") < _FEW):
            return value
    except orjson.JSONEncodeError as error:  # at 255 levels
        raise Unfit("expected JSON that is nested less deep") from error
    return _with_care(raw, is_lenient, None)


def dumps(value: Any, *, option: int = 0) -> bytes:
    """`value` as orjson writes it, and Decimals as the numbers they are."""
    return orjson.dumps(value, default=_number, option=option)


def read(text: str) -> Any:
    """JSON that we wrote, or PostgreSQL did: every number that was kept is read."""
    return _DECODER.decode(text)


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def exact_int(digits: str) -> int | Decimal:
    """A whole number; as an int where 64 bits hold it."""
    if len(digits) <= 18:
        return int(digits)
    made = Decimal(digits)
    return int(made) if -(1 << 63) <= made < 1 << 64 else made


def exact_float(text: str) -> float | Decimal:
    """Any other number; as a float where its shortest writing is this very number."""
    if len(text) <= _EXACT + 1 and "e" not in text and "E" not in text:
        return float(text)
    made = Decimal(text)
    if not made:
        return float(text)  # a zero may have a sign, and any exponent
    near = float(text)
    return near if Decimal(repr(near)) == made else made


_DECODER = json.JSONDecoder(parse_int=exact_int, parse_float=exact_float)


class _TooLong:
    """Stands where a number was that is too long."""


class _Careful:
    """Reads JSON member by member, and remembers what orjson would not tell."""

    def __init__(self, *, is_lenient: bool) -> None:
        self.is_lenient = is_lenient
        self.doubled: list[tuple[dict[str, Any], str]] = []  # an object, and the name it has twice
        self.has_long = False  # a number of too many digits
        self.has_odd = False  # a number that a double or 64 bits may not hold
        self._written = 0

    def read(self, raw: bytes) -> Any:
        """The value. Raises ValueError, RecursionError."""
        return json.JSONDecoder(
            object_pairs_hook=self._members,
            parse_float=self._number,
            parse_int=self._number,
            parse_constant=_no_constant,
        ).decode(raw.decode())

    def _members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs) and not self.is_lenient:
            counts = Counter(name for name, _ in pairs)
            self.doubled.append((made, next(name for name, n in counts.items() if n > 1)))
        return made

    def _number(self, text: str) -> Any:
        has_exponent = "e" in text or "E" in text
        if len(text) <= _EXACT and not has_exponent:
            return float(text) if "." in text else int(text)
        self.has_odd = True
        is_long = is_too_long(text)
        if not is_long and has_exponent:
            made = Decimal(text)
            self._written += abs(made.adjusted()) if made else 0
        if is_long or self._written > MAX_WRITTEN:
            self.has_long = True
            return _TooLong()
        return exact_float(text) if "." in text or has_exponent else exact_int(text)

    def refuse(self, value: Any) -> None:
        """Raise Unfit with the member that has a name twice or a number that is too long."""
        if self.doubled:
            place, name = self.doubled[0]
            path = way_to(value, lambda item: item is place)
            raise Unfit("expected each name once in an object", dotted((*(path or ()), name)))
        if self.has_long:
            path = way_to(value, lambda item: isinstance(item, _TooLong))
            most = f"{MAX_DIGITS}, and together {MAX_WRITTEN:,}"
            raise Unfit(
                f"expected numbers of at most {most} digits written out", dotted(path or ())
            )


def _with_care(raw: bytes, is_lenient: bool, wrong: orjson.JSONDecodeError | None) -> Any:
    reader = _Careful(is_lenient=is_lenient)
    try:
        value = reader.read(raw)
    except RecursionError as error:
        raise (wrong or Unfit("it is nested too deep")) from error
    except ValueError as error:
        raise (wrong or error) from error
    reader.refuse(value)
    if wrong is None:
        return value
    halved = way_to(value, is_half_pair)
    if halved is not None:
        try:
            whole = _without_half_pairs(value)
        except RecursionError as error:
            raise wrong from error
        raise HalfPair(dotted(halved), whole)
    if not reader.has_odd:
        raise wrong
    try:
        dumps(value)
    except orjson.JSONEncodeError as error:  # nested deeper than can be written again
        raise wrong from error
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def is_too_long(text: str) -> bool:
    """Whether a number has more digits than are kept, written out."""
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent.lstrip("+-").lstrip("0")) > 6:
        return not is_zero(mantissa) or len(mantissa) > MAX_DIGITS
    number = Decimal(text)
    return bool(number) and not -MAX_DIGITS < number.adjusted() < MAX_DIGITS


def is_zero(mantissa: str) -> bool:
    """Whether no digit of it is another than 0."""
    return not mantissa.strip("-0.")


def is_half_pair(item: object) -> bool:
    """Whether it is a text, or an object with a name, that no UTF-8 can say."""
    if isinstance(item, dict):
        return any(_SURROGATE.search(name) for name in item)
    return isinstance(item, str) and _SURROGATE.search(item) is not None


def _without_half_pairs(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub(REPLACEMENT, value)
    if isinstance(value, list):
        return [_without_half_pairs(item) for item in value]
    if isinstance(value, dict):
        return {
            _without_half_pairs(name): _without_half_pairs(item) for name, item in value.items()
        }
    return value


def way_to(value: Any, is_it: Callable[[Any], bool]) -> Path | None:
    """The way to the first value in a JSON value, itself first, of which `is_it` is true.

    Steps are linked back and the way is written once: of 100,000 items below 900 lists, each
    with a way of its own, the ways alone took 700 MB.
    """
    waiting: list[tuple[Any, _Step]] = [(value, None)]
    while waiting:
        item, step = waiting.pop()
        if is_it(item):
            return tuple(reversed(list(_names(step))))
        if isinstance(item, dict):
            waiting += [(inner, (name, step)) for name, inner in reversed(item.items())]
        elif isinstance(item, list):
            waiting += [(item[n], (n, step)) for n in range(len(item) - 1, -1, -1)]
    return None


def _names(step: _Step) -> Iterator[str | int]:
    while step is not None:
        name, step = step
        yield name


def dotted(path: Path) -> str:
    """A way as errors name it, `messages.0.content`; long names are cut, halves of pairs shown."""
    names = (_SURROGATE.sub(REPLACEMENT, str(part))[:100] for part in path)
    return ".".join(names)[:500]
