"""How many examples Hypothesis tries: a quarter in `make test`, all with THOROUGH=1."""

import os

IS_THOROUGH = bool(os.environ.get("THOROUGH"))


def examples(number: int) -> int:
    """So many of `number` examples as this run is to try, and ten at least."""
    return number if IS_THOROUGH else max(10, number // 4)
