"""TRL's trainers on all rows of a file, with random models of some thousand weights."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import datasets
import torch
from transformers import (
    CLIPVisionConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen2ForSequenceClassification,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
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
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.content is string %}{{ message.content }}"
    "{% else %}{% for part in message.content or [] %}"
    "{{ '<image>' if part.type == 'image' else part.text }}{% endfor %}{% endif %}"
    "<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def text_config(vocabulary: int) -> Qwen2Config:
    """The size of a Qwen2."""
    return Qwen2Config(
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


def seeing(tokenizer: Any) -> tuple[Any, Any]:
    """A Llava, as its class and size, and what prepares images for it."""
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<image>"]})
    tokenizer.chat_template = TEMPLATE
    processor = LlavaProcessor(
        image_processor=CLIPImageProcessorPil(
            size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28}
        ),
        tokenizer=tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )
    vision = CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=28,
        patch_size=14,
    )
    config = LlavaConfig(
        vision_config=vision,
        text_config=text_config(len(tokenizer)),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )
    return partial(LlavaForConditionalGeneration, config), processor


def trained(asked: dict[str, Any]) -> dict[str, Any]:
    """What a trainer made of the rows, and its loss after it has seen each once."""
    name = asked["trainer"]
    trainer, config = TRAINERS[name]
    torch.manual_seed(7)
    with tempfile.TemporaryDirectory() as place:
        rows = next(iter(loaded(Path(asked["path"]), place).values()))
        tokenizer: Any = tiny.tokenizer()
        processor = tokenizer
        made: Any = partial(
            Qwen2ForSequenceClassification if name == "reward" else Qwen2ForCausalLM,
            text_config(len(tokenizer)),
        )
        if "images" in rows.column_names:
            made, processor = seeing(tokenizer)
        models = {"model": made()} | ({"ref_model": made()} if name in ("dpo", "kto") else {})
        options = config(
            output_dir=place,
            num_train_epochs=1,
            # One long row makes all of its batch as long.
            per_device_train_batch_size=2 if name == "sft" else len(rows),
            max_length=None if "images" in rows.column_names else LONGEST,
            report_to=[],
            save_strategy="no",
            use_cpu=True,
            disable_tqdm=True,
            bf16=False,
        )
        running = trainer(**models, args=options, train_dataset=rows, processing_class=processor)
        prepared = len(running.train_dataset)
        result = running.train()
        return {"rows": len(rows), "prepared": prepared, "loss": result.training_loss}


def tried(asked: dict[str, Any]) -> dict[str, Any]:
    """The same, or why it could not be done."""
    try:
        return trained(asked)
    except Exception as error:
        return {"failure": f"{type(error).__name__}: {error}"[:2000]}


if __name__ == "__main__":
    datasets.disable_progress_bars()
    main(lambda asked: {name: tried(one) for name, one in asked.items()})
