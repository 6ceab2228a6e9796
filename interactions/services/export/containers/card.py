"""The card of a dataset: `README.md` as Hugging Face reads it, and how trainers are told of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interactions.models import Dataset
from interactions.services.export.containers import features
from interactions.services.export.containers.features import features_of
from interactions.services.export.lines import Container
from interactions.services.export.making import LineMaker, Tally


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """What the files of a zip are; `files` names the one with the lines of each split."""

    maker: LineMaker
    tally: Tally
    files: Mapping[str, str]

    @property
    def readme(self) -> str:
        """The card, with the splits in its head, where `datasets` looks for them."""
        format = self.maker.choices.training_format
        counts = "\n".join(f"| {split} | {n:,} |" for split, n in self._counts.items())
        left_out = "".join(f"- {reason}: {n:,}\n" for reason, n in self.tally.reasons)
        parts = [
            self._head,
            f"# {_one_line(self.maker.source.title)}\n",
            f"{format.title}: {format.description}\n",
            f"| split | records |\n| --- | ---: |\n{counts}\n",
            f"Kept: {format.kept}\nNot in it: {format.lost}\n",
            _ARGUMENTS if "tool_calls" in self.tally.shape.in_messages else "",
            f"Left out, {self.tally.left_out.total():,} in all:\n\n{left_out}" if left_out else "",
            self._good_and_bad,
            self._loading,
        ]
        return "\n".join(part for part in parts if part)

    @property
    def _good_and_bad(self) -> str:
        """How many labels are true, and what KTO's trainer is told where few or most are."""
        if not self.maker.choices.training_format.needs_metric:
            return ""
        weights = f" Give KTOTrainer `{self.tally.weights}`." if self.tally.weights else ""
        return f"{self.tally.good:,} good, {self.tally.bad:,} bad.{weights}\n"

    @property
    def _counts(self) -> dict[str, int]:
        chosen = self.maker.choices.split
        return {split: self.tally.written["" if chosen else split] for split in self.files}

    @property
    def _folders(self) -> list[str]:
        """The splits with images, which are a folder each."""
        return [split for split, name in self.files.items() if name.endswith("/metadata.jsonl")]

    @property
    def _head(self) -> str:
        """YAML that tells the loader which files make which split, and what the columns hold."""
        choices = self.maker.choices
        if self._folders:
            # One loader opens all of a directory: those without images are not for this one.
            paths = {split: f"{split}/**" for split in self._folders}
        else:
            paths = dict(self.files)
        data = [{"split": split, "path": path} for split, path in paths.items()]
        configs: list[dict[str, Any]]
        if self._are_apart:
            # The loader wants the same columns in all splits, and takes a column that is empty in
            # one of them for another: so each is a configuration of its own.
            configs = [{"config_name": one["split"], "data_files": [one]} for one in data]
            configs[0]["default"] = True
        else:
            configs = [{"config_name": "default", "data_files": data}]
        head: dict[str, Any] = {"configs": configs}
        if choices.container is Container.ZIP and not self._folders and self.tally.lines:
            head["dataset_info"] = {"features": features.in_yaml(features_of(self.tally.shape))}
        return f"---\n{_yaml(head)}---\n"

    @property
    def _are_apart(self) -> bool:
        """Whether splits with images have values in different columns."""
        known = [self.tally.shape.known.get(split, {}).keys() for split in self._folders]
        return any(one != known[0] for one in known)

    @property
    def dataset_info(self) -> dict[str, Any]:
        """LLaMA-Factory's description of the files; none of those that it does not read so."""
        columns = self._columns
        if not columns:
            return {}
        is_pair = self.maker.source.kind == Dataset.Kind.PREFERENCE
        return {
            f"{self.maker.source.name}-{split}": {
                "file_name": name,
                **columns,
                **({"ranking": True} if is_pair else {}),
            }
            for split, name in self.files.items()
        }

    @property
    def _columns(self) -> dict[str, Any]:
        key = self.maker.choices.format
        is_pair = self.maker.source.kind == Dataset.Kind.PREFERENCE
        pair = {"chosen": "chosen", "rejected": "rejected"} if is_pair else {}
        images = {"images": "images"} if "images" in self.tally.shape.members else {}
        if key == "sharegpt":
            columns = {"messages": "conversations", "system": "system", "tools": "tools"}
            return {"formatting": "sharegpt", "columns": columns | pair | images}
        if key == "alpaca":
            columns = {"prompt": "instruction", "query": "input", "system": "system"}
            answer = {} if is_pair else {"response": "output"}
            columns |= {"history": "history"} | answer
            return {"formatting": "alpaca", "columns": columns | pair | images}
        if key == "trl-messages" and self.maker.choices.container is Container.ZIP:
            return {} if self._folders else {"formatting": "sharegpt", **_MESSAGES}
        return {}

    @property
    def _loading(self) -> str:
        """How to load the files with each library that reads them."""
        said = ["## Load it\n", "```python", "from datasets import load_dataset", ""]
        said += [*self._loads, "```", ""]
        if stanza := _AXOLOTL.get(self.maker.choices.format):
            said += ["Axolotl:\n", "```yaml"]
            for split, name in self.files.items():
                kind = "datasets" if split == "train" else "test_datasets"
                said += [f"{kind}:", f"  - path: {name}", "    ds_type: json", *stanza]
                said.append(f"    split: train  # of the file: all of {split}")
            said += ["```", ""]
        if info := self.dataset_info:
            said += ["LLaMA-Factory (`dataset_info.json`, with this folder as `dataset_dir`):\n"]
            said += ["```json", json.dumps(info, indent=2), "```", ""]
        return "\n".join(said)

    @property
    def _loads(self) -> list[str]:
        """Lines of Python that load all splits."""
        lines = ['folder = "path/of/this/folder"']
        if self._are_apart:
            lines += [f'{split} = load_dataset(folder, "{split}")' for split in self._folders]
        else:
            lines.append("dataset = load_dataset(folder)")
        alone = [split for split in self.files if self._folders and split not in self._folders]
        for split in alone:
            file = f'f"{{folder}}/{self.files[split]}"'
            lines.append(f'{split} = load_dataset("json", data_files={file})  # without images')
        return lines


# As objects they would not keep their types: a column has one for all rows.
_ARGUMENTS = (
    "The arguments of tool calls are strings of JSON. Chat templates that want objects, such as"
    " those of Qwen 3.5 and later, do not take them.\n"
)
_MESSAGES = {
    "columns": {"messages": "messages"},
    "tags": {
        "role_tag": "role",
        "content_tag": "content",
        "user_tag": "user",
        "assistant_tag": "assistant",
        "observation_tag": "tool",
        "system_tag": "system",
    },
}
_TEMPLATE = ["    type: chat_template", "    field_tools: tools"]
_AXOLOTL = {
    "trl-messages": [*_TEMPLATE, "    field_messages: messages"],
    "trl-dpo": [
        "    type: chat_template.default",
        "    field_messages: prompt",
        "    field_chosen: chosen",
        "    field_rejected: rejected",
    ],
    "sharegpt": [
        *_TEMPLATE,
        "    field_messages: conversations",
        "    message_property_mappings: {role: from, content: value}",
    ],
    "alpaca": ["    type: alpaca"],
}


def _yaml(head: dict[str, Any]) -> str:
    """YAML of the head: JSON is YAML too, so each member is a line of it."""
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in head.items())


def _one_line(text: str) -> str:
    return " ".join(text.split())
