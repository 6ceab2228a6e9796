"""One interaction as raw JSON, in the form that `manage.py ingest` reads."""

from uuid import UUID

import orjson
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from adaptive_site.lib import exact_json
from interactions.models import Image
from interactions.services.browsing import rows
from interactions.services.export.record import line_of
from interactions.services.images import store
from interactions.web.images.callers import caller_of, has_credentials
from interactions.web.images.files import image_url
from projects.services.access import project_for


@require_GET
def raw(request: HttpRequest, key: str, id: UUID) -> HttpResponse:
    """The interaction as a line for `ingest`; `?images=inline` puts their bytes in."""
    if not has_credentials(request):
        return redirect_to_login(request.get_full_path())
    project = project_for(caller_of(request), key)

    def address(image: Image) -> str:
        return request.build_absolute_uri(image_url(project, image))

    is_inline = request.GET.get("images") == "inline"
    one = rows.whole(project, id)
    line = line_of(one, image_url=store.as_data_uri if is_inline else address)
    response = HttpResponse(
        exact_json.dumps(line, option=orjson.OPT_INDENT_2), content_type="application/json"
    )
    response["Content-Disposition"] = f'inline; filename="{id}.json"'
    return response
