"""Checks of feedback keys, feedback and preferences."""

from typing import Any
from uuid import uuid4

from tests.contract.drivers.calling import World
from tests.contract.drivers.checks import check, refusal


def register(world: World, key: str, kind: str, **keywords: Any) -> Any:
    """Register a feedback key; before 0.13 it is everyone's until it is linked to a use case."""
    if not world.client.has("feedback.register_key", "project"):
        return world.call("feedback.register_key", key=key, kind=kind, **keywords)
    return world.call(
        "feedback.register_key", project=world.project, key=key, kind=kind, **keywords
    )


def get_key(world: World, key: str) -> Any:
    """Describe a feedback key."""
    if not world.client.has("feedback.get_key", "project"):
        return world.call("feedback.get_key", feedback_key=key)
    return world.call("feedback.get_key", project=world.project, feedback_key=key)


@check("feedback.register_key")
def keys_of_both_kinds_are_registered(world: World) -> None:
    liked, stars = world.named("liked"), world.named("stars")
    made = register(world, liked, "bool", name="Liked", description="Was it good?")
    assert (made.key, made.name, made.description) == (liked, "Liked", "Was it good?")
    assert (made.kind.value, made.scoring_type.value) == ("BOOL", "HIGHER_IS_BETTER")
    made = register(world, stars, "scalar", scoring_type="lower_is_better")
    assert (made.name, made.description) == (stars, "")
    assert (made.kind.value, made.scoring_type.value) == ("SCALAR", "LOWER_IS_BETTER")
    said = refusal_of_registering(world, liked)
    assert "already" in said or "exists" in said or "taken" in said, said


def refusal_of_registering(world: World, key: str) -> str:
    """Register a key that is there already."""
    if not world.client.has("feedback.register_key", "project"):
        return refusal(world, "feedback.register_key", key=key, kind="bool")
    return refusal(world, "feedback.register_key", project=world.project, key=key, kind="bool")


@check("feedback.link")
def a_key_is_nobody_s_until_it_is_linked(world: World) -> None:
    liked, stars = world.named("liked"), world.named("stars")
    completion = world.log("Before the link")
    said = refusal(
        world, "feedback.log_metric", value=1, completion_id=completion, feedback_key=liked
    )
    assert "EntityNotFound: metric" in said, said
    assert world.call("feedback.link", feedback_key=liked).key == liked
    assert world.call("feedback.link", feedback_key=stars).key == stars
    linked = {metric.key for metric in world.call("projects.get").metrics}
    assert {liked, stars} <= linked
    world.call("feedback.log_metric", value=1, completion_id=completion, feedback_key=liked)


@check("feedback.list_keys")
def keys_are_listed_with_their_projects(world: World) -> None:
    listed = {metric.key: metric for metric in world.call("feedback.list_keys")}
    metric = listed[world.named("liked")]
    places = metric.use_cases if world.is_old else metric.projects
    assert [place.key for place in places] == [world.project]


@check("feedback.get_key")
def a_key_is_described_and_an_unknown_one_is_none(world: World) -> None:
    assert get_key(world, world.named("liked")).name == "Liked"
    assert get_key(world, "no-such-key") is None


@check("feedback.log_metric")
def feedback_is_stored_at_once(world: World) -> None:
    completion = world.log("Is it good?")
    liked, stars = world.named("liked"), world.named("stars")
    given = {"feedback_key": liked, "value": True, "details": "polite"}
    made = world.call("feedback.log_metric", completion_id=completion, **given)
    other = world.call(
        "feedback.log_metric", value=2.5, completion_id=completion, feedback_key=stars
    )
    found = {f["id"]: f for f in world.stored(completion)["directScores"]}
    liked_it, starred_it = found[str(made.feedback_id)], found[str(other.feedback_id)]
    assert (liked_it["value"], liked_it["details"]) == (1.0, "polite")
    assert liked_it["metric"]["key"] == liked
    assert (starred_it["value"], starred_it["details"]) == (2.5, None)
    read = world.call("interactions.get", completion_id=completion)
    scores = read.direct_scores if hasattr(read, "direct_scores") else read.direct_feedbacks
    assert {score.value for score in scores} == {1.0, 2.5}


