"""What training files of the real data must hold, counted anew by plain Python.

No database, no Django, nothing of ours: the lines of the data, and the lines of a file.

    python tests/contract/training/recount.py DATA               what there is to be written
    python tests/contract/training/recount.py DATA a.jsonl …     and whether these files hold that

Files are TRL's, of preferences or of prompts and completions; of several, each is a split.
"""

import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any

INTERACTIONS = ("interactions.jsonl.gz", "interactions_multimodal.jsonl.gz")
PREFERENCES = "preferences.jsonl.gz"
Line = dict[str, Any]


@dataclass(frozen=True)
class Answered:
    """A line of the data: what was asked, as a key, and what was answered."""

    prompt: str
    answer: str
    model: str
    session: str | None
    language: str | None
    scores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Preferred:
    """A preference of the data."""

    prompt: str
    chosen: str
    rejected: str
    metric: str
    tied: str | None
    images: list[str]


def lines_of(path: Path) -> Iterator[Line]:
    """The lines of a file, which end at line feeds alone."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for line in file:
            yield json.loads(line)


def prompt_key(messages: Iterable[Line]) -> str:
    """The same for the same roles and contents; of an image it is its place that counts.

    A file for TRL says of an image only where it stands, so those of one prompt are told apart by
    `images` beside it, and here they are taken for equal.
    """
    said = []
    for message in messages:
        content = message["content"]
        if isinstance(content, list):
            parts = [part.get("text") if part["type"] == "text" else None for part in content]
            content = parts[0] if len(parts) == 1 else parts
        said.append([message["role"], content])
    return sha256(json.dumps(said).encode()).hexdigest()


def images_of(messages: Iterable[Line]) -> list[str]:
    """The data URIs in messages."""
    contents = [one["content"] for one in messages if isinstance(one["content"], list)]
    return [part["image_url"] for some in contents for part in some if "image_url" in part]


def answered(data: Path) -> list[Answered]:
    """All interactions of the data; of several values under one metric the mean."""
    found = []
    for line in (line for name in INTERACTIONS for line in lines_of(data / name)):
        given: dict[str, list[float]] = defaultdict(list)
        for one in line.get("feedbacks", []):
            given[one["feedback_key"]].append(float(one["value"]))
        found.append(
            Answered(
                prompt_key(line["messages"]),
                line["completion"],
                line["model"],
                line.get("session_id"),
                line["labels"].get("language"),
                {key: fmean(values) for key, values in given.items()},
            )
        )
    return found


def preferred(data: Path) -> list[Preferred]:
    """All preferences of the data."""
    return [
        Preferred(
            prompt_key(line["messages"]),
            line["preferred"]["text"],
            line["other"]["text"],
            line["feedback_key"],
            line["tied"],
            images_of(line["messages"]),
        )
        for line in lines_of(data / PREFERENCES)
    ]


def is_said(text: str) -> bool:
    """Whether an answer says anything, after its thoughts if it begins with them."""
    if text.lstrip().startswith("<think>"):
        text = text.partition("</think>")[2]  # nothing, if it was cut off within them
    return bool(text.strip())


def decided(there: Iterable[Preferred]) -> list[Preferred]:
    """The preferences that say which of two different answers is better."""
    return [
        one
        for one in there
        if one.tied is None
        and one.chosen != one.rejected
        and is_said(one.chosen)
        and is_said(one.rejected)
    ]


def by_prompt(there: Iterable[Answered], metric: str) -> dict[str, list[Answered]]:
    """The answers that were judged by a metric, by their prompt."""
    groups: dict[str, list[Answered]] = defaultdict(list)
    for one in there:
        if metric in one.scores and is_said(one.answer):
            groups[one.prompt].append(one)
    return groups


def minable(there: Iterable[Answered], metric: str, gap: float) -> dict[str, int]:
    """How many pairs of different answers lie so far apart, by the prompt, where there are any."""
    found = {}
    for prompt, group in by_prompt(there, metric).items():
        n = sum(
            abs(a.scores[metric] - b.scores[metric]) >= gap - 1e-9 and a.answer != b.answer
            for a, b in combinations(group, 2)
        )
        if n:
            found[prompt] = n
    return found


def passed(there: Iterable[Answered], metric: str) -> list[Answered]:
    """The answers that are good by a yes-or-no metric."""
    return [one for one in there if one.scores.get(metric, 0) >= 0.5 and is_said(one.answer)]


def of_file(line: Line) -> tuple[str, str]:
    """Prompt and answer of a line of a file; of a preference the chosen one."""
    (answer,) = line["completion"] if "completion" in line else line["chosen"]
    content = answer["content"]
    return prompt_key(line["prompt"]), content if isinstance(content, str) else content[0]["text"]


def unjustified(data: Path, lines: Iterable[Line], metric: str, gap: float) -> list[Line]:
    """The lines of a file of preferences that the data do not say."""
    told = {(one.prompt, one.chosen, one.rejected) for one in decided(preferred(data))}
    best: dict[tuple[str, str], float] = {}
    worst: dict[tuple[str, str], float] = {}
    for prompt, group in by_prompt(answered(data), metric).items():
        for one in group:
            key, score = (prompt, one.answer), one.scores[metric]
            best[key] = max(score, best.get(key, score))
            worst[key] = min(score, worst.get(key, score))
    found = []
    for line in lines:
        prompt, chosen = of_file(line)
        rejected = of_file({"prompt": line["prompt"], "completion": line["rejected"]})[1]
        if (prompt, chosen, rejected) in told:
            continue
        high, low = best.get((prompt, chosen)), worst.get((prompt, rejected))
        if high is None or low is None or high - low < gap - 1e-9:
            found.append(line)
    return found


def straddling(data: Path, splits: dict[str, list[Line]]) -> tuple[int, int]:
    """How many prompts, and how many sessions, have lines in more than one split.

    A session counts where a line can be of no other: another may have asked and answered the same.
    """
    sessions: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for one in answered(data):
        sessions[one.prompt, one.answer].add(one.session)
    prompts_in: dict[str, set[str]] = defaultdict(set)
    sessions_in: dict[str, set[str]] = defaultdict(set)
    for split, lines in splits.items():
        for line in lines:
            prompt, answer = of_file(line)
            prompts_in[prompt].add(split)
            (session, *others) = sessions[prompt, answer]
            if session is not None and not others:
                sessions_in[session].add(split)
    prompts = sum(len(where) > 1 for where in prompts_in.values())
    return prompts, sum(len(where) > 1 for where in sessions_in.values())


def counts(data: Path) -> dict[str, int]:
    """What there is to be written."""
    there, told = answered(data), preferred(data)
    good = passed(there, "tests_passed")
    pairs = minable(there, "tests_passed", 1)
    wide = minable(there, "check_pass_ratio", 0.5)
    return {
        "interactions": len(there),
        "preferences": len(told),
        "preferences decided": len(decided(told)),
        "of them with an image": sum(bool(one.images) for one in decided(told)),
        "prompts with a passing and a failing answer": len(pairs),
        "of them compared as well": len(pairs.keys() & {one.prompt for one in told}),
        "pairs of passing and failing answers": sum(pairs.values()),
        "prompts with ratios 0.5 apart": len(wide),
        "pairs with ratios 0.5 apart": sum(wide.values()),
        "of them, at most 1,000 of a prompt": sum(min(n, 1_000) for n in wide.values()),
        "prompts with more": sum(n > 1_000 for n in wide.values()),
        "tests passed": sum(one.scores.get("tests_passed", 0) >= 0.5 for one in there),
        "tests passed, not empty": len(good),
        "tests passed, distinct prompts": len({one.prompt for one in good}),
        "tests passed, distinct prompts and answers": len({(o.prompt, o.answer) for o in good}),
        "tests passed, at most 1,000 of a language": sum(
            min(n, 1_000) for language, n in Counter(o.language for o in good).items() if language
        ),
    }


def main(data: Path, files: list[Path]) -> None:
    """Print the counts, and what is wrong with the files."""
    for name, n in counts(data).items():
        print(f"{n:>7,}  {name}")
    splits = {path.name: list(lines_of(path)) for path in files}
    for name, lines in splits.items():
        print(f"{len(lines):>7,}  lines in {name}")
        if lines and "chosen" in lines[0]:
            faults = unjustified(data, lines, "tests_passed", 1)
            print(f"{len(faults):>7,}  of them not said by the data")
    if files and all("completion" in lines[0] for lines in splits.values() if lines):
        prompts, sessions = straddling(data, splits)
        print(f"{prompts:>7,}  prompts in more than one\n{sessions:>7,}  sessions in more than one")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
