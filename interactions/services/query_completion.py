"""What a query could go on with: names and values that the project really has.

Each is read off the label dictionary, the roll-up or the newest rows, so it takes the same time
whatever the project holds; whoever asks sets the time limit.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from interactions.filters.conditions import Number
from interactions.filters.notation import USUAL_SPANS, parse_span, spell_number
from interactions.filters.query import english
from interactions.filters.query.caret import Caret, phrases_at
from interactions.filters.query.fields import NO_MODEL_NAME, QUERY_FIELDS
from interactions.filters.query.spelling import spell, spell_key, spell_metric, spell_value
from interactions.filters.tree import EVERYTHING
from interactions.models import Source
from interactions.services.analysis import metric_usage
from interactions.services.analysis.feedback_counts import feedback_on
from interactions.services.browsing.word_meanings import NEWEST_ROWS_READ, meanings
from interactions.services.rollups import counts as rollup_counts
from projects.models import Llm, Metric, Project, User

MOST_SUGGESTIONS = 12
LABELS_OFFERED, METRICS_OFFERED = 3, 2  # where nothing is written yet
_HELP = {
    "label": "has this key", "feedback": "any metric compared", "compared": "one side of a pair",
    "model": "answered by", "via": "source", "session": "a turn of", "user": "sent in by",
    "id": "one interaction", "prompt_hash": "the very same prompt", "text": "anywhere",
    "prompt": "text of the prompt", "completion": "text of the completion",
    "text.system": "in system prompts", "text.all": "system prompts too",
    "prompt.all": "with system prompts",
    "time": "7d, 2024-02, 2024-02-21..2024-03-01", "since": "at or after", "until": "before",
    "latency": ">500ms, 1s..2s", "ttft": "to the first token", "tokens": "of both",
    "prompt_tokens": ">1000", "completion_tokens": ">1000", "images": "how many",
}  # fmt: skip
_TIMED = (">500ms", ">1s", ">5s", "<500ms", "1s..5s")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to write instead of a piece; `note` says what it is, `n` how many have it.

    `goes_on` when a value has yet to follow; `start` where the piece begins, if not at the caret's.
    """

    text: str
    note: str = ""
    n: int | None = None
    goes_on: bool = False
    start: int | None = None


@dataclass(frozen=True, slots=True)
class FieldOffer:
    """What a query may begin with: the text to write, what the text is, and an example."""

    text: str
    note: str
    example: str


_OFFERED_FIELDS = (
    FieldOffer("time:", "up to now, or a day", "time:3h"),
    FieldOffer("latency:", "to the whole answer", "latency:>2s"),
    FieldOffer("tokens:", "of prompt and completion", "tokens:>1000"),
    FieldOffer("images:", "how many", "images:>0"),
    FieldOffer("user:", "who sent it in", "user:ann@example.org"),
    FieldOffer("-", "the opposite of what follows", "-env:prod"),
)


def field_offers(project: Project) -> list[FieldOffer]:
    """What an empty query may begin with: the project's most used labels and metrics, and fields.

    The examples of labels, metrics and models are values that the project has.
    """
    offers = [FieldOffer('"', "words in prompt or completion", 'refund "next week"')]
    for key in rollup_counts.keys(project)[:LABELS_OFFERED]:
        value = next((one.text for one in _values(project, key, "")), "*")
        offers.append(FieldOffer(f"{spell_key(key)}:", "label", f"{spell_key(key)}:{value}"))
    for metric, _ in _metrics_by_use(project)[:METRICS_OFFERED]:
        name, value = spell_metric(metric.key), "no" if metric.is_yes_no else "any"
        offers.append(FieldOffer(f"{name}:", "feedback", f"{name}:{value}"))
    for key, _ in rollup_counts.llm_uses(project, newest=NEWEST_ROWS_READ)[:1]:
        offers.append(FieldOffer("model:", "answered by", f"model:{spell_value(key)}"))
    return [*offers, *_OFFERED_FIELDS]


