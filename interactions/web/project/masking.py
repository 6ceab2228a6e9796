"""What a project masks before it is stored: the page, its form, and a text to try it on."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from adaptive_site.lib.errors import Invalid
from interactions.services.masking import change, counts
from interactions.services.masking.masker import WITHHELD, Masker
from interactions.services.masking.rules import MASKED_KINDS, MaskingRules, of_project
from projects.models import Project
from projects.services.access import MANAGE, Caller
from projects.web.requests import ProjectRequest, in_project

DAYS = 30
MAX_TRIED = 10_000  # characters
KEEP, WITHHOLD = "keep", "withhold"


class MaskingForm(forms.Form):
    """Kinds as boxes; patterns a line each, `name: regular expression`."""

    kinds = forms.MultipleChoiceField(choices=list(MASKED_KINDS.items()), required=False)
    region = forms.CharField(max_length=2, required=False)
    patterns = forms.CharField(required=False, max_length=40_000, strip=False)
    unsearched = forms.ChoiceField(
        required=False,
        choices=[
            (WITHHOLD, "Store [withheld] in place of the text"),
            (KEEP, "Store the text as it is"),
        ],
    )
    text = forms.CharField(required=False, max_length=MAX_TRIED, strip=False)

    @classmethod
    def of(cls, rules: MaskingRules) -> "MaskingForm":
        """The form as the project has it."""
        initial = {
            "kinds": list(rules.kinds),
            "region": rules.region,
            "patterns": "\n".join(f"{name}: {one}" for name, one in rules.patterns.items()),
            "unsearched": KEEP if rules.keeps_unsearched else WITHHOLD,
        }
        return cls(initial=initial)

    def clean_patterns(self) -> dict[str, str]:
        """By name; each line has one."""
        found: dict[str, str] = {}
        for n, line in enumerate(self.cleaned_data["patterns"].splitlines(), 1):
            name, colon, pattern = line.partition(":")
            name = name.strip()
            if not line.strip():
                continue
            if not (colon and name and pattern.strip()):
                raise forms.ValidationError(f"line {n}: expected name: regular expression")
            if name in found:
                raise forms.ValidationError(f"line {n}: {name} stands there twice")
            found[name] = pattern.strip()
        return found

    def clean(self) -> dict[str, Any]:
        """Check the rules as a whole."""
        data = super().clean() or {}
        if not self.errors:
            try:
                change.check(self.rules)
            except Invalid as error:
                name, _, said = str(error).partition(": ")
                self.add_error(name, said)
        return data

    @property
    def rules(self) -> MaskingRules:
        """What a valid form asks for."""
        data = self.cleaned_data
        return MaskingRules(
            kinds=tuple(data["kinds"]),
            region=data["region"].upper(),
            patterns=data["patterns"],
            keeps_unsearched=data["unsearched"] == KEEP,
        )


@dataclass
class MaskingPage:
    """The page; `tried` is the text of the form as it would be stored."""

    caller: Caller
    project: Project
    form: MaskingForm
    tried: str | None = None

    tab = "masking"
    days = DAYS

    @property
    def may_manage(self) -> bool:
        """Whether the caller may change it."""
        return self.caller.may(MANAGE, self.project)

    @property
    def is_on(self) -> bool:
        """Whether anything is masked now."""
        return bool(self.project.masking)

    @cached_property
    def lately(self) -> list[tuple[str, int]]:
        """What was masked lately, in words, with how often."""
        found = counts.lately(self.project, days=DAYS)
        words = MASKED_KINDS | {WITHHELD: "Texts withheld"}
        return [(words.get(kind, kind), number) for kind, number in found.items()]

    @property
    def chosen(self) -> list[tuple[str, str, bool]]:
        """The kinds: name, words, whether the form has it."""
        now = self.form["kinds"].value() or ()
        return [(name, words, name in now) for name, words in MASKED_KINDS.items()]


@require_http_methods(["GET", "POST"])
@in_project()
def masking(request: ProjectRequest) -> HttpResponse:
    """Show what is masked; try a text on what the form says; or mask so from now on."""
    project = request.project
    if request.method == "GET":
        form = MaskingForm.of(of_project(project))
        return _page(request, MaskingPage(request.caller, project, form))
    request.caller.check_may(MANAGE, project)
    form = MaskingForm(_posted(request.POST))
    page = MaskingPage(request.caller, project, form)
    if not form.is_valid():
        return _page(request, page, status=422)
    if request.POST.get("do") == "try":
        page.tried = Masker(form.rules).text(form.cleaned_data["text"])
        return _page(request, page)
    change.change(project, form.rules, by=request.caller.user)
    said = "is masked before it is stored" if project.masking else "is stored as it comes"
    messages.info(request, f"From now on what comes in {said}.")
    return redirect("masking", project.key)


def _posted(given: QueryDict) -> QueryDict:
    """With line breaks as texts have them."""
    data = given.copy()
    for name in ("patterns", "text"):
        data[name] = given.get(name, "").replace("\r\n", "\n")
    return data


def _page(request: ProjectRequest, page: MaskingPage, status: int = 200) -> HttpResponse:
    return render(request, "projects/masking.html", {"page": page}, status=status)
