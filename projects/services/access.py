"""Who is asking, and what they may see and do; the one place that decides it."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Conflict, Forbidden, NotFound, Unauthenticated
from adaptive_site.lib.http import client_address
from projects.models import ApiKey, Project, User
from projects.services import api_keys
from projects.services.auditing import origin
from projects.services.auditing.origin import Signer
from projects.services.auditing.refusals import REFUSALS
from projects.services.keys import usage
from projects.services.signing_in import throttle

MANAGE = "project:manage"
READ = "interaction:read"
CREATE = "interaction:create"
LABEL = "interaction:label"
DELETE = "interaction:delete"
GIVE_FEEDBACK = "feedback:create"
EDIT_DATASETS = "dataset:create"
EXPORT = "dataset:export"
AUDIT = "audit:read"
# To name another person as the author; no built-in role has it, service accounts do.
ACT_FOR = "user:act_for"

# What each permission lets its holder do, in the order in which they are shown.
MEANINGS = {
    "project:read": "see the project in lists",
    READ: "read interactions, labels, feedback and datasets",
    CREATE: "log and import interactions, and chat with the project's models",
    LABEL: "set and remove labels, and share views",
    GIVE_FEEDBACK: "give feedback and compare answers",
    EDIT_DATASETS: "make, change and delete datasets",
    EXPORT: "download interactions and datasets as files",
    DELETE: "delete interactions, and shorten how long they are kept",
    MANAGE: "manage people, models, metrics and settings",
    AUDIT: "read the audit log",
    ACT_FOR: "name another person as the author",
}
PERMISSIONS = tuple(MEANINGS)
KEY_REFUSED = "key.refused"
# What nobody may in a project that is archived. Deleting is not among them: who asks to be
# forgotten must not have to wait.
WRITING = frozenset((CREATE, LABEL, GIVE_FEEDBACK, EDIT_DATASETS))


@dataclass(frozen=True)
class Caller:
    """A user, by whichever door they came in, with the API key if it was one."""

    user: User
    key: ApiKey | None = None

    @property
    def is_administrator(self) -> bool:
        """Whether the user may do everything in every project: by a scoped key nobody may."""
        return self.user.is_superuser and not self.is_scoped

    @property
    def is_scoped(self) -> bool:
        """Whether the API key permits less than its user may."""
        return self.key is not None and self.key.is_scoped

    @property
    def narrowed_by(self) -> ApiKey | None:
        """The API key, if it permits less than its user may."""
        return self.key if self.is_scoped else None

    @property
    def identity(self) -> tuple[int, int | None]:
        """What tells this caller from others, also from the same user with another key."""
        return self.user.id, self.key.id if self.key else None

    def sign(self) -> None:
        """Let what this request does be recorded as done with the key."""
        if self.key is not None:
            user = self.user
            origin.signed(Signer(self.key.pk, str(self.key), user.pk, user.name, user.email))

    @cached_property
    def permissions(self) -> dict[int, set[str]]:
        """By project id: what any of the user's teams may do there, bounded by the role in it.

        A scoped key narrows it to its projects and permissions, for administrators too.
        """
        granted = self._granted_by_teams
        if self.key is None or not self.key.is_scoped:
            return granted
        if self.user.is_superuser:
            ids = Project.objects.there().values_list("id", flat=True)
            granted = {id: set(PERMISSIONS) for id in ids}
        in_reach = granted.keys() if self.key.is_for_every_project else self.key.project_ids
        most = set(PERMISSIONS if self.key.permissions is None else self.key.permissions)
        open_ids = (in_reach & granted.keys()) - set(self.key.shut_out_of)
        return {id: granted[id] & most for id in open_ids}

    @property
    def _granted_by_teams(self) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        shares = self.user.memberships.values_list(
            "team__shares__project_id",
            "team__shares__role__permissions",
            "role__permissions",
        )
        for project_id, shared, own in shares:
            if project_id is not None:
                found.setdefault(project_id, set()).update(set(shared) & set(own))
        return found

    def may(self, permission: str, project: Project) -> bool:
        """Whether the user has `permission` in `project`; administrators have every one.

        In an archived one nobody has those of WRITING.
        """
        if project.is_archived and permission in WRITING:
            return False
        return self.has(permission, project)

    def has(self, permission: str, project: Project) -> bool:
        """Whether the user is given `permission` in `project`, also while it is archived."""
        return self.is_administrator or permission in self.permissions.get(project.id, set())

    def check_may(self, permission: str, project: Project) -> None:
        """Raise Forbidden to who lacks `permission` in `project`, Conflict while it is archived."""
        if self.may(permission, project):
            return
        if self.has(permission, project):
            raise Conflict(
                f"the project {project.key} is archived: nothing is added to it or changed;"
                " an owner can restore it"
            )
        raise Forbidden(f"you need the permission {permission} in this project")

    def check_may_somewhere(self, permission: str) -> None:
        """Raise Forbidden to who has `permission` in no project at all."""
        granted = any(permission in granted for granted in self.permissions.values())
        if not granted and not self.is_administrator:
            raise Forbidden(f"you need the permission {permission} in some project")

    def check_administrator(self, act: str) -> None:
        """Raise Forbidden to others than administrators; `act` is what they alone may do."""
        if not self.is_administrator:
            raise Forbidden(f"only administrators may {act}")

    def may_act_for_others(self, project: Project) -> bool:
        """Whether what the user sends may be another's: service accounts, and who may ACT_FOR."""
        return self.user.is_service_account or self.may(ACT_FOR, project)

    @cached_property
    def may_create_projects(self) -> bool:
        """Whether the user may make projects, as the operator has set it.

        By default who has a team whose projects they may manage; a user without any may not.
        """
        if self.is_scoped:
            return False
        if self.is_administrator or settings.NEW_PROJECTS == "everybody":
            return True
        roles = self.user.memberships.values_list("role__permissions", flat=True)
        return settings.NEW_PROJECTS == "members" and any(MANAGE in granted for granted in roles)

    @property
    def readable(self) -> Collection[int]:
        """The ids of the projects that a team of the user's lets them read."""
        return [id for id, granted in self.permissions.items() if READ in granted]


