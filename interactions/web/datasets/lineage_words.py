"""What a batch of the lineage was made by, in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from interactions.services.datasets.growth import GrowthDedupe, Schedule

# Members of a recipe that are said here.
SAID = ("schedule", "gate", "dedupe", "file", "metrics")
SCHEDULES = {
    Schedule.AT_ONCE: "as soon as they match",
    Schedule.HOURLY: "every hour",
    Schedule.DAILY: "once a day",
}
_GATES = {
    True: "Each one waits for review: it is in files once somebody approves it.",
    False: "They are in files without a review.",
}
DEDUPES = {
    GrowthDedupe.NONE: "Interactions whose prompt is in the dataset already are taken as well.",
    GrowthDedupe.PROMPT: "Interactions whose prompt is in the dataset already are left out.",
    GrowthDedupe.ANSWER: "Interactions whose prompt and answer are in the dataset already are"
    " left out.",
}
# The builder's warnings as the filter of records knows them.
FAULTS_OF_WARNINGS = {
    "empty": "empty", "thoughts": "thoughts", "quoted": "quoted", "roles": "roles", "long": "long",
    "image elsewhere": "linked", "e-mail addresses": "email", "phone numbers": "phone",
    "card numbers": "card",
}  # fmt: skip
# Steps whose names are not words yet.
STEP_WORDS = {"lines read": "lines of the file", "copied": "copied into the dataset"}


def growth_sentences(said: Mapping[str, Any]) -> Iterator[str]:
    """When a growing dataset takes matches, and which; of a recipe or of what it is set to."""
    if (schedule := said.get("schedule")) in list(Schedule):
        yield f"The dataset takes new matches by itself, {SCHEDULES[Schedule(schedule)]}."
    if "gate" in said:
        yield _GATES[bool(said["gate"])]
    if (dedupe := said.get("dedupe")) in list(GrowthDedupe):
        yield DEDUPES[GrowthDedupe(dedupe)]


def sentences(recipe: Mapping[str, Any]) -> Iterator[str]:
    """How the batch came in, beside the filter and the steps."""
    yield from growth_sentences(recipe)
    if file := recipe.get("file"):
        yield f"The file was {file}."
    if metrics := recipe.get("metrics"):
        named = [f"{n:,} under {key}" for key, n in metrics.items()]
        yield f"Its records have feedback: {', '.join(named)}."
