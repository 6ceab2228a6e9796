"""Models (LLMs): those registered with a provider, and their attachment to projects."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction

from adaptive_site.lib.errors import Invalid, NotFound
from adaptive_site.lib.nul import without_nul
from projects.models import Llm, Project, ProjectLlm
from projects.services import secrets

NOT_ATTACHED = "EntityNotFound: model not found or not attached"
ECHO = "echo"
EXTERNAL = (Llm.Provider.OPEN_AI, Llm.Provider.GOOGLE, Llm.Provider.ANTHROPIC)
MAX_NAME = 200


def attached(project: Project, id_or_key: str, *, field: str = "") -> Llm:
    """The model attached to `project` with this id or key, or this id of its attachment.

    Raises NotFound.
    """
    name = without_nul(id_or_key)
    mine = Llm.objects.in_project(project)
    llm = mine.known_as(name).first() or _of_service(project, name)
    if llm is None:
        raise NotFound(NOT_ATTACHED, field=field)
    return llm


def _of_service(project: Project, name: str) -> Llm | None:
    """The model whose attachment has this id: the SDK's "model service" has one of its own."""
    try:
        link = ProjectLlm.objects.filter(project=project, uuid=UUID(name)).select_related("llm")
    except ValueError:
        return None
    return next((one.llm for one in link), None)


def default(project: Project, *, field: str = "") -> Llm:
    """The model that answers when none is named: the default, or the only one that can answer.

    Raises Invalid when that leaves a choice.
    """
    links = ProjectLlm.objects.filter(project=project).select_related("llm").order_by("id")
    able = [link for link in links if link.is_default or link.llm.provider]
    chosen = [link for link in able if link.is_default] or able
    if len(chosen) != 1:
        found = "several models and no default" if chosen else "no model that can answer"
        raise Invalid(f"this project has {found}; name one: project/model", field=field)
    return chosen[0].llm


@transaction.atomic
def attach_all(project: Project, keys: Iterable[str]) -> dict[str, Llm]:
    """The models with these keys, by key; those not known are made, all are attached."""
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


def attach(project: Project, llm: Llm) -> ProjectLlm:
    """Let `llm` be used in `project`; twice is once."""
    made, _ = ProjectLlm.objects.get_or_create(project=project, llm=llm)
    return made


@transaction.atomic
def detach(project: Project, llm: Llm) -> None:
    """Take `llm` out of `project`; what it has said there stays. NotFound when it is not there."""
    _locked(project)
    deleted, _ = ProjectLlm.objects.filter(project=project, llm=llm).delete()
    if not deleted:
        raise NotFound(NOT_ATTACHED)


@transaction.atomic
def set_default(project: Project, llm: Llm, *, is_default: bool = True) -> ProjectLlm:
    """Make `llm` the one that answers when none is named, or no longer so."""
    _locked(project)
    link = ProjectLlm.objects.filter(project=project, llm=llm).first()
    if link is None:
        raise NotFound(NOT_ATTACHED)
    if is_default:
        ProjectLlm.objects.filter(project=project, is_default=True).update(is_default=False)
    link.is_default = is_default
    link.save(update_fields=["is_default"])
    return link


def _locked(project: Project) -> None:
    """Make others who change this project's models wait, so that at most one is the default."""
    Project.objects.select_for_update().get(id=project.id)


@transaction.atomic
def register_external(
    *,
    name: str,
    provider: str,
    external_id: str,
    api_key: str,
    base_url: str = "",
    extra_params: Mapping[str, Any] | None = None,
) -> Llm:
    """Make a model that a provider answers for; it is asked nothing yet.

    The key is `name` in lower case, with `-` for what a key cannot hold. A model that was only
    a name in logged interactions gets the provider. `base_url` may also stand in
    `extra_params`, since the SDK has no place for it. Raises Invalid naming the member.
    """
    key = key_of(name)
    if key == ECHO:
        raise Invalid("that name is this server's own", field="name")
    extra = dict(extra_params or {})
    base_url = base_url or extra.pop("base_url", "") or ""
    known = {
        "name": name.strip(),
        "provider": _provider(provider),
        "external_id": _text(external_id, "external_id"),
        "base_url": check_base_url(base_url),
        "extra_params": extra,
        "encrypted_api_key": secrets.seal(check_api_key(api_key)),
    }
    llm = Llm.objects.select_for_update().filter(key=key).first()
    if llm is None:
        return Llm.objects.create(key=key, **known)
    if llm.provider:
        raise Invalid(f"a model with the key {key} exists", field="name")
    for member, value in known.items():
        setattr(llm, member, value)
    llm.save()
    return llm


def key_of(name: str) -> str:
    """The key of a model called `name`. Raises Invalid when nothing of it can stand in a key.

    >>> key_of("GPT-4o mini")
    'gpt-4o-mini'
    """
    key = re.sub(r"[^a-z0-9_.-]+", "-", _text(name, "name").lower()).strip("-")
    if not key:
        raise Invalid("expected at least one letter or digit of a to z, 0 to 9", field="name")
    return key


def _provider(provider: str) -> str:
    if provider not in EXTERNAL:
        raise Invalid(f"expected one of {', '.join(EXTERNAL)}", field="provider")
    return provider


def _text(value: object, field: str) -> str:
    text = without_nul(value).strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= MAX_NAME:
        raise Invalid(f"expected a text of 1 to {MAX_NAME} characters", field=field)
    return text


def check_base_url(url: object) -> str:
    """An address below which `/chat/completions` is, without a slash at its end; "" for ""."""
    if not isinstance(url, str):
        raise Invalid("expected an address", field="base_url")
    url = url.strip().rstrip("/").removesuffix("/chat/completions")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    # A password in an address would be shown wherever the address is.
    if not usable or parts.query or parts.fragment or "@" in parts.netloc or len(url) > MAX_NAME:
        raise Invalid("expected an address such as https://host.example/v1", field="base_url")
    return url


def check_api_key(secret: object) -> str:
    """A key that can stand in a header; "" for a server that wants none."""
    if not isinstance(secret, str) or not all("!" <= letter <= "~" for letter in secret.strip()):
        raise Invalid("expected printable ASCII characters without spaces", field="api_key")
    return secret.strip()


def attach_echo(project: Project) -> None:
    """Attach this server's echo, as the default where there is none yet."""
    llm = _echo()
    attach(project, llm)
    if not ProjectLlm.objects.filter(project=project, is_default=True).exists():
        set_default(project, llm)


@transaction.atomic
def offer_echo(*, is_offered: bool) -> None:
    """Have the echo in every project, or in none.

    It is attached everywhere when it is first offered, and to new projects as they are made, so
    a project that detached it stays without.
    """
    there = Llm.objects.filter(key=ECHO, provider=Llm.Provider.ECHO).first()
    if is_offered and there is None:
        for project in Project.objects.order_by("id"):
            attach_echo(project)
        _echo()
    elif not is_offered and there is not None:
        ProjectLlm.objects.filter(llm=there).delete()
        there.provider = Llm.Provider.NONE
        there.save(update_fields=["provider"])


def _echo() -> Llm:
    llm, _ = Llm.objects.get_or_create(key=ECHO, defaults={"name": ECHO})
    if llm.provider != Llm.Provider.ECHO:
        llm.name, llm.provider = "Echo (stand-in)", Llm.Provider.ECHO
        llm.save(update_fields=["name", "provider"])
    return llm
