"""TRL's trainers learn from our files, images too, where `make test-training` has made them."""

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
# Of those with splits the trainer gets the first; those in Parquet have images.
FILES = {
    "sft": (
        "text-prompt_completion-trl-sft-jsonl",
        "all-prompt_completion-trl-messages-jsonl",
        "all-prompt_completion-trl-sft-parquet",
        "all-prompt_completion-trl-messages-zip",
    ),
    "dpo": (
        "all-preference-trl-dpo-jsonl",
        "all-preference-trl-dpo-implicit-jsonl",
        "all-preference-trl-dpo-parquet",
    ),
    "kto": (
        "plain-prompt_completion_feedback-trl-kto-jsonl",
        "all-prompt_completion_feedback-trl-kto-parquet",
    ),
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
def test_a_trainer_takes_every_row(
    files: dict[str, Written], trained: dict[str, Any], trainer: str
) -> None:
    for name in FILES[trainer]:
        done = trained[f"{trainer} {name}"]
        assert "failure" not in done, done
        lines = files[name].lines
        assert done["prepared"] == done["rows"] == lines.get("", lines.get("train"))
        assert 0 < done["loss"] < 20
