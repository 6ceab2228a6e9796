"""One step of TRL's trainers on a file, with a random model of a few thousand weights."""

import tempfile
from pathlib import Path
from typing import Any

import datasets
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen2ForSequenceClassification
from trl import (
    DPOConfig,
    DPOTrainer,
    KTOConfig,
    KTOTrainer,
    RewardConfig,
    RewardTrainer,
    SFTConfig,
    SFTTrainer,
)

from tests.contract.training.drivers import tiny
from tests.contract.training.drivers.opening import loaded
from tests.contract.training.drivers.saying import main

TRAINERS: dict[str, tuple[Any, Any]] = {
    "sft": (SFTTrainer, SFTConfig),
    "dpo": (DPOTrainer, DPOConfig),
    "kto": (KTOTrainer, KTOConfig),
    "reward": (RewardTrainer, RewardConfig),
}
LONGEST = 16_384  # tokens of one byte each


def models(name: str, vocabulary: int) -> dict[str, Any]:
    """A Qwen2 that has learnt nothing, and where one is wanted another to be compared with it."""
    torch.manual_seed(7)
    config = Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=LONGEST,
        num_labels=1,
        pad_token_id=0,
    )
    if name == "reward":
        return {"model": Qwen2ForSequenceClassification(config)}
    made = {"model": Qwen2ForCausalLM(config)}
    return made | ({"ref_model": Qwen2ForCausalLM(config)} if name in ("dpo", "kto") else {})


def trained(asked: dict[str, Any]) -> dict[str, Any]:
    """What a trainer made of the rows, and the loss of its one step."""
    trainer, config = TRAINERS[asked["trainer"]]
    with tempfile.TemporaryDirectory() as place:
        rows = next(iter(loaded(Path(asked["path"]), place).values()))
        tokenizer = tiny.tokenizer()
        options = config(
            output_dir=place,
            max_steps=1,
            per_device_train_batch_size=2,
            max_length=LONGEST,
            report_to=[],
            save_strategy="no",
            use_cpu=True,
            disable_tqdm=True,
            bf16=False,
        )
        running = trainer(
            **models(asked["trainer"], len(tokenizer)),
            args=options,
            train_dataset=rows,
            processing_class=tokenizer,
        )
        prepared = running.train_dataset
        result = running.train()
        return {
            "rows": len(rows),
            "prepared": len(prepared),
            "columns": sorted(prepared.column_names),
            "loss": result.training_loss,
        }


def tried(asked: dict[str, Any]) -> dict[str, Any]:
    """The same, or why it could not be done."""
    try:
        return trained(asked)
    except Exception as error:
        return {"failure": f"{type(error).__name__}: {error}"[:2000]}


if __name__ == "__main__":
    datasets.disable_progress_bars()
    main(lambda asked: {name: tried(one) for name, one in asked.items()})
