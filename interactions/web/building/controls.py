"""The controls of the builder's form, and the parameters of its address that they stand for."""

from collections.abc import Mapping

from django.http import QueryDict

from interactions.services.building.recipe import Recipe
from interactions.services.datasets.placing.split_rule import SplitShares

CSRF = "csrfmiddlewaretoken"
DO = "do"  # which button was pressed
# What the address has beside the recipe: the format of the records shown, the dataset that is
# added to, whether the preview comes with the page, as it does without scripts, and whether it is
# the second one, which has what takes longer.
FORMAT, INTO, SHOW, LATER = "format", "into", "show", "later"
BESIDE = (FORMAT, INTO, SHOW, LATER)
_SPLIT = ("validation", "test")  # in hundredths; the rest is for training


def from_controls(sent: QueryDict) -> QueryDict:
    """The parameters that a form's fields stand for, without those that were left empty."""
    asked = QueryDict(mutable=True)
    for name, values in sent.lists():
        if name in (CSRF, DO, *_SPLIT):
            continue
        given = [str(value).strip() for value in values]
        asked.setlist(name, [value for value in given if value])
    for name in [name for name, values in asked.lists() if not values]:
        del asked[name]
    if any(name in sent for name in _SPLIT):
        asked["split"] = _split([sent.get(name, "").strip() or "0" for name in _SPLIT])
        if asked["split"] == str(SplitShares()):
            del asked["split"]
    return asked


def has_controls(sent: QueryDict) -> bool:
    """Whether a form has sent this, or somebody has written it by hand: an address is shorter."""
    return from_controls(sent) != sent


def _split(parts: list[str]) -> str:
    """`80/10/10` of `10` and `10`; what is no number stays for the message that says so."""
    if all(part.isascii() and part.isdigit() for part in parts):
        train = 100 - sum(int(part[:9]) for part in parts)
        return "/".join([str(train), *parts])
    return "/".join(["?", *parts])


def shares_of(split: str) -> tuple[str, str, str]:
    """The parts of `split` as its fields show them: train, validation and test."""
    parts = [*split.split("/"), "", ""][:3]
    train, validation, test = ("" if part in ("0", "?") else part for part in parts)
    return train, validation, test


def address(recipe: Recipe, beside: Mapping[str, str]) -> str:
    """The one address of a recipe, with what stands beside it."""
    asked = recipe.query
    for name, said in beside.items():
        if said:
            asked[name] = said
    return asked.urlencode(safe=":/*")
