"""Train, validation and test: shares of the records, and which split lacks most of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from interactions.models import Dataset, DatasetItem

SPLITS = tuple(DatasetItem.Split.values)


@dataclass(frozen=True, slots=True)
class SplitShares:
    """How many hundredths of the records go into which split."""

    train: int = 100
    validation: int = 0
    test: int = 0

    def __str__(self) -> str:
        return f"{self.train}/{self.validation}/{self.test}"

    @property
    def is_split(self) -> bool:
        """Whether there is more than one split."""
        return self.train < 100


@dataclass(frozen=True, slots=True)
class SplitRule:
    """How a dataset splits its records: by these shares, in the order of a seed.

    Sessions and equal prompts are always whole. `Dataset.split_rule` keeps it as JSON.
    """

    shares: SplitShares = SplitShares()
    seed: int = 0

    @classmethod
    def of(cls, dataset: Dataset) -> "SplitRule":
        """The rule of a dataset; without one all records go to train."""
        said: dict[str, Any] | None = dataset.split_rule
        if said is None:
            return cls()
        shares = SplitShares(said["train"], said["validation"], said["test"])
        return cls(shares, said["seed"])

    @property
    def as_json(self) -> dict[str, Any]:
        """As a dataset keeps it."""
        shares = self.shares
        return {
            "train": shares.train,
            "validation": shares.validation,
            "test": shares.test,
            "seed": self.seed,
        }


def remember(dataset: Dataset, rule: SplitRule) -> None:
    """Have the dataset split by this rule what comes into it from now on."""
    if rule.shares.is_split and rule.as_json != dataset.split_rule:
        dataset.split_rule = rule.as_json
        mine = Dataset.objects.in_project(dataset.project).filter(id=dataset.id)
        mine.update(split_rule=dataset.split_rule)


def rank(seed: int, key: bytes) -> int:
    """Where a record stands in the order of a seed: a number of 64 bits, as good as random."""
    digest = blake2b(key, digest_size=8, key=seed.to_bytes(8, "big")).digest()
    return int.from_bytes(digest, "big")


def targets(shares: SplitShares, n: int) -> list[int]:
    """How many of `n` records each split should have: whole numbers that make `n` together."""
    hundredths = [n * share for share in (shares.train, shares.validation, shares.test)]
    wanted = [many // 100 for many in hundredths]
    by_rest = sorted(range(len(SPLITS)), key=lambda at: (-(hundredths[at] % 100), at))
    for at in by_rest[: n - sum(wanted)]:
        wanted[at] += 1
    return wanted


def most_lacking(wanted: Sequence[int], counts: Sequence[int], size: int) -> int:
    """Of the splits with room the one that lacks most of its share, else what lacks most."""
    best, most = -1, 0.0
    for at, want in enumerate(wanted):  # for each of a million records: no lists are made
        lack = want - counts[at]
        if lack >= size and lack / want > most:
            best, most = at, lack / want
    if best >= 0:
        return best
    return max(
        (at for at, want in enumerate(wanted) if want), key=lambda at: wanted[at] - counts[at]
    )
