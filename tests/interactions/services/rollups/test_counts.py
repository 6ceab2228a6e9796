"""What the roll-up says is what the rows themselves say, folded or not."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import isclose
from random import Random
from statistics import fmean, pstdev

import pytest

from adaptive_site.lib.ids import EPOCH, time_of
from interactions.filters.conditions import Comparator, CreatedIn, HasFeedback, HasLabel
from interactions.filters.sql import queries
from interactions.filters.tree import EVERYTHING, NOTHING, And, Not, Or, Tree
from interactions.models import Feedback, Interaction, InteractionLabel, Label, LabelDelta
from interactions.services.analysis import metric_usage
from interactions.services.editing import labels as editing_labels
from interactions.services.editing.deletion import delete_together
from interactions.services.judging import feedback
from interactions.services.recording.drafts import FeedbackDraft
from interactions.services.recording.log import log_interactions
from interactions.services.rollups import counts
from interactions.services.rollups.compaction import compact_once
from interactions.services.rollups.deltas import ALL_INTERACTIONS
from projects.models import Metric, Project, User
from tests.interactions.counting import label_uses
from tests.interactions.worlds import World, make_world, moments
from tests.make import NOON, make_draft, make_interaction, make_metric

HOUR, DAY, MIDNIGHT = timedelta(hours=1), timedelta(days=1), NOON - timedelta(hours=12)


@pytest.fixture(params=["not folded", "folded", "large", "half"])
def world(db: None, request: pytest.FixtureRequest) -> World:
    """A random project beside another one, its roll-up in every state."""
    make_world(1)
    found = make_world(2)
    if request.param != "not folded":
        big = 1 if request.param == "large" else 20_000
        compact_once(found.project, big=big, at_once=1 if request.param == "half" else 1000)
    return found


LABELS = [
    EVERYTHING,
    And((HasLabel("env"),)),
    And((HasLabel("env", ("prod",)),)),
    And((HasLabel("x"),)),
]


@pytest.mark.parametrize("tree", LABELS)
def test_a_count_by_the_rollup_is_the_count_of_rows(world: World, tree: Tree) -> None:
    label = counts.counted_label(world.project, tree)
    assert label is not None
    found = counts.count(world.project, label)
    assert counts.counted(world.project, tree) == found
    assert queries.count(world.project, tree) == queries.Count(found, True)


@pytest.mark.parametrize("tree", LABELS)
def test_a_count_in_a_span_of_time_is_the_count_of_rows(world: World, tree: And) -> None:
    ends = [None, NOON - 3 * DAY, NOON - HOUR, NOON + 3 * DAY, *moments()]
    chance = Random(1)
    for _ in range(25):
        span = CreatedIn(chance.choice(ends), chance.choice(ends))
        timed = And((*tree.children, span))
        expected = queries.count(world.project, timed)
        assert counts.counted(world.project, timed) == expected.n, span
    spans = (CreatedIn(NOON), CreatedIn(None, NOON + HOUR))
    timed = And((*tree.children, *spans))
    assert counts.counted(world.project, timed) == queries.count(world.project, timed).n


@pytest.mark.parametrize(
    "tree",
    [
        NOTHING,
        Or((HasLabel("env"),)),
        And((Not(HasLabel("env")),)),
        And((HasLabel("env"), HasLabel("version"))),
        And((HasLabel("env", ("prod", "dev")),)),
        And((HasLabel("env", ()),)),
        And((HasFeedback("helpful", Comparator.EQUAL, 1.0),)),
    ],
)
def test_what_the_rollup_does_not_hold_it_does_not_count(world: World, tree: Tree) -> None:
    assert counts.counted_label(world.project, tree) is None
    assert counts.counted(world.project, tree) is None


def test_more_than_can_be_listed_at_the_ends_is_not_counted(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "MOST_COUNTED_SINGLY", 2)
    for n in range(3):
        make_interaction(project, created_at=NOON + n * timedelta(minutes=1))
    ragged = CreatedIn(NOON - timedelta(hours=1), NOON + timedelta(minutes=59))
    assert counts.counted(project, And((ragged,))) is None
    assert counts.counted(project, And((CreatedIn(NOON, NOON + DAY),))) == 3


def test_spans_are_those_the_rows_were_created_in(world: World) -> None:
    hours = [NOON + n * HOUR for n in range(-2, 26)]
    created = Counter(
        fact.created_at.replace(minute=0, second=0, microsecond=0) for fact in world.facts
    )
    found = counts.spans(world.project, ALL_INTERACTIONS, hours)
    assert found == [created[hour] for hour in hours[:-1]]


@pytest.mark.parametrize(
    "edges",
    [
        [NOON, NOON + timedelta(minutes=30), NOON + HOUR],
        [MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + DAY + timedelta(minutes=1), MIDNIGHT + 2 * DAY],
        [NOON + timedelta(minutes=1), NOON + timedelta(minutes=59)],
    ],
)
def test_parts_of_hours_are_not_in_the_rollup(world: World, edges: list[datetime]) -> None:
    assert counts.spans(world.project, ALL_INTERACTIONS, edges) is None


def test_hours_of_a_label_are_not_for_ever(project: Project) -> None:
    lately = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 9 * DAY
    for at in (NOON, lately):
        make_interaction(project, created_at=at, labels={"env": "prod"})
    compact_once(project, big=1)
    prod = counts.counted_label(project, And((HasLabel("env", ("prod",)),)))
    assert prod is not None
    hours = [-HOUR, 0 * HOUR, HOUR]
    assert counts.spans(project, prod, [lately + hour for hour in hours]) == [0, 1]
    assert counts.spans(project, prod, [NOON + hour for hour in hours]) is None
    assert counts.spans(project, ALL_INTERACTIONS, [NOON + hour for hour in hours]) == [0, 1]
    days = [NOON, MIDNIGHT + DAY, MIDNIGHT + 3 * DAY, lately + timedelta(minutes=1)]
    assert counts.spans(project, prod, [*days[:-1], MIDNIGHT + 4 * DAY]) == [1, 0, 0]
    assert counts.spans(project, prod, [days[0], days[-1]]) == [2]


@pytest.mark.parametrize("few", [2, 1000])
def test_uses_of_labels_are_counted_most_frequent_first(
    world: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(counts, "FEW_LABELS", few)
    uses = label_uses(world.project, most=2)
    counted = Counter(item for fact in world.facts for item in fact.labels.items())
    for key, (shown, others) in uses.items():
        own = {value: n for (name, value), n in counted.items() if name == key}
        best = sorted(own.items(), key=lambda item: (-item[1], item[0].encode()))
        assert [(use.value, use.n) for use in shown] == best[:2]
        assert others == len(own) - len(shown)
    assert set(uses) == {key for key, _ in counted}
    carried = Counter(key for fact in world.facts for key in fact.labels)
    expected = sorted(carried, key=lambda key: (-carried[key], key.encode()))
    assert list(uses) == counts.keys(world.project) == expected
    assert counts.label_keys(world.project) == sorted(expected, key=str.encode)


def test_a_project_without_labels_has_no_keys(project: Project) -> None:
    make_interaction(project)
    assert counts.keys(project) == counts.label_keys(project) == []
    assert counts.values_of(project, "env", most=5) == ([], 0)
    assert label_uses(project, most=5) == {}


class Life:
    """A project that people and the worker change at random."""

    def __init__(self, project: Project, user: User, seed: int) -> None:
        self.project = project
        self.chance = Random(seed)
        self.answered = {True: 0, False: 0}  # of labels, and of all interactions
        self._user = user
        self._metrics = [make_metric(project), make_metric(project, "csat", "SCALAR")]
        now = datetime.now(UTC).replace(microsecond=0)
        self._times = [
            start + self.chance.randrange(5 * 24 * 60) * timedelta(minutes=1)
            for start in (NOON, now - 38 * DAY, now - 6 * DAY)
            for _ in range(6)
        ]

    def step(self) -> None:
        """Do one thing."""
        ids = list(Interaction.objects.in_project(self.project).values_list("id", flat=True))
        acts = [self._log, self._log, self._fold, self._fold]
        if ids:
            acts += [self._delete, self._label, self._unlabel, self._judge, self._withdraw]
            self._one = self.chance.choice(ids)
        self.chance.choice(acts)()

    def _log(self) -> None:
        log_interactions(
            self.project,
            [
                make_draft(
                    labels={"env": self.chance.choice("aab"), "k": self.chance.choice("abcdef")},
                    created_at=self.chance.choice(self._times),
                    feedback={metric: self._value(metric) for metric in self._metrics[:n]},
                )
                for n in (0, 1, 2)
            ],
        )

    def _value(self, metric: Metric) -> float:
        is_yes_or_no = metric.kind == Metric.Kind.BOOL
        return self.chance.choice([0.0, 1.0] if is_yes_or_no else [0.1, -2.5, 4.0])

    def _fold(self) -> None:
        compact_once(self.project, big=5, at_once=self.chance.choice([1, 2, 5, 1000]))

    def _delete(self) -> None:
        delete_together(self.project, [self._one])

    def _label(self) -> None:
        value = self.chance.choice("abc")
        editing_labels.set_label(self.project, self._one, key="env", value=value, by=self._user)

    def _unlabel(self) -> None:
        editing_labels.remove_label(self.project, self._one, key="env", by=self._user)

    def _judge(self) -> None:
        metric = self.chance.choice(self._metrics)
        given = FeedbackDraft(metric=metric, value=self._value(metric))
        feedback.record(self.project, self._one, given=given, by=self._user)

    def _withdraw(self) -> None:
        given = (
            Feedback.objects.in_project(self.project).order_by("id").values_list("id", flat=True)
        )
        if given:
            one = self.chance.choice(list(given))
            feedback.withdraw(self.project, one, by=self._user, any_author=True)

    def check(self) -> None:
        """The roll-up says what the rows say."""
        rows = list(Interaction.objects.in_project(self.project).values_list("id", flat=True))
        postings: defaultdict[int, list[datetime]] = defaultdict(list)
        postings[ALL_INTERACTIONS] = [time_of(id) for id in rows]
        for one in InteractionLabel.objects.filter(project=self.project):
            postings[one.label_id].append(time_of(one.interaction_id))
        labels = Label.objects.in_project(self.project).values_list("id", flat=True)
        for label in (ALL_INTERACTIONS, *labels):
            times = postings[label]
            assert counts.count(self.project, label) == len(times)
            edges = self._edges()
            found = counts.spans(self.project, label, edges)
            expected = [sum(a <= at < b for at in times) for a, b in pairwise(edges)]
            assert found in (None, expected), (label, edges)
            self.answered[label != ALL_INTERACTIONS] += found is not None
        self._check_feedback()

    def _edges(self) -> list[datetime]:
        """Around some of the interactions, by days or hours; the ends often ragged."""
        step = self.chance.choice([DAY, 2 * DAY, HOUR])
        first = self.chance.choice(self._times)
        first -= (first - EPOCH) % step
        edges = [first + n * step for n in range(self.chance.randint(2, 8))]
        ragged = self.chance.choice([timedelta(0), timedelta(minutes=70), timedelta(minutes=7)])
        return [edges[0] + min(ragged, step / 2), *edges[1:-1], edges[-1] - min(ragged, step / 3)]

    def _check_feedback(self) -> None:
        start, end = sorted(self.chance.choices(self._times, k=2))
        given: defaultdict[int, list[float]] = defaultdict(list)
        lately: Counter[int] = Counter()
        for one in Feedback.objects.in_project(self.project).all():
            given[one.metric_id].append(one.value)
            lately[one.metric_id] += start.date() <= time_of(one.interaction_id).date() < end.date()
        uses = metric_usage.feedback_uses(self.project)
        assert {id: use.n for id, use in uses.items()} == {id: len(v) for id, v in given.items()}
        assert all(isclose(use.mean, fmean(given[id]), abs_tol=1e-9) for id, use in uses.items())
        for id, use in uses.items():
            assert isclose(use.deviation, pstdev(given[id]), abs_tol=1e-6)
        some = metric_usage.feedback_uses(self.project, start=start.date(), end=end.date())
        assert {id: use.n for id, use in some.items()} == +lately


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_the_rollup_is_exact(project: Project, alice: User, seed: int) -> None:
    life = Life(project, alice, seed)
    for _ in range(60):
        life.step()
        life.check()
    assert min(life.answered.values()) > 20, "too few questions were answered"
    while not compact_once(project, big=5).is_all:
        pass
    life.check()
    assert not LabelDelta.objects.filter(project=project).exists()


def test_feedback_is_summed(project: Project) -> None:
    helpful, csat = make_metric(project), make_metric(project, "csat", "SCALAR")
    for value in (1, 0, 0):
        make_interaction(project, feedback={helpful: value, csat: 3 + value})
    uses = metric_usage.feedback_uses(project)
    assert (uses[helpful.id].n, uses[helpful.id].yes, uses[helpful.id].no) == (3, 1, 2)
    assert isclose(uses[csat.id].mean, 10 / 3)
    assert isclose(uses[csat.id].deviation, pstdev([3, 3, 4]))
    same = metric_usage.FeedbackUse(3, 0.1 + 0.1 + 0.1, 0.1**2 + 0.1**2 + 0.1**2)
    assert same.deviation == 0.0
