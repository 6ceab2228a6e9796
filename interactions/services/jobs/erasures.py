"""Erasures as people begin them."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.http import QueryDict

from adaptive_site.lib.errors import Invalid
from interactions.models import Job
from interactions.services import selections
from interactions.services.erasure import survey as surveys
from interactions.services.erasure import targets
from interactions.services.erasure.sought_words import SoughtWords
from interactions.services.erasure.survey import ErasureSurvey
from interactions.services.jobs.begin import begin as begin_job
from projects.models import Project
from projects.services import audit
from projects.services.access import DELETE, MANAGE, Caller

MOST_IDS = 10_000
_BEGUN = {False: "interactions.erasure", True: "interactions.masking"}


@transaction.atomic
def begin(
    project: Project,
    *,
    caller: Caller,
    query: QueryDict | None = None,
    ids: Sequence[UUID] = (),
    words: SoughtWords,
) -> Job:
    """Put the job in the queue that erases what a filter matches, or what has these ids.

    With words that are masked these stay, and the words in them are masked; where neither filter
    nor ids are given, in all interactions.

    Raises Forbidden to who may not, before anything is erased; Invalid where nothing is named.
    """
    caller.check_may(DELETE, project)
    _check_named(query, ids, words)
    arguments: dict[str, object] = {"words": list(words.words)}
    if words.is_masked:
        arguments |= {"mask": True, "by_words": query is None and not ids}
    selection = None
    if query is not None:
        selection = selections.freeze(project, query, by=caller.user)
        arguments["selection"] = str(selection.uuid)
    if surveys.dataset_records(project, selection, ids, words):
        caller.check_may(MANAGE, project)
    job = begin_job(project, Job.Kind.ERASE, arguments, caller=caller)
    targets.add(job, ids)
    verb = _BEGUN[words.is_masked]
    audit.record(project, actor=caller.user, verb=verb, subject=str(job.uuid))
    return job


def survey(
    project: Project,
    *,
    caller: Caller,
    query: QueryDict | None = None,
    ids: Sequence[UUID] = (),
    words: SoughtWords,
) -> ErasureSurvey:
    """What such an erasure would find, place by place; nothing of the question is kept."""
    caller.check_may(DELETE, project)
    _check_named(query, ids, words)
    selection = None if query is None else selections.freeze(project, query, by=caller.user)
    try:
        return surveys.of(project, selection, ids, words, by=caller.user)
    finally:
        if selection is not None:  # the filter may hold what shall be found nowhere
            selection.delete()


def _check_named(query: QueryDict | None, ids: Sequence[UUID], words: SoughtWords) -> None:
    if words.is_masked and not words.words:
        raise Invalid("expected the words that are masked", field="words")
    if len(ids) > MOST_IDS:
        raise Invalid(f"expected at most {MOST_IDS:,} ids", field="ids")
    if query is None and not ids and not words.words:
        raise Invalid("expected a filter, ids or words", field="query")
