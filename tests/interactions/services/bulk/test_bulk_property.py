"""Whatever is done to whatever is selected, undoing it in turn leaves the very state there was."""

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interactions.models import Interaction, Selection
from interactions.services import selections
from interactions.services.bulk import queue
from projects.models import Project, User
from tests.interactions.acting import done, populate, state, undone
from tests.running.examples import examples

VALUES = st.sampled_from(["prod", "dev", "", "7"])
STEPS: st.SearchStrategy[tuple[str, dict[str, str]]] = st.one_of(
    st.tuples(
        st.just("label"),
        st.fixed_dictionaries({"key": st.sampled_from(["env", "n", "new"]), "value": VALUES}),
    ),
    st.tuples(st.just("unlabel"), st.fixed_dictionaries({"key": st.sampled_from(["env", "n"])})),
    st.tuples(
        st.just("feedback"),
        st.fixed_dictionaries(
            {
                "metric": st.sampled_from(["helpful", "score"]),
                "value": st.sampled_from(["0", "1"]),
                "reason": st.sampled_from(["", "why"]),
            }
        ),
    ),
    st.tuples(
        st.just("withdraw"),
        st.fixed_dictionaries(
            {"metric": st.sampled_from(["", "helpful"]), "anybody": st.sampled_from(["", "1"])}
        ),
    ),
    st.tuples(st.just("delete"), st.fixed_dictionaries({})),
)
FILTERS = st.sampled_from(["", "label=env:prod", "not_label=env", "feedback=helpful:eq:1"])
PICKS = st.one_of(FILTERS, st.sets(st.integers(0, 9), min_size=1, max_size=5))


def pick(project: Project, by: User, what: Any) -> Selection | None:
    """A filter less one of what it matches, or these of the interactions that are left."""
    there = list(
        Interaction.objects.in_project(project).oldest_first().values_list("id", flat=True)
    )
    if isinstance(what, str):
        return selections.freeze(project, QueryDict(what), by=by, excludes=there[:1])
    chosen = [id for n, id in enumerate(there) if n in what]
    return selections.tick(project, chosen, by=by) if chosen else None


@pytest.mark.django_db
def test_bulk_actions_undone_in_turn_leave_no_trace(
    project: Project, alice: User, bob: User, empty_storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    populate(project, alice, bob)
    monkeypatch.setattr(queue, "INTERACTIONS_PER_PIECE", 3)
    before = state(project)

    @settings(
        max_examples=examples(40),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
    )
    @given(steps=st.lists(st.tuples(PICKS, STEPS), min_size=1, max_size=4))
    def check(steps: list[tuple[Any, tuple[str, dict[str, str]]]]) -> None:
        with transaction.atomic():
            did = []
            for what, (kind, arguments) in steps:
                selection = pick(project, alice, what)
                if selection is not None:
                    did.append((state(project), done(selection, kind, alice, **arguments)))
            for there, action in reversed(did):
                if action.changed:
                    assert undone(action, alice).left == 0
                assert state(project) == there
            assert state(project) == before
            transaction.set_rollback(True)

    check()
