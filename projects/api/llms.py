"""Models and their use in projects, through GraphQL.

Providers answer elsewhere, so there is nothing to deploy, place or terminate: what a client asks
of that kind is accepted and changes nothing. `desiredOnline` says whether a project asks it.
"""

from typing import Any

from adaptive_site.lib.errors import DomainError, Invalid, NotFound
from projects.api.present import Shown, ShownModels
from projects.models import Llm, Project, ProjectLlm
from projects.services import llms, project_llms
from projects.services.access import MANAGE, Caller

from .roots import Info, mutation, project_named, query

# In the order of the input's members.
PROVIDERS = {
    "openAI": Llm.Provider.OPEN_AI,
    "legacyOpenAI": Llm.Provider.OPEN_AI,
    "google": Llm.Provider.GOOGLE,
    "anthropic": Llm.Provider.ANTHROPIC,
}


@query.field("models")
def models(_: None, info: Info, *, filter: dict[str, Any]) -> list[Shown]:
    """Those the caller may see, that are as the filter says.

    Every model of ours answers or does not; none is trained or stored here. What the filter
    asks of capabilities and size is not known, and leaves all.
    """
    caller = info.context
    shown = ShownModels(caller, project_llms.visible(caller)).all()
    if filter.get("trainable"):
        return []
    if filter.get("available"):
        shown = [one for one in shown if one["online"] == "ONLINE"]
    if filter.get("inStorage"):
        shown = [one for one in shown if not one["isExternal"]]
    if (states := filter.get("online")) is not None:
        shown = [one for one in shown if one["online"] in states]
    return shown


@query.field("model")
def model(_: None, info: Info, *, idOrKey: str) -> Shown | None:
    """One of them; null when there is none for the caller."""
    caller = info.context
    try:
        llm = project_llms.known(caller, idOrKey)
    except NotFound:
        return None
    return ShownModels(caller, [llm]).one(llm)


@mutation.field("addExternalModel")
def add_external_model(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Register a model that a provider answers for; nothing is asked of the provider yet."""
    caller = info.context
    given = {
        name: data for name, data in (input.get("providerData") or {}).items() if data is not None
    }
    if len(given) != 1:
        raise Invalid("expected the data of one provider", field="providerData")
    ((name, data),) = given.items()
    extra = data.get("extraParams") or {}
    if not isinstance(extra, dict):
        raise Invalid("expected an object", field="extraParams")
    llm = project_llms.register(
        caller,
        None,
        name=input["name"],
        provider=PROVIDERS[name],
        external_id=data["externalModelId"],
        api_key=data["apiKey"],
        base_url=data.get("endpoint") or "",
        extra_params=extra,
    )
    return ShownModels(caller, [llm]).one(llm)


@mutation.field("addModelsToProject")
def add_models(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Attach each; those that cannot be are named with the reason."""
    caller = info.context
    project = project_named(caller, input, MANAGE)
    failures: list[Shown] = []
    for name in input["models"]:
        try:
            project_llms.attach(caller, project, name)
        except DomainError as error:
            failures.append({"model": name, "reason": str(error)})
    return {"success": not failures, "failures": failures}


@mutation.field("addModelToUseCase")
def add_model(_: None, info: Info, *, input: dict[str, Any]) -> bool:
    """Attach one."""
    caller = info.context
    project_llms.attach(caller, project_named(caller, input, MANAGE), input["model"])
    return True


@mutation.field("removeModelFromProject")
@mutation.field("removeModelFromUseCase")
def remove_model(_: None, info: Info, *, input: dict[str, Any]) -> bool:
    """Detach one; what it has said in the project stays."""
    caller = info.context
    project = project_named(caller, input, MANAGE)
    project_llms.detach(caller, project, llms.attachment(project, input["model"]).llm)
    return True


@mutation.field("deployModel")
def deploy_model(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Attach it, if it is not yet."""
    caller = info.context
    project = project_named(caller, input, MANAGE)
    link = project_llms.attach(caller, project, input["model"])
    return _service(caller, project_llms.change(caller, project, link, desired_online=True))


@mutation.field("attachModel")
def attach_model(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Attach or detach, as clients before 0.12 say."""
    caller = info.context
    project = project_named(caller, input, MANAGE)
    if input["attached"]:
        return _service(caller, project_llms.attach(caller, project, input["model"]))
    return _detached(caller, project, llms.attachment(project, input["model"]))


@mutation.field("updateModelService")
def update_service(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Make it the default or put it on or off line; null leaves a thing as it is."""
    caller = info.context
    project = project_named(caller, input, MANAGE)
    link = llms.attachment(project, input["modelService"])
    if input.get("attached") is False:
        return _detached(caller, project, link)
    for name in ("name", "systemPromptTemplate"):
        if input.get(name) is not None:
            raise Invalid("cannot be changed here", field=name)
    link = project_llms.change(
        caller,
        project,
        link,
        is_default=input.get("isDefault"),
        desired_online=input.get("desiredOnline"),
    )
    return _service(caller, link)


@mutation.field("updateModelComputeConfig")
def update_compute(
    _: None,
    info: Info,
    *,
    idOrKey: str,
    input: dict[str, Any],
) -> Shown:
    """Change nothing: its provider decides."""
    caller = info.context
    llm = project_llms.known(caller, idOrKey)
    return ShownModels(caller, [llm]).one(llm)


@mutation.field("terminateModel")
def terminate(_: None, info: Info, *, idOrKey: str, force: bool) -> str:
    """Change nothing: it runs at its provider's."""
    return project_llms.known(info.context, idOrKey).key


def _service(caller: Caller, link: ProjectLlm) -> Shown:
    return ShownModels(caller, [link.resolved]).service(link)


def _detached(caller: Caller, project: Project, link: ProjectLlm) -> Shown:
    project_llms.detach(caller, project, link.llm)
    return {**_service(caller, link), "attached": False, "isDefault": False}
