"""Who is asking, and of which project, for coroutines: remembered while nothing changes.

`projects/migrations/0002_notices.py` has the database tell of every change of what is kept
here, so a key that was revoked, or a model that was detached, stops with the next request,
whichever process did it.
"""

from adaptive_site.lib.concurrency.cached_reads import Memory
from projects.models import Llm, Metric, Project
from projects.services import authors, llms, metrics
from projects.services.access import READ, Caller, authenticate, project_for

_memory = Memory("projects_changed")


async def caller_of(authorization: str) -> Caller:
    """The caller whose key is in an `Authorization` header; raises Unauthenticated.

    A request calls this first: what it finds out afterwards is as of now, or newer.
    """
    await _memory.refresh()
    return await _memory.value(("caller", authorization), _caller, authorization)


def _caller(authorization: str) -> Caller:
    caller = authenticate(authorization)
    # `may` is asked outside the database's threads.
    _ = caller.permissions
    return caller


async def project_of(caller: Caller, id_or_key: str, permission: str = READ) -> Project:
    """The project with this id or key, as `access.project_for` finds it."""
    key = ("project", caller.user.id, id_or_key, permission)
    return await _memory.value(key, project_for, caller, id_or_key, permission)


async def llm_of(project: Project, id_or_key: str, *, field: str = "") -> Llm:
    """The model attached to `project` with this id or key; NotFound otherwise."""
    key = ("llm", project.id, id_or_key)
    return await _memory.value(key, llms.attached, project, id_or_key, field=field)


async def default_llm_of(project: Project, *, field: str = "") -> Llm:
    """The model that answers in `project` when none is named, as `llms.default` finds it."""
    return await _memory.value(("default", project.id), llms.default, project, field=field)


async def metric_of(project: Project, id_or_key: str, *, field: str = "metric") -> Metric:
    """The metric of `project` with this id or key; NotFound otherwise."""
    key = ("metric", project.id, id_or_key)
    return await _memory.value(key, metrics.known, project, id_or_key, field=field)


async def author_of(caller: Caller, project: Project, said: str) -> authors.Author:
    """Whose word something is that is sent in the name of `said`, as `authors.author_of` says."""
    if not said or not caller.may_act_for_others(project):
        return authors.author_of(caller, project, said)  # asks the database nothing
    key = ("author", caller.user.id, project.id, said)
    return await _memory.value(key, authors.author_of, caller, project, said)
