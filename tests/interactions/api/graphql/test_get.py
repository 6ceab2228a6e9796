"""One interaction through GraphQL."""

from uuid import uuid4

from projects.models import Project
from tests.asking import ask, refused
from tests.make import make_interaction

ONE = "query ($p: IdOrKey!, $id: UUID!) { completion(project: $p, id: $id) { id completion } }"


def test_one_interaction_is_found_in_its_project_alone(
    project: Project, charlies_project: Project, alice_key: str, charlie_key: str
) -> None:
    made = make_interaction(project)
    found = ask(alice_key, ONE, p="maple", id=str(made.id).upper())
    assert found == {"id": str(made.id), "completion": "A tree."}
    assert ask(alice_key, ONE, p=str(project.uuid), id=str(uuid4())) is None
    assert ask(charlie_key, ONE, p="cherry", id=str(made.id)) is None
    assert "EntityNotFound: project" in refused(charlie_key, ONE, p="maple", id=str(made.id))
    assert "UUID" in refused(alice_key, ONE, p="maple", id="not-a-uuid")
    old = "query ($p: IdOrKey!, $id: UUID!) { completion(useCase: $p, id: $id) { id } }"
    assert ask(alice_key, old, p="maple", id=str(made.id)) == {"id": str(made.id)}
