"""Service accounts: users of a project that are programs, made and kept by its owners."""

from django.db import transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Forbidden, Invalid, check_fields
from projects.models import ApiKey, Membership, Project, Role, User
from projects.models.project import slug_of
from projects.services import audit
from projects.services.access import MANAGE, Caller
from projects.services.keys import scopes
from projects.services.keys.scopes import KeyScope
from projects.services.membership import project_people
from projects.services.membership.project_people import PersonHere
from projects.services.membership.rules import check_may_give
from projects.services.user_admin import SERVICE_DOMAIN


@transaction.atomic
def make(
    caller: Caller, project: Project, *, name: str, role: Role, scope: KeyScope
) -> tuple[ApiKey, str]:
    """Make a service account with `role` in `project` alone, and a key; returns its secret.

    Raises Forbidden for a role that permits what the caller may not, Invalid.
    """
    caller.check_may(MANAGE, project)
    check_may_give(caller, project, role)
    name = without_nul(name).strip()
    stem = slug_of(f"{project.key}-{name}")[:60]
    if not slug_of(name):
        raise Invalid("expected a name with letters or digits", field="name")
    user = User(email=_free_address(stem), name=name, is_service_account=True)
    user.set_unusable_password()
    check_fields(user, exclude=["password"])
    user.save()
    project_people.put(project, user, role)
    audit.record(
        project,
        actor=caller.user,
        verb="service_account.made",
        subject=user.email,
        role=role.key,
    )
    return renew_key(caller, project, user, scope)


def renew_key(
    caller: Caller, project: Project, account: User, scope: KeyScope
) -> tuple[ApiKey, str]:
    """Another key of a service account of the project, for this project; the others go on."""
    check_is_of(caller, project, account)
    here = KeyScope(scope.permissions, [project], scope.days, scope.requests_a_minute)
    return scopes.make(caller, account.name, here, user=account)


def check_is_of(caller: Caller, project: Project, account: User) -> PersonHere:
    """Raise Forbidden unless the account is of this project alone, and the caller manages it."""
    caller.check_may(MANAGE, project)
    here = project_people.person(project, account.uuid)
    elsewhere = Membership.objects.filter(user=account).exclude(team__of_project=project)
    if not account.is_service_account or account.is_superuser or elsewhere.exists():
        raise Forbidden("only administrators change an account that is of other projects too")
    check_may_give(caller, project, *(way.share.role for way in here.ways))
    return here


@transaction.atomic
def remove(caller: Caller, project: Project, account: User) -> None:
    """End a service account of the project, and its keys. What it logged stays its own."""
    here = check_is_of(caller, project, account)
    for key in scopes.of_user(account):
        scopes.revoke(caller, key.id, of=account)
    project_people.remove(caller, project, here)
    account.is_active = False
    account.save(update_fields=["is_active"])


def _free_address(stem: str) -> str:
    taken = set(User.objects.filter(email__startswith=stem).values_list("email", flat=True))
    numbered = (f"{stem}-{n}" for n in range(2, len(taken) + 3))
    addresses = (f"{one}@{SERVICE_DOMAIN}" for one in (stem, *numbered))
    return next(one for one in addresses if one not in taken)
