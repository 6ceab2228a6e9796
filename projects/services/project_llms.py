"""Registered models, and the models of a project, as people see and change them.

What a key means in a project is decided in `llms.attachment`. Changes are audited.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from projects.models import Llm, Project, ProjectLlm, Registration, Team, TokenPrices
from projects.services import audit, llm_registration, llms
from projects.services.access import CREATE, MANAGE, Caller

# What is shared with a team answers to its key for all of it, so it takes more than to read there.
MAY_SHARE = (CREATE, MANAGE)


def visible(caller: Caller) -> list[Llm]:
    """Those of the projects the caller reads, and those the caller may attach, by key.

    Each knows who answers for it. Two that were registered under one key are two.
    """
    found: dict[tuple[int, int | None], Llm] = {}
    links = ProjectLlm.objects.visible_to(caller).resolvable()
    for link in links.order_by("llm__key", "id"):
        at = (link.llm_id, link.registration_id)
        is_online = link.resolved.is_online or (at in found and found[at].is_online)
        found[at] = link.resolved
        found[at].is_online = is_online
    for one in Registration.objects.attachable_by(caller):
        one.llm.registration = one
        found.setdefault((one.llm_id, one.id), one.llm)
    # A name that somebody answers for is not listed a second time as a name.
    answered = {llm for llm, registration in found if registration is not None}
    shown = [llm for (id, registration), llm in found.items() if registration or id not in answered]
    if caller.is_administrator:
        loose = Llm.objects.filter(Q(attachments=None) & Q(registrations=None))
        shown += loose
    return sorted(shown, key=lambda llm: llm.key)


def known(caller: Caller, id_or_key: str) -> Llm:
    """The visible one with this id or key, of several that which `meant` chooses.

    Raises NotFound in the words the SDK maps, Invalid when several are lent by this key.
    """
    mine = visible(caller)
    name = id_or_key.lower()
    by_id = (llm for llm in mine if name in (str(llm.shown_id), str(llm.uuid)))
    found = next(by_id, None)
    if found is None:
        by_key = [llm for llm in mine if llm.key == id_or_key]
        # Who asks by a key goes on with the id: it must be of what attaching it would choose.
        chosen = meant(caller, id_or_key) if len(by_key) > 1 else None
        one = (llm for llm in by_key if chosen and llm.registration == chosen)
        found = next(one, None) or next(iter(by_key), None)
    if found is None:
        raise NotFound(llms.NOT_ATTACHED)
    return found


def meant(caller: Caller, key: str) -> Registration | None:
    """The one that `caller` means by a key: their own, else the only one that is lent to them.

    What a stranger registered and did not share is never meant, not even by an administrator.
    Raises Invalid when several are lent: whoever registers a name must not win it by that.
    """
    found = Registration.objects.attachable_by(caller).filter(llm__key=key)
    own = found.filter(owner=caller.user).first()
    if own is not None:
        return own
    lent = list(found.lent_to(caller)[:11])
    if len(lent) > 1:
        ids = ", ".join(str(one.uuid) for one in lent[:10])
        raise Invalid(f"several models have this key; name one by its id: {ids}", field="model")
    return lent[0] if lent else None


def attachable_named(caller: Caller, id_or_key: str) -> Registration:
    """The registered model that `caller` may attach with this id, else the one `meant` by a key.

    Raises NotFound in the words the SDK maps, Invalid when the key leaves a choice.
    """
    name = without_nul(id_or_key)
    found = None
    with suppress(ValueError):
        found = Registration.objects.attachable_by(caller).filter(uuid=UUID(name)).first()
    found = found or meant(caller, name)
    if found is None:
        raise NotFound(llms.NOT_ATTACHED)
    return found


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

    Raises Invalid, and Forbidden to who manages no project at all: they could ask no model either.
    """
    caller.check_may_somewhere(MANAGE)
    if project is not None:
        _check_free(project, llm_registration.key_of(name))
    llm = llm_registration.register_external(
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
    """Let a model be used in `project`: one that stands there already, or a registered one.

    Twice is once. A name in the project's interactions is answered from now on by the registered
    model of that key, if there is one. Raises NotFound and Invalid as `attachable_named` does.
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
    """Take a model out of the project; what it has said there stays, its prices go."""
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
    links = ProjectLlm.objects.in_project(project).filter(llm=llm)
    if links.exclude(desired_online=is_online).update(desired_online=is_online):
        _note(caller, project, "model.online", llm, is_online=is_online)


@transaction.atomic
def change(
    caller: Caller,
    project: Project,
    link: ProjectLlm,
    *,
    is_default: bool | None = None,
    desired_online: bool | None = None,
) -> ProjectLlm:
    """Make a model its project's default, put it on or off line; None leaves a thing as it is."""
    if is_default is not None and is_default != link.is_default:
        set_default(caller, project, link.llm, is_default=is_default)
    if desired_online is not None:
        set_online(caller, project, link.llm, is_online=desired_online)
    return llms.attachment(project, str(link.uuid))


@transaction.atomic
def set_prices(caller: Caller, project: Project, llm: Llm, prices: TokenPrices | None) -> None:
    """Say what a million tokens of a model cost in the project, in US dollars; None takes it back.

    What interactions cost is computed whenever it is shown, so prices hold for those of old, too.
    Raises NotFound when the model is not attached.
    """
    links = ProjectLlm.objects.in_project(project).filter(llm=llm)
    updated = links.update(
        prompt_price=prices and prices.prompt,
        completion_price=prices and prices.completion,
        cached_price=prices and prices.cached,
    )
    if not updated:
        raise NotFound(llms.NOT_ATTACHED)
    given = {name: getattr(prices, name, None) for name in ("prompt", "cached", "completion")}
    said = {name: str(price) for name, price in given.items() if price is not None}
    _note(caller, project, "model.priced", llm, **said)


def _check_free(project: Project, key: str) -> None:
    taken = ProjectLlm.objects.in_project(project).filter(llm__key=key).exclude(registration=None)
    if taken.exists():
        raise Invalid(f"a model with the key {key} is attached here", field="name")


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
    if not caller.is_administrator and registration.owner_id != user.id:
        raise Forbidden("only who registered this model, or an administrator, may share it")
    if is_for_all is not None and is_for_all != registration.is_for_all:
        caller.check_administrator("share a model with everybody")
    allowed = {team.id for team in Team.objects.where_may(caller, *MAY_SHARE)}
    allowed.update(registration.teams.values_list("id", flat=True))
    mine = set(user.memberships.values_list("team", flat=True))
    for team in teams:
        if team.id not in allowed | mine:
            raise NotFound("EntityNotFound: team not found")
        if team.id not in allowed:
            needed = " or ".join(MAY_SHARE)
            raise Forbidden(f"you need the permission {needed} in the team {team.key}")
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
