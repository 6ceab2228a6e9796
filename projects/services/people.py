"""Users, their teams, roles and keys."""

from django.db import transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import NotFound
from projects.models import ApiKey, Membership, Role, Team, User
from projects.models.project import named
from projects.services import api_keys, audit
from projects.services.access import (
    ACT_FOR,
    AUDIT,
    CREATE,
    EDIT_DATASETS,
    EXPORT,
    GIVE_FEEDBACK,
    LABEL,
    PERMISSIONS,
    READ,
)

_SEE = ("project:read", READ)
ROLES = {
    "owner": ("Owner", tuple(one for one in PERMISSIONS if one != ACT_FOR)),
    "editor": ("Editor", (*_SEE, CREATE, LABEL, GIVE_FEEDBACK, EDIT_DATASETS, EXPORT)),
    "annotator": ("Annotator", (*_SEE, LABEL, GIVE_FEEDBACK)),
    "viewer": ("Viewer", _SEE),
    "auditor": ("Auditor", (*_SEE, AUDIT)),
}
# What roles were called before, where clients still name them so.
_RENAMED = {"member": "editor"}


def role(key: str) -> Role:
    """One of the built-in roles, made when first asked for."""
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
    key, secret = api_keys.make(user, name, secret)
    made, is_new = ApiKey.objects.get_or_create(
        digest=key.digest,
        defaults={"user": user, "name": key.name, "prefix": key.prefix},
    )
    if is_new:
        audit.record(None, actor=user, verb="key.made", subject=str(made), of=user.email)
    return secret


def user_named(id_or_email: str) -> User:
    """The user in use with this id or e-mail address; NotFound in the words the SDK maps."""
    found = User.objects.known_as(without_nul(id_or_email))
    if found is None:
        raise NotFound("EntityNotFound: user not found")
    return found


def team_named(id_or_key: str) -> Team:
    """The team with this id or key. Raises NotFound."""
    found = Team.objects.filter(named(without_nul(id_or_key))).first()
    if found is None:
        raise NotFound("EntityNotFound: team not found")
    return found


def role_named(id_or_key: str) -> Role:
    """The role with this id or key; the built-in ones are made when first asked for."""
    found = Role.objects.filter(named(without_nul(id_or_key))).first()
    known = _RENAMED.get(id_or_key, id_or_key)
    if found is None and known in ROLES:
        found = role(known)
    if found is None:
        raise NotFound("EntityNotFound: role not found")
    return found
