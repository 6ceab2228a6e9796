"""A filter: conditions joined by AND, OR and NOT."""

from dataclasses import dataclass
from typing import TypeAlias

from .conditions import Condition


@dataclass(frozen=True, slots=True)
class And:
    """All of them; with none, everything."""

    children: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them; with none, nothing."""

    children: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever the child leaves out."""

    child: "Tree"


Tree: TypeAlias = And | Or | Not | Condition

EVERYTHING = And()
NOTHING = Or()
