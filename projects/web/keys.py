"""The keys of every page, in one place: the sheet, its page and `docs/keys.md` show these."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from .requests import ProjectRequest


@dataclass(frozen=True, slots=True)
class Key:
    """What one types, each of it one key or one after another, and what it does."""

    typed: tuple[tuple[str, ...], ...]
    does: str

    @property
    def name(self) -> str:
        """As `docs/keys.md` writes it: `j`, `k`; `g` `i`."""
        return ", ".join(" ".join(f"`{step}`" for step in steps) for steps in self.typed)


@dataclass(frozen=True, slots=True)
class Group:
    """The keys of a page, or of a part of one."""

    title: str
    keys: tuple[Key, ...]


def _group(title: str, *keys: tuple[str, str]) -> Group:
    """Alternatives stand apart by ` | `, one key after another by a space."""
    made = [([tuple(one.split(" ")) for one in typed.split(" | ")], does) for typed, does in keys]
    return Group(title, tuple(Key(tuple(typed), does) for typed, does in made))


GROUPS = (
    _group(
        "Everywhere",
        ("/", "to the search"),
        ("?", "this list"),
        ("g i", "Interactions"),
        ("g s", "Sessions"),
        ("g g", "Groups"),
        ("g p", "Pairs"),
        ("g r", "Review"),
        ("g m", "Images"),
        ("g f", "Feedback"),
        ("g t", "Settings"),
        ("Esc", "close what is open"),
    ),
    _group(
        "Interactions",
        ("j | k", "next and previous row"),
        ("Enter | o", "open the row"),
        ("x", "select the row"),
        ("Shift+X", "select from the last one to here"),
        ("e", "export"),
    ),
    _group(
        "An interaction",
        ("1 | … | 9", "give the feedback beside the number"),
        ("l", "add a label"),
        ("r", "raw text, or as Markdown"),
    ),
    _group(
        "Chart over time",
        ("[ | ]", "earlier and later span"),
        ("+ | -", "closer and wider"),
        ("← | →", "from bar to bar, when one has the focus"),
    ),
    _group(
        "Review",
        ("1 | … | 9", "judge, and on to the next"),
        ("s", "skip"),
        ("z", "undo"),
    ),
    _group(
        "Pairs",
        ("1 | 2", "the left, the right one is better"),
        ("=", "both are good"),
        ("0", "both are bad"),
        ("s", "skip"),
        ("z", "undo"),
    ),
    _group(
        "Images",
        ("j | k", "next and previous image"),
        ("Enter", "large"),
        ("o", "open its interaction"),
    ),
    _group(
        "An image, large",
        ("← | →", "the image before, the next one"),
        ("+ | -", "larger and smaller"),
        ("0", "fit the window"),
        ("1", "actual size"),
    ),
)


@login_required
@require_GET
@vary_on_headers("HX-Request")
def keys(request: ProjectRequest) -> HttpResponse:
    """The page; for the sheet its list alone."""
    return render(request, "keys.html", {"groups": GROUPS})
