"""What the builder shows beside its preview: the form with what was chosen and what is wrong."""

from dataclasses import dataclass, field
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid
from interactions.filters.conditions import Comparator, HasFeedback
from interactions.filters.notation import spell_feedback, spell_label
from interactions.filters.query import english
from interactions.models import Dataset, Selection
from interactions.services import selections
from interactions.services.building.recipe import PairsFrom, Recipe, RecordKind
from interactions.services.building.recipe_reading import RecipeForm, read_form
from interactions.services.export.training_formats import FORMATS, TrainingFormat, of_kind
from interactions.services.judging import metric_scales
from interactions.services.judging.metric_scales import Scale
from interactions.services.rollups import counts
from interactions.web.building import controls, metric_menu, usual
from interactions.web.building.metric_menu import MetricMenu
from projects.models import Project
from projects.services.access import EDIT_DATASETS, GIVE_FEEDBACK, Caller

DATASETS_OFFERED = 200
KEYS_OFFERED = 200
LONGEST_SUGGESTED = 80
RECORD_KINDS = (
    (RecordKind.PROMPT, "Prompts", "GRPO"),
    (RecordKind.COMPLETION, "Prompts and completions", "SFT"),
    (RecordKind.FEEDBACK, "Prompts, completions and feedback", "KTO"),
    (RecordKind.PREFERENCE, "Preferences", "DPO"),
)
# A field of the form that says what is wrong with it; other faults stand above the form.
FORM_FIELDS = (
    *(
        "kind",
        "pairs",
        "metric",
        "gap",
        "answers",
        "ties",
        "per_prompt",
        "score",
        "require_feedback",
    ),
    *("empty", "dedupe", "near", "sample", "n", "by", "seed", "split", "into", "name"),
)


