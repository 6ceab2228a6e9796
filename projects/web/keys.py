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
class KeyGroup:
    """The keys of a page, or of a part of one."""

    title: str
    keys: tuple[Key, ...]


def _group(title: str, *keys: tuple[str, str]) -> KeyGroup:
    """Alternatives stand apart by ` | `, one key after another by a space."""
    made = [([tuple(one.split(" ")) for one in typed.split(" | ")], does) for typed, does in keys]
    return KeyGroup(title, tuple(Key(tuple(typed), does) for typed, does in made))


GROUPS = (
    _group(
        "Everywhere",
        ("/", "to the query"),
        (
            "Ctrl+K | ⌘+K",
            "go to an id, page, view or project, or do something; also while typing",
        ),
        ("?", "this list"),
        ("g i", "Interactions"),
        ("g s", "Sessions"),
        ("g g", "Groups"),
        ("g p", "Pairs"),
        ("g r", "Review"),
        ("g m", "Images"),
        ("g d", "Datasets"),
        ("g f", "Feedback"),
        ("g t", "Settings"),
        ("[ | ]", "the span of time before, and after"),
        ("z", "undo your last change, within a day"),
        ("Esc", "close what is open"),
    ),
    _group(
        "The query",
        ("↓ | ↑", "through what it may go on with"),
        ("Enter | Tab", "take it"),
    ),
    _group(
        "Interactions",
        ("j | k", "open the next and the previous row"),
        ("↓ | ↑", "next and previous row, without opening it"),
        ("Enter | o", "open the row; once more, its page"),
        ("1 | 2", "good and bad under the primary metric; once more takes it back"),
        ("1 | … | 9", "its value, where the primary metric is a scale"),
        ("x", "tick the row"),
        ("Shift+X", "tick from the last one to here"),
        ("Shift+A", "tick all that match, or none"),
        ("l", "label what is ticked, or the open row"),
        ("e", "export what is ticked, or all that match"),
        ("d", "add what is ticked to a dataset, or all that match; also in Groups, Pairs, Review"),
        ("Delete", "delete what is ticked"),
        ("f", "give feedback on what is ticked"),
    ),
    _group(
        "An interaction",
        ("1 | 2", "good and bad under the primary metric, also in a session"),
        ("1 | … | 9", "give the feedback beside the number"),
        ("w", "a reason for it"),
        ("l", "add a label"),
        ("r", "raw text, or as Markdown"),
        ("s", "other answers to its prompt, side by side"),
        ("c", "copy its link"),
    ),
    _group(
        "Chart over time",
        ("+ | -", "closer and wider"),
        ("← | →", "from bar to bar, when one has the focus"),
        ("Shift+← | Shift+→", "choose bars; Enter shows them"),
    ),
    _group(
        "Sessions, groups, images",
        ("j | k", "next and previous one, or turn"),
        ("Enter", "open it; an image large"),
        ("o", "open it; of an image, its interaction"),
        ("x", "tick the group"),
        ("c", "compare two groups that are ticked"),
        ("Esc", "close the form of a session's turn"),
    ),
    _group(
        "Review",
        ("1 | 2", "good and bad, and on to the next"),
        ("0 | … | 9", "a value of a scale, or the first digit of a number"),
        ("e", "a reason"),
        ("s", "skip"),
        ("z", "undo"),
    ),
    _group(
        "Pairs",
        ("1 | 2", "the left, the right one is better"),
        ("=", "both are good"),
        ("0", "both are bad"),
        ("w", "mark the words that differ"),
        ("s", "skip"),
        ("z", "undo"),
    ),
    _group(
        "The builder of datasets",
        ("Tab | Shift+Tab", "to the next field, and the one before"),
        ("Ctrl+Enter | ⌘+Enter", "make the dataset; also while typing"),
        ("1 | … | 9", "where there are no pairs, the way on beside the number"),
    ),
    _group(
        "A dataset",
        ("j | k", "next and previous record"),
        ("Enter | o", "open the record; once more, its page"),
        ("x", "tick the record"),
        ("Shift+A", "tick all that match, or none"),
        ("1 | 2", "approve and reject what is ticked, or the open record; once more takes it back"),
        ("Delete", "remove it"),
        ("e", "edit the answer; Ctrl+Enter saves it"),
        ("z", "undo the last change of the dataset"),
    ),
    _group(
        "Review of a dataset",
        ("1 | 2", "approve and reject, and on to the next"),
        ("e", "edit the answer, which is saved with the decision"),
        ("s", "skip"),
        ("z", "undo"),
    ),
    _group(
        "An image, large",
        ("← | →", "the image before, the next one"),
        ("+ | -", "larger and smaller"),
        ("0", "fit the window"),
        ("1", "actual size"),
        ("r", "turn it"),
        ("i", "text beside it, or not"),
    ),
)


@login_required
@require_GET
@vary_on_headers("HX-Request")
def keys(request: ProjectRequest) -> HttpResponse:
    """The page; for the sheet its list alone."""
    return render(request, "keys.html", {"groups": GROUPS})
