"""All registered models of the site, for its administrators: their use, disabled, changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid, NotFound, check_fields
from projects.models import Project, ProjectLlm, Registration, RegistrationUse
from projects.services import audit, encryption, llm_registration
from projects.services.access import Caller

ERRORS_COUNTED_FOR = timedelta(days=1)
MODEL_STATES = {"used": "in a project", "unused": "in no project", "disabled": "disabled"}


@dataclass(frozen=True, slots=True)
class ModelFilter:
    """Which of them; empty members narrow nothing."""

    name: str = ""
    provider: str = ""
    project: str = ""
    state: str = ""


@dataclass
class RegisteredModel:
    """One, with the projects that use it and how it answered lately."""

    registration: Registration
    projects: list[Project] = field(default_factory=list)
    asked: int = 0
    failed: int = 0
    last_at: datetime | None = None
    last_failed_at: datetime | None = None
    last_error: str = ""

    @property
    def failed_percent(self) -> float:
        """The share of what was asked lately that was not answered."""
        return 100 * self.failed / self.asked if self.asked else 0.0


def page(caller: Caller, wanted: ModelFilter, *, after: str, limit: int) -> list[RegisteredModel]:
    """Some of them by key, from the one after the cursor `after` on."""
    found = _matching(caller, wanted).select_related("llm", "owner").order_by("llm__key", "id")
    if after:
        key, _, id = after.rpartition(":")
        if not id.isdecimal() or len(id) > 18:
            raise Invalid("expected a place that a page of models links to", field="after")
        found = found.filter(Q(llm__key__gt=key) | Q(llm__key=key, id__gt=int(id)))
    return with_uses(caller, found[:limit])


def cursor_of(model: RegisteredModel) -> str:
    """The place after which the next page begins."""
    return f"{model.registration.llm.key}:{model.registration.pk}"


def _matching(caller: Caller, wanted: ModelFilter) -> QuerySet[Registration]:
    found = Registration.objects.all()
    mine = ProjectLlm.objects.visible_to(caller).filter(registration=OuterRef("pk"))
    if wanted.name:
        in_names = Q(llm__key__icontains=wanted.name) | Q(name__icontains=wanted.name)
        in_names |= Q(external_id__icontains=wanted.name) | Q(base_url__icontains=wanted.name)
        found = found.filter(in_names)
    if wanted.provider:
        found = found.filter(provider=wanted.provider)
    if wanted.project:
        found = found.filter(Exists(mine.filter(project__key=wanted.project)))
    if wanted.state == "disabled":
        found = found.filter(is_disabled=True)
    elif wanted.state:
        found = found.filter(Exists(mine) if wanted.state == "used" else ~Exists(mine))
    return found


def with_uses(caller: Caller, found: Iterable[Registration]) -> list[RegisteredModel]:
    """Registered models with what is known of their use: two queries, whatever their number."""
    models = {one.pk: RegisteredModel(one) for one in found}
    links = ProjectLlm.objects.visible_to(caller).filter(registration__in=models)
    for link in links.select_related("project").order_by("id"):
        models[link.registration_id].projects.append(link.project)  # type: ignore[index]
    since = datetime.now(UTC) - ERRORS_COUNTED_FOR
    for use in RegistrationUse.objects.filter(registration__in=models).order_by("hour"):
        model = models[use.registration_id]
        model.last_at = use.last_at
        if use.last_failed_at is not None:
            model.last_failed_at, model.last_error = use.last_failed_at, use.last_error
        if use.hour > since:
            model.asked, model.failed = model.asked + use.asked, model.failed + use.failed
    return list(models.values())


def known(id: UUID) -> Registration:
    """The registered model with this id. Raises NotFound."""
    found = Registration.objects.select_related("llm", "owner").filter(uuid=id).first()
    if found is None:
        raise NotFound("there is no such registered model")
    return found


@transaction.atomic
def set_disabled(caller: Caller, registration: Registration, is_disabled: bool) -> None:
    """Let a model be asked in no project, or again where its projects have it online."""
    caller.check_administrator("disable a model")
    registration.is_disabled = is_disabled
    registration.save(update_fields=["is_disabled"])
    _note(caller, "model.disabled" if is_disabled else "model.enabled", registration)


@transaction.atomic
def change(
    caller: Caller,
    registration: Registration,
    *,
    name: str,
    provider: str,
    base_url: str,
    external_id: str,
    extra_params: Mapping[str, Any],
    api_key: str = "",
    drops_key: bool = False,
    is_for_all: bool = False,
    may_be_private: bool = False,
) -> None:
    """Change how a model is asked; an empty `api_key` keeps the one that is there.

    Its key stays: projects know it by that. A key is not sent to a new address: it has to be
    given again. Raises Invalid naming the member.
    """
    caller.check_administrator("change a registered model")
    base_url = llm_registration.check_base_url(base_url)
    llm_registration.check_reachable(base_url, may_be_private=may_be_private)
    if provider not in llm_registration.EXTERNAL:
        raise Invalid("expected one of the providers", field="provider")
    secret = llm_registration.check_api_key(api_key)
    is_moved = (base_url, provider) != (registration.base_url, registration.provider)
    if is_moved and registration.encrypted_api_key and not (secret or drops_key):
        raise Invalid(
            "expected the API key again, since the address is another one", field="api_key"
        )
    given = {
        "name": without_nul(name).strip(),
        "provider": provider,
        "base_url": base_url,
        "external_id": without_nul(external_id).strip(),
        "extra_params": dict(extra_params),
        "is_for_all": is_for_all,
        "may_be_private": may_be_private,
    }
    changed = [one for one, value in given.items() if getattr(registration, one) != value]
    for one in changed:
        setattr(registration, one, given[one])
    if secret or drops_key:
        registration.encrypted_api_key = encryption.seal(secret)
        changed.append("encrypted_api_key")
    check_fields(registration)
    registration.save(update_fields=changed)
    _note(caller, "model.changed", registration, fields=changed)


def _note(caller: Caller, verb: str, registration: Registration, **details: Any) -> None:
    audit.record(
        None,
        actor=caller.user,
        verb=verb,
        subject=registration.llm.key,
        registration=str(registration.uuid),
        **details,
    )
