"""The file that an export job has left, whole or in parts, and its hash as a file beside it."""

from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from adaptive_site.lib.errors import NotFound
from interactions.services.jobs import exports
from interactions.web.exporting.sending import WholeFile, send
from projects.services import audit
from projects.services.access import EXPORT
from projects.web.requests import ProjectRequest, in_project


@require_safe
@in_project(EXPORT)
def file(request: ProjectRequest, uuid: UUID) -> HttpResponseBase:
    """The file; a download that broke off may go on where it did."""
    left = exports.left_file(request.project, uuid, caller=request.caller)
    answer = send(request, _whole(left))
    if request.method != "HEAD":
        audit.record(
            request.project,
            actor=request.caller.user,
            verb="export.downloaded",
            subject=str(uuid),
            file=left["name"],
            lines=left["lines"],
            sha256=left["sha256"],
            range=request.headers.get("Range", ""),
        )
    return answer


@require_safe
@in_project(EXPORT)
def sha256(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """The hash of the file, as `sha256sum -c` reads it."""
    left = exports.left_file(request.project, uuid, caller=request.caller)
    name = left["name"]
    return HttpResponse(
        f"{left['sha256']}  {name}\n",
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.sha256"'},
    )


def _whole(left: dict[str, Any]) -> WholeFile:
    path = left["path"]
    if not default_storage.exists(path):
        raise NotFound("this file was kept for some days and has been removed; export it again")
    return WholeFile(
        lambda: default_storage.open(path),
        left["name"],
        left["media_type"],
        left["size"],
        left["sha256"],
        left["lines"],
    )
