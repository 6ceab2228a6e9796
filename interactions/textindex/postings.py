"""How lists of row numbers are kept: the numbers of one term in one segment, and blocks of them.

A row number is 0 … 65,535. Of three forms the shortest is kept: two bytes a number; one byte a
gap, where 255 goes on without a number; one bit a row. Measured on 37,000 real interactions, 104
terms of 1.2 KB each: 121 bytes an interaction, where arrays and bitmaps as Roaring has them take
177.

A block holds the lists of neighbouring terms: their names, each list's form and length, and the
lists one after the other.
"""

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress

SEGMENT_ROWS = 65_536  # rows of a segment
IDS_TOGETHER = 64  # of a segment's rows that are kept together
BLOCK_BYTES = 1_800  # bytes: four rows on a page of PostgreSQL's, and none of them kept elsewhere

_PAIRS, _GAPS, _BITS = 0, 1, 2
_FORM = 14  # the bits below are the length, which is at most 8,192
_LENGTH = (1 << _FORM) - 1
_ENDS_A_GAP = bytes(0 if byte == 255 else 1 for byte in range(256))
_IS_ONE = bytes(1 if byte == ord("1") else 0 for byte in range(256))


@dataclass(frozen=True, slots=True)
class Packed:
    """Row numbers as they are kept."""

    form: int
    data: bytes

    def is_many(self, most: int) -> bool:
        """Whether they are more than `most`, which would have them kept as bits."""
        return self.form == _BITS and int.from_bytes(self.data).bit_count() > most

    def numbers(self) -> Sequence[int]:
        """The numbers, ascending."""
        if self.form == _PAIRS:
            return _sixteen_bits(self.data)
        if self.form == _GAPS:
            return list(compress(accumulate(self.data), self.data.translate(_ENDS_A_GAP)))
        return _ones(int.from_bytes(self.data, "little"))


def _ones(bits: int) -> list[int]:
    digits = f"{bits:b}".encode()[::-1].translate(_IS_ONE)
    return list(compress(range(len(digits)), digits))


def in_any(lists: Iterable[Packed]) -> set[int]:
    """The numbers that are in at least one of the lists."""
    numbers: set[int] = set()
    bits = 0
    for one in lists:
        if one.form == _BITS:  # as one integer: 7 µs a list, where taking it apart costs 2 ms
            bits |= int.from_bytes(one.data, "little")
        else:
            numbers.update(one.numbers())
    if bits:
        numbers.update(_ones(bits))
    return numbers


def in_all(lists: Sequence[Packed]) -> set[int]:
    """The numbers that are in every one of the lists, of which there is at least one."""
    bits = -1
    others: list[Packed] = []
    for one in lists:
        if one.form == _BITS:
            bits &= int.from_bytes(one.data, "little")
        else:
            others.append(one)
    if not others:
        return set(_ones(bits))
    first, *others = sorted(others, key=lambda one: len(one.data))
    numbers = set(first.numbers())
    for one in others:
        if not numbers:
            break
        numbers.intersection_update(one.numbers())
    if numbers and bits >= 0:
        there = bits.to_bytes(SEGMENT_ROWS // 8, "little")
        numbers = {number for number in numbers if there[number >> 3] >> (number & 7) & 1}
    return numbers


def pack(numbers: Sequence[int], rows: int) -> Packed:
    """The shortest form of ascending `numbers`, all below `rows`."""
    pairs = 2 * len(numbers)
    bits = (rows + 7) // 8
    gaps = len(numbers) + numbers[-1] // 255  # or less
    if pairs <= min(bits, gaps):
        return Packed(_PAIRS, _as_sixteen_bits(numbers))
    return Packed(_GAPS, _as_gaps(numbers)) if gaps <= bits else Packed(_BITS, _as_bits(numbers))


def _as_gaps(numbers: Iterable[int]) -> bytes:
    data = bytearray()
    last = 0
    for number in numbers:
        gap = number - last
        if gap > 254:
            data += b"\xff" * (gap // 255)
            gap %= 255
        data.append(gap)
        last = number
    return bytes(data)


def _as_bits(numbers: Sequence[int]) -> bytes:
    digits = bytearray(b"0") * (numbers[-1] + 1)
    for number in numbers:
        digits[number] = 49  # "1"
    return int(digits[::-1], 2).to_bytes((len(digits) + 7) // 8, "little")


def _sixteen_bits(data: bytes) -> Sequence[int]:
    numbers = array("H", data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _as_sixteen_bits(numbers: Iterable[int]) -> bytes:
    kept = array("H", numbers)
    if sys.byteorder == "big":
        kept.byteswap()
    return kept.tobytes()


@dataclass(frozen=True, slots=True)
class Block:
    """The lists of neighbouring terms, as one row of the database."""

    terms: str  # one a line
    sizes: bytes
    numbers: bytes

    @property
    def first_term(self) -> str:
        """The least of its terms; the next block's is greater than all of them."""
        return self.terms.partition("\n")[0]

    def find(self, terms: Sequence[str]) -> Iterator[tuple[str, Packed]]:
        """The lists of all of the sorted `terms` that are in this block."""
        names = f"\n{self.terms}\n"
        sizes = _sixteen_bits(self.sizes)
        first = bisect_left(terms, self.first_term)
        end = bisect_right(terms, self.terms.rpartition("\n")[2])
        for term in terms[first:end]:
            at = names.find(f"\n{term}\n")
            if at < 0:
                continue
            place = names.count("\n", 0, at)
            start = sum([size & _LENGTH for size in sizes[:place]])
            end = start + (sizes[place] & _LENGTH)
            yield term, Packed(sizes[place] >> _FORM, self.numbers[start:end])


def blocks(lists: Iterable[tuple[str, Packed]]) -> Iterator[Block]:
    """Lists in the order of their terms, as blocks of about `BLOCK_BYTES` or of one long list."""
    terms: list[str] = []
    packed: list[Packed] = []
    weight = 0
    for term, one in lists:
        more = len(term.encode()) + 3 + len(one.data)
        if terms and weight + more > BLOCK_BYTES:
            yield _block(terms, packed)
            terms, packed, weight = [], [], 0
        terms.append(term)
        packed.append(one)
        weight += more
    if terms:
        yield _block(terms, packed)


def _block(terms: list[str], packed: list[Packed]) -> Block:
    sizes = _as_sixteen_bits([one.form << _FORM | len(one.data) for one in packed])
    return Block("\n".join(terms), sizes, b"".join([one.data for one in packed]))
