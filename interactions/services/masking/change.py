"""Changing what a project masks."""

import phonenumbers
from django.db import transaction

from adaptive_site.lib.errors import Invalid
from interactions.services.masking import finders
from interactions.services.masking.rules import MASKED_KINDS, MaskingRules
from projects.models import Project, User
from projects.services import audit
from projects.services.access import MANAGE, Caller

MAX_PATTERNS = 50
MAX_PATTERN = 500  # characters
MAX_NAME = 32


@transaction.atomic
def change(project: Project, rules: MaskingRules, *, by: User) -> Project:
    """Mask by these rules what is stored from now on. Raises Invalid naming the member at fault."""
    Caller(by).check_may(MANAGE, project)
    check(rules)
    project.masking = rules.stored()
    project.save(update_fields=["masking"])
    audit.record(
        project,
        actor=by,
        verb="project.masking_set",
        subject=project.key,
        kinds=list(rules.kinds),
        patterns=sorted(rules.patterns),
    )
    return project


def check(rules: MaskingRules) -> None:
    """Raise Invalid naming the member at fault."""
    if unknown := set(rules.kinds) - MASKED_KINDS.keys():
        raise Invalid(
            f"expected some of {', '.join(MASKED_KINDS)}, got {min(unknown)}", field="kinds"
        )
    if rules.region and rules.region not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid("expected the two letters of a country, such as DE", field="region")
    if len(rules.patterns) > MAX_PATTERNS:
        raise Invalid(f"expected at most {MAX_PATTERNS} patterns", field="patterns")
    for name, pattern in rules.patterns.items():
        _check_pattern(name, pattern)


def _check_pattern(name: str, pattern: str) -> None:
    if not 0 < len(name) <= MAX_NAME or not name.replace("-", "").isalnum():
        said = f"expected names of at most {MAX_NAME} letters, digits and -, got {name[:40]}"
        raise Invalid(said, field="patterns")
    if name in MASKED_KINDS:
        raise Invalid(f"{name} is the name of a kind; expected another", field="patterns")
    if len(pattern) > MAX_PATTERN:
        raise Invalid(f"{name}: expected at most {MAX_PATTERN} characters", field="patterns")
    try:
        finders.compiled(pattern)
    except ValueError as error:
        raise Invalid(f"{name}: {error}", field="patterns") from error
