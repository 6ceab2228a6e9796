"""Interactions with what stands beside them, as models: many of them, and one of them whole."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from uuid import UUID

from django.db import connection
from django.db.models import Model

from adaptive_site.lib.database.any_of import among
from adaptive_site.lib.database.model_rows import ModelRows
from adaptive_site.lib.errors import NotFound
from interactions.models import (
    Comparison,
    Feedback,
    Image,
    Interaction,
    InteractionBody,
    InteractionImage,
    Label,
)
from projects.models import Llm, Metric, Project, User
from projects.services.auditing import reads

SESSION_SHOWN = 200
SIBLINGS_SHOWN = 5
SIBLINGS_COUNTED = 100
COMPARISONS_OF_ONE = 100
COMPARISONS_SHOWN = 10_000  # of all the interactions asked for
FEEDBACK_READ = 20  # of each row of a list


@dataclass(slots=True)
class Row:
    """One interaction with what stands beside it in a list.

    `feedback` is its newest, of `feedback_count` in all.
    """

    interaction: Interaction
    labels: list[Label] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)
    feedback_count: int = 0
    images: list[Image] = field(default_factory=list)


@dataclass(slots=True)
class Whole(Row):
    """One interaction with everything its page shows; `body` comes with the interaction.

    `session` is its session's turns, oldest first, itself included. `siblings` are the newest
    other interactions with the same prompt, of `sibling_count`, which counts up to
    SIBLINGS_COUNTED.
    """

    comparisons: list[Comparison] = field(default_factory=list)
    session: list[UUID] = field(default_factory=list)
    siblings: list[Interaction] = field(default_factory=list)
    sibling_count: int = 0

    @property
    def turn(self) -> int:
        """Its place in the session, from 1."""
        return self.session.index(self.interaction.id) + 1


def rows(
    project: Project,
    ids: Sequence[UUID],
    *,
    related: bool = True,
    all_feedback: bool = False,
) -> list[Row]:
    """The rows with these ids, in their order, in seven queries whatever their number.

    Without `related`, models, metrics and people are left to who asks for them. At most
    `FEEDBACK_READ` of each one's feedback is read, unless `all_feedback` is asked for.
    """
    interactions = list(Interaction.objects.in_project(project).with_ids(ids))
    found = {one.id: Row(one) for one in interactions}
    _hydrate(project, found, all_feedback=all_feedback)
    if related:
        feedback = [given for row in found.values() for given in row.feedback]
        _relate(interactions, "llm", Llm)
        _relate(feedback, "metric", Metric)
        _relate(feedback, "created_by", User)
    return [found[id] for id in ids if id in found]


def whole(project: Project, id: UUID) -> Whole:
    """One interaction with everything about it. Raises NotFound."""
    interaction = (
        Interaction.objects.in_project(project)
        .select_related("llm", "body", "created_by")
        .filter(id=id)
        .first()
    )
    if interaction is None:
        raise NotFound(f"EntityNotFound: completion {id} not found")
    reads.saw(project, [id])
    one = Whole(interaction)
    _hydrate(project, {id: one}, all_feedback=True)
    _relate(one.feedback, "metric", Metric)
    _relate(one.feedback, "created_by", User)
    turns, others, compared = _ids_beside(project, interaction)
    one.comparisons = _comparisons(project, compared)
    one.session = turns if id in turns or not turns else [*turns, id]
    one.sibling_count = len(others)
    if others:
        one.siblings = list(
            Interaction.objects.in_project(project)
            .with_ids(others[:SIBLINGS_SHOWN])
            .select_related("llm")
            .order_by("-id")
        )
    return one


def _ids_beside(project: Project, one: Interaction) -> tuple[list[UUID], list[UUID], list[UUID]]:
    """Turns of the session, oldest first; others with the prompt, and comparisons, newest first.

    Their ids stand in indexes; rows are read only of those that are shown, and most have none.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "(SELECT 0, id FROM interaction WHERE project_id = %(project)s"
            "  AND session_id = %(session)s ORDER BY id LIMIT %(turns)s)"
            " UNION ALL (SELECT 1, id FROM interaction WHERE project_id = %(project)s"
            "  AND prompt_hash = %(prompt)s AND id <> %(id)s ORDER BY id DESC LIMIT %(others)s)"
            " UNION ALL (SELECT 2, id FROM comparison WHERE project_id = %(project)s"
            "  AND (preferred_id = %(id)s OR other_id = %(id)s) ORDER BY id DESC LIMIT %(most)s)",
            {
                "project": project.id,
                "session": one.session_id,
                "prompt": one.prompt_hash,
                "id": one.id,
                "turns": SESSION_SHOWN,
                "others": SIBLINGS_COUNTED,
                "most": COMPARISONS_OF_ONE,
            },
        )
        found: tuple[list[UUID], list[UUID], list[UUID]] = ([], [], [])
        for kind, id in cursor.fetchall():
            found[kind].append(id)
    for newest_first, ids in enumerate(found):
        ids.sort(key=attrgetter("int"), reverse=bool(newest_first))
    return found