def suggestions(project: Project, caret: Caret, text: str = "") -> list[Suggestion]:
    """What could stand at the caret of `text`: first what begins with the prefix."""
    if not caret.field:
        names = _best(_names(project, caret), caret.prefix)
        written = {one.text for one in names}
        meant = [
            one
            for one in _meant(project, phrases_at(text, caret))
            if one.text.removesuffix("*") not in written  # a metric, whose values follow
        ]
        n = sum(one.text.lower().startswith(caret.prefix.lower()) for one in names)
        first = min(n, max(MOST_SUGGESTIONS // 2, MOST_SUGGESTIONS - len(meant)))
        return [*names[:first], *meant, *names[first:]][:MOST_SUGGESTIONS]
    kind, _, key = caret.field.partition(".")
    key = key[1:-1].replace('\\"', '"').replace("\\\\", "\\") if key.startswith('"') else key
    if caret.field in QUERY_FIELDS:
        return _of_field(project, caret.field, caret.prefix)
    if caret.field == "by":
        return _best(_people(project), caret.prefix)
    if kind == "feedback" and key:
        return _best(_given(project, key), caret.prefix)
    return _values(project, key if kind == "label" and key else caret.field, caret.prefix)


def _meant(project: Project, phrases: Sequence[tuple[int, str]]) -> list[Suggestion]:
    """Conditions on what the last words are a value of."""
    starts = {phrase: start for start, phrase in phrases}
    return [
        Suggestion(spell(one.condition), one.note, one.n, start=starts[one.phrase])
        for one in meanings(project, list(starts))
    ]


def _best(found: Iterable[Suggestion], prefix: str) -> list[Suggestion]:
    """The suggestions that begin with `prefix`, then the others that hold it."""
    wanted = prefix.lower()
    first, second = [], []
    for one in found:
        text = one.text.lower().replace('"', "")
        if text.startswith(wanted):
            first.append(one)
        elif wanted in text:
            second.append(one)
    return (first + second)[:MOST_SUGGESTIONS]


def _names(project: Project, caret: Caret) -> Iterator[Suggestion]:
    if caret.follows:
        yield Suggestion("OR", "either of both", goes_on=True)
    for key in rollup_counts.keys(project):
        yield Suggestion(f"{spell_key(key)}:", "label", goes_on=True)
    for metric, n in _metrics_by_use(project):
        yield Suggestion(f"{spell_metric(metric.key)}:", "feedback", n, goes_on=True)
    for name in QUERY_FIELDS:
        yield Suggestion(f"{name}:", _HELP[name], goes_on=True)
    yield Suggestion("NOT", "turns what follows round", goes_on=True)


def _metrics_by_use(project: Project) -> list[tuple[Metric, int | None]]:
    """The metrics, those with most feedback first, each with how much; None of no feedback."""
    given = {id: use.n for id, use in metric_usage.feedback_uses(project).items()}
    metrics = Metric.objects.in_project(project).linked().order_by("key")
    found = [(metric, given.get(metric.id)) for metric in metrics]
    return sorted(found, key=lambda one: -(one[1] or 0))


def _of_field(project: Project, field: str, prefix: str) -> list[Suggestion]:
    """The values of a reserved field; none where only the person knows."""
    match field:
        case "label":
            return _best((Suggestion(spell_value(k)) for k in rollup_counts.keys(project)), prefix)
        case "model":
            return _best(_models(project), prefix)
        case "via":
            named = (Suggestion(value.lower(), str(name)) for value, name in Source.choices)
            return _best(named, prefix)
        case "user":
            return _best(_people(project), prefix)
        case "compared":
            linked = Metric.objects.in_project(project).linked().order_by("key")
            keys = linked.values_list("key", flat=True)
            return _best((Suggestion(spell_value(key)) for key in keys), prefix)
        case "feedback":
            return _best(
                [Suggestion("*", "any is given"), Suggestion(">0"), Suggestion("0")], prefix
            )
        case "time":
            return _best((Suggestion(one, _last(one)) for one in USUAL_SPANS), prefix)
        case Number.LATENCY | Number.TTFT:
            return _best((Suggestion(one) for one in _TIMED), prefix)
        case Number.IMAGES:
            return _best([Suggestion(">0", "has images"), Suggestion("0", "has none")], prefix)
    return []


def _last(span: str) -> str:
    return f"the last {english.span(parse_span(span)).removeprefix('1 ')}"


def _models(project: Project) -> Iterator[Suggestion]:
    used = dict(rollup_counts.llm_uses(project, newest=NEWEST_ROWS_READ))
    for key, n in used.items():
        yield Suggestion(spell_value(key), f"of the newest {NEWEST_ROWS_READ:,}", n)
    for llm in Llm.objects.in_project(project).order_by("key")[:1000]:
        if llm.key not in used:
            yield Suggestion(spell_value(llm.key))
    yield Suggestion(NO_MODEL_NAME, "no model")


def _given(project: Project, key: str) -> Iterator[Suggestion]:
    metric = Metric.objects.in_project(project).linked().filter(key=key).first()
    if metric is None:
        return
    found = feedback_on(project, EVERYTHING, metric)
    if metric.kind == Metric.Kind.BOOL:
        counts = dict(found.values)
        yield Suggestion("yes", "", counts.get(1.0, 0))
        yield Suggestion("no", "", counts.get(0.0, 0))
    elif found.quarters is not None:
        least, most = found.quarters
        yield Suggestion(f"<={spell_number(least)}", "the lowest quarter")
        yield Suggestion(f">={spell_number(most)}", "the highest quarter")
    else:
        for value, n in found.values:
            yield Suggestion(spell_number(value), "", n)
    yield Suggestion("*", "any is given", found.n)


def _people(project: Project) -> Iterator[Suggestion]:
    """Who sent in the newest rows, by whose name clients did, then who shares the project."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.email, c.n FROM (SELECT created_by_id, count(*) AS n FROM (SELECT"
            " created_by_id FROM interaction WHERE project_id = %s ORDER BY id DESC LIMIT %s) i"
            " GROUP BY created_by_id) c JOIN projects_user u ON u.id = c.created_by_id"
            " ORDER BY c.n DESC, u.email",
            [project.id, NEWEST_ROWS_READ],
        )
        active = dict(cursor.fetchall())
        cursor.execute(
            "SELECT said_by, count(*) AS n FROM (SELECT said_by FROM interaction"
            " WHERE project_id = %s ORDER BY id DESC LIMIT %s) i WHERE said_by IS NOT NULL"
            " GROUP BY said_by ORDER BY n DESC, said_by LIMIT 1000",
            [project.id, NEWEST_ROWS_READ],
        )
        said = dict(cursor.fetchall())
    for email, n in active.items():
        yield Suggestion(spell_value(email), f"of the newest {NEWEST_ROWS_READ:,}", n)
    for name, n in said.items():
        yield Suggestion(spell_value(name), "said to be from", n)
    members = User.objects.filter(memberships__team__shares__project=project).distinct()
    for email in members.order_by("email").values_list("email", flat=True)[:1000]:
        if email not in active:
            yield Suggestion(spell_value(email))


# The totals lag behind by what is not compacted yet, which is added of the few that are shown.
_VALUES = """
    WITH best AS MATERIALIZED (
        SELECT id, value, total, strpos(lower(value), %(wanted)s) = 1 AS begins FROM label
        WHERE project_id = %(project)s AND key = %(key)s AND value IS NOT NULL
            AND strpos(lower(value), %(wanted)s) > 0
        ORDER BY begins DESC, total DESC, value LIMIT %(most)s
    ), waiting AS MATERIALIZED (
        SELECT label_id, sum(n) AS n FROM (
            SELECT unnest(label_ids) AS label_id, unnest(counts) AS n FROM label_delta
            WHERE project_id = %(project)s AND label_ids && (SELECT array_agg(id) FROM best)
        ) AS cells WHERE label_id IN (SELECT id FROM best) GROUP BY label_id
    )
    SELECT value, total + coalesce(waiting.n, 0) FROM best
    LEFT JOIN waiting ON label_id = id ORDER BY begins DESC, 2 DESC, value
"""


def _values(project: Project, key: str, prefix: str) -> list[Suggestion]:
    """Values of a label's key: of 100,000 of them in some 40 ms."""
    with connection.cursor() as cursor:
        cursor.execute(
            _VALUES,
            {"project": project.id, "key": key, "wanted": prefix.lower(), "most": MOST_SUGGESTIONS},
        )
        found = [Suggestion(spell_value(value), "", int(n)) for value, n in cursor.fetchall()]
    if found and not prefix:
        found.append(Suggestion("*", "any value"))
    return found
