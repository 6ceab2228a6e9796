"""The pages of jobs: progress, cancelling, trying again, and what came of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from adaptive_site.lib.errors import Invalid
from interactions.models import Job
from interactions.services.jobs import begin, queue
from interactions.services.jobs.kinds import KINDS_OF_JOB
from projects.models import Project, User
from projects.services.access import CREATE, Caller
from tests import make
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
HERE = "/projects/maple/jobs/"


class Filling:
    """A kind of job that fills three buckets, or says what is wrong with them."""

    PERMISSION = CREATE

    def step(self, job: Job) -> bool:
        """Fill one."""
        if job.arguments.get("is_wrong"):
            raise Invalid("expected a bucket", field="bucket")
        if job.arguments.get("is_broken"):
            raise OSError("no water")
        job.stage, job.total, job.done = "filling", 3, job.done + 1
        job.result = {
            "words": "Filled 3 buckets.",
            "address": "datasets/buckets/",
            "open": "Open the dataset",
            "links": [{"address": "jobs/", "words": "Others"}],
            "lines": [["left out: leaking", 1200]],
        }
        return job.done == 3

    def cancelled(self, job: Job) -> None:
        """Nothing to take back."""

    def failed(self, job: Job) -> None:
        """Nothing to take back."""

    def sentence(self, job: Job) -> str:
        """What it is."""
        return "Fill <buckets>"


@pytest.fixture(autouse=True)
def filling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS_OF_JOB, Job.Kind.EXPORT, Filling())


def read(answer: Any) -> str:
    """The page, whatever lines its template is written in."""
    return " ".join(answer.content.decode().split())


def begun(project: Project, by: User, **arguments: object) -> Job:
    return begin.begin(project, Job.Kind.EXPORT, arguments, caller=Caller(by))


def test_a_job_shows_its_progress_and_then_what_came_of_it(
    client: Client, project: Project, bob: User
) -> None:
    job = begun(project, bob)
    client.force_login(bob)
    page = read(client.get(f"{HERE}{job.uuid}/"))
    assert "Fill &lt;buckets&gt;" in page and "Waiting to begin" in page and "Cancel" in page
    queue.do_some()
    long_ago = datetime.now(UTC) - timedelta(seconds=10)
    Job.objects.in_project(project).update(started_at=long_ago)
    part = read(client.get(f"{HERE}{job.uuid}/", headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "Filling: <b>1</b> of 3, " in part and "about 21 s left" in part
    queue.do_all(job)
    page = read(client.get(f"{HERE}{job.uuid}/"))
    assert (
        "Filled 3 buckets." in page and "hx-get" not in page.split('class="progress job"')[1][:200]
    )
    assert 'href="/projects/maple/datasets/buckets/">Open the dataset</a>' in page
    assert 'href="/projects/maple/jobs/">Others</a>' in page
    assert "Left out: leaking" in page and "1,200" in page


def test_the_page_of_what_a_job_makes_is_loaded_anew_at_its_end(
    client: Client, project: Project, bob: User
) -> None:
    job = queue.do_all(begun(project, bob))
    client.force_login(bob)
    for at, refreshes in ((f"{HERE}{job.uuid}/", False), ("/projects/maple/datasets/a/", True)):
        asked = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{at}"}
        answer = client.get(f"{HERE}{job.uuid}/", headers=asked)
        assert ("HX-Refresh" in answer) == refreshes


def test_a_job_is_cancelled_by_who_began_it(client: Client, project: Project, bob: User) -> None:
    job = begun(project, bob)
    client.force_login(bob)
    assert client.get(f"{HERE}{job.uuid}/cancel/").status_code == 405
    answer = client.post(f"{HERE}{job.uuid}/cancel/", headers={"HX-Request": "true"})
    assert "Being cancelled" in read(answer) and "<button>Cancel" not in read(answer)
    assert client.post(f"{HERE}{job.uuid}/cancel/").status_code == 303
    queue.do_all(Job.objects.in_project(project).get())
    assert "Cancelled" in read(client.get(f"{HERE}{job.uuid}/"))


def test_what_failed_is_tried_again_unless_it_was_told_what_is_wrong(
    client: Client, project: Project, bob: User
) -> None:
    wrong, broken = begun(project, bob, is_wrong=True), begun(project, bob, is_broken=True)
    for _ in range(queue.ATTEMPTS_PER_STEP + 1):
        Job.objects.under_way().update(next_at=datetime.now(UTC))
        queue.do_some()
    client.force_login(bob)
    page = read(client.get(f"{HERE}{wrong.uuid}/"))
    assert "expected a bucket" in page and "Try again" not in page
    page = read(client.get(f"{HERE}{broken.uuid}/"))
    assert "OSError: no water" in page and "Try again" in page
    assert client.post(f"{HERE}{broken.uuid}/retry/").status_code == 303
    broken.refresh_from_db()
    assert (broken.state, broken.error, broken.attempts) == (Job.State.WAITING, "", 0)
    assert client.post(f"{HERE}{broken.uuid}/retry/").status_code == 400


def test_a_viewer_has_nothing_tried_again(client: Client, project: Project) -> None:
    viewer = make.make_user("vera")
    make.share(project, viewer, "viewer")
    job = begun(project, viewer)
    Job.objects.in_project(project).update(state=Job.State.FAILED, attempts=5)
    client.force_login(viewer)
    assert client.post(f"{HERE}{job.uuid}/retry/").status_code == 403
    job.refresh_from_db()
    assert job.state == Job.State.FAILED


def test_others_see_no_jobs_but_owners_see_all(
    client: Client, project: Project, alice: User, bob: User, charlie: User
) -> None:
    job = begun(project, bob)
    other = make.make_user("bea")
    make.share(project, other, "editor")
    client.force_login(other)
    assert "Fill" not in read(client.get(HERE))
    for user in (other, charlie):
        client.force_login(user)
        for method, what in (("get", ""), ("post", "cancel/"), ("post", "retry/")):
            assert getattr(client, method)(f"{HERE}{job.uuid}/{what}").status_code == 404
    assert client.get(HERE).status_code == 404
    client.force_login(alice)
    assert "Fill" in read(client.get(HERE))
    assert client.get(f"{HERE}{job.uuid}/").status_code == 200
    assert client.get(f"{HERE}?before=x").status_code == 400


@pytest.mark.parametrize("n", [1, 4])
def test_pages_of_jobs_take_a_fixed_number_of_queries(
    client: Client, project: Project, bob: User, query_counts: QueryCounts, n: int
) -> None:
    jobs = [queue.do_all(begun(project, bob)) for _ in range(n)]
    client.force_login(bob)
    with query_counts("the page of jobs"):
        assert client.get(HERE).status_code == 200
    with query_counts("the page of a job"):
        assert client.get(f"{HERE}{jobs[0].uuid}/").status_code == 200


def test_the_list_cancels_and_tries_again_and_leads_to_results(
    client: Client, project: Project, bob: User
) -> None:
    job = begun(project, bob)
    client.force_login(bob)
    page = read(client.get(HERE))
    assert f'action="{HERE}{job.uuid}/cancel/"' in page
    answer = client.post(f"{HERE}{job.uuid}/cancel/", {"list": "1"})
    assert answer["Location"] == HERE
    assert "being cancelled" in read(client.get(HERE))
    queue.do_all(Job.objects.in_project(project).get())
    page = read(client.get(HERE))
    assert "/cancel/" not in page and "/retry/" not in page
    Job.objects.in_project(project).update(state=Job.State.FAILED, attempts=5, cancelled_by=None)
    assert f'action="{HERE}{job.uuid}/retry/"' in read(client.get(HERE))
    assert client.post(f"{HERE}{job.uuid}/retry/", {"list": "1"})["Location"] == HERE
    queue.do_all(Job.objects.in_project(project).get())
    assert "Open the dataset" in read(client.get(HERE))


def test_the_page_leads_on_when_it_was_watched_to_the_end(
    client: Client, project: Project, bob: User
) -> None:
    job = queue.do_all(begun(project, bob))
    client.force_login(bob)
    here = f"{HERE}{job.uuid}/"
    asked = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"}
    assert "data-follow" in read(client.get(here, headers=asked))
    assert "data-follow" not in read(client.get(here))  # found again it has a link
