"""Who is asking, and of which project, for coroutines: remembered while nothing changes.

`projects/migrations/0002_notices.py` has the database tell of every change of what is kept
here, so a key that was revoked, or a model that was detached, stops with the next request,
whichever process did it.
"""

from uuid import UUID

from adaptive_site.lib.memory import Memory
from projects.models import Llm, Metric, Project, User
from projects.services import llms, metrics
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


async def user_of(uuid: UUID) -> User | None:
    """The user with this UUID, which may be nobody's here."""
    return await _memory.value(("user", uuid), _user, uuid)


def _user(uuid: UUID) -> User | None:
    return User.objects.filter(uuid=uuid).first()
