"""Questions to the filter compiler: one page of 50, its rows with all that stands beside them."""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from benchmarks.asking import LIST, Aim, Question
from benchmarks.sample import Sample
from interactions.filters.conditions import (
    Comparator,
    Contains,
    HasFeedback,
    HasLabel,
    HasLlm,
    HasSource,
)
from interactions.filters.sql import queries
from interactions.filters.tree import EVERYTHING, And, Not, Or, Tree
from interactions.services.browsing import rows

PAGE = 50
PROD = HasLabel("env", ("prod",))
FLAGGED = HasLabel("flag", ("review",))
NOT_HELPFUL = HasFeedback("helpful", Comparator.EQUAL, 0.0)
POOR = HasFeedback("csat", Comparator.LESS, 3.0)
DISJOINT = Aim(database=700)
TEXT = Aim(database=150)
NEIGHBOURS = Aim(database=30)


def show(sample: Sample, tree: Tree, before: UUID | None = None) -> int:
    """Read a page as the list does."""
    page = queries.page(sample.project, tree, limit=PAGE, before=before)
    return len(rows.rows(sample.project, page.ids))


def questions(sample: Sample) -> list[Question]:
    """All of them."""
    return [*_lists(sample), *_words(sample)]


def _asked(
    sample: Sample, name: str, make: Callable[[], Tree], *, anywhere: bool = False, aim: Aim = LIST
) -> Question:
    """A list by filters that `make` makes; `anywhere` in it, or its first page."""
    return Question(
        name,
        [
            partial(show, sample, make(), sample.id() if anywhere else None)
            for _ in range(sample.runs)
        ],
        aim,
    )


def _lists(sample: Sample) -> list[Question]:
    project = sample.project

    def customer() -> HasLabel:
        return HasLabel("customer", (sample.customer(),))

    def region() -> HasLabel:
        return HasLabel("region", (sample.choice(("eu-west", "us-east", "us-west")),))

    def either() -> Or:
        return Or((customer(), customer(), FLAGGED))

    plain: Sequence[tuple[str, Callable[[], Tree], bool]] = (
        ("no filter", lambda: EVERYTHING, True),
        ("label of 90 %", lambda: PROD, True),
        ("one of 100,000 customers", customer, False),
        ("label of 0.01 %", lambda: FLAGGED, False),
        ("label of old interactions only", lambda: HasLabel("version", (sample.old_version(),)),
         False),
        ("common AND common", lambda: And((PROD, region())), True),
        ("common AND rare", lambda: And((PROD, FLAGGED)), False),
        ("customer AND region", lambda: And((customer(), region())), False),
        ("customer OR customer OR flag", either, False),
        ("NOT the label of 90 %", lambda: Not(PROD), True),
        ("NOT a customer", lambda: Not(customer()), True),
        ("feedback = 0", lambda: NOT_HELPFUL, True),
        ("feedback < 3", lambda: POOR, True),
        ("label, feedback < 3, 30 days", lambda: And((region(), POOR, sample.span(30))), False),
        ("has no feedback", lambda: Not(HasFeedback()), True),
        ("a model", lambda: HasLlm((sample.choice(("dune-mini", "gale", "atlas-large")),)), True),
        ("a rare source", lambda: HasSource(("EVALUATION",)), True),
        ("a customer's feedback = 0", lambda: And((customer(), NOT_HELPFUL)), False),
    )  # fmt: skip
    asked = [_asked(sample, name, make, anywhere=far) for name, make, far in plain]
    trial, partner = HasLabel("trial", ("yes",)), HasLabel("partner", ("yes",))
    asked.append(
        _asked(sample, "two labels of 5 % that never meet", lambda: And((trial, partner)),
               aim=DISJOINT)
    )  # fmt: skip
    half = [
        partial(show, sample, EVERYTHING, id) for id in sample.each(lambda: sample.id_near(0.5))
    ]
    asked.append(Question("deep page, after half of all", half))
    half = [partial(show, sample, PROD, id) for id in sample.each(lambda: sample.id_near(0.5))]
    asked.append(Question("deep page of the label of 90 %", half))

    def neighbours(tree: Tree, id: UUID) -> None:
        queries.page(project, tree, limit=1, before=id)
        queries.page(project, tree, limit=1, after=id)

    beside = [partial(neighbours, And((PROD, region())), sample.id()) for _ in range(sample.runs)]
    asked.append(Question("the two neighbours in common AND common", beside, NEIGHBOURS))
    beside = [partial(neighbours, customer(), sample.id()) for _ in range(sample.runs)]
    asked.append(Question("the two neighbours in a customer's", beside, NEIGHBOURS))
    return asked


def _words(sample: Sample) -> list[Question]:
    def rare() -> Contains:
        return Contains(sample.rare_word())

    def region() -> HasLabel:
        return HasLabel("region", (sample.choice(("eu-west", "us-east", "us-west")),))

    def customer() -> HasLabel:
        return HasLabel("customer", (sample.customer(most=1000),))

    asked: Sequence[tuple[str, Callable[[], Tree]]] = (
        ("text: a word in 0.001 %", rare),
        ("text: a word in 1 %", lambda: Contains(sample.word(2000))),
        ("text: a word in 20 %", lambda: Contains(sample.word(140))),
        ("text: a word nobody said", lambda: Contains(f"w{sample.rare_word()}")),
        ("text: a phrase of two words", lambda: Contains(sample.phrase(2))),
        ("text: a phrase of three words", lambda: Contains(sample.phrase(3))),
        ("text: two words", lambda: And((Contains(sample.word(2000)), Contains(sample.word(900))))),
        ("text: a word in 1 %, and a label", lambda: And((Contains(sample.word(2000)), region()))),
        ("text: a word in 1 %, a customer", lambda: And((Contains(sample.word(2000)), customer()))),
        ("text: a rare word, feedback = 0", lambda: And((rare(), NOT_HELPFUL))),
        ("text: Chinese, two characters", lambda: Contains(sample.han(2))),
        ("text: Chinese, four characters", lambda: Contains(sample.han(4))),
    )
    return [_asked(sample, name, make, aim=TEXT) for name, make in asked]
