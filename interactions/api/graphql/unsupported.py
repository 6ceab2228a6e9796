"""What the SDK has calls for and this server does not do yet: lists are empty, the rest says so."""

from typing import Any

from adaptive_site.lib.errors import DomainError
from projects.api.present import Shown
from projects.api.roots import Info, mutation, project_named, query


class NotSupported(DomainError):
    """A call of the SDK that this server does not answer."""

    status = 501


@query.field("abCampaigns")
def ab_campaigns(_: None, info: Info, *, filter: dict[str, Any]) -> list[Shown]:
    """None."""
    if filter.get("project") or filter.get("useCase"):
        project_named(info.context, filter)
    return []


@query.field("abCampaign")
def one(_: None, info: Info, **given: Any) -> None:
    """None."""
    if given.get("project") or given.get("useCase"):
        project_named(info.context, given)


@mutation.field("createAbCampaign")
@mutation.field("cancelAbCampaign")
def no_ab_tests(_: None, info: Info, **given: Any) -> None:
    """Refuse."""
    raise NotSupported("A/B tests are not supported yet")
