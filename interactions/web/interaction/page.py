"""One interaction: its page, and the same beside the list."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.address.form import InteractionFilter
from interactions.filters.address.parameters import KEPT_PARAMETERS
from interactions.filters.conditions import Contains
from interactions.filters.sql import queries
from interactions.filters.tree import EVERYTHING, Tree, texts_in
from interactions.models import Dataset, Interaction
from interactions.services.analysis import costs, metric_usage, sorted_matches
from interactions.services.browsing import rows as reading
from interactions.services.browsing.explanations import sentence
from interactions.services.browsing.rows import SESSION_SHOWN, SIBLINGS_COUNTED, Whole
from interactions.services.datasets import item_pages
from interactions.services.holds import rules
from interactions.services.judging.metric_scales import scales
from interactions.web.filtering.query_string import QueryString
from interactions.web.filtering.query_string import encoded as spelled
from interactions.web.filtering.row_sort import row_order, sort_in
from interactions.web.rendering.comparisons import ShownComparison, Sibling, comparisons_of
from interactions.web.rendering.feedback import InteractionFeedback, feedback_of
from interactions.web.rendering.json_blocks import Data, Reading, data_part
from interactions.web.rendering.labels import Tags, tags_of
from interactions.web.rendering.provenance import Provenance, provenance_of
from interactions.web.rendering.turns import Turn, TurnGroup, turn_groups, turns_of
from projects.models import Project
from projects.services.access import AUDIT, LABEL, Caller
from projects.web.requests import ProjectRequest, in_project, project_page

NEIGHBOURS_LIMIT_MS = 1_000


@dataclass(frozen=True)
class Detail:
    """One interaction with everything its page shows, and every link around it.

    `query` is the address it is looked at from. `older` and `newer` are its neighbours within
    the filter of that address, "" at the ends; `filter_words` says the filter, when there is one,
    and `wanted` are the texts it looks for.
    """

    project: Project
    query: QueryDict
    whole: Whole
    turns: list[Turn]
    documents: list[Data]
    feedback: InteractionFeedback
    tags: Tags
    comparisons: list[ShownComparison]
    siblings: list[Sibling]
    older: str
    newer: str
    filter_words: str
    wanted: list[Contains]
    cost: Decimal | None
    datasets: list[Dataset]
    held_by: list[str]  # the labels by which it is under legal hold
    may_audit: bool

    @property
    def interaction(self) -> Interaction:
        """The row."""
        return self.whole.interaction

    @property
    def title(self) -> str:
        """The beginning of the prompt."""
        return self.interaction.prompt_preview[:60] or "Interaction"

    @property
    def turn_groups(self) -> list[TurnGroup]:
        """The turns in groups; of many the earlier ones are folded."""
        return turn_groups(self.turns)

    @property
    def is_beside_list(self) -> bool:
        """Whether the interaction is shown beside the list."""
        return "open" in self.query

    @property
    def is_sorted(self) -> bool:
        """Whether it was come to from a list sorted by a number."""
        return "sort" in self.query

    @property
    def is_raw(self) -> bool:
        """Whether texts are shown letter for letter."""
        return self.query.get("raw") == "1"

    @cached_property
    def provenance(self) -> Provenance:
        """How the interaction came in, and how its answer ended."""
        return provenance_of(self.interaction)

    @property
    def has_more_siblings(self) -> bool:
        """Whether there may be more than are counted."""
        return self.whole.sibling_count >= SIBLINGS_COUNTED

    @property
    def system(self) -> str:
        """The fragment that counts the others with its system prompt, "" when it has none."""
        is_there = any(turn.is_system for turn in self.turns)
        return self._beside("interaction-system") if is_there else ""

    @property
    def history(self) -> str:
        """The link to the history."""
        return self._beside("interaction-history")

    @property
    def seen_by(self) -> str:
        """The link to who has read it; "" to those who may not know."""
        return self._beside("interaction-seen-by") if self.may_audit else ""

    @property
    def side_by_side(self) -> str:
        """Its answer beside the others to the same prompt."""
        return self._beside("siblings")

    def _beside(self, name: str) -> str:
        return reverse(name, kwargs={"key": self.project.key, "id": self.interaction.id})

    @property
    def own_page(self) -> str:
        """The interaction's page, without a filter."""
        return _page(self.project, self.interaction.id)

    @property
    def list(self) -> str:
        """The filtered list with the interaction open beside it."""
        changed = _without(self.query, "raw")
        changed["open"] = str(self.interaction.id)
        return _list(self.project) + spelled(changed)

    @property
    def filter(self) -> str:
        """The filter of the list alone, which the tabs take along."""
        return QueryString(_without(self.query, "raw")).dropping(*KEPT_PARAMETERS)

    @property
    def other_reading(self) -> str:
        """This very page with texts shown the other way, raw or as Markdown."""
        changed = _without(self.query, "raw")
        if not self.is_raw:
            changed["raw"] = "1"
        return (_list(self.project) if self.is_beside_list else self.own_page) + spelled(changed)

    @property
    def raw(self) -> str:
        """Its JSON."""
        return self._beside("interaction-raw")

    @property
    def model_link(self) -> str:
        """The list of its model's interactions."""
        asked = QueryDict(mutable=True)
        asked["model"] = self.interaction.llm.key if self.interaction.llm else ""
        return _list(self.project) + spelled(asked)

    @property
    def session_link(self) -> str:
        """The whole of its session, at this turn."""
        it = self.interaction
        where = reverse("session", kwargs={"key": self.project.key, "session": it.session_id})
        return f"{where}?at={it.id}#turn-{it.id}"

    @property
    def turn(self) -> str:
        """Its place in its session in words; of a long one only the first turns are counted."""
        count = len(self.whole.session)
        if count > SESSION_SHOWN:
            return f"beyond turn {SESSION_SHOWN}"
        return f"turn {self.whole.turn} of {count}{'+' if count == SESSION_SHOWN else ''}"

    @property
    def turn_before(self) -> str:
        """The page of the turn before it in its session, "" when there is none."""
        return self._turn_at(self.whole.turn - 2)

    @property
    def turn_after(self) -> str:
        """The page of the turn after it."""
        return self._turn_at(self.whole.turn)

    def _turn_at(self, index: int) -> str:
        session = self.whole.session
        if len(session) > SESSION_SHOWN or not 0 <= index < len(session):
            return ""
        return _page(self.project, session[index])


