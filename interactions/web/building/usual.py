"""What the builder fills in where a choice needs more than was said."""

from django.http import QueryDict

from interactions.models import Selection
from interactions.services.building.recipe import PairsFrom, RecordKind, SampleKind
from interactions.web.building import metric_menu

USUAL_RECORDS, USUAL_OF_EACH = "1000", "100"  # of a sample, and of each value of a balanced one


def filled(selection: Selection, asked: QueryDict, *, is_chosen_here: bool) -> dict[str, str]:
    """The parameters that are missing, with their usual values.

    Where somebody is choosing (`is_chosen_here`) a metric that has nothing to do with the chosen
    source of pairs was chosen for another one, and is missing, too.
    """
    found = {}
    if "n" not in asked and asked.get("sample") in (*SampleKind,) and asked["sample"] != "all":
        is_balanced = asked["sample"] == SampleKind.BALANCED
        found["n"] = USUAL_OF_EACH if is_balanced else USUAL_RECORDS
    if asked.get("kind") != RecordKind.PREFERENCE:
        return found
    said, metric = asked.get("pairs", PairsFrom.COMPARISONS), asked.get("metric", "")
    if said not in set(PairsFrom):
        return found
    source = PairsFrom(said)
    is_other = is_chosen_here and metric in metric_menu.menu(selection.project, source).others
    if source == PairsFrom.COMPARISONS:
        return found | ({"metric": ""} if is_other else {})
    if (not metric or is_other) and (usual := metric_menu.usual(selection)):
        found["metric"] = usual
    return found
