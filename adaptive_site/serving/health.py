"""`GET /healthz`: whether this process can serve."""

import logging
import shutil

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from adaptive_site.lib.database.outages import GONE, reason

logger = logging.getLogger(__name__)


# PostgreSQL needs some to start again, too.
LEAST_FREE = 4 * 1024 * 1024


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 `ok`, or 503 and why this process cannot serve."""
    if (why := outage()) == "":
        return HttpResponse("ok", content_type="text/plain")
    logger.warning("healthz: %s", why)
    return HttpResponse(why, status=503, content_type="text/plain")


def outage() -> str:
    """What is missing; empty when all is well."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if shutil.disk_usage(settings.DATA_DIR).free < LEAST_FREE:
            return "the disk of DATA_DIR is full"
    except DatabaseError as error:
        return reason(error) or GONE
    except OSError as error:
        return f"DATA_DIR: {error.strerror}"
    return ""


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where the icon is."""
    return HttpResponseRedirect(static("icon.svg"))
