"""Users, their teams, roles and keys."""

from django.db import transaction

from projects.models import ApiKey, Membership, Role, Team, User
from projects.services.access import GIVE_FEEDBACK, PERMISSIONS, READ, WRITE

ROLES = {
    "owner": ("Owner", PERMISSIONS),
    "member": ("Member", ("project:read", READ, WRITE, GIVE_FEEDBACK)),
    "viewer": ("Viewer", ("project:read", READ)),
}


def role(key: str) -> Role:
    """One of the built-in roles (`owner`, `member`, `viewer`), made when first asked for."""
    name, permissions = ROLES[key]
    made, _ = Role.objects.get_or_create(
        key=key, defaults={"name": name, "permissions": list(permissions)}
    )
    return made


def team(key: str, name: str = "") -> Team:
    """The team with this key, made when first asked for."""
    made, _ = Team.objects.get_or_create(key=key, defaults={"name": name or key})
    return made


def join(user: User, *, team: Team, role: Role) -> Membership:
    """Put `user` into `team` with `role`, or change the role they have there."""
    made, _ = Membership.objects.update_or_create(user=user, team=team, defaults={"role": role})
    return made


@transaction.atomic
def issue_key(user: User, *, name: str, secret: str | None = None) -> str:
    """Make an API key for `user` and return its secret, which is kept nowhere else.

    With `secret` given, the key is exactly that; asking twice for the same one makes one.
    """
    key, secret = ApiKey.make(user, name, secret)
    ApiKey.objects.get_or_create(
        digest=key.digest,
        defaults={"user": user, "name": key.name, "prefix": key.prefix},
    )
    return secret
