"""Whose word something is: the caller's own, or another person's whom they may act for.

The one rule for all doors. Who may act for others (`Caller.may_act_for_others`) and names a
person in use who may read the project makes that person the author. Whoever else is named, by
whomever, is only said to have been it: the caller is the author, and the name is kept beside.
"""

from dataclasses import dataclass

from projects.models import Project, User
from projects.services.access import READ, Caller


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote something, and who is said to have; "" when nobody else is."""

    user: User
    said: str = ""


def author_of(caller: Caller, project: Project, said: str) -> Author:
    """The author of what `caller` sends into `project` in the name of `said`, "" for none."""
    if not said or _is(caller.user, said):
        return Author(caller.user)
    if caller.may_act_for_others(project):
        named = User.objects.known_as(said)
        if named is not None and Caller(named).may(READ, project):
            return Author(named)
    return Author(caller.user, said)


def _is(user: User, said: str) -> bool:
    return said.lower() in (str(user.uuid), user.uuid.hex, user.email.lower())
