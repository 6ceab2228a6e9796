"""In which splits the prompts and sessions of a dataset are, looked up by index."""

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.models import Dataset
from interactions.services.datasets.placing.split_rule import SPLITS

LOOKED_UP_AT_ONCE = 5_000
_PLACE = "min(array_position(%s::text[], d.split::text)) - 1"


def of_prompts(dataset: Dataset, prompts: Iterable[UUID]) -> dict[bytes, int]:
    """The first split, by its place in SPLITS, that each of these prompts is in."""
    query = (
        f"SELECT uuid_send(d.prompt_hash), {_PLACE} FROM dataset_item d"
        " WHERE d.project_id = %s AND d.dataset_id = %s AND d.until IS NULL"
        " AND d.prompt_hash = ANY(%s::uuid[]) GROUP BY 1"
    )
    found: dict[bytes, int] = {}
    for some in _pieces(prompts):
        params = (list(SPLITS), dataset.project_id, dataset.id, some)
        found |= dict(fetch(Sql(query, params)))
    return found


def of_sessions(dataset: Dataset, sessions: Iterable[UUID]) -> dict[bytes, int]:
    """The first split that each of these sessions is in.

    The session of a preference's other answer is that of its interaction, while that lives.
    """
    own = (
        f"SELECT uuid_send(d.session_id), {_PLACE} FROM dataset_item d"
        " WHERE d.project_id = %s AND d.dataset_id = %s AND d.until IS NULL"
        " AND d.session_id = ANY(%s::uuid[]) GROUP BY 1"
    )
    others = (
        f"SELECT uuid_send(i.session_id), {_PLACE} FROM interaction i"
        " JOIN dataset_item d ON d.project_id = i.project_id AND d.other_id = i.id"
        " WHERE i.project_id = %s AND d.dataset_id = %s AND d.until IS NULL"
        " AND i.session_id = ANY(%s::uuid[]) GROUP BY 1"
    )
    is_of_pairs = dataset.kind == Dataset.Kind.PREFERENCE
    found: dict[bytes, int] = {}
    for some in _pieces(sessions):
        for query in (own, others) if is_of_pairs else (own,):
            params = (list(SPLITS), dataset.project_id, dataset.id, some)
            for session, place in fetch(Sql(query, params)):
                found[session] = min(place, found.get(session, place))
    return found


def _pieces(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    left = iter(dict.fromkeys(ids))
    while some := list(islice(left, LOOKED_UP_AT_ONCE)):
        yield some
