"""Projects, models and people as GraphQL shows them: dicts that hold every field of their type.

What hangs on them is a function, called when it is selected. It reads for all the things that
are shown together, so no list costs a query a row.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

from adaptive_site.lib.graphql.scalars import milliseconds
from projects.models import (
    Llm,
    Membership,
    Metric,
    Project,
    ProjectLlm,
    ProjectShare,
    Role,
    Team,
    User,
)
from projects.services.access import PERMISSIONS, Caller
from projects.services.llm_registration import EXTERNAL

Shown: TypeAlias = dict[str, Any]
K = TypeVar("K")


class ShownProjects:
    """Projects that are shown together to one caller, who may read them all."""

    def __init__(self, caller: Caller, projects: Iterable[Project]) -> None:
        self._caller = caller
        self._projects = {project.id: project for project in projects}

    def all(self) -> list[Shown]:
        """Each of them."""
        return [self.one(project) for project in self._projects.values()]

    def one(self, project: Project) -> Shown:
        """`Project`, or `UseCase` as clients before 0.13 call it."""
        return {
            "id": project.uuid,
            "key": project.key,
            "name": project.name,
            "description": project.description,
            "createdAt": milliseconds(project.created_at),
            "metrics": lambda: self._metrics.get(project.id, []),
            "modelServices": lambda: self._services.get(project.id, []),
            "permissions": [one for one in PERMISSIONS if self._caller.may(one, project)],
            "shares": lambda: self._shares.get(project.id, []),
        }

    @cached_property
    def _metrics(self) -> dict[int, list[Shown]]:
        metrics = Metric.objects.in_projects(self._projects.values()).linked().order_by("key")
        return _grouped((metric.project_id, show_metric(metric)) for metric in metrics)

    @cached_property
    def _services(self) -> dict[int, list[Shown]]:
        links = list(
            ProjectLlm.objects.in_projects(self._projects.values())
            .resolvable()
            .order_by("llm__key")
        )
        models = ShownModels(self._caller, [link.resolved for link in links])
        return _grouped((link.project_id, models.service(link)) for link in links)

    @cached_property
    def _shares(self) -> dict[int, list[Shown]]:
        shares = (
            ProjectShare.objects.in_projects(self._projects.values())
            .select_related("team", "role")
            .order_by("team__key")
        )
        return _grouped(
            (
                share.project_id,
                {
                    "team": show_team(share.team),
                    "role": show_role(share.role),
                    "isOwner": share.is_owner,
                },
            )
            for share in shares
        )


class ShownModels:
    """Models that are shown together to one caller; each knows who answers for it."""

    def __init__(self, caller: Caller, llms: Iterable[Llm]) -> None:
        self._caller = caller
        self._llms = list({llm.shown_id: llm for llm in llms}.values())

    def all(self) -> list[Shown]:
        """Each of them."""
        return [self.one(llm) for llm in self._llms]

    def one(self, llm: Llm) -> Shown:
        """`Model`; where it is and with what key it is asked is nobody's business here."""

        def projects() -> list[Shown]:
            return self._projects.get(
                (llm.id, llm.registration.id if llm.registration else None), []
            )

        return {
            "id": llm.shown_id,
            "key": llm.key,
            "name": llm.shown_name,
            # A model without a provider is a name in logged interactions: nobody answers.
            "online": "ONLINE" if llm.provider and llm.is_online else "OFFLINE",
            "error": None,
            "isExternal": llm.provider in EXTERNAL,
            # The SDK knows no value for our own two, and refuses what it does not know.
            "providerName": llm.provider if llm.provider in EXTERNAL else "HARMONY",
            "isAdapter": False,
            "isTraining": False,
            "createdAt": milliseconds(llm.created_at),
            "size": None,
            "computeConfig": None,
            "backbone": None,
            "projects": projects,
            "useCases": projects,
        }

    def service(self, link: ProjectLlm) -> Shown:
        """`ModelService`: the model in one project; also the answer of `deployModel`."""
        shown: Shown = {
            "id": link.uuid,
            "key": link.llm.key,
            "name": link.resolved.shown_name,
            "model": self.one(link.resolved),
            "isDefault": link.is_default,
            "desiredOnline": link.desired_online,
            "createdAt": milliseconds(link.created_at),
            "warnings": [],
            "attached": True,
        }
        return {**shown, "modelService": lambda: self.service(link)}

    @cached_property
    def _projects(self) -> dict[tuple[int, int | None], list[Shown]]:
        """By model and registration: the projects it is in that the caller may read."""
        readable = {project.id: project for project in Project.objects.visible_to(self._caller)}
        shown = ShownProjects(self._caller, readable.values())
        ids = {llm.id for llm in self._llms}
        links = ProjectLlm.objects.in_projects(readable.values()).filter(llm__in=ids)
        found = links.order_by("project__key").values_list(
            "llm_id", "registration_id", "project_id"
        )
        return _grouped(((llm, by), shown.one(readable[project])) for llm, by, project in found)


class ShownPeople:
    """Users that are shown together."""

    def __init__(self, users: Iterable[User]) -> None:
        self._users = {user.id: user for user in users}

    def all(self) -> list[Shown]:
        """Each of them."""
        return [self.one(user) for user in self._users.values()]

    def one(self, user: User, *, api_key: str | None = None) -> Shown:
        """`User`; also the answer of `createUser`, where alone a key may be shown."""
        shown: Shown = {
            "id": user.uuid,
            "email": user.email,
            "name": user.name,
            "createdAt": milliseconds(user.created_at),
            "teams": lambda: self._teams.get(user.id, []),
            "generatedApiKey": api_key,
            "apiKeys": [],
        }
        return {**shown, "user": lambda: self.one(user)}

    @cached_property
    def _teams(self) -> dict[int, list[Shown]]:
        memberships = (
            Membership.objects.filter(user__in=self._users)
            .select_related("team", "role")
            .order_by("team__key")
        )
        return _grouped(
            (one.user_id, {"team": show_team(one.team), "role": show_role(one.role)})
            for one in memberships
        )


def show_team(team: Team) -> Shown:
    """`Team`."""
    return {
        "id": team.uuid,
        "key": team.key,
        "name": team.name,
        "createdAt": milliseconds(team.created_at),
    }


def show_role(role: Role) -> Shown:
    """`Role`."""
    return {
        "id": role.uuid,
        "key": role.key,
        "name": role.name,
        "createdAt": milliseconds(role.created_at),
        "permissions": list(role.permissions),
    }


def show_metric(metric: Metric) -> Shown:
    """`MetricWithContext`, and what `Metric` has of its own."""
    return {
        "id": metric.uuid,
        "key": metric.key,
        "name": metric.name,
        "kind": metric.kind,
        "description": metric.description,
        "scoringType": metric.scoring_type,
        "createdAt": milliseconds(metric.created_at),
    }


def _grouped(pairs: Iterable[tuple[K | None, Shown]]) -> dict[K, list[Shown]]:
    found: dict[K, list[Shown]] = {}
    for id, shown in pairs:
        if id is not None:
            found.setdefault(id, []).append(shown)
    return found