@dataclass
class BuilderPage:
    """The builder with one selection: a form, each field with what is wrong with it."""

    caller: Caller
    selection: Selection
    form: RecipeForm
    filled: dict[str, str] = field(default_factory=dict)
    own_faults: dict[str, str] = field(default_factory=dict)

    fields = FORM_FIELDS
    usual_records, usual_of_each = usual.USUAL_RECORDS, usual.USUAL_OF_EACH
    kinds = RECORD_KINDS

    @classmethod
    def of(
        cls,
        caller: Caller,
        selection: Selection,
        asked: QueryDict,
        *,
        is_filled: bool = True,
        is_chosen_here: bool = False,
    ) -> "BuilderPage":
        """The builder of an address, or of a form; what is missing is filled in for those who
        are still choosing.
        """
        filled = {}
        if is_filled:
            filled = usual.filled(selection, asked, is_chosen_here=is_chosen_here)
            asked = asked.copy()
            for name, value in filled.items():
                if value:
                    asked[name] = value
                else:
                    asked.pop(name, None)
        page = cls(caller, selection, read_form(asked, beside=controls.BESIDE), filled)
        page.own_faults = page._faults_beside()
        return page

    def _faults_beside(self) -> dict[str, str]:
        faults = {}
        into = self.asked.get(controls.INTO)
        if into and self.into is None:
            faults[controls.INTO] = "expected the key of a dataset of this project"
        elif self.into is not None and self.into.kind != self.kind.of_dataset:
            faults[controls.INTO] = (
                f"expected a dataset of {Dataset.Kind(self.kind.of_dataset).label.lower()};"
                f" “{self.into.name}” holds {Dataset.Kind(self.into.kind).label.lower()}"
            )
        elif self.into is not None and self.into.state != Dataset.State.READY:
            faults[controls.INTO] = f"expected a dataset that is made; “{self.into.name}” is not"
        if (self.asked.get(controls.FORMAT) or next(iter(FORMATS))) not in FORMATS:
            keys = ", ".join(one.key for one in self.formats)
            faults[controls.FORMAT] = f"expected one of {keys}"
        return faults

    @property
    def project(self) -> Project:
        """The project of the selection."""
        return self.selection.project

    @property
    def asked(self) -> QueryDict:
        """The parameters as they were given."""
        return self.form.given

    @property
    def recipe(self) -> Recipe | None:
        """The recipe, unless something is wrong with it."""
        return self.form.recipe

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong, by parameter."""
        return self.form.faults | self.own_faults

    @property
    def faults_of_no_field(self) -> dict[str, str]:
        """What is wrong with parameters that the form has no field for."""
        return {name: said for name, said in self.faults.items() if name not in FORM_FIELDS}

    @property
    def kind(self) -> RecordKind:
        """What a record holds, as far as the address can be read."""
        if self.recipe is not None:
            return self.recipe.kind
        given = self.asked.get("kind", "")
        return RecordKind(given) if given in set(RecordKind) else _DEFAULTS.kind

    def said(self, name: str) -> str:
        """What a field holds: what was given, else the default."""
        if name in self.asked:
            return str(self.asked[name])
        default = getattr(_DEFAULTS, name, None)
        return "" if default is None else str(default)

    @property
    def shares(self) -> tuple[str, str, str]:
        """The shares of train, validation and test, as the form shows them."""
        return controls.shares_of(self.said("split"))

    @property
    def path(self) -> str:
        """The builder without anything."""
        return reverse("dataset-builder", kwargs={"key": self.project.key})

    @property
    def address(self) -> str:
        """The builder as it stands, to keep and to share."""
        if self.recipe is None:
            return f"{self.path}?{self.asked.urlencode(safe=':/*')}"
        beside = {controls.INTO: self.asked.get(controls.INTO, "")}
        if self.format != self.formats[0]:
            beside[controls.FORMAT] = self.format.key
        return f"{self.path}?{controls.address(self.recipe, beside)}"

    def with_recipe(self, recipe: Recipe) -> str:
        """The builder with the same selection and another recipe."""
        is_same_kind = recipe.kind == self.kind
        beside = {controls.INTO: self.asked.get(controls.INTO, "")} if is_same_kind else {}
        return f"{self.path}?{controls.address(recipe, beside)}"

    def with_selection(self, selection: Selection) -> str:
        """The builder with the same recipe and another selection."""
        asked = self.asked.copy()
        asked["of"] = str(selection.uuid)
        return f"{self.path}?{asked.urlencode(safe=':/*')}"

    def blame(self, error: Invalid) -> None:
        """Say beside its field what the making of it was refused for."""
        self.own_faults[error.field] = str(error).removeprefix(f"{error.field}: ")

    @property
    def may_make(self) -> bool:
        """Whether the caller may make datasets here."""
        return self.caller.may(EDIT_DATASETS, self.project)

    @property
    def may_compare(self) -> bool:
        """Whether the caller may say which of two answers is better."""
        return self.caller.may(GIVE_FEEDBACK, self.project)

    @cached_property
    def sentence(self) -> str:
        """The selection in words."""
        return selections.sentence(self.selection)

    @property
    def suggested_name(self) -> str:
        """What a new dataset is called when nobody says otherwise: after what it is made of."""
        said = self.sentence.removeprefix("all interactions").removeprefix(" where ")
        return (said or self.project.name)[:LONGEST_SUGGESTED]

    @property
    def name(self) -> str:
        """What a new dataset will be called."""
        return self.said("name") or self.suggested_name

    @property
    def pairs_from(self) -> PairsFrom:
        """Where pairs come from, as far as the address can be read."""
        given = self.asked.get("pairs", "")
        return PairsFrom(given) if given in set(PairsFrom) else _DEFAULTS.pairs

    @cached_property
    def metric_menu(self) -> MetricMenu:
        """The metrics that pairs can be made by."""
        return metric_menu.menu(self.project, self.pairs_from)

    @cached_property
    def scales(self) -> list[Scale]:
        """The metrics that single interactions have feedback under."""
        return metric_scales.scales(self.project)

    @cached_property
    def scores(self) -> list[str]:
        """The conditions on feedback that are in force, and "" for one more."""
        return [*dict.fromkeys(map(str, self.asked.getlist("score"))), ""]

    @cached_property
    def score_choices(self) -> list[tuple[str, str]]:
        """Conditions on feedback to choose from: as an address has them, and in words."""
        found: list[HasFeedback] = []
        for scale in self.scales:
            key, metric = scale.metric.key, scale.metric
            if metric.is_yes_no:
                found += [HasFeedback(key, Comparator.EQUAL, float(n)) for n in scale.values]
                continue
            sign = Comparator.AT_MOST if metric.is_low_better else Comparator.AT_LEAST
            found += [HasFeedback(key, sign, float(n)) for n in scale.values[1:]]
        yes_no = frozenset(one.metric.key for one in self.scales if one.metric.is_yes_no)
        offered = {spell_feedback(one): english.sentence(one, yes_no) for one in found}
        # What an address asks for and the menu does not have stays as it was given.
        return list(({one: one for one in self.scores if one} | offered).items())

    @cached_property
    def balances(self) -> list[tuple[str, str]]:
        """What a sample can be balanced by: as an address has it, and in words."""
        keys = counts.keys(self.project)[:KEYS_OFFERED]
        offered = {"model": "model"} | {f"label:{spell_label(key)}": key for key in keys}
        given = self.asked.get("by", "")
        return list(({given: given} | offered if given else offered).items())

    @cached_property
    def into(self) -> Dataset | None:
        """The dataset that is added to, None for a new one."""
        return dataset_of(self.project, self.asked.get(controls.INTO, ""))

    @cached_property
    def datasets(self) -> list[Dataset]:
        """The datasets that records of this kind can be added to."""
        there = Dataset.objects.in_project(self.project).present().newest_first()
        ready = there.filter(kind=self.kind.of_dataset, state=Dataset.State.READY)
        return list(ready[:DATASETS_OFFERED])

    @property
    def label(self) -> str:
        """The metric that formats with a label take it from: the primary one."""
        return next((scale.metric.key for scale in self.scales), "")

    @property
    def formats(self) -> list[TrainingFormat]:
        """The formats that records of this kind can be written in."""
        return of_kind(self.kind.of_dataset)

    @property
    def format(self) -> TrainingFormat:
        """The format that the first records are shown in; that of another kind is let go."""
        given = self.asked.get(controls.FORMAT)
        return next((one for one in self.formats if one.key == given), self.formats[0])


def dataset_of(project: Project, key: str) -> Dataset | None:
    """The dataset with this key that is not deleted."""
    there = Dataset.objects.in_project(project).present()
    return there.filter(key=without_nul(key)).first() if key else None


_DEFAULTS = Recipe(of=Selection.uuid.field.get_default())
