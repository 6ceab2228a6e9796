"""Members of what callers send: each has its check and its JSON Schema in one object.

A door reads a member through it (`LogBody.session_id.of(payload)`), and the OpenAPI
document is made of the same object, so that neither can say something else than the other.
"""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

# A JSON Schema, in which a class (a RequestShape, or a TypedDict of an answer) stands for its own.
Schema = Mapping[str, Any]
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class MemberSource(Protocol):
    """Where members are read from: the object of a body, or a query."""

    def get(self, name: str, /) -> Any:
        """The value under that name, or None."""


class Check(Protocol[T_co]):
    """Gives a value as it is used from then on, or raises Invalid."""

    def __call__(self, value: object, *, field: str) -> T_co:
        """The value, which stands in `field`."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """What a value may be.

    The schema permits whatever the check does; it may permit more where JSON Schema has no words
    for it, as for a name that must be one of the project's.
    """

    schema: Schema
    check: Check[T]


class AnyMember:
    """A member of a RequestShape, under the name of its attribute there."""

    is_needed = False
    # How it stands in a query; for names in brackets, as `metadata[env]`, it is `deepObject`.
    style: str | None = None

    def __init__(self, schema: Schema, about: str, *, name: str = "") -> None:
        self.schema, self.about, self.name = schema, about, name

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name


class Member(AnyMember, Generic[T]):
    """A member that must be there."""

    is_needed = True

    def __init__(self, kind: Kind[T], about: str, *, name: str = "") -> None:
        super().__init__(kind.schema, about, name=name)
        self._check = kind.check

    def of(self, payload: MemberSource, *, prefix: str = "") -> T:
        """It in `payload`, which stands at `prefix` in the body. Raises Invalid."""
        return self._check(payload.get(self.name), field=f"{prefix}{self.name}")


class OptionalMember(AnyMember, Generic[T]):
    """A member that may be absent or null."""

    def __init__(self, kind: Kind[T], about: str, *, name: str = "") -> None:
        super().__init__(kind.schema, about, name=name)
        self._check = kind.check

    def of(self, payload: MemberSource, *, prefix: str = "") -> T | None:
        """It in `payload`, or None. Raises Invalid."""
        value = payload.get(self.name)
        return None if value is None else self._check(value, field=f"{prefix}{self.name}")


class BracketedMember(AnyMember):
    """Texts of a query under names in brackets, as `metadata[env]=prod`."""

    style = "deepObject"

    def __init__(self, about: str) -> None:
        super().__init__({"type": "object", "additionalProperties": {"type": "string"}}, about)

    def of(self, query: Mapping[str, Any]) -> dict[str, str]:
        """The texts by what stands in the brackets."""
        pattern = re.compile(rf"{re.escape(self.name)}\[(.+)\]", re.DOTALL)
        found = ((pattern.fullmatch(name), value) for name, value in query.items())
        return {match[1]: str(value) for match, value in found if match}


class RequestShape:
    """An object that callers send; its members are the attributes of a subclass."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()  # of each of which one must be there
    needed_though_null: ClassVar[tuple[str, ...]] = ()  # must be there, if only as null
    example: ClassVar[Mapping[str, Any] | None] = None

    @classmethod
    def members(cls) -> dict[str, AnyMember]:
        """The members by name, those of the parents first."""
        found: dict[str, AnyMember] = {}
        for owner in reversed(cls.__mro__):
            given = vars(owner).values()
            found |= {one.name: one for one in given if isinstance(one, AnyMember)}
        return found

    @classmethod
    def as_schema(cls) -> dict[str, Any]:
        """The JSON Schema of the object. Members it does not know are passed over."""
        members = cls.members()
        made: dict[str, Any] = {"type": "object", "description": inspect.getdoc(cls) or ""}
        made["properties"] = {name: member_schema(one) for name, one in members.items()}
        needed = [name for name, one in members.items() if one.is_needed]
        if needed := [*needed, *cls.needed_though_null]:
            made["required"] = needed
        if cls.one_of:
            made["allOf"] = [
                {
                    "anyOf": [
                        {"required": [name], "properties": {name: members[name].schema}}
                        for name in names
                    ]
                }
                for names in cls.one_of
            ]
        if cls.example is not None:
            made["examples"] = [cls.example]
        return made


def member_schema(member: AnyMember) -> dict[str, Any]:
    """The schema of a member in a body, where null is as good as absent."""
    told = {"description": member.about}
    if member.is_needed or not member.schema:
        return {**member.schema, **told}
    if isinstance(kind := member.schema.get("type"), str) and "enum" not in member.schema:
        return {**member.schema, "type": [kind, "null"], **told}
    return {"anyOf": [member.schema, {"type": "null"}], **told}


def anything(value: object, *, field: str) -> Any:
    """The check of what may be any JSON."""
    return value


ANYTHING: Kind[Any] = Kind({}, anything)
