"""Jobs: step by step, each once, cancelled and failed as they should be."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from interactions.models import Job
from interactions.services.jobs import begin as jobs
from interactions.services.jobs import queue
from interactions.services.jobs.kinds import KINDS_OF_JOB
from projects.models import ApiKey, Project, User
from projects.services.access import CREATE, READ, Caller, identify
from tests.make import make_key, make_project, make_user, share

pytestmark = pytest.mark.django_db


class Counting:
    """A kind of job that counts to `to`, fails at `fail_at`, and says how it ended."""

    PERMISSION = CREATE

    def __init__(self) -> None:
        self.ended: list[str] = []

    def step(self, job: Job) -> bool:
        """Count one."""
        job.stage, job.total = "counting", job.arguments["to"]
        job.done += 1
        if job.done == job.arguments.get("fail_at"):
            raise Invalid("no", field="n") if job.arguments["is_told"] else ValueError("oh")
        job.cursor = {"n": job.done}
        return bool(job.done == job.arguments["to"])

    def cancelled(self, job: Job) -> None:
        """Note it."""
        self.ended.append("cancelled")

    def failed(self, job: Job) -> None:
        """Note it."""
        self.ended.append("failed")

    def sentence(self, job: Job) -> str:
        """What it is."""
        return "Count"


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    kind = Counting()
    monkeypatch.setitem(KINDS_OF_JOB, Job.Kind.EXPORT, kind)
    return kind


@pytest.fixture
def alice() -> User:
    return make_user()


@pytest.fixture
def maple(alice: User) -> Project:
    return make_project(owner=alice)


def job_of(maple: Project, alice: User, **arguments: object) -> Job:
    return jobs.begin(maple, Job.Kind.EXPORT, arguments, caller=Caller(alice))


def test_each_step_is_done_once_and_counted(
    maple: Project, alice: User, counting: Counting
) -> None:
    job = job_of(maple, alice, to=3)
    assert [queue.do_some() for _ in range(4)] == [1, 1, 1, 0]
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.cursor) == (Job.State.DONE, 3, 3, {"n": 3})
    assert job.finished_at is not None
    assert job.started_at is not None


def test_a_cancelled_job_ends_at_its_next_step(
    maple: Project, alice: User, counting: Counting
) -> None:
    job = job_of(maple, alice, to=3)
    queue.do_some()
    queue.cancel(job, by=alice)
    assert job.is_cancelled()
    queue.do_some()
    job.refresh_from_db()
    assert (job.state, job.done, counting.ended) == (Job.State.CANCELLED, 1, ["cancelled"])
    queue.cancel(job, by=alice)  # one that has ended stays so
    assert queue.do_some() == 0


def test_what_can_never_be_done_fails_at_once_and_says_why(
    maple: Project, alice: User, counting: Counting
) -> None:
    job = job_of(maple, alice, to=3, fail_at=2, is_told=True)
    queue.do_some()
    queue.do_some()
    job.refresh_from_db()
    assert (job.state, job.error, job.done) == (Job.State.FAILED, "n: no", 1)
    assert counting.ended == ["failed"]


def test_a_step_that_fails_otherwise_is_tried_again_later(
    maple: Project, alice: User, counting: Counting
) -> None:
    job = job_of(maple, alice, to=3, fail_at=1, is_told=False)
    queue.do_some()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == (Job.State.WAITING, 1, "ValueError: oh")
    assert queue.do_some() == 0  # not before its time
    for _ in range(queue.ATTEMPTS_PER_STEP - 1):
        Job.objects.in_project(maple).update(next_at=job.created_at)
        queue.do_some()
    job.refresh_from_db()
    assert (job.state, counting.ended) == (Job.State.FAILED, ["failed"])


def test_a_job_whose_work_cannot_be_taken_back_has_failed_too(
    maple: Project, alice: User, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(maple, alice, to=3, fail_at=1, is_told=True)
    other = job_of(maple, alice, to=1)

    def failing(job: Job) -> None:
        raise NotFound("it is gone")

    monkeypatch.setattr(counting, "failed", failing)
    assert [queue.do_some() for _ in range(3)] == [1, 1, 0]
    job.refresh_from_db()
    other.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, "n: no")
    assert other.state == Job.State.DONE


def removed(bob: User, maple: Project) -> None:
    bob.memberships.all().delete()


def demoted(bob: User, maple: Project) -> None:
    bob.memberships.all().delete()
    share(maple, bob, "viewer")


def deactivated(bob: User, maple: Project) -> None:
    User.objects.filter(id=bob.id).update(is_active=False)


def archived(bob: User, maple: Project) -> None:
    Project.objects.filter(id=maple.id).update(archived_at=timezone.now())


def revoked(bob: User, maple: Project) -> None:
    ApiKey.objects.filter(user=bob).update(revoked_at=timezone.now())


def expired(bob: User, maple: Project) -> None:
    ApiKey.objects.filter(user=bob).update(expires_at=timezone.now())


def key_gone(bob: User, maple: Project) -> None:
    ApiKey.objects.filter(user=bob).delete()


def narrowed(bob: User, maple: Project) -> None:
    ApiKey.objects.filter(user=bob).update(permissions=[READ])


def shut_out(bob: User, maple: Project) -> None:
    ApiKey.objects.filter(user=bob).update(shut_out_of=[maple.id])


Ending = Callable[[User, Project], None]
ENDINGS: dict[Ending, str] = {
    removed: "Bob may not do this any more: it needs interaction:read in this project",
    demoted: "Bob may not do this any more: it needs interaction:create in this project",
    deactivated: "the account of Bob is deactivated",
    archived: "the project maple is archived: nothing is added to it or changed;"
    " an owner can restore it",
    revoked: "the API key with which this was begun was revoked or has expired",
    expired: "the API key with which this was begun was revoked or has expired",
    key_gone: "the API key with which this was begun was revoked or has expired",
    narrowed: "the API key with which this was begun does not permit this any more:"
    " it needs interaction:create in this project",
    shut_out: "the API key with which this was begun does not permit this any more:"
    " it needs interaction:read in this project",
}


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
def test_who_began_a_job_needs_its_rights_at_each_step(
    maple: Project, alice: User, counting: Counting, end: Ending
) -> None:
    """By a key: what the key permits, and its user; and then nobody without may have it go on."""
    bob = make_user("bob")
    share(maple, bob)
    caller = identify(f"Bearer {make_key(bob)}")
    job = jobs.begin(maple, Job.Kind.EXPORT, {"to": 3}, caller=caller)
    queue.do_some()
    end(bob, maple)
    queue.do_some()
    job.refresh_from_db()
    assert (job.state, job.done, counting.ended) == (Job.State.FAILED, 1, ["failed"])
    assert job.error == ENDINGS[end]
    for user in (make_user("charlie"), *([bob] if end in (removed, demoted) else [])):
        with pytest.raises(Forbidden):
            queue.retry(job, by=user)


def test_what_a_key_does_not_permit_goes_on_where_a_session_began_it(
    maple: Project, alice: User, counting: Counting
) -> None:
    make_key(alice)
    job = job_of(maple, alice, to=2)
    queue.do_some()
    revoked(alice, maple)
    queue.do_some()
    job.refresh_from_db()
    assert (job.state, job.done, job.key_id) == (Job.State.DONE, 2, None)


def test_a_job_is_seen_by_who_began_it_and_by_owners(
    maple: Project, alice: User, counting: Counting
) -> None:
    bob, charlie = make_user("bob"), make_user("charlie")
    share(maple, bob)
    job = job_of(maple, bob, to=1)
    assert jobs.may_see(job, maple, Caller(alice))
    assert jobs.may_see(job, maple, Caller(bob))
    assert not jobs.may_see(job, maple, Caller(charlie))
