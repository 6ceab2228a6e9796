"""Plain functions that make what tests speak of, through the services people's requests use."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image as Pillow

from interactions.models import Interaction
from interactions.services.recording.drafts import Draft, FeedbackDraft, draft
from interactions.services.recording.log import log_interactions
from projects.models import Llm, Metric, Project, ProjectShare, Team, User
from projects.services import llms, metrics, people
from projects.services import projects as projects_service

PASSWORD = "correct horse battery"
NOON = datetime(2024, 2, 21, 12, tzinfo=UTC)


def make_user(name: str = "alice", **fields: Any) -> User:
    """A user called `name` at example.org, who can log in with PASSWORD."""
    password = fields.pop("password", PASSWORD)
    return User.objects.create_user(
        f"{name}@example.org", password, name=name.capitalize(), **fields
    )


def make_key(user: User, secret: str | None = None) -> str:
    """The secret of a new API key of `user`."""
    return people.issue_key(user, name="tests", secret=secret)


def make_team(key: str, members: Mapping[User, str] | None = None) -> Team:
    """A team, with the role each member has in it."""
    team = people.team(key)
    for user, role in (members or {}).items():
        people.join(user, team=team, role=people.role(role))
    return team


def make_project(key: str = "maple", *, owner: User | None = None) -> Project:
    """A project; with an owner, shared with a team of that one person."""
    project = projects_service.create(key=key, name=key.capitalize())
    if owner is not None:
        team = make_team(f"{key}-owners", {owner: "owner"})
        projects_service.share(project, team=team, role=people.role("owner"), is_owner=True)
    return project


def share(project: Project, user: User, role: str = "editor") -> ProjectShare:
    """Let `user` use `project` in this role, through a team of their own."""
    team = make_team(f"{project.key}-{role}-{user.id}", {user: role})
    return projects_service.share(project, team=team, role=people.role(role))


def make_metric(project: Project, key: str = "helpful", kind: str = "BOOL", **more: Any) -> Metric:
    """A metric: `BOOL`, or `SCALAR`."""
    return metrics.ensure(project, key, kind=kind, **more)


def make_llm(project: Project, key: str = "gpt-4o") -> Llm:
    """A model attached to `project`."""
    return llms.attach_all(project, [key])[key]


def make_draft(
    text: str = "What is a maple?",
    completion: str = "A tree.",
    *,
    feedback: Mapping[Metric, object] | None = None,
    **known: Any,
) -> Draft:
    """A checked draft of one user turn; `messages` and Draft's other members may be given."""
    known.setdefault("messages", [{"role": "user", "content": text}])
    known.setdefault("created_at", NOON)
    given = [
        FeedbackDraft(metric=metric, value=metric.value_of(value))
        for metric, value in (feedback or {}).items()
    ]
    return draft(completion=completion, feedback=given, **known)


def make_interaction(project: Project, *args: Any, **known: Any) -> Interaction:
    """One stored interaction, from `make_draft`'s arguments."""
    (logged,) = log_interactions(project, [make_draft(*args, **known)])
    return Interaction.objects.in_project(project).get(id=logged.id)


def make_interactions(
    project: Project, n: int, *, every: timedelta = timedelta(minutes=1), **known: Any
) -> list[UUID]:
    """The ids of `n` stored interactions, oldest first, `every` so often from NOON on."""
    drafts = [
        make_draft(f"Question {number}", created_at=NOON + number * every, **known)
        for number in range(n)
    ]
    return [logged.id for logged in log_interactions(project, drafts)]


def make_image(
    format: str = "PNG",
    size: tuple[int, int] = (12, 8),
    colour: tuple[int, int, int] = (180, 60, 20),
    **options: Any,
) -> bytes:
    """The bytes of an image of one colour."""
    file = BytesIO()
    Pillow.new("RGB", size, colour).save(file, format, **options)
    return file.getvalue()


def data_uri(data: bytes, media_type: str = "image/png") -> str:
    """A base64 data URI."""
    return f"data:{media_type};base64,{b64encode(data).decode()}"


def image_message(*urls: str, text: str = "What is this?") -> dict[str, Any]:
    """A user turn that asks about images."""
    parts: list[dict[str, Any]] = [{"type": "text", "text": text}]
    parts += [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return {"role": "user", "content": parts}
