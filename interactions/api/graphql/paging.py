"""Pages as GraphQL asks for them, and the opaque cursors between them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import orjson

from adaptive_site.lib.errors import Invalid
from interactions.services.analysis.group_pages import GroupCursor

T = TypeVar("T")

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1_000
MAX_OFFSET = 100_000


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A `CursorPageInput` that makes sense.

    `from_end` says that the last `size` are wanted, in the same order as the first would be.
    """

    size: int
    after: str | None = None
    before: str | None = None
    offset: int = 0
    from_end: bool = False


def read(page: dict[str, Any], *, usual: int = DEFAULT_PAGE_SIZE) -> PageRequest:
    """What is asked for; more than `MOST` at once is that many, and `hasNextPage` tells.

    Raises Invalid.
    """
    first, last, offset = page.get("first"), page.get("last"), page.get("offset") or 0
    if first is not None and last is not None:
        raise Invalid("expected first or last, not both", field="page")
    for name, number in (("first", first), ("last", last), ("offset", offset)):
        if number is not None and number < 0:
            raise Invalid("expected a number that is not negative", field=f"page.{name}")
    if offset > MAX_OFFSET:
        raise Invalid(f"expected at most {MAX_OFFSET}; use a cursor", field="page.offset")
    if offset and last is not None:
        raise Invalid("expected none with last", field="page.offset")
    size = next((number for number in (first, last) if number is not None), usual)
    return PageRequest(
        min(size, MAX_PAGE_SIZE),
        page.get("after") or None,
        page.get("before") or None,
        offset,
        from_end=last is not None,
    )


def cursor_at(id: UUID) -> str:
    """The cursor of an interaction."""
    return _sealed(b"i" + id.bytes)


def id_at(cursor: str | None, *, field: str) -> UUID | None:
    """The interaction that a cursor stands at. Raises Invalid for what is none."""

    def unpack(kind: bytes, data: bytes) -> UUID:
        if kind != b"i":
            raise ValueError("another list's")
        return UUID(bytes=data)

    return _opened(cursor, unpack, field)


def group_cursor_at(order: str, group: GroupCursor) -> str:
    """The text of the cursor of a group in a list with this order."""
    return _sealed(b"g" + orjson.dumps([order, group.rank, group.name]))


def group_at(cursor: str | None, order: str, *, field: str) -> GroupCursor | None:
    """The group that a cursor stands at. Raises Invalid for what is none, or another order's."""

    def unpack(kind: bytes, data: bytes) -> GroupCursor:
        its_order, rank, key = orjson.loads(data)
        if kind != b"g" or its_order != order or not isinstance(key, str):
            raise ValueError("another list's")
        return GroupCursor(int(rank), key)

    return _opened(cursor, unpack, field)


def without_group_cursors(page: dict[str, Any]) -> dict[str, Any]:
    """The page for the list inside a group, where the SDK sends the groups' own page again.

    Cursors of groups, and the offset among groups, mean nothing there.
    """

    def is_ours(cursor: str | None) -> bool:
        return bool(cursor) and not _opened(cursor, lambda kind, _: kind == b"g", "page")

    kept = {name: page.get(name) for name in ("first", "last")}
    return kept | {name: page[name] for name in ("after", "before") if is_ours(page.get(name))}


def _sealed(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _opened(cursor: str | None, unpack: Callable[[bytes, bytes], T], field: str) -> T | None:
    if not cursor:
        return None
    try:
        data = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        return unpack(data[:1], data[1:])
    except (NotBase64, ValueError, TypeError) as error:
        raise Invalid("expected a cursor that this list gave", field=field) from error
