"""Models (LLMs) of a project: what a key means there, who answers, and which is the default."""

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid, NotFound
from projects.models import Llm, Project, ProjectLlm, Registration
from projects.services.llm_registration import ECHO

NOT_ATTACHED = "EntityNotFound: model not found or not attached"


def attachment(project: Project, id_or_key: str, *, field: str = "") -> ProjectLlm:
    """What a key, or an id, of a model means in `project`: the one place that decides it.

    Only the project's own attachments count, so that nothing anybody registers, shares or logs
    elsewhere changes it. The id may be the model's, its registration's, or that of the two
    together ("model service" in the SDK). Raises NotFound.
    """
    name = without_nul(id_or_key)
    mine = ProjectLlm.objects.in_project(project).resolvable()
    found = None
    with suppress(ValueError):
        # Before the keys: whoever logs under the name of an id must not take its place.
        id = UUID(name)
        ids = Q(uuid=id) | Q(registration__uuid=id) | Q(llm__uuid=id)
        found = mine.filter(ids).order_by("id").first()
    found = found or mine.filter(llm__key=name).first()
    if found is None:
        raise NotFound(NOT_ATTACHED, field=field)
    return found


def attached(project: Project, id_or_key: str, *, field: str = "") -> Llm:
    """The model that `attachment` finds, which knows who answers for it. Raises NotFound."""
    return attachment(project, id_or_key, field=field).resolved


def in_bulk(project: Project, ids: Iterable[int]) -> dict[int, Llm]:
    """Models by their ids, each knowing who answers for it in `project`, if anybody does."""
    wanted = set(ids)
    links = ProjectLlm.objects.in_project(project).filter(llm__in=wanted)
    found = {link.llm_id: link.resolved for link in links.resolvable()}
    if gone := wanted - found.keys():  # detached since
        found |= Llm.objects.in_bulk(gone)
    return found


def default(project: Project, *, field: str = "") -> Llm:
    """The model that answers when none is named: the default, or the only one that can answer.

    Raises Invalid when that leaves a choice.
    """
    links = ProjectLlm.objects.in_project(project).resolvable()
    able = [
        link
        for link in links.order_by("id")
        if link.is_default or (link.registration and link.resolved.is_online)
    ]
    chosen = [link for link in able if link.is_default] or able
    if len(chosen) != 1:
        found = "several models and no default" if chosen else "no model that can answer"
        raise Invalid(f"this project has {found}; name one: project/model", field=field)
    return chosen[0].resolved


@transaction.atomic
def attach_all(project: Project, keys: Iterable[str]) -> dict[str, Llm]:
    """The models with these keys, by key; those not attached yet are attached as names.

    A name leads to nobody, whoever has registered a model of that name.
    """
    wanted = sorted(set(keys))
    Llm.objects.bulk_create(
        [Llm(key=key, name=key) for key in wanted],
        ignore_conflicts=True,
        batch_size=1000,
    )
    llms = {llm.key: llm for llm in Llm.objects.filter(key__in=wanted)}
    ProjectLlm.objects.bulk_create(
        [ProjectLlm(project=project, llm=llms[key]) for key in wanted],
        ignore_conflicts=True,
        batch_size=1000,
    )
    return llms


@transaction.atomic
def attach(project: Project, llm: Llm) -> ProjectLlm:
    """Let `llm` be used in `project`, answered by its registration, if it has one.

    Twice is once. Raises Invalid when another registered model has its key here: where prompts
    go is never changed in passing.
    """
    _locked(project)
    link, _ = ProjectLlm.objects.get_or_create(project=project, llm=llm)
    wanted = llm.registration
    if wanted is not None and link.registration_id is None:
        link.registration, link.desired_online = wanted, True
        link.save(update_fields=["registration", "desired_online"])
    elif wanted is not None and link.registration_id != wanted.id:
        raise Invalid(
            f"another model is attached here by the key {llm.key}; detach that one first",
            field="model",
        )
    return link


@transaction.atomic
def detach(project: Project, llm: Llm) -> None:
    """Take `llm` out of `project`; what it has said there stays. NotFound when it is not there."""
    _locked(project)
    deleted, _ = ProjectLlm.objects.in_project(project).filter(llm=llm).delete()
    if not deleted:
        raise NotFound(NOT_ATTACHED)


@transaction.atomic
def set_default(project: Project, llm: Llm, *, is_default: bool = True) -> ProjectLlm:
    """Make `llm` the one that answers when none is named, or no longer so."""
    _locked(project)
    link = ProjectLlm.objects.in_project(project).filter(llm=llm).first()
    if link is None:
        raise NotFound(NOT_ATTACHED)
    if is_default:
        ProjectLlm.objects.in_project(project).filter(is_default=True).update(is_default=False)
    link.is_default = is_default
    link.save(update_fields=["is_default"])
    return link


def _locked(project: Project) -> None:
    """Make others who change this project's models wait, so that at most one is the default."""
    Project.objects.select_for_update().get(id=project.id)


def attach_echo(project: Project) -> None:
    """Attach this server's echo, as the default where there is none yet."""
    llm = _echo()
    attach(project, llm)
    if not ProjectLlm.objects.in_project(project).filter(is_default=True).exists():
        set_default(project, llm)


@transaction.atomic
def offer_echo(*, is_offered: bool) -> None:
    """Have the echo in every project, or in none.

    It is attached everywhere when it is first offered, and to new projects as they are made, so
    a project that detached it stays without.
    """
    there = Registration.objects.filter(provider=Llm.Provider.ECHO).first()
    if is_offered and there is None:
        for project in Project.objects.order_by("id"):
            attach_echo(project)
        _echo()
    elif not is_offered and there is not None:
        ProjectLlm.objects.filter(registration=there).delete()
        there.delete()


def _echo() -> Llm:
    llm, _ = Llm.objects.get_or_create(key=ECHO, defaults={"name": ECHO})
    llm.registration, _ = Registration.objects.get_or_create(
        llm=llm,
        owner=None,
        defaults={
            "name": "Echo (stand-in)",
            "provider": Llm.Provider.ECHO,
            "is_for_all": True,
        },
    )
    return llm
