"""A recipe and its address say the same."""

import itertools
from dataclasses import replace
from uuid import UUID

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive_site.lib.errors import Invalid
from interactions.filters.conditions import Comparator, HasFeedback
from interactions.services.building.recipe import (
    Answers,
    Balance,
    Dedupe,
    Empty,
    PairsFrom,
    PerPrompt,
    Recipe,
    RecordKind,
    SampleKind,
    Ties,
)
from interactions.services.building.recipe_reading import read, read_form
from interactions.services.datasets.placing.split_rule import SplitShares

OF = UUID("0192f0c1-7bb0-7000-8000-000000000000")
SHARES = [
    SplitShares(a, b, 100 - a - b) for a, b in itertools.product((1, 50, 80, 100), (0, 10, 20))
]
keys = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=20
)
scores = st.builds(HasFeedback, keys) | st.builds(
    HasFeedback, keys, st.sampled_from(Comparator), st.floats(-1e6, 1e6)
)
recipes = st.builds(
    Recipe,
    of=st.uuids(),
    kind=st.sampled_from(RecordKind),
    pairs=st.sampled_from(PairsFrom),
    metric=keys,
    gap=st.none() | st.floats(0.001, 1e6),
    answers=st.sampled_from(Answers),
    ties=st.sampled_from(Ties),
    per_prompt=st.sampled_from(PerPrompt),
    score=st.lists(scores, max_size=3, unique=True).map(tuple),
    require_feedback=st.booleans(),
    empty=st.sampled_from(Empty),
    dedupe=st.sampled_from(Dedupe),
    near=st.none() | st.floats(0.5, 1),
    sample=st.sampled_from(SampleKind),
    n=st.integers(1, 10_000_000),
    seed=st.integers(0, 2**63 - 1),
    by=st.builds(Balance, st.none() | keys),
    split=st.sampled_from([one for one in SHARES if one.test >= 0]),
    name=st.just("") | keys,
)


@settings(deadline=None)
@given(recipes)
def test_an_address_reads_back_and_is_the_only_one(recipe: Recipe) -> None:
    once = read(QueryDict(recipe.address))
    again = read(QueryDict(once.address))
    assert again == once
    assert once.address == again.address
    assert all(
        getattr(once, name) == getattr(recipe, name)
        for name in ("of", "kind", "score", "dedupe", "near", "sample", "split", "name")
    )
    if recipe.is_preference and recipe.pairs == PairsFrom.BOTH and recipe.sample == "balanced":
        # Only this has no meaning there: of a pair no feedback is asked for.
        assert once == replace(recipe, require_feedback=False)


def test_defaults_are_left_out() -> None:
    assert Recipe(of=OF).address == f"of={OF}"
    assert read(QueryDict(f"of={OF}&kind=completion&dedupe=&n=&seed=7")) == Recipe(of=OF)


def test_what_does_not_belong_is_left_out() -> None:
    query = QueryDict(f"of={OF}&kind=prompt&pairs=mined&metric=csat&gap=2&n=5&by=model&empty=keep")
    assert read(query).address == f"of={OF}&kind=prompt"


def test_three_shares_are_one_split() -> None:
    assert read(QueryDict(f"of={OF}&split=80&split=10&split=10")).split == SplitShares(80, 10, 10)
    assert read(QueryDict(f"of={OF}&split=90/10")) == replace(
        Recipe(of=OF), split=SplitShares(90, 10, 0)
    )


@pytest.mark.parametrize(
    "query, field",
    [
        ("", "of"),
        ("of=1", "of"),
        (f"of={OF}&kind=poem", "kind"),
        (f"of={OF}&kind=preference&pairs=mined", "metric"),
        (f"of={OF}&kind=preference&pairs=both&metric=a&gap=0", "gap"),
        (f"of={OF}&sample=random", "n"),
        (f"of={OF}&sample=random&n=0", "n"),
        (f"of={OF}&sample=random&n=²", "n"),
        (f"of={OF}&sample=random&n=1&seed=-1", "seed"),
        (f"of={OF}&sample=balanced&n=1&by=moon", "by"),
        (f"of={OF}&sample=balanced&n=1&by=label:a:b", "by"),
        (f"of={OF}&near=0.4", "near"),
        (f"of={OF}&near=nan", "near"),
        (f"of={OF}&split=80/30", "split"),
        (f"of={OF}&split=0/50/50", "split"),
        (f"of={OF}&split=a", "split"),
        (f"of={OF}&score=csat:above:3", "score"),
        (f"of={OF}&require_feedback=maybe", "require_feedback"),
        (f"of={OF}&name={'x' * 201}", "name"),
        (f"of={OF}&name=%00", "name"),
        (f"of={OF}&colour=red", "colour"),
    ],
)
def test_a_fault_names_its_parameter(query: str, field: str) -> None:
    with pytest.raises(Invalid) as raised:
        read(QueryDict(query))
    assert raised.value.field == field


def test_all_faults_are_said_at_once() -> None:
    form = read_form(QueryDict("kind=poem&near=2&dataset=x"), beside=["dataset"])
    assert form.recipe is None
    assert list(form.faults) == ["kind", "near", "of"]
