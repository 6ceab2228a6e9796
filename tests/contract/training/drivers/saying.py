"""Reading what a driver is asked and printing what it found, whatever libraries print meanwhile."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def main(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Print the answer to what the input asks; everything else that is printed goes to stderr."""
    # Libraries and their progress bars write to descriptor 1 as well as to sys.stdout.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        json.dump(answer(json.load(sys.stdin)), out)
