"""Everybody who may stand before a door: persons with a session, and programs with a key."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from projects.models import ApiKey, Project, User
from projects.services.access import AUDIT, PERMISSIONS, READ
from projects.services.people import ROLES
from tests import make
from tests.interactions.doors.world import World

SEES = ("project:read", READ)
NOBODY, STRANGER, ADMINISTRATOR, OWNER = "nobody", "stranger", "administrator", "owner"
OWNERS = frozenset(ROLES[OWNER][1])
EVERYTHING = frozenset((*PERMISSIONS, "administrator"))


@dataclass(frozen=True)
class Actor:
    """Who asks, by what, and what they may in the project `maple`; None: not let in at all."""

    name: str
    user: User | None
    may: frozenset[str] | None
    key: str | None = None
    is_key: bool = False
    # In projects of their own.
    elsewhere: frozenset[str] = frozenset()
    is_scoped: bool = False
    # The one permission of a key beside reading.
    only: str = ""

    @property
    def anywhere(self) -> frozenset[str]:
        """What they may in some project."""
        return (self.may or frozenset()) | self.elsewhere

    @property
    def may_create_projects(self) -> bool:
        """Who manages some project, and by no key that permits less than its user may."""
        return "project:manage" in self.anywhere and not self.is_scoped

    @property
    def headers(self) -> dict[str, str]:
        """What a program sends."""
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    def client(self) -> Client:
        """What a person has in a browser; without a session for programs."""
        client = Client(raise_request_exception=False)
        if self.user is not None and not self.is_key:
            client.force_login(self.user)
        return client


def persons(maple: World, cherry: World) -> list[Actor]:
    """Each role of `maple`, a stranger who owns `cherry`, an administrator, and nobody."""
    stranger = Actor(STRANGER, cherry.owner, frozenset(), elsewhere=OWNERS)
    found = [Actor(NOBODY, None, None), stranger]
    for role, (_, permissions) in ROLES.items():
        user = maple.owner if role == OWNER else make.make_user(role)
        if role != OWNER:
            make.share(maple.project, user, role)
        found.append(Actor(role, user, frozenset(permissions)))
    root = make.make_user("root", is_superuser=True, is_staff=True)
    return [*found, Actor(ADMINISTRATOR, root, EVERYTHING)]


def programs(persons: list[Actor], maple: World, cherry: World) -> list[Actor]:
    """A key of each person; and of the owner's one that has expired, that was revoked, that is
    for another project, and for each permission one that has that alone beside reading.
    """
    found = [Actor("no key", None, None, None, True)]
    found += [Actor("a wrong key", None, None, "as-wrong", True)]
    for one in persons:
        if one.user is not None:
            key = make.make_key(one.user)
            found.append(Actor(f"key of {one.name}", one.user, one.may, key, True, one.elsewhere))
    owner, granted = maple.owner, OWNERS
    # Who is an owner of both, so that nothing but the key tells the projects apart.
    make.share(cherry.project, owner, OWNER)
    gone = timezone.now() - timedelta(minutes=1)
    found += [
        _scoped("expired key", owner, None, expires_at=gone),
        _scoped("revoked key", owner, None, revoked_at=gone),
        _scoped("key for cherry", owner, frozenset(), projects=[cherry.project]),
        _scoped("key for maple", owner, granted, projects=[maple.project]),
        _scoped("key for nothing", owner, frozenset(), permissions=[]),
        _scoped("key of creating alone", owner, frozenset(), permissions=["interaction:create"]),
    ]
    for permission in PERMISSIONS:
        if permission not in SEES:
            narrow = [*SEES, permission]
            may = granted & set(narrow)
            narrow_key = _scoped(f"key of {permission}", owner, may, permissions=narrow)
            found.append(replace(narrow_key, only=permission))
    found.append(_scoped("key of reading", owner, frozenset(SEES), permissions=list(SEES)))
    root = next(one.user for one in persons if one.name == ADMINISTRATOR)
    assert root is not None and AUDIT in granted
    narrow_root = {"projects": [cherry.project]}
    return [*found, _scoped("administrator's key for cherry", root, frozenset(), **narrow_root)]


def _scoped(
    name: str,
    user: User,
    may: frozenset[str] | None,
    *,
    projects: list[Project] | None = None,
    **fields: object,
) -> Actor:
    secret = make.make_key(user)
    key = ApiKey.objects.filter(user=user).latest("id")
    ApiKey.objects.filter(id=key.id).update(is_for_every_project=projects is None, **fields)
    key.projects.set(projects or ())
    cherrys = frozenset() if may is None or projects is None else OWNERS
    return Actor(name, user, may, secret, True, cherrys, True)


def named(actors: list[Actor]) -> Mapping[str, Actor]:
    """By their names."""
    return {one.name: one for one in actors}
