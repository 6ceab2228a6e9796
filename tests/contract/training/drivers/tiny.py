"""A tokenizer that knows bytes alone, with the chat templates that TRL brings along."""

from importlib.resources import files

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

SPECIAL = ("<pad>", "<|im_start|>", "<|im_end|>", "<|endoftext|>")
# Of the 72 that TRL has, 17 want the arguments of a tool call as an object, those of Qwen 3.5 and
# later among them. Files have a string, as objects would not keep their types in a table.
TEMPLATES = ("qwen3", "qwen2_5", "gptoss")


def template(name: str) -> str:
    """A chat template of a known family of models."""
    return (files("trl") / "chat_templates" / f"{name}.jinja").read_text(encoding="utf-8")


def tokenizer(name: str = "qwen3") -> PreTrainedTokenizerFast:
    """A token for each byte, and four that begin and end what is said."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    known = {token: number for number, token in enumerate([*SPECIAL, *alphabet])}
    bare = Tokenizer(models.BPE(vocab=known, merges=[]))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(
        tokenizer_object=bare,
        pad_token="<pad>",
        eos_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>", "<|endoftext|>"],
    )
    made.chat_template = template(name)
    return made
