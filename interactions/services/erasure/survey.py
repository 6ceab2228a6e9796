"""A dry run: for each place, how much of what would be erased it holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.models import Selection
from interactions.services import selections
from interactions.services.erasure import file_texts, folders
from interactions.services.erasure.records import of_ids
from interactions.services.erasure.redaction import TEXTS
from interactions.services.erasure.sought_words import SoughtWords
from interactions.services.erasure.targets import BODY_TEXT
from interactions.services.holds import held
from interactions.services.recording.idempotency import KEYED_REQUEST
from projects.models import Project, User

MOST_COUNTED = 10_000  # interactions of which the places are counted
PLACE_MS = 3_000
MOST_FILE_BYTES = 64 << 20  # of files that are looked into
_OF = "{} = ANY(%(ids)s::uuid[])"
_NAMED = (
    "EXISTS (SELECT FROM regexp_matches({}, '[0-9a-f-]{{36}}', 'g') m"
    " WHERE m[1] = ANY(%(ids)s::uuid[]::text[]))"
)
# Of each place its name, and the query that counts there; `{words}` tests a text for the words.
_PLACES = (
    ("Interactions", f"interaction WHERE project_id = %(project)s AND {_OF.format('id')}", ""),
    (
        "Feedback",
        f"feedback WHERE project_id = %(project)s AND {_OF.format('interaction_id')}",
        "",
    ),
    (
        "Comparisons",
        "comparison WHERE project_id = %(project)s"
        f" AND ({_OF.format('preferred_id')} OR {_OF.format('other_id')})",
        "",
    ),
    (
        "Labels on them",
        f"interaction_label WHERE project_id = %(project)s AND {_OF.format('interaction_id')}",
        "",
    ),
    (
        "Images in them",
        f"interaction_image WHERE project_id = %(project)s AND {_OF.format('interaction_id')}",
        "",
    ),
    (
        "Bin and undo logs",
        "bulk_action_change c JOIN bulk_action a ON a.id = c.action_id"
        f" WHERE a.project_id = %(project)s AND ({_OF.format('c.interaction_id')}",
        "c.before::text",
    ),
    (
        "Entries for undoing",
        f"undo_entry WHERE project_id = %(project)s AND ({_OF.format('interaction_id')}",
        "before::text",
    ),
    (
        "Selections",
        "selection WHERE project_id = %(project)s AND (includes && %(ids)s::uuid[]"
        " OR excludes && %(ids)s::uuid[]",
        "concat_ws(' ', query, came_from)",
    ),
    (
        "Answers kept for repeated requests",
        "projects_event WHERE project_id = %(project)s AND verb = %(keyed)s"
        f" AND ({_NAMED.format('details::text')}",
        "details::text",
    ),
    (
        "Details in the audit log",
        "projects_event WHERE project_id = %(project)s AND verb <> %(keyed)s"
        f" AND (subject = ANY(%(ids)s::uuid[]::text[]) OR {_NAMED.format('details::text')}",
        "details::text",
    ),
)


@dataclass(frozen=True, slots=True)
class SurveyedPlace:
    """How many rows or files of a place hold it; None where counting took too long."""

    name: str
    n: int | None


@dataclass(slots=True)
class ErasureSurvey:
    """What an erasure would find; not `is_all` where only the newest interactions were counted."""

    is_all: bool = True
    held: int = 0  # under legal hold, so they stay
    places: list[SurveyedPlace] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """Whether no place holds anything."""
        return all(place.n == 0 for place in self.places)


def of(
    project: Project,
    selection: Selection | None,
    ids: Sequence[UUID],
    words: SoughtWords,
    *,
    by: User,
) -> ErasureSurvey:
    """Count in each place, within a time of its own; nothing is changed."""
    found = ErasureSurvey()
    if selection is not None:
        try:
            with time_limit(PLACE_MS):
                ids = [*ids, *selections.shown(selection, limit=MOST_COUNTED + 1)]
        except TookTooLong:
            found.is_all = False
    is_named = selection is not None or bool(ids)
    if words.is_masked:
        ids = _with_words(project, ids if is_named else None, words, found)
    found.is_all = found.is_all and len(ids) <= MOST_COUNTED
    ids = ids[:MOST_COUNTED]
    kept = held.among(project, ids)
    found.held, ids = len(kept), [id for id in ids if id not in kept]
    if words.is_masked:  # of which nothing but the words goes
        found.places.append(SurveyedPlace("Interactions with the words", len(ids)))
        ids = []
    for name, source, text in _PLACES:
        if text or not words.is_masked:
            found.places.append(_counted(name, _query(project, source, text, ids, words)))
    if not words.is_masked:
        found.places.append(_counted("Index of texts", _indexed(project, ids)))
    records = of_ids(project, ids, words)
    for name, rest in (
        ("Records of datasets", "until IS NULL"),
        ("Records only in older versions", "until IS NOT NULL"),
    ):
        test = Sql(rest) & records
        query = f"SELECT count(*) FROM dataset_item WHERE project_id = %s AND {test.text}"
        found.places.append(_counted(name, Sql(query, (project.id, *records.params))))
    for table, (texts, jsons) in TEXTS.items() if words.words else ():
        if table == "selection":
            continue
        test = words.test(f"concat_ws(' ', {', '.join(f'{c}::text' for c in (*texts, *jsons))})")
        query = f"SELECT count(*) FROM {table} WHERE project_id = %s AND {test.text}"
        name = f"Words in {_NAMES.get(table, table)}"
        found.places.append(_counted(name, Sql(query, (project.id, *test.params))))
    found.places.append(SurveyedPlace("Files of exports", _exports(project)))
    found.places.append(SurveyedPlace("Uploads and other files", _files(project, by, ids, words)))
    return found


def _with_words(
    project: Project, ids: Sequence[UUID] | None, words: SoughtWords, found: ErasureSurvey
) -> list[UUID]:
    """The newest interactions, of these or of all, that hold a word; some, where it takes long."""
    body = words.test(BODY_TEXT)
    row = words.test("concat_ws(E'\\n', i.external_id, i.said_by)")
    of = Sql("TRUE") if ids is None else Sql("i.id = ANY(%s::uuid[])", (list(ids),))
    query = Sql(
        "SELECT i.id FROM interaction i LEFT JOIN interaction_body b ON b.interaction_id = i.id"
        f" WHERE i.project_id = %s AND {of.text} AND ({row.text} OR {body.text})"
        " ORDER BY i.id DESC LIMIT %s",
        (project.id, *of.params, *row.params, *body.params, MOST_COUNTED + 1),
    )
    try:
        with time_limit(PLACE_MS):
            return [id for (id,) in fetch(query)]
    except TookTooLong:
        found.is_all = False
        return []


_NAMES = {
    "feedback": "feedback", "comparison": "comparisons", "label": "labels",
    "interactions_savedview": "saved views", "bulk_action": "bulk actions", "job": "jobs",
    "dataset": "datasets", "dataset_version": "versions of datasets",
    "dataset_batch": "the lineage of datasets", "upload": "uploads",
}  # fmt: skip


def dataset_records(
    project: Project, selection: Selection | None, ids: Sequence[UUID], words: SoughtWords
) -> bool:
    """Whether datasets hold something of it, or may, where that is not known in time.

    The job asks again, of all of it.
    """
    try:
        with time_limit(PLACE_MS):
            if selection is not None:
                ids = [*ids, *selections.shown(selection, limit=MOST_COUNTED)]
            if words.is_masked:
                ids = []
            test = of_ids(project, ids, words)
            query = (
                f"SELECT EXISTS (SELECT FROM dataset_item WHERE project_id = %s AND {test.text})"
            )
            ((found,),) = fetch(Sql(query, (project.id, *test.params)))
    except TookTooLong:
        return True
    return bool(found)


def _query(
    project: Project, source: str, text: str, ids: Sequence[UUID], words: SoughtWords
) -> Sql:
    """With named places turned into what they stand for, and the words where there is a text."""
    values = {"%(project)s": project.id, "%(ids)s": list(ids), "%(keyed)s": KEYED_REQUEST}
    pieces, params = [], []
    rest = source
    while rest:
        at, name = min(((rest.find(n), n) for n in values if n in rest), default=(len(rest), ""))
        pieces.append(rest[:at] + ("%s" if name else ""))
        if name:
            params.append(values[name])
        rest = rest[at + len(name) :]
    if text:
        test = words.test(text)
        pieces.append(f" OR {test.text})")
        params += test.params
    return Sql(f"SELECT count(*) FROM {''.join(pieces)}", tuple(params))


def _indexed(project: Project, ids: Sequence[UUID]) -> Sql:
    return Sql(
        "SELECT count(*) FROM search_segment s WHERE s.project_id = %s AND EXISTS"
        " (SELECT FROM unnest(%s::uuid[]) id WHERE id BETWEEN s.least_id AND s.greatest_id)",
        (project.id, list(ids)),
    )


def _counted(name: str, query: Sql) -> SurveyedPlace:
    try:
        with time_limit(PLACE_MS):
            ((n,),) = fetch(query)
    except TookTooLong:
        return SurveyedPlace(name, None)
    return SurveyedPlace(name, n)


def _exports(project: Project) -> int:
    """All of them: which hold it the job finds out."""
    return len(folders.names(f"exports/{project.uuid}"))


def _files(project: Project, by: User, ids: Sequence[UUID], words: SoughtWords) -> int | None:
    """Files but for images and exports; None where there is more than can be looked into."""
    names = {str(id) for id in ids}
    found, size = 0, 0
    for path in folders.of_project(project, by):
        if path.startswith(("images/", "thumbnails/", "exports/")):
            continue
        size += folders.size(path)
        if size > MOST_FILE_BYTES:
            return None
        found += file_texts.holds(path, names, words)
    return found
