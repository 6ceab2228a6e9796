"""The addresses of every route, filled with what one of the two projects has."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
# A pattern that is a regular expression: `^api/(?P<rest>…)\Z`.
_EXPRESSION = re.compile(r"^\^(.*)\(\?P<(\w+)>.*\)\\Z$")
# By what stands before it in an address, and its name there: what a place stands for, as
# `World.ids` calls it, or a text.
PLACES = {
    ("projects", "key"): "{key}",
    ("interactions", "id"): "{interaction}",
    ("of", "interaction"): "{interaction}",
    ("completions", "id"): "{interaction}",
    ("sessions", "session"): "{session}",
    ("feedback", "feedback_id"): "{feedback}",
    ("views", "id"): "{view}",
    ("models", "id"): "{model}",
    ("metrics", "id"): "{metric}",
    ("keys", "id"): "{api_key}",
    ("selections", "uuid"): "{selection}",
    ("bulk-actions", "uuid"): "{bulk_action}",
    ("acts", "uuid"): "{bulk_action}",
    ("jobs", "uuid"): "{import_job}",
    ("exports", "uuid"): "{export_job}",
    ("import", "id"): "{upload}",
    ("uploads", "id"): "{upload}",
    ("holds", "id"): "1",
    ("parts", "number"): "1",
    ("datasets", "dataset"): "{dataset}",
    ("deleted", "id"): "{deleted_dataset}",
    ("records", "item"): "{item}",
    ("lineage", "id"): "{batch}",
    ("images", "project"): "{project}",
    ("images", "sha256"): "{image}",
    ("<uuid:project>", "sha256"): "{image}",
    ("<uuid:project>", "extension"): "png",
    ("<uuid:uuid>", "kind"): "label",
    ("export", "format"): "jsonl",
    ("v1", "id"): "{key}/{model_key}",
    ("api", "rest"): "v1/nothing-here",
    ("people", "id"): "{person}",
    ("accounts", "id"): "{account}",
    ("invitations", "id"): "{invitation}",
    ("invitations", "secret"): "{invitation_secret}",
    ("teams", "id"): "{team_share}",
    ("teams", "key"): "{team}",
    ("members", "id"): "{team_member}",
    ("roles", "key"): "{role}",
    ("new-password", "user"): "{password_user}",
    ("<str:user>", "token"): "{password_token}",
}
# Where two routes call things of two kinds the same.
OTHERWISE = {
    ("api-model", "id"): "{key}/{model_key}",
    ("api-dataset", "id"): "{dataset_id}",
    ("image-page", "sha256"): "{image}",
    ("share-model", "id"): "{registration}",
    ("console-model", "id"): "{registration}",
    ("console-disable-model", "id"): "{registration}",
    ("console-try-model", "id"): "{registration}",
    ("revoke-team-invitation", "id"): "{team_invitation}",
}


@dataclass(frozen=True)
class Route:
    """A route of the site: its name or, where it has none of its own, its address; its places."""

    name: str
    path: str

    @property
    def places(self) -> dict[str, str]:
        """What each place of the address stands for. Fails where the tables do not say it."""
        found: dict[str, str] = {}
        before = ""
        for part in self.path.split("/"):
            for name in _PLACE.findall(part):
                known = OTHERWISE.get((self.name, name)) or PLACES.get((before, name))
                assert known, (
                    f"{self.path}: what stands for <{name}> after {before!r}? Add it to PLACES in"
                    " tests/interactions/doors/addresses.py, and to World.ids if it is a new kind"
                )
                found[name] = known
            before = part
        return found

    def at(self, ids: Mapping[str, str], **places: str) -> str:
        """The address of what `ids` name; `places` are other ones than the tables say."""
        given = self.places | places
        return "/" + _PLACE.sub(lambda place: given[place[1]].format(**ids), self.path)


def routes() -> list[Route]:
    """Every route of the site but Django's console, whose permissions are its own."""
    found = [one for one in every_pattern(get_resolver()) if not one[0].startswith("admin/")]
    names = Counter(pattern.name for _, pattern in found)
    return [
        Route(pattern.name if pattern.name and names[pattern.name] == 1 else path, path)
        for path, pattern in found
    ]


def every_pattern(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern below `resolver`, each with its whole path."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from every_pattern(one, before + str(one.pattern))
        else:
            yield before + _EXPRESSION.sub(r"\1<\2>", str(one.pattern)), one
