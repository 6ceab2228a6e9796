"""Where a form of an interaction's page leads back to."""

from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from adaptive_site.lib.http.addresses import split
from projects.web.requests import ProjectRequest


def page_of(request: ProjectRequest, id: UUID) -> str:
    """The path of the interaction's own page."""
    return reverse("interaction", kwargs={"key": request.project.key, "id": id})


def back_to(request: ProjectRequest, id: UUID) -> str:
    """The page the form was on, if it is ours, else the interaction's own."""
    given = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        given, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return given if is_ours else page_of(request, id)


def query_of(request: ProjectRequest) -> QueryDict:
    """The filter of the page the form was on."""
    query = QueryDict(split(request.POST.get("next", "")).query, mutable=True)
    query.pop("open", None)
    return query


def is_elsewhere(request: ProjectRequest, id: UUID) -> bool:
    """Whether the htmx request was made on another page than the interaction's own."""
    url = request.htmx.current_url
    return url is not None and split(url).path != page_of(request, id)
