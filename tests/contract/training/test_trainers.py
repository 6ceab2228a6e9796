"""TRL's trainers take a step on our files, where `make test-training` has made them."""

from typing import Any

import pytest

from adaptive_site.environment import ROOT
from tests.contract.training.conftest import Reader
from tests.contract.training.writing import Written

pytestmark = [
    pytest.mark.django_db,  # the files are made of interactions
    pytest.mark.skipif(
        not (ROOT / ".venv-trainers").exists(), reason="PyTorch is large: make test-training"
    ),
]
FILES = {
    "sft": ("text-prompt_completion-trl-sft-jsonl", "all-prompt_completion-trl-messages-jsonl"),
    "dpo": ("all-preference-trl-dpo-jsonl", "all-preference-trl-dpo-implicit-jsonl"),
    "kto": ("plain-prompt_completion_feedback-trl-kto-jsonl",),
    "reward": ("all-preference-trl-dpo-implicit-jsonl",),
}


@pytest.fixture(scope="module")
def trained(files: dict[str, Written], reader: Reader) -> dict[str, Any]:
    """What each trainer made of its files."""
    return reader(
        "trainers",
        {
            f"{trainer} {name}": {"path": str(files[name].path), "trainer": trainer}
            for trainer, names in FILES.items()
            for name in names
        },
    )


@pytest.mark.parametrize("trainer", FILES)
def test_a_trainer_takes_every_row_and_learns_a_step(
    files: dict[str, Written], trained: dict[str, Any], trainer: str
) -> None:
    for name in FILES[trainer]:
        done = trained[f"{trainer} {name}"]
        assert "failure" not in done, done
        assert done["prepared"] == done["rows"] == files[name].total
        assert 0 < done["loss"] < 20
