"""Changing labels: the row, the postings and the roll-up always agree."""

import pytest
from django.test import Client

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.filters.conditions import HasLabel
from interactions.filters.sql.queries import page
from interactions.models import Interaction, InteractionLabel, Label
from interactions.services.editing import labels as editing_labels
from interactions.services.recording.drafts import MAX_LABELS
from interactions.services.rollups import counts
from projects.models import Event, Project, User
from tests import make
from tests.interactions.counting import label_uses


@pytest.fixture
def interaction(project: Project) -> Interaction:
    return make.make_interaction(project, labels={"env": "prod", "version": "v7"})


def labels_of(interaction: Interaction) -> dict[str, str | None]:
    """By the row; checks that postings and roll-up say the same."""
    interaction.refresh_from_db()
    labels = Label.objects.in_project(interaction.project).filter(id__in=interaction.label_ids)
    keys = Label.objects.filter(value=None, key__in=[label.key for label in labels])
    expected = {label.id for label in (*labels, *keys)}
    postings = InteractionLabel.objects.filter(interaction=interaction)
    assert {posting.label_id for posting in postings} == expected
    for label in Label.objects.in_project(interaction.project).all():
        assert counts.count(interaction.project, label.id) == (label.id in expected)
    return {label.key: label.value for label in labels}


def put(interaction: Interaction, key: str, value: str, by: User) -> dict[str, str | None]:
    editing_labels.set_label(interaction.project, interaction.id, key=key, value=value, by=by)
    return labels_of(interaction)


def drop(interaction: Interaction, key: str, by: User) -> dict[str, str | None]:
    editing_labels.remove_label(interaction.project, interaction.id, key=key, by=by)
    return labels_of(interaction)


def test_a_label_is_added_changed_and_removed(interaction: Interaction, bob: User) -> None:
    assert put(interaction, "team", "red", bob) == {"env": "prod", "version": "v7", "team": "red"}
    assert put(interaction, " team ", "blue", bob)["team"] == "blue"
    assert put(interaction, "team", "red", bob)["team"] == "red"
    assert drop(interaction, "team", bob) == {"env": "prod", "version": "v7"}
    assert put(interaction, "team", "red", bob)["team"] == "red"
    verbs = Event.objects.order_by("id").values_list("verb", "actor__email", "details")
    assert [verb for verb, _, _ in verbs] == [
        "label.set", "label.set", "label.set", "label.removed", "label.set",
    ]  # fmt: skip
    assert verbs[1][1:] == (bob.email, {"key": "team", "value": "blue", "before": "red"})


def test_the_list_finds_it_by_its_new_label_at_once(interaction: Interaction, bob: User) -> None:
    put(interaction, "env", "dev", bob)
    project = interaction.project
    assert page(project, HasLabel("env", ("dev",)), limit=5).ids == [interaction.id]
    assert page(project, HasLabel("env", ("prod",)), limit=5).ids == []
    uses = label_uses(project, most=5)
    assert [use.value for use in uses["env"][0]] == ["dev"]


def test_saying_the_same_again_changes_nothing(interaction: Interaction, bob: User) -> None:
    put(interaction, "env", "prod", bob)
    drop(interaction, "nonsense", bob)
    assert not Event.objects.exists()


def test_an_empty_value_is_a_value(interaction: Interaction, bob: User) -> None:
    assert put(interaction, "env", "", bob)["env"] == ""
    assert drop(interaction, "env", bob) == {"version": "v7"}


@pytest.mark.parametrize(
    ("key", "value"), [("", "x"), ("k" * 129, "x"), ("k", "x" * 513), ("k", "a\0b"), ("a\0b", "c")]
)
def test_what_cannot_be_a_label_is_refused(
    interaction: Interaction, bob: User, key: str, value: str
) -> None:
    with pytest.raises(Invalid):
        put(interaction, key, value, bob)
    assert labels_of(interaction) == {"env": "prod", "version": "v7"}


def test_there_is_a_most(project: Project, bob: User) -> None:
    full = make.make_interaction(project, labels={f"k{n}": "v" for n in range(MAX_LABELS)})
    with pytest.raises(Invalid):
        put(full, "one-more", "v", bob)
    assert put(full, "k0", "w", bob)["k0"] == "w"


def test_an_interaction_of_another_project_is_not_there(
    interaction: Interaction, alice: User, charlies_project: Project
) -> None:
    with pytest.raises(NotFound):
        editing_labels.set_label(charlies_project, interaction.id, key="a", value="b", by=alice)
    with pytest.raises(NotFound):
        editing_labels.remove_label(charlies_project, interaction.id, key="env", by=alice)
    assert not Label.objects.in_project(charlies_project).exists()


def address(interaction: Interaction, rest: str = "") -> str:
    return f"/projects/maple/interactions/{interaction.id}/labels/{rest}"


def test_a_member_labels_on_the_page(client: Client, bob: User, interaction: Interaction) -> None:
    client.force_login(bob)
    answer = client.post(address(interaction), {"key": "team", "value": "red"})
    assert answer.status_code == 303
    assert labels_of(interaction)["team"] == "red"
    answer = client.post(
        address(interaction, "remove/"), {"key": "team"}, headers={"HX-Request": "true"}
    )
    assert answer.text.strip().startswith('<section class="labels"')
    assert "team" not in labels_of(interaction)


@pytest.mark.parametrize("headers", [None, {"HX-Request": "true"}])
def test_a_wrong_label_is_said_at_the_field(
    client: Client, bob: User, interaction: Interaction, headers: dict[str, str] | None
) -> None:
    client.force_login(bob)
    form = {"key": "", "value": "<script>"}
    answer = client.post(address(interaction), form, headers=headers)
    assert answer.status_code == 422
    assert "expected a key, such as env" in answer.text
    assert 'value="&lt;script&gt;"' in answer.text


def test_a_stranger_finds_nothing_and_a_viewer_may_not(
    client: Client, project: Project, charlie: User, interaction: Interaction
) -> None:
    client.force_login(charlie)
    form = {"key": "env", "value": "x"}
    for rest in ("", "remove/"):
        assert client.post(address(interaction, rest), form).status_code == 404
    make.share(project, charlie, "viewer")
    for rest in ("", "remove/"):
        assert client.post(address(interaction, rest), form).status_code == 403
    assert labels_of(interaction)["env"] == "prod"


def test_a_label_leads_to_all_that_have_it(client: Client, bob: User, project: Project) -> None:
    interaction = make.make_interaction(project, labels={"a:b": "c&d"})
    client.force_login(bob)
    text = client.get(f"/projects/maple/interactions/{interaction.id}/").text
    assert 'href="/projects/maple/interactions/?label=a%5C:b:c%26d"' in text
