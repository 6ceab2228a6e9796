"""A project with a month of invented traffic, to try the site on."""

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

from django.db import transaction

from adaptive_site.lib.ids import to_millisecond
from interactions.services.judging.comparisons import compare
from interactions.services.recording.drafts import Draft
from interactions.services.recording.log import Logged, log_interactions
from projects.models import Project, User
from projects.services import llms, people, projects

from .cast import ENGINES
from .gallery import comparisons, picture_drafts, trials
from .judging import PREFERENCE, Judge, make_metrics
from .pace import Pace
from .story import Story

KEY = "demo"
NAME = "Support assistant (demo)"
SEED = 20_240_221
BATCH = 1000


def provision_demo(*, by: User, now: datetime | None = None) -> Project:
    """The demo project, made with all its data when it is not there yet.

    Its 30 days end at `now`; for the same `now` it says the same, but for the ids. All of it is
    one transaction: a demo half made is not there at all.
    """
    there = Project.objects.known_as(KEY).first()
    if there is not None:
        return there
    with transaction.atomic():
        return _make(by, to_millisecond(now or datetime.now(UTC)))


def _make(by: User, now: datetime) -> Project:
    project = projects.create(
        key=KEY,
        name=NAME,
        description="Invented traffic of an online shop's support assistant over 30 days.",
    )
    bot, analyst = _people(project, by)
    metrics = make_metrics(project)
    story = Story(
        rng=Random(SEED),
        pace=Pace(now),
        judge=Judge(metrics=metrics, now=now),
        llms=llms.attach_all(project, ENGINES),
        bot=bot,
        staff=analyst,
    )
    tried = trials(story)
    drafts = [*story.drafts(), *picture_drafts(story)]
    drafts += [draft for siblings in tried for draft, _ in siblings]
    drafts.sort(key=lambda draft: draft.created_at)
    logged = _log(project, drafts)
    compare(project, comparisons(story, metrics[PREFERENCE], tried, logged), by=analyst)
    return project


def _people(project: Project, by: User) -> tuple[User, User]:
    """The assistant's account and an analyst, who share the project with `by`."""
    team = people.team("demo", "Demo team")
    projects.share(project, team=team, role=people.role("owner"), is_owner=True)
    people.join(by, team=team, role=people.role("owner"))
    made = []
    for email, name, is_service in (
        ("support-assistant@demo.example", "Support assistant", True),
        ("mia@demo.example", "Mia Lindqvist", False),
    ):
        user = User.objects.at(email).first()
        if user is None:  # without a password: nobody can log in as them
            user = User.objects.create_user(email, name=name, is_service_account=is_service)
        people.join(user, team=team, role=people.role("member"))
        made.append(user)
    return made[0], made[1]


def _log(project: Project, drafts: Sequence[Draft]) -> dict[int, Logged]:
    """Where each draft went, by its identity."""
    logged: dict[int, Logged] = {}
    for start in range(0, len(drafts), BATCH):
        batch = drafts[start : start + BATCH]
        for draft, where in zip(batch, log_interactions(project, batch), strict=True):
            logged[id(draft)] = where
    return logged
