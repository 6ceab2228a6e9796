"""What a project masks, as `Project.masking` keeps it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from projects.models import Project

EMAIL, PHONE, CARD, IBAN = "email", "phone", "card", "iban"
MASKED_KINDS = {
    EMAIL: "E-mail addresses",
    PHONE: "Phone numbers",
    CARD: "Card numbers",
    IBAN: "Bank accounts (IBAN)",
}


@dataclass(frozen=True)
class MaskingRules:
    """Which kinds, which patterns by name, and whether a text that could not be searched is kept.

    `region` is the country (`DE`) whose phone numbers are found without `+`.
    """

    kinds: tuple[str, ...] = ()
    region: str = ""
    patterns: Mapping[str, str] = field(default_factory=dict)
    keeps_unsearched: bool = False

    @property
    def is_on(self) -> bool:
        """Whether anything is masked."""
        return bool(self.kinds or self.patterns)

    def stored(self) -> dict[str, Any]:
        """As `Project.masking` keeps it."""
        return asdict(self) if self.is_on else {}


def of_project(project: Project) -> MaskingRules:
    """What a project masks."""
    given = dict(project.masking)
    return MaskingRules(**(given | {"kinds": tuple(given["kinds"])})) if given else MaskingRules()
