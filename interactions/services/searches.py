"""Having the audit log tell what somebody looked for: a filter, in words."""

from collections.abc import Collection
from typing import Any

from interactions.filters.query import english
from interactions.filters.tree import EVERYTHING, Tree
from projects.models import Project, User
from projects.services import audit

SEARCHED = "search.made"


def note(
    project: Project,
    tree: Tree,
    *,
    by: User,
    page: str,
    yes_no: Collection[str] = (),
    **details: Any,
) -> None:
    """Note what was asked for on a page; to ask for everything is no search."""
    if tree != EVERYTHING:
        words = english.sentence(tree, yes_no)
        audit.note(project, actor=by, verb=SEARCHED, page=page, filter=words, **details)
