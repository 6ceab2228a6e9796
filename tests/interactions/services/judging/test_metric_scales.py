"""The values of a project's metrics, and which of them are on the number keys."""

import pytest

from interactions.services.judging.metric_scales import Scale, scales
from interactions.services.rollups import compaction
from projects.models import Metric, Project, User
from projects.services import metrics
from tests import make

pytestmark = pytest.mark.django_db


def primary(project: Project) -> Scale | None:
    """The first scale, if its values are on the number keys; no other's may be."""
    found = scales(project)
    assert not any(one.is_primary for one in found[1:])
    return found[0] if found and found[0].is_primary else None


def test_a_project_without_metrics_has_no_primary_one(project: Project) -> None:
    assert primary(project) is None


def test_the_most_used_yes_or_no_is_primary(project: Project) -> None:
    good, helpful = make.make_metric(project, "good"), make.make_metric(project)
    make.make_metric(project, "csat", "SCALAR")
    assert primary(project) == Scale(good, (1, 0), is_primary=True)  # of none used, the first
    for feedback in ({helpful: 1}, {helpful: 0, good: 1}):
        make.make_interaction(project, feedback=feedback)
    assert primary(project) == Scale(helpful, (1, 0), is_primary=True)
    compaction.compact(project)
    assert primary(project) == Scale(helpful, (1, 0), is_primary=True)
    assert [scale.metric.key for scale in scales(project)] == ["helpful", "csat", "good"]


def test_without_yes_and_no_a_scale_is_primary_and_a_typed_number_never(project: Project) -> None:
    seconds, csat = (make.make_metric(project, key, "SCALAR") for key in ("seconds", "csat"))
    make.make_interaction(project, feedback={seconds: 0.5})
    assert primary(project) is None
    for value in (1, 5):
        make.make_interaction(project, feedback={csat: value})
    assert primary(project) == Scale(csat, (1, 2, 3, 4, 5), is_primary=True)


def test_the_settings_choose_and_an_unlinked_choice_counts_no_more(
    project: Project, alice: User
) -> None:
    helpful, csat = make.make_metric(project), make.make_metric(project, "csat", "SCALAR")
    metrics.set_primary(project, csat, by=alice)
    assert primary(project) == Scale(csat, is_primary=True)
    metrics.unlink(project, "csat", by=alice)
    assert primary(project) == Scale(helpful, (1, 0), is_primary=True)


def test_the_good_one_is_on_1_and_a_number_on_its_own_key(project: Project) -> None:
    helpful = make.make_metric(project)
    toxic = make.make_metric(project, "toxic", scoring_type=Metric.Scoring.LOWER_IS_BETTER)
    found = {scale.metric: scale for scale in scales(project)}
    assert [found[helpful].of_key(key) for key in "123"] == [1, 0, None]
    assert [found[toxic].of_key(key) for key in "123"] == [0, 1, None]
    stars = Scale(Metric(kind="SCALAR"), (1, 2, 3, 4, 5))
    assert [stars.of_key(key) for key in "1560"] == [1, 5, None, None]
