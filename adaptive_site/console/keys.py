"""The API keys of everybody: looked through, and revoked."""

from functools import cached_property

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from adaptive_site.console.list_page import ROWS_PER_PAGE, ListPage, after, named
from adaptive_site.lib.errors import Invalid
from projects.models import ApiKey
from projects.services.keys import everybodys
from projects.services.keys.everybodys import KEY_OWNERS, KEY_STATES, KeyFilter
from projects.web.api_keys.own import meaning
from projects.web.form_chips import Condition
from projects.web.people.administration import AdminRequest, for_administrators


class KeysPage(ListPage):
    """The page."""

    tab, template, view_name = "keys", "console/keys.html", "console-keys"
    conditions = (
        Condition("state", "State", "choice", tuple(KEY_STATES.items())),
        Condition("person", "Owner", placeholder="a name or an address"),
        Condition("of", "Owned by", "choice", tuple(KEY_OWNERS.items())),
        Condition("project", "Project", placeholder="the key of a project"),
        Condition("unused", "Unused for days", "number", unit=" days or more"),
    )

    @cached_property
    def _found(self) -> list[ApiKey]:
        said = self.asked.said
        wanted = KeyFilter(
            said["person"].strip(),
            said["project"].strip(),
            said["state"],
            said["of"],
            said["unused"],
        )
        return everybodys.page(wanted, before=self.asked.id_cursor, limit=ROWS_PER_PAGE + 1)

    @property
    def keys(self) -> list[ApiKey]:
        """Those of this page, the newest first."""
        return self._found[:ROWS_PER_PAGE]

    @property
    def older(self) -> str:
        """The link to the next page; "" when there is none."""
        if len(self._found) <= ROWS_PER_PAGE:
            return ""
        return self.asked.with_(before=str(self.keys[-1].pk))

    def meaning(self, key: ApiKey) -> str:
        """What a key may, in words."""
        return meaning(key)


@require_safe
@never_cache
@for_administrators
def keys(request: AdminRequest) -> HttpResponse:
    """The page."""
    return KeysPage(request.caller, request.GET).response(request)


@require_POST
@for_administrators
def revoke(request: AdminRequest) -> HttpResponse:
    """Revoke a key, or those that are ticked."""
    page = KeysPage(request.caller, request.GET)
    act, ids = named(request)
    if act != "revoke" or not all(id.isdecimal() and len(id) < 19 for id in ids):
        raise Invalid("expected keys of the list to revoke", field="of")
    gone = everybodys.revoke(request.caller, [int(id) for id in ids])
    if len(gone) == 1:
        return after(request, page, f"The key {gone[0]} of {gone[0].user} is revoked.")
    return after(request, page, f"{len(gone):,} keys are revoked.")