def detail_of(caller: Caller, project: Project, id: UUID, *, query: QueryDict) -> Detail:
    """Everything the page of an interaction shows. Raises NotFound.

    `query` is the address it is looked at from: the filter of the list, `raw=1` to show texts
    as they are, `open` when it stands beside the list.
    """
    whole = reading.whole(project, id)
    form = InteractionFilter(query)
    tree = form.tree() if form.is_valid() else None
    older, newer = _neighbours(project, id, tree, query) if tree is not None else ("", "")
    return Detail(
        project=project,
        query=query,
        whole=whole,
        turns=turns_of(project, whole, is_raw=query.get("raw") == "1"),
        documents=_documents(project, whole),
        feedback=feedback_of(caller, project, id, scales=scales(project), feedback=whole.feedback),
        tags=tags_of(project, id, whole.labels, may_change=caller.may(LABEL, project)),
        comparisons=comparisons_of(id, whole.comparisons, lambda other: _page(project, other)),
        siblings=[Sibling(one, _page(project, one.id)) for one in whole.siblings],
        older=older,
        newer=newer,
        filter_words=sentence(project, tree) if tree not in (None, EVERYTHING) else "",
        wanted=texts_in(tree) if tree is not None else [],
        cost=costs.of_one(project, whole.interaction),
        datasets=item_pages.holding(project, id),
        held_by=rules.names_of(project, whole.labels),
        may_audit=caller.may(AUDIT, project),
    )


def _documents(project: Project, whole: Whole) -> list[Data]:
    """What was logged beside the conversation."""
    body = whole.interaction.body
    known = {
        "parameters": body.parameters,
        "usage": body.usage,
        "metadata": body.user_metadata,
        "kept by the server": body.system,
    }
    reading = Reading(link=f"{_page(project, whole.interaction.id)}raw/")
    return [
        data_part(name, value, reading, is_open=False) for name, value in known.items() if value
    ]


def _neighbours(project: Project, id: UUID, tree: Tree, query: QueryDict) -> tuple[str, str]:
    """Links to the next older and the next newer that match the filter.

    Where the list is sorted by a number, the next is `older` and the one before `newer`. None of
    them when that takes too long, as with a rare word: the page does without.
    """
    sort, _ = sort_in(query)
    try:
        with time_limit(NEIGHBOURS_LIMIT_MS):
            if sort is None:
                older = queries.page(project, tree, limit=1, before=id).ids
                newer = queries.page(project, tree, limit=1, after=id).ids
            else:
                metrics = [metric for metric, _ in metric_usage.metrics(project)]
                order = row_order(sort, metrics)
                older, newer = sorted_matches.neighbours(project, tree, order, id)
    except (TookTooLong, ValueError):
        return "", ""
    return _beside(project, older, query), _beside(project, newer, query)


def _beside(project: Project, ids: list[UUID], query: QueryDict) -> str:
    if not ids:
        return ""
    if "open" not in query:
        return _page(project, ids[0]) + (spelled(query) if query else "")
    changed = query.copy()
    changed["open"] = str(ids[0])
    return _list(project) + spelled(changed)


def _list(project: Project) -> str:
    return reverse("interactions", kwargs={"key": project.key})


def _page(project: Project, id: UUID) -> str:
    return reverse("interaction", kwargs={"key": project.key, "id": id})


def _without(query: QueryDict, name: str) -> QueryDict:
    changed = query.copy()
    changed.pop(name, None)
    return changed


@require_GET
@in_project()
def interaction(request: ProjectRequest, id: UUID) -> HttpResponse:
    """The page."""
    detail = detail_of(request.caller, request.project, id, query=request.GET)
    return project_page(request, "interactions/detail.html", {"detail": detail})