def authenticate(authorization: str) -> Caller:
    """The caller of a request whose key is in an `Authorization: Bearer …` header; counted.

    Raises Unauthenticated as `identify` does, TooOften when the key has had its requests of this
    minute.
    """
    caller = identify(authorization)
    usage.admit(caller.key)
    return caller


def identify(authorization: str) -> Caller:
    """The caller whose key is in an `Authorization: Bearer …` header.

    Raises Unauthenticated without one, or when the key or its user is not in use; TooOften after
    many wrong ones from an address. A key of our own making needs no brake, since nobody guesses
    256 bits: it works however many wrong ones come from the same address.
    """
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("expected the header 'Authorization: Bearer <API key>'")
    if not api_keys.is_made_here(secret.strip()):
        throttle.check(throttle.KEYS, client_address.current())
    key = (
        ApiKey.objects.select_related("user")
        .in_use()
        .filter(digest=api_keys.digest_of(secret.strip()), user__is_active=True)
        .first()
    )
    if key is None:
        REFUSALS.count(KEY_REFUSED)
        throttle.spend((throttle.KEYS, client_address.current()))
        raise Unauthenticated("this API key is not known, has expired or was revoked")
    caller = Caller(key.user, key)
    caller.sign()
    return caller


def check_may_go_on(
    user: User, key_id: int | None, permissions: Collection[str], project: Project
) -> None:
    """Raise Forbidden, which says why, where work that `user` began may not be gone on with.

    With the rights as they are now: those of the user, narrowed by the API key with which the work
    was begun, if it was one. A key that was revoked, has expired or is no more permits nothing.
    """
    key = None
    if not user.is_active:
        raise Forbidden(f"the account of {user} is deactivated")
    if key_id is not None:
        key = ApiKey.objects.in_use().filter(id=key_id).first()
        if key is None:
            raise Forbidden("the API key with which this was begun was revoked or has expired")
    caller = Caller(user, key)
    for permission in (READ, *permissions):
        if caller.has(permission, project):
            caller.check_may(permission, project)  # of an archived project it says that
            continue
        if key is not None and Caller(user).has(permission, project):
            whose = "the API key with which this was begun does not permit this any more"
        else:
            whose = f"{user} may not do this any more"
        raise Forbidden(f"{whose}: it needs {permission} in this project")


def project_for(caller: Caller, id_or_key: str, permission: str = READ) -> Project:
    """The project with this id or key, in which `caller` has `permission`.

    Raises NotFound when it is not there or not theirs to see (a stranger cannot tell which),
    Forbidden when they see it but lack `permission`. The text is the one the SDK maps.
    """
    project = Project.objects.known_as(without_nul(id_or_key)).first()
    missing = "EntityNotFound: project not found (use_case)"
    return permitted(caller, project, permission, missing=missing)


def permitted(caller: Caller, project: Project | None, permission: str, *, missing: str) -> Project:
    """`project`, in which `caller` has `permission`.

    Raises NotFound with the text `missing` for None and to strangers alike, Forbidden to who
    sees the project but lacks `permission`.
    """
    if project is None or not caller.may(READ, project):
        raise NotFound(missing)
    caller.check_may(permission, project)
    return project
