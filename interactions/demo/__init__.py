"""A project with a month of invented traffic, to try the site on."""

from datetime import UTC, datetime
from random import Random

from django.db import transaction

from adaptive_site.lib.ids import to_millisecond
from interactions.demo.content import tables
from interactions.demo.datasets import make_datasets
from interactions.demo.feedback import Audience
from interactions.demo.story import Story
from interactions.demo.traffic import TrafficMonth
from interactions.models import Source
from interactions.services.judging.comparisons import compare
from interactions.services.recording.log import log_interactions
from projects.models import Project, User
from projects.services import llms, metrics, people, projects

KEY = "demo"
SEED = 20_240_221


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
    shop, rng = tables("shop"), Random(SEED)
    project = projects.create(key=KEY, **shop["project"])
    users = _users(project, by)
    made = {key: metrics.ensure(project, key, **known) for key, known in shop["metrics"].items()}
    audience = Audience(rng, now, made)
    models = llms.attach_all(project, shop["models"])
    story = Story(rng, TrafficMonth(rng, now), audience, models, users)
    told = list(story.conversations())
    drafts = [draft for answers in told for draft, _ in answers]
    drafts.sort(key=lambda draft: draft.created_at)
    logged = log_interactions(project, drafts)
    ids = {id(draft): where.id for draft, where in zip(drafts, logged, strict=True)}
    trials = [answers for answers in told if answers[0][0].source == Source.EVALUATION]
    given = list(audience.on_pairs(trials, ids, most=shop["comparisons"]))
    compare(project, given, by=users["analyst"])
    make_datasets(project, by=by)
    return project


def _users(project: Project, by: User) -> dict[str, User]:
    """The assistant's account and an analyst, who share the project with `by`."""
    team = people.team("demo", "Demo team")
    projects.share(project, team=team, role=people.role("owner"), is_owner=True)
    people.join(by, team=team, role=people.role("owner"))
    users = {}
    for key, known in tables("shop")["users"].items():
        # Made without a password: nobody can log in as them.
        user = User.objects.at(known["email"]).first() or User.objects.create_user(**known)
        people.join(user, team=team, role=people.role("editor"))
        users[key] = user
    return users