@check("feedback.log_metric")
def feedback_that_cannot_be_is_refused(world: World) -> None:
    completion = world.log("Cannot be judged so")
    liked = world.named("liked")

    def said(value: object, completion_id: str, key: str) -> str:
        return refusal(
            world,
            "feedback.log_metric",
            value=value,
            completion_id=completion_id,
            feedback_key=key,
        )

    assert "HTTP status code" not in said(7, completion, liked)
    assert "ot found" in said(1, str(uuid4()), liked)
    unknown = said(1, completion, "no-such-key")
    assert unknown.startswith("AdaptiveEntityNotFoundError: Feedback key") or (
        world.is_old and "EntityNotFound: metric not found" in unknown
    ), unknown
    assert said(float("nan"), completion, world.named("stars"))
    assert world.stored(completion)["directScores"] == []


@check("interactions.create")
def feedback_comes_with_an_interaction(world: World) -> None:
    made = world.call(
        "interactions.create",
        messages=[{"role": "user", "content": "With feedback"}],
        completion="Yes",
        feedbacks=[
            {"feedback_key": world.named("liked"), "value": False, "details": "curt"},
            {"feedback_key": world.named("stars"), "value": 4},
        ],
    )
    scores = world.stored(str(made.completion_id))["directScores"]
    assert {score["id"] for score in scores} == {str(one) for one in made.feedback_ids}
    assert {(s["value"], s["details"]) for s in scores} == {(0.0, "curt"), (4.0, None)}


@check("feedback.log_preference")
def a_preference_between_two_interactions_shows_in_both(world: World) -> None:
    better, worse = world.log("Which one?"), world.log("Which one?")
    made = world.call(
        "feedback.log_preference",
        feedback_key=world.named("liked"),
        preferred_completion=better,
        other_completion=worse,
    )
    for completion in (better, worse):
        (found,) = world.stored(completion)["comparisonScores"]
        assert found["id"] == str(made.comparison_id)
        assert found["preferedCompletion"]["id"] == better
        assert found["otherCompletion"]["id"] == worse
    read = world.call("interactions.get", completion_id=better)
    name = "comparison_scores" if hasattr(read, "comparison_scores") else "comparison_feedbacks"
    (comparison,) = getattr(read, name)
    assert str(comparison.id) == str(made.comparison_id)


@check("feedback.log_preference")
def a_preference_between_two_texts_makes_two_interactions(world: World) -> None:
    before = world.call("interactions.list").total_count
    world.call(
        "feedback.log_preference",
        feedback_key=world.named("liked"),
        preferred_completion={"text": "Madrid", "model": "echo"},
        other_completion={"text": "Barcelona", "model": "echo"},
        messages=[{"role": "user", "content": "The capital of Spain?"}],
    )
    listed = world.call("interactions.list")
    assert listed.total_count == before + 2
    assert {node.completion for node in listed.nodes} >= {"Madrid", "Barcelona"}


@check("feedback.log_preference")
def a_tie_never_leaves_the_client(world: World) -> None:
    """Every version fails before it asks: an enum is not JSON."""
    said = refusal(
        world,
        "feedback.log_preference",
        feedback_key=world.named("liked"),
        preferred_completion=world.log("A tie"),
        other_completion=world.log("A tie"),
        tied="good",
    )
    assert said.startswith("TypeError"), said


@check("feedback.unlink")
def an_unlinked_key_takes_no_feedback(world: World) -> None:
    key = world.named("unlinked")
    register(world, key, "bool")
    world.call("feedback.link", feedback_key=key)
    assert isinstance(world.call("feedback.unlink", feedback_key=key), str)
    assert key not in {metric.key for metric in world.call("projects.get").metrics}
    completion = world.log("After the unlinking")
    said = refusal(
        world, "feedback.log_metric", value=1, completion_id=completion, feedback_key=key
    )
    assert "EntityNotFound: metric" in said, said


@check("interactions.list")
def groups_carry_the_feedback_s_statistics(world: World) -> None:
    by_model = world.call("interactions.list", group_by="model", page={"first": 50})
    (group,) = [one for one in by_model.nodes if one.key is None]
    is_new = hasattr(group, "direct_scores_stats")
    stats = group.direct_scores_stats if is_new else group.direct_feedbacks_stats
    found = {one.metric.key: one for one in stats}
    stars = found[world.named("stars")]
    assert (stars.scores if is_new else stars.feedbacks) == 2
    assert (stars.average, stars.min, stars.max, stars.sum) == (3.25, 2.5, 4.0, 6.5)