def _comparisons(project: Project, ids: Sequence[UUID]) -> list[Comparison]:
    """Comparisons with both sides, newest first."""
    if not ids:
        return []
    found = Comparison.objects.in_project(project).filter(id__in=ids).order_by("-id")
    return list(found.select_related("metric", "preferred__llm", "other__llm", "created_by"))


def _hydrate(project: Project, found: dict[UUID, Row], *, all_feedback: bool) -> None:
    """Labels, feedback and images of these rows, one query each."""
    labels = _labels(project, {id for row in found.values() for id in row.interaction.label_ids})
    for row in found.values():
        mine = (labels[id] for id in row.interaction.label_ids if id in labels)
        row.labels = sorted(mine, key=attrgetter("key"))
    with connection.cursor() as cursor:
        cursor.execute(
            _ALL_FEEDBACK if all_feedback else _NEWEST_FEEDBACK,
            {"project": project.id, "ids": list(found), "most": FEEDBACK_READ},
        )
        for given in cursor.fetchall():
            one = _FEEDBACK.made(given)
            row = found[one.interaction_id]
            row.feedback.append(one)
            row.feedback_count = len(row.feedback) if all_feedback else given[-1]
    with_images = [id for id, row in found.items() if row.interaction.image_count]
    pictures = (
        InteractionImage.objects.in_project(project)
        .filter(interaction_id__in=with_images)
        .select_related("image")
        .order_by("interaction_id", "position")
        if with_images
        else ()
    )
    for picture in pictures:
        found[picture.interaction_id].images.append(picture.image)


_LABELS = ModelRows(Label, "l")
_FEEDBACK = ModelRows(Feedback, "f")
_ALL_FEEDBACK = (
    f"SELECT {_FEEDBACK.columns} FROM feedback f WHERE f.project_id = %(project)s"
    " AND f.interaction_id = ANY(%(ids)s) ORDER BY f.id DESC"
)
_NEWEST_FEEDBACK = (
    f"SELECT {_FEEDBACK.columns}, f.in_all FROM (SELECT *,"
    " row_number() OVER (PARTITION BY interaction_id ORDER BY id DESC) AS place,"
    " count(*) OVER (PARTITION BY interaction_id) AS in_all"
    " FROM feedback WHERE project_id = %(project)s AND interaction_id = ANY(%(ids)s)"
    ") AS f WHERE f.place <= %(most)s ORDER BY f.id DESC"
)


def _labels(project: Project, ids: Collection[int]) -> dict[int, Label]:
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_LABELS.columns} FROM label l WHERE l.project_id = %s AND l.id = ANY(%s)",
            [project.id, list(ids)],
        )
        return {one.id: one for one in map(_LABELS.made, cursor.fetchall())}


def _relate(rows: Sequence[Model], name: str, to: type[Model]) -> None:
    """Set the relation `name` of each row, every related object being made once.

    A join makes one for each row: on a page of 100 interactions 900 objects instead of 400,
    which is most of the page's time.
    """
    ids = {id for row in rows if (id := getattr(row, f"{name}_id")) is not None}
    related = to._default_manager.in_bulk(ids) if ids else {}
    for row in rows:
        setattr(row, name, related.get(getattr(row, f"{name}_id")))


def bodies(
    project: Project, ids: Iterable[UUID], *, is_shown: bool = True
) -> dict[UUID, InteractionBody]:
    """What these interactions say, by id; the audit log has it unless nobody is shown it."""
    found = InteractionBody.objects.in_project(project).filter(among("interaction_id", ids))
    read = {body.interaction_id: body for body in found}
    if is_shown:
        reads.saw(project, read)
    return read


def sizes(project: Project, ids: Collection[UUID]) -> dict[UUID, int]:
    """How many bytes each of these interactions says, by id; the texts stay in PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT interaction_id, octet_length(completion) + octet_length(messages::text)"
            " FROM interaction_body WHERE project_id = %s AND interaction_id = ANY(%s)",
            [project.id, list(ids)],
        )
        return dict(cursor.fetchall())


def comparisons(project: Project, ids: Collection[UUID]) -> dict[UUID, list[Comparison]]:
    """The comparisons that each of these interactions is a side of, newest first."""
    with connection.cursor() as cursor:
        # Most pages have none, and two arrays cost Django a tenth of what 200 parameters do.
        cursor.execute(
            "SELECT id FROM comparison WHERE project_id = %s"
            " AND (preferred_id = ANY(%s) OR other_id = ANY(%s)) ORDER BY id DESC LIMIT %s",
            [project.id, list(ids), list(ids), COMPARISONS_SHOWN],
        )
        compared = [id for (id,) in cursor.fetchall()]
    found: dict[UUID, list[Comparison]] = {id: [] for id in ids}
    among = Comparison.objects.in_project(project).filter(id__in=compared).order_by("-id")
    for one in among if compared else ():
        for side in {one.preferred_id, one.other_id} & found.keys():
            found[side].append(one)
    return found
