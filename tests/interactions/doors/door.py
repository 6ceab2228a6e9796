"""What a door needs, and what everybody who stands before it is to hear."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from projects.services.access import GIVE_FEEDBACK, LABEL, MANAGE, READ
from tests.interactions.doors.people import OWNERS, Actor

PUBLIC, ACCOUNT, ADMINISTRATOR = "public", "any account", "administrator"
MISSING = "not there"
PEOPLE, NEW_PROJECTS, NOT_SUPPORTED = "people", "new projects", "not supported"
REFUSALS = (PEOPLE, NEW_PROJECTS, NOT_SUPPORTED)
SESSION, KEY, EITHER = "session", "key", "either"
SOME = {
    "nobody", "owner", "administrator", "a wrong key", "expired key", "key of owner",
    "key of administrator",
}  # fmt: skip
IN, LOGIN = 200, 302  # let in, whatever then is said; sent to the login page


@dataclass(frozen=True)
class Door:
    """A method at a route: what it needs, and a request that would do something."""

    method: str
    permission: str
    # How one says who one is.
    by: str = SESSION
    query: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    # What who may read the project and lacks the permission is told.
    lacking: int = 403
    # Whether only who has begun a thing sees it at all: here the owner of the project has.
    is_own: bool = False
    # Whether who manages the project does, too.
    is_managers_too: bool = False
    # Whether it takes every permission that an owner has.
    needs_all: bool = False
    # Whether the permission may be one in any project, since the address names none.
    is_anywhere: bool = False
    # Whether a person is sent to the login page, where `by` is EITHER.
    is_page: bool = False
    # Whether whoever has made a thing sees it in any project, as models that one registered.
    is_the_users: bool = False

    # Whether a page's script asks, which wants a part of the page alone.
    is_htmx: bool = False
    # What who is let in hears: LOGIN of a page that comes after another which nobody has sent.
    let_in: int = IN
    # What some hear otherwise than their permissions say, by their names.
    otherwise: Mapping[str, int] = field(default_factory=dict)

    def tells(self, actor: Actor) -> bool:
        """Whether `actor` hears something that others of their sort would not hear just so."""
        if self.by == SESSION and actor.is_key:  # where a key is nothing, whatever it permits
            return actor.name in SOME
        if self.by == KEY and not actor.is_key:  # where a session is nothing
            return actor.name in SOME
        return not actor.only or actor.only in (self.permission, LABEL, GIVE_FEEDBACK)

    def expected(self, actor: Actor, owner: object) -> int:
        """What `actor` is to hear; `owner` has begun all there is."""
        heard = self._heard(actor, owner)
        return self.otherwise.get(actor.name, self.let_in if heard == IN else heard)

    def _heard(self, actor: Actor, owner: object) -> int:
        if self.permission == PUBLIC:
            return IN
        if self.permission == MISSING and self.by != KEY:
            return 404
        if actor.may is None or not self._takes(actor):
            is_page = self.by == SESSION or (self.is_page and not actor.key)
            return LOGIN if is_page else 401
        if self.permission in (ACCOUNT, MISSING):
            return IN if self.permission == ACCOUNT else 404
        if self.permission == ADMINISTRATOR:
            return IN if ADMINISTRATOR in actor.may else 404
        if self.is_anywhere and self.permission not in actor.anywhere:
            return 403
        if self.is_anywhere:
            # What was begun by no narrowed key is not for one.
            is_theirs = actor.user == owner and not actor.is_scoped
            return IN if not self.is_own or is_theirs else 404
        if self.permission in REFUSALS:
            return self._refused(actor)
        if READ not in actor.may and not (self.is_the_users and actor.user == owner):
            return 404
        if self.permission not in actor.may and not self.is_the_users:
            return self.lacking
        if self.needs_all and not actor.may >= OWNERS:
            return 403
        sees = actor.user == owner or (self.is_managers_too and MANAGE in actor.may)
        sees = sees or (self.is_the_users and ADMINISTRATOR in actor.may)
        return 404 if self.is_own and not sees else IN

    def _refused(self, actor: Actor) -> int:
        """Of what no permission in a project is for."""
        if self.permission == PEOPLE:
            return IN if ADMINISTRATOR in (actor.may or ()) else 403
        if self.permission == NEW_PROJECTS:
            return IN if actor.may_create_projects else 403
        return 501

    def _takes(self, actor: Actor) -> bool:
        return self.by == EITHER or (self.by == KEY) == actor.is_key


def get(permission: str, **more: Any) -> Door:
    """A door that only shows something."""
    return Door("GET", permission, **more)


def post(
    permission: str,
    *,
    lacking: int = 403,
    is_own: bool = False,
    places: Mapping[str, str] | None = None,
    otherwise: Mapping[str, int] | None = None,
    **data: Any,
) -> Door:
    """A door that takes a form of `data`."""
    return Door(
        "POST",
        permission,
        data=data,
        lacking=lacking,
        is_own=is_own,
        places=places or {},
        otherwise=otherwise or {},
    )
