"""What the names in a request stand for, for coroutines: remembered while nothing changes.

`projects/migrations/0002_notices.py` has the database tell of every change of what is kept
here, so a key that was revoked, or a model that was detached, stops with the next request,
whichever process did it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from adaptive_site.lib.concurrency.cached_reads import Memory
from adaptive_site.lib.errors import Unauthenticated
from projects.models import Llm, Metric, Project
from projects.services import authors, llms, metrics
from projects.services.access import KEY_REFUSED, Caller, identify, project_for
from projects.services.auditing.refusals import REFUSALS
from projects.services.authors import Author
from projects.services.keys import usage

_memory = Memory("projects_changed")
_NO_NAMES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Named:
    """An author, and models and metrics by the names under which they were sent."""

    author: Author
    llms: Mapping[str, Llm]
    metrics: Mapping[str, Metric]


async def caller_of(authorization: str) -> Caller:
    """The caller of a request whose key is in an `Authorization` header; counted.

    A request calls this first: what it finds out afterwards is as of now, or newer. Raises
    Unauthenticated, and TooOften when the key has had its requests of this minute.
    """
    caller = await identified(authorization)
    await usage.admit_direct(caller.key)
    return caller


async def identified(authorization: str) -> Caller:
    """The caller whose key is in an `Authorization` header. Raises Unauthenticated."""
    await _memory.refresh()
    caller = await _memory.value(("caller", authorization), _caller, authorization)
    if caller.key is not None and caller.key.has_expired:
        REFUSALS.count(KEY_REFUSED)
        raise Unauthenticated("this API key has expired")
    caller.sign()
    return caller


def _caller(authorization: str) -> Caller:
    caller = identify(authorization)
    # `may` is asked outside the database's threads.
    _ = caller.permissions
    return caller


async def project_of(caller: Caller, id_or_key: str, permission: str) -> Project:
    """The project with this id or key, as `access.project_for` finds it."""
    key = ("project", caller.identity, id_or_key, permission)
    return await _memory.value(key, project_for, caller, id_or_key, permission)


async def resolve(
    caller: Caller,
    project: Project,
    *,
    author: str = "",
    llms: Mapping[str, str] = _NO_NAMES,
    metrics: Mapping[str, str] = _NO_NAMES,
) -> Named:
    """What ids and keys in a request of `caller` stand for in `project`.

    `llms` and `metrics` map each name to the member of the request that holds the name, for the
    error. Raises NotFound.
    """
    return Named(
        await _author_of(caller, project, author) if author else Author(caller.user),
        {name: await _llm_of(project, name, field) for name, field in llms.items()},
        {name: await _metric_of(project, name, field) for name, field in metrics.items()},
    )


async def _author_of(caller: Caller, project: Project, said: str) -> Author:
    if not caller.may_act_for_others(project):
        return authors.author_of(caller, project, said)  # asks the database nothing
    key = ("author", caller.identity, project.id, said)
    return await _memory.value(key, authors.author_of, caller, project, said)


async def _llm_of(project: Project, name: str, field: str) -> Llm:
    key = ("llm", project.id, name)
    return await _memory.value(key, llms.attached, project, name, field=field)


async def _metric_of(project: Project, name: str, field: str) -> Metric:
    key = ("metric", project.id, name)
    return await _memory.value(key, metrics.known, project, name, field=field)


async def default_llm_of(project: Project, *, field: str = "") -> Llm:
    """The model that answers in `project` when none is named, as `llms.default` finds it."""
    return await _memory.value(("default", project.id), llms.default, project, field=field)
