"""The models of the server as far as a caller may see them, for clients that name no project."""

from django.db import transaction
from django.db.models import Q

from adaptive_site.lib.errors import NotFound
from projects.models import Llm, Project, ProjectLlm
from projects.services import llms, project_llms
from projects.services.access import Caller


def visible(caller: Caller) -> list[Llm]:
    """Those of the projects the caller reads, and those the caller may attach, by key.

    Each knows who answers for it. Two that were registered under one key are two.
    """
    found: dict[tuple[int, int | None], Llm] = {}
    readable = list(caller.projects())
    links = ProjectLlm.objects.filter(project__in=readable).select_related("llm", "registration")
    for link in links.order_by("llm__key", "id"):
        at = (link.llm_id, link.registration_id)
        is_online = link.desired_online or (at in found and found[at].is_online)
        found[at] = link.resolved
        found[at].is_online = is_online
    for one in project_llms.attachable(caller):
        one.llm.registration = one
        found.setdefault((one.llm_id, one.id), one.llm)
    # A name that somebody answers for is not listed a second time as a name.
    answered = {llm for llm, registration in found if registration is not None}
    shown = [llm for (id, registration), llm in found.items() if registration or id not in answered]
    if caller.user.is_superuser:
        loose = Llm.objects.filter(Q(attachments=None) & Q(registrations=None))
        shown += loose
    return sorted(shown, key=lambda llm: llm.key)


def known(caller: Caller, id_or_key: str) -> Llm:
    """The visible one with this id or key, of several that which `registry.meant` chooses.

    Raises NotFound in the words the SDK maps, Invalid when several are lent by this key.
    """
    mine = visible(caller)
    name = id_or_key.lower()
    by_id = (llm for llm in mine if name in (str(llm.shown_id), str(llm.uuid)))
    found = next(by_id, None)
    if found is None:
        by_key = [llm for llm in mine if llm.key == id_or_key]
        # Who asks by a key goes on with the id: it must be of what attaching it would choose.
        chosen = project_llms.meant(caller, id_or_key) if len(by_key) > 1 else None
        one = (llm for llm in by_key if chosen and llm.registration == chosen)
        found = next(one, None) or next(iter(by_key), None)
    if found is None:
        raise NotFound(llms.NOT_ATTACHED)
    return found


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
        project_llms.set_default(caller, project, link.llm, is_default=is_default)
    if desired_online is not None:
        project_llms.set_online(caller, project, link.llm, is_online=desired_online)
    return llms.attachment(project, str(link.uuid))
