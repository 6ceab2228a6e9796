"""What a bare word may be beside a text: a label's value, a model, a person, a metric, a session.

Read off the label dictionary, the registry and the newest rows, never off all interactions: of
100,000 label values in some 40 ms. Whoever asks sets the time limit.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import normalize
from uuid import UUID

from django.db import connection
from django.db.models import Q

from interactions.filters.conditions import (
    Condition,
    CreatedBy,
    HasFeedback,
    HasLabel,
    HasLlm,
    InSession,
)
from interactions.services.analysis import metric_usage
from interactions.services.rollups import counts as rollup_counts
from interactions.textindex.letters import fold
from projects.models import Llm, Metric, Project, User

MOST_MEANINGS = 12
NEWEST_ROWS_READ = 5_000  # newest rows, by whom models and people are counted
SHORTEST_WORD = 2  # letters of what is looked for
# A longer one is a text, not a value. `normalize` sorts accents by swapping, in the square of their
# number: 40,000 took 4 s.
LONGEST_PHRASE = 256
_SESSION = re.compile(r"[0-9a-f]{6,8}(?:-[0-9a-f-]{0,27})?")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A condition on what has a value that a phrase is, begins or stands in.

    `n` is how many interactions there are, None where it is not known; `note` of which, if not all.
    """

    phrase: str
    condition: Condition
    value: str
    n: int | None = None
    note: str = ""

    @property
    def rank(self) -> tuple[int, int, int]:
        """The longest phrase first; then what it is, what begins with it, what is common."""
        wanted, value = fold(self.phrase), fold(self.value)
        fit = 0 if wanted == value else 1 if value.startswith(wanted) else 2
        return -len(self.phrase), fit, -(self.n or 0)


def meanings(
    project: Project, phrases: Sequence[str], *, most: int = MOST_MEANINGS
) -> list[Meaning]:
    """The best ones of any of the phrases, in any case; none longer than `LONGEST_PHRASE`."""
    wanted = [
        phrase
        for phrase in phrases
        if len(phrase.strip()) >= SHORTEST_WORD and len(phrase) <= LONGEST_PHRASE
    ]
    if not wanted:
        return []
    found = [
        *_labels(project, wanted, most),
        *_models(project, wanted),
        *_people(project, wanted),
        *_metrics(project, wanted),
        *_sessions(project, wanted),
    ]
    return sorted(found, key=lambda one: one.rank)[:most]


def _phrase(wanted: Sequence[str], *values: str) -> str | None:
    """The longest phrase that stands in one of the values."""
    folded = [fold(value) for value in values]
    fits = [one for one in wanted if any(fold(one) in value for value in folded)]
    return max(fits, key=len, default=None)


# The totals lag behind by what is not compacted yet, which is added of the few that are shown.
_LABELS = """
    WITH best AS MATERIALIZED (
        SELECT id, key, value, total, lower(value) = ANY(%(whole)s) AS is_whole,
            lower(value) LIKE ANY(%(begins)s) AS begins FROM label
        WHERE project_id = %(project)s AND value IS NOT NULL AND lower(value) LIKE ANY(%(holds)s)
        ORDER BY is_whole DESC, begins DESC, total DESC, key, value LIMIT %(most)s
    ), waiting AS MATERIALIZED (
        SELECT label_id, sum(n) AS n FROM (
            SELECT unnest(label_ids) AS label_id, unnest(counts) AS n FROM label_delta
            WHERE project_id = %(project)s AND label_ids && (SELECT array_agg(id) FROM best)
        ) AS cells WHERE label_id IN (SELECT id FROM best) GROUP BY label_id
    )
    SELECT key, value, total + coalesce(waiting.n, 0) FROM best
    LEFT JOIN waiting ON label_id = id
"""


def _labels(project: Project, wanted: Sequence[str], most: int) -> Iterator[Meaning]:
    spelt = {normalize(form, one.lower()) for one in wanted for form in ("NFC", "NFD")}
    escaped = [re.sub(r"([\\%_])", r"\\\1", one) for one in spelt]
    with connection.cursor() as cursor:
        cursor.execute(
            _LABELS,
            {
                "project": project.id,
                "whole": list(spelt),
                "begins": [f"{one}%" for one in escaped],
                "holds": [f"%{one}%" for one in escaped],
                "most": most,
            },
        )
        for key, value, n in cursor.fetchall():
            if (phrase := _phrase(wanted, value)) and n > 0:
                yield Meaning(phrase, HasLabel(key, (value,)), value, int(n))


def _models(project: Project, wanted: Sequence[str]) -> Iterator[Meaning]:
    used = dict(rollup_counts.llm_uses(project, newest=NEWEST_ROWS_READ))
    names = dict(Llm.objects.in_project(project).values_list("key", "name")[:1000])
    for key in dict.fromkeys([*used, *names]):
        if phrase := _phrase(wanted, key, names.get(key, "")):
            n = used.get(key)
            note = "" if n is None else f"of the newest {NEWEST_ROWS_READ:,}"
            yield Meaning(phrase, HasLlm((key,)), key, n, note)


def _people(project: Project, wanted: Sequence[str]) -> Iterator[Meaning]:
    """Who sent in some of the newest rows, and whom the project is shared with."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT created_by_id, count(*) FROM (SELECT created_by_id FROM interaction"
            " WHERE project_id = %s ORDER BY id DESC LIMIT %s) i"
            " WHERE created_by_id IS NOT NULL GROUP BY created_by_id",
            [project.id, NEWEST_ROWS_READ],
        )
        counts = dict(cursor.fetchall())
    people = User.objects.filter(
        Q(id__in=list(counts)) | Q(memberships__team__shares__project=project)
    ).distinct()
    for id, email, name in people.order_by("email").values_list("id", "email", "name")[:1000]:
        if phrase := _phrase(wanted, email, name):
            n = counts.get(id)
            note = (
                name
                if n is None
                else ", ".join(filter(None, [name, f"of the newest {NEWEST_ROWS_READ:,}"]))
            )
            value = email if _phrase([phrase], email) else name
            yield Meaning(phrase, CreatedBy((email,)), value, n, note)


def _metrics(project: Project, wanted: Sequence[str]) -> Iterator[Meaning]:
    given = metric_usage.feedback_uses(project)
    for metric in Metric.objects.in_project(project).linked().order_by("key"):
        if phrase := _phrase(wanted, metric.key, metric.name):
            n = given[metric.id].n if metric.id in given else 0
            value = metric.key if _phrase([phrase], metric.key) else metric.name
            yield Meaning(phrase, HasFeedback(metric.key), value, n, "feedback")


def _sessions(project: Project, wanted: Sequence[str]) -> Iterator[Meaning]:
    """Of the beginning of an id, as rows show it, the sessions."""
    for phrase in wanted:
        if not _SESSION.fullmatch(digits := phrase.strip().rstrip("…").lower()):
            continue
        digits = digits.replace("-", "")
        first, last = (UUID(digits.ljust(32, end)[:32]) for end in "0f")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT session_id, count(*) FROM interaction"
                " WHERE project_id = %s AND session_id BETWEEN %s AND %s"
                " GROUP BY session_id ORDER BY session_id LIMIT 3",
                [project.id, first, last],
            )
            for id, n in cursor.fetchall():
                yield Meaning(phrase, InSession(id), str(id), n, "session")
