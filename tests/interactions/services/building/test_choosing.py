"""Duplicates, samples and splits, of candidates made up by Hypothesis."""

from collections import Counter
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.services.building import dedupe, sampling, splitting
from interactions.services.building.candidates.narrow import Candidate, CandidateColumns
from interactions.services.building.recipe import Dedupe, Recipe, SampleKind
from interactions.services.building.splitting import Settled
from interactions.services.datasets.placing import split_rule
from interactions.services.datasets.placing.split_rule import SPLITS, SplitShares
from tests.running.examples import examples

OF = UUID(int=1)


def packed(n: int) -> bytes:
    return n.to_bytes(16, "big")


_DRAWN = st.tuples(
    st.integers(1, 15),  # prompt
    st.none() | st.integers(1, 12).map(packed),  # session
    st.none() | st.integers(1, 12).map(packed),  # the other's session, of a pair
    st.integers(-1, 3),  # value
    st.integers(1, 3),  # digest
)


def _packed_columns(
    drawn: list[tuple[int, bytes | None, bytes | None, int, int]], is_pairs: bool
) -> CandidateColumns:
    made = CandidateColumns()
    for n, (prompt, session, other_session, value, digest) in enumerate(drawn):
        made.append(
            Candidate(
                at=packed(1000 + n),
                id=packed(1000 + n),
                prompt=packed(prompt),
                session=session,
                value=value,
                digest=packed(digest),
                other=packed(5000 + n) if is_pairs else None,
                other_session=other_session if is_pairs else None,
            )
        )
    return made


# Candidates with few prompts and sessions, so that they meet. Declared once and drawn as a whole:
# drawn one by one, each through a strategy of its own, they took too long under load.
POOLS = st.builds(_packed_columns, st.lists(_DRAWN, max_size=40), st.booleans())


@given(POOLS, st.sampled_from([Dedupe.PROMPT, Dedupe.ANSWER]))
def test_the_newest_of_each_is_kept(pool: CandidateColumns, by: Dedupe) -> None:
    chosen = list(range(len(pool)))
    kept = dedupe.exact(pool, chosen, by)
    newest = {dedupe.key_of(pool, at, by): at for at in chosen}
    assert kept == sorted(newest.values())


@given(POOLS, st.integers(1, 50), st.integers(0, 2**63 - 1))
def test_a_sample_is_of_the_seed_alone(pool: CandidateColumns, n: int, seed: int) -> None:
    chosen = list(range(len(pool)))
    recipe = Recipe(of=OF, sample=SampleKind.RANDOM, n=n, seed=seed)
    taken = sampling.sample(pool, chosen, recipe)
    assert len(taken) == min(n, len(pool))
    assert taken == sorted(taken)
    # Whatever else is in the pool, who was taken from all is taken from fewer.
    fewer = [at for at in chosen if at % 2 == 0]
    assert {at for at in taken if at % 2 == 0} <= set(sampling.sample(pool, fewer, recipe))


def test_a_seed_gives_the_same_on_every_machine() -> None:
    assert split_rule.rank(7, packed(1)) == 0x9817553159A73C83
    ranks = [split_rule.rank(7, packed(n)) < 2**63 for n in range(10_000)]
    assert 4_800 < sum(ranks) < 5_200


@given(POOLS, st.integers(1, 5))
def test_of_each_value_no_more_than_asked_for(pool: CandidateColumns, n: int) -> None:
    chosen = list(range(len(pool)))
    taken = sampling.sample(pool, chosen, Recipe(of=OF, sample=SampleKind.BALANCED, n=n))
    there = Counter(pool.values)
    expected = {value: min(n, many) for value, many in there.items() if value >= 0}
    assert dict(Counter(pool.values[at] for at in taken)) == expected


@given(POOLS, st.integers(1, 50))
def test_the_newest_are_the_last(pool: CandidateColumns, n: int) -> None:
    chosen = list(range(len(pool)))
    assert (
        sampling.sample(pool, chosen, Recipe(of=OF, sample=SampleKind.NEWEST, n=n)) == chosen[-n:]
    )


SHARES = st.sampled_from(
    [
        SplitShares(80, 10, 10),
        SplitShares(50, 50, 0),
        SplitShares(98, 1, 1),
        SplitShares(34, 33, 33),
    ]
)


def _together(pool: CandidateColumns, chosen: list[int], splits: bytearray) -> None:
    of: dict[bytes, set[int]] = {}
    for at, split in zip(chosen, splits, strict=True):
        for key in (b"p" + pool.prompts[at], *splitting.sessions_of(pool, at)):
            of.setdefault(key, set()).add(split)
    assert all(len(splits) == 1 for splits in of.values())


@given(POOLS, SHARES, st.integers(0, 99))
@settings(max_examples=examples(300))
def test_sessions_and_equal_prompts_never_straddle(
    pool: CandidateColumns, shares: SplitShares, seed: int
) -> None:
    chosen = list(range(len(pool)))[1:]
    recipe = Recipe(of=OF, split=shares, seed=seed)
    splits = splitting.split(pool, chosen, recipe)
    assert splits == splitting.split(pool, chosen, recipe)
    _together(pool, chosen, splits)
    # No split misses its share by more than the largest group that stays together.
    largest = max(Counter(splitting.groups(pool, chosen)).values(), default=0)
    for want, have in zip(
        split_rule.targets(shares, len(chosen)), map(splits.count, range(3)), strict=True
    ):
        assert abs(want - have) <= 2 * largest


@given(st.integers(0, 300), SHARES)
def test_single_records_meet_the_shares_exactly(n: int, shares: SplitShares) -> None:
    pool = CandidateColumns()
    for number in range(n):
        pool.append(Candidate(packed(number), packed(number), packed(number + 1), None))
    splits = splitting.split(pool, list(range(n)), Recipe(of=OF, split=shares))
    assert [splits.count(at) for at in range(3)] == split_rule.targets(shares, n)
    assert sum(split_rule.targets(shares, n)) == n


@given(POOLS, SHARES, st.dictionaries(st.integers(1, 15), st.integers(0, 2), max_size=5))
def test_what_belongs_to_a_dataset_goes_where_that_is(
    pool: CandidateColumns, shares: SplitShares, there: dict[int, int]
) -> None:
    chosen = list(range(len(pool)))
    settled = Settled({packed(prompt): split for prompt, split in there.items()})
    splits = splitting.split(pool, chosen, Recipe(of=OF, split=shares), settled)
    _together(pool, chosen, splits)
    roots = splitting.groups(pool, chosen)
    for root in set(roots):
        group = [at for at in chosen if roots[at] == root]
        known = {there[n] for at in group if (n := int.from_bytes(pool.prompts[at])) in there}
        assert not known or {splits[at] for at in group} == {min(known)}


def test_every_size_of_group_is_in_every_split() -> None:
    pool = CandidateColumns()
    for prompt in range(100):
        for number in range(10 if prompt < 30 else 1):
            id = packed(prompt * 100 + number)
            pool.append(Candidate(id, id, packed(prompt + 1), None))
    chosen = list(range(len(pool)))
    splits = splitting.split(pool, chosen, Recipe(of=OF, split=SplitShares(80, 10, 10)))
    for split in range(len(SPLITS)):
        sizes = Counter(pool.prompts[at] for at in chosen if splits[at] == split)
        assert {1, 10} == set(sizes.values())
