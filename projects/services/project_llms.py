"""Registered models, and the models of a project, as people see and change them.

Who may see and attach a registered model is decided here (`attachable`), whichever door they
come in by; what a key means in a project is decided in `llms.attachment`. Changes are audited.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from projects.models import Llm, Membership, Project, ProjectLlm, Registration, Team
from projects.services import audit, llm_registration, llms
from projects.services.access import MANAGE, WRITE, Caller


def askable(projects: Iterable[Project]) -> QuerySet[ProjectLlm]:
    """The models that somebody answers for in these projects, by project and key."""
    return (
        ProjectLlm.objects.filter(project__in=list(projects), desired_online=True)
        .exclude(registration=None)
        .select_related("project", "llm", "registration")
        .order_by("project__name", "project_id", "llm__key")
    )


def in_project(project: Project) -> QuerySet[ProjectLlm]:
    """The models attached to `project`, the default first, then those that may be asked."""
    return (
        ProjectLlm.objects.filter(project=project)
        .select_related("llm", "registration", "registration__owner")
        .prefetch_related("registration__teams")
        .order_by("-is_default", "registration", "llm__key")
    )


def _lent(caller: Caller) -> Q:
    """What somebody lets `caller` attach: shared with a team of theirs, or with everybody.

    What is the operator's is lent to administrators.
    """
    mine = Membership.objects.filter(user=caller.user).values("team")
    shared = Registration.teams.through.objects.filter(team__in=mine).values("registration")
    lent = Q(id__in=shared) | Q(is_for_all=True)
    return lent | Q(owner=None) if caller.user.is_superuser else lent


def attachable(caller: Caller) -> QuerySet[Registration]:
    """The registered models that `caller` may attach to projects they manage, by key.

    Their own, those shared with a team of theirs, those shared with everybody; administrators
    may attach every one. To read a project, or to chat in it, lends nobody its models.
    """
    found = Registration.objects.select_related("llm", "owner")
    if not caller.user.is_superuser:
        found = found.filter(Q(owner=caller.user) | _lent(caller))
    return found.order_by("llm__key", "id")


def meant(caller: Caller, key: str) -> Registration | None:
    """The one that `caller` means by a key: their own, else the only one that is lent to them.

    What a stranger registered and did not share is never meant, not even by an administrator.
    Raises Invalid when several are lent: whoever registers a name must not win it by that.
    """
    found = attachable(caller).filter(llm__key=key)
    own = found.filter(owner=caller.user).first()
    if own is not None:
        return own
    lent = list(found.filter(_lent(caller))[:11])
    if len(lent) > 1:
        ids = ", ".join(str(one.uuid) for one in lent[:10])
        raise Invalid(f"several models have this key; name one by its id: {ids}", field="model")
    return lent[0] if lent else None


def attachable_named(caller: Caller, id_or_key: str) -> Registration:
    """The one of `attachable` with this id, else the one `meant` by this key.

    Raises NotFound in the words the SDK maps, Invalid when the key leaves a choice.
    """
    name = without_nul(id_or_key)
    found = None
    with suppress(ValueError):
        found = attachable(caller).filter(uuid=UUID(name)).first()
    found = found or meant(caller, name)
    if found is None:
        raise NotFound(llms.NOT_ATTACHED)
    return found


def check_may_register(caller: Caller) -> None:
    """Raise Forbidden for who manages no project at all: they could ask no model either."""
    manages = any(MANAGE in granted for granted in caller.permissions.values())
    if not manages and not caller.user.is_superuser:
        raise Forbidden(f"you need the permission {MANAGE} in some project")


@transaction.atomic
def register(
    caller: Caller,
    project: Project | None,
    *,
    name: str,
    provider: str,
    external_id: str,
    api_key: str,
    base_url: str = "",
    extra_params: Mapping[str, Any] | None = None,
    is_default: bool = False,
) -> Llm:
    """Register a model of the caller's that a provider answers for, and attach it to `project`.

    Raises Invalid, and Forbidden as `check_may_register` does.
    """
    check_may_register(caller)
    if project is not None:
        _check_free(project, llm_registration.key_of(name))
    llm = llms.register_external(
        name=name,
        provider=provider,
        external_id=external_id,
        api_key=api_key,
        base_url=base_url,
        extra_params=extra_params,
        owner=caller.user,
    )
    if project is not None:
        llms.attach(project, llm)
        if is_default:
            llms.set_default(project, llm)
    _note(caller, project, "model.registered", llm, provider=provider, base_url=llm.base_url)
    return llm


@transaction.atomic
def attach(caller: Caller, project: Project, id_or_key: str) -> ProjectLlm:
    """Let a model be used in `project`: one that stands there already, or an `attachable`.

    Twice is once. A name in the project's interactions is answered from now on by the attachable
    of that key, if there is one. Raises NotFound and Invalid as `attachable_named` does.
    """
    try:
        there = llms.attachment(project, id_or_key)
    except NotFound:
        there = None
    if there is not None and there.registration is not None:
        return there
    try:
        registration = attachable_named(caller, there.llm.key if there else id_or_key)
    except NotFound:
        if there is None:
            raise
        return there
    llm = registration.llm
    llm.registration = registration
    link = llms.attach(project, llm)
    _note(caller, project, "model.attached", llm, registration=str(registration.uuid))
    return llms.attachment(project, str(link.uuid))


@transaction.atomic
def detach(caller: Caller, project: Project, llm: Llm) -> None:
    """Take a model out of the project; what it has said there stays."""
    llms.detach(project, llm)
    _note(caller, project, "model.detached", llm)


@transaction.atomic
def set_default(caller: Caller, project: Project, llm: Llm, *, is_default: bool) -> None:
    """Make a model the one that answers when none is named, or no longer so."""
    llms.set_default(project, llm, is_default=is_default)
    _note(caller, project, "model.default", llm, is_default=is_default)


@transaction.atomic
def set_online(caller: Caller, project: Project, llm: Llm, *, is_online: bool) -> None:
    """Let a model be asked in the project, or for the time being not."""
    changed = ProjectLlm.objects.filter(project=project, llm=llm).exclude(desired_online=is_online)
    if changed.update(desired_online=is_online):
        _note(caller, project, "model.online", llm, is_online=is_online)


def _check_free(project: Project, key: str) -> None:
    taken = ProjectLlm.objects.filter(project=project, llm__key=key).exclude(registration=None)
    if taken.exists():
        raise Invalid(f"a model with the key {key} is attached here", field="name")


def teams_to_share_with(caller: Caller) -> QuerySet[Team]:
    """The teams that `caller` may share a model with; administrators all.

    What is shared answers to its key for all of a team, so it takes more than to read there.
    """
    teams = Team.objects.order_by("name", "id")
    if caller.user.is_superuser:
        return teams
    active = Membership.objects.filter(user=caller.user, role__permissions__overlap=[WRITE, MANAGE])
    return teams.filter(id__in=active.values("team"))


@transaction.atomic
def share(
    caller: Caller, registration: Registration, *, teams: Sequence[Team], is_for_all: bool | None
) -> Registration:
    """Let the members of these teams, and no others, attach a registered model.

    Where it is attached it stays. Raises Forbidden to others than its owner and administrators;
    sharing with everybody (`is_for_all`, None leaves it) is the administrators' alone, and an
    owner shares with teams of their own in which they do more than read.
    """
    user = caller.user
    if not user.is_superuser and registration.owner_id != user.id:
        raise Forbidden("only who registered this model, or an administrator, may share it")
    if is_for_all is not None and is_for_all != registration.is_for_all and not user.is_superuser:
        raise Forbidden("only administrators may share a model with everybody")
    allowed = {team.id for team in teams_to_share_with(caller)}
    allowed.update(registration.teams.values_list("id", flat=True))
    mine = set(Membership.objects.filter(user=user).values_list("team", flat=True))
    for team in teams:
        if team.id not in allowed | mine:
            raise NotFound("EntityNotFound: team not found")
        if team.id not in allowed:
            raise Forbidden(f"you need the permission {WRITE} or {MANAGE} in the team {team.key}")
    registration.teams.set(teams)
    if is_for_all is not None:
        registration.is_for_all = is_for_all
        registration.save(update_fields=["is_for_all"])
    _note(
        caller,
        None,
        "model.shared",
        registration.llm,
        teams=sorted(team.key for team in teams),
        everybody=registration.is_for_all,
    )
    return registration


def _note(caller: Caller, project: Project | None, verb: str, llm: Llm, **details: Any) -> None:
    audit.record(project, actor=caller.user, verb=verb, subject=llm.key, **details)
