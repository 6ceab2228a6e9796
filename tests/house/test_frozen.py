"""A migration that has landed is never edited: Django takes its name for its deed.

Data on which an earlier wording ran would then lack what the new one makes, without a word from
`migrate`. A new migration is added here, once it is as it will land, by
`pytest tests/house/test_frozen.py --freeze-migrations`, which never changes a line that is there.
"""

import hashlib
import json
from pathlib import Path

import pytest

from tests.house.files import ROOT, name_of, ours

FILE = ROOT / "tests" / "house" / "migrations.json"


def digests() -> dict[str, str]:
    """What each migration of ours says, by its name."""
    return {
        name_of(path): hashlib.sha256(path.read_bytes()).hexdigest()[:32]
        for path in ours()
        if path.parent.name == "migrations" and path.suffix == ".py" and path.stem != "__init__"
    }


def frozen() -> dict[str, str]:
    """What those said that have landed."""
    known: dict[str, str] = json.loads(FILE.read_text())
    return known


def faults_of(now: dict[str, str], then: dict[str, str]) -> list[str]:
    """What was changed or taken away, and what is new."""
    return [
        *(f"{name} was taken away" for name in sorted(then.keys() - now.keys())),
        *(
            f"{name} was edited after it had landed: undo that, and write a new migration"
            for name in sorted(then.keys() & now.keys())
            if then[name] != now[name]
        ),
        *(
            f"{name} is new: pytest tests/house/test_frozen.py --freeze-migrations"
            for name in sorted(now.keys() - then.keys())
        ),
    ]


def test_no_migration_that_has_landed_was_edited(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--freeze-migrations"):
        FILE.write_text(f"{json.dumps(digests() | frozen(), indent=2, sort_keys=True)}\n")
    assert not faults_of(digests(), frozen()), "\n".join(faults_of(digests(), frozen()))


def test_an_edit_a_removal_and_a_new_one_are_seen() -> None:
    said = faults_of({"a": "1", "b": "2", "d": "4"}, {"a": "1", "b": "3", "c": "5"})
    assert [one.partition(":")[0] for one in said] == [
        "c was taken away",
        "b was edited after it had landed",
        "d is new",
    ]


def test_every_migration_is_named_once_in_the_file() -> None:
    pairs = json.loads(FILE.read_text(), object_pairs_hook=list)
    assert len(pairs) == len({Path(name) for name, _ in pairs})
