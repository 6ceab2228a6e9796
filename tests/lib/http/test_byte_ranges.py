"""Parts of a file, as requests ask for them."""

import pytest

from adaptive_site.lib.http.byte_ranges import ByteRange, Unsatisfiable, byte_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-9", (0, 10)),
        ("bytes=5-", (5, 10)),
        ("bytes=5-5", (5, 6)),
        ("bytes=-3", (7, 10)),
        ("bytes=-30", (0, 10)),
        ("bytes=2-99999999999999999999999999", (2, 10)),
        ("bytes=6-5", None),
        ("bytes=0-1,3-4", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=²-", None),
        ("lines=0-1", None),
        ("", None),
    ],
)
def test_a_range_is_what_it_says_or_all(header: str, expected: tuple[int, int] | None) -> None:
    assert byte_range(header, 10) == (expected and ByteRange(*expected))


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99999999999999999999-", "bytes=-0"])
def test_one_beyond_the_end_cannot_be_sent(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        byte_range(header, 10)


def test_of_an_empty_file_there_is_no_part() -> None:
    for header in ("bytes=0-", "bytes=-1"):
        with pytest.raises(Unsatisfiable):
            byte_range(header, 0)
