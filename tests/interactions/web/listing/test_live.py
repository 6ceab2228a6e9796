"""Live rows through a running server: who may listen, what is heard, and how it ends."""

import http.client
import json
import signal
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.http import QueryDict
from django.test import Client

from interactions.filters.conditions import Contains, HasLabel
from interactions.filters.tree import And
from interactions.services.browsing import new_rows
from interactions.web.listing import live, live_feed
from interactions.web.listing.columns import parse_columns
from projects.models import Project, User
from projects.services.access import Caller
from tests import make
from tests.query_counts import QueryCounts
from tests.running.prepared import migrated_site
from tests.served import KEY, Served

URL = "/projects/maple/interactions/"
SETUP = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.conf import settings
from projects.models import Project, User
from projects.services import people, projects
project = Project.objects.filter(key="live").first() or projects.create(key="live", name="Live")
for name in ("bob", "charlie"):
    user, _ = User.objects.get_or_create(email=f"{name}@live.example", name=name)
    if name == "bob":
        team = people.team("live-team")
        people.join(user, team=team, role=people.role("viewer"))
        projects.share(project, team=team, role=people.role("viewer"))
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    print("session", name, session.session_key)
"""
LEAVE = """
from projects.models import User
User.objects.get(email="bob@live.example").memberships.all().delete()
"""


@pytest.fixture
def sessions(site: Served) -> dict[str, str]:
    """Session keys of Bob, who may read the project `live`, and Charlie, who may not."""
    said = site.manage("shell", "-c", SETUP)
    lines = [line.split() for line in said.splitlines() if line.startswith("session ")]
    return {name: key for _, name, key in lines}


class Listening:
    """A stream as a browser has it."""

    def __init__(self, port: int, session: str = "", query: str = "", **headers: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        cookie = {"Cookie": f"adaptive_site_session={session}"} if session else {}
        path = f"{live.STREAM_PATH}?project=live&{query}"
        self._connection.request("GET", path, headers={**cookie, **headers})
        self.answer = self._connection.getresponse()

    def next(self) -> dict[str, Any] | None:
        """The next event's data with its id, or None when the stream has ended."""
        id = ""
        while line := self.answer.readline():
            if line.startswith(b"id: "):
                id = line[4:].decode().strip()
            if line.startswith(b"data: "):
                return {"id": id, **json.loads(line[6:])}
        return None

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def say(site: Served, text: str, **labels: str) -> str:
    """Log an interaction; its id."""
    message = {"role": "user", "content": text}
    body = {"project": "live", "messages": [message], "completion": "Hi", "labels": labels}
    return str(site.post("interactions", body)["completion_id"])


def ids(event: dict[str, Any] | None) -> list[str]:
    """The rows of an event."""
    assert event is not None
    return [row["id"] for row in event["rows"]]


def test_rows_of_the_filter_are_heard_and_what_was_missed_is_caught_up(
    site: Served, sessions: dict[str, str]
) -> None:
    bob, port = sessions["bob"], site.site.port
    first = say(site, "before", env="prod")
    listening = Listening(port, bob, f"label=env:prod&after={first}")
    assert listening.answer.status == 200
    assert listening.answer.getheader("content-type") == "text/event-stream"
    say(site, "another", env="staging")
    began = time.monotonic()
    second = say(site, "<b>heard</b>", env="prod")
    event = listening.next()
    assert time.monotonic() - began < 10
    assert ids(event) == [second]
    assert event is not None
    assert event["id"] == second
    assert event["more"] == 0
    html = event["rows"][0]["html"]
    assert html.startswith(f'<tr id="row-{second}"')
    assert "&lt;b&gt;heard&lt;/b&gt;" in html
    listening.close()
    missed = [say(site, f"missed {number}", env="prod") for number in range(25)]
    again = Listening(port, bob, f"label=env:prod&after={first}", **{"Last-Event-ID": second})
    event = again.next()
    assert ids(event) == missed[::-1][:20]
    assert event is not None
    assert event["more"] == 5
    again.close()


def test_only_who_may_read_listens_and_who_is_put_out_is_cut_off(
    site: Served, sessions: dict[str, str]
) -> None:
    port = site.site.port
    assert Listening(port).answer.status == 401
    assert Listening(port, "of nobody").answer.status == 401
    assert Listening(port, sessions["charlie"]).answer.status == 404
    wrong = Listening(port, sessions["bob"], "latency=fast")
    assert wrong.answer.status == 400
    assert json.loads(wrong.answer.read())["field"] == "latency"
    assert Listening(port, sessions["bob"], "after=x").answer.status == 400
    assert Listening(port, sessions["bob"], "shared=x").answer.status == 400
    listening = Listening(port, sessions["bob"])
    assert listening.answer.readline() == b"retry: 2000\n"
    site.manage("shell", "-c", LEAVE)
    time.sleep(live.TRUST_SECONDS)
    say(site, "not for Bob")
    heard = list(iter(listening.next, None))  # to its end; what came just before may be in it
    assert "not for Bob" not in str(heard)
    assert Listening(port, sessions["bob"]).answer.status == 404


def test_one_person_has_a_share_of_the_streams(site: Served, sessions: dict[str, str]) -> None:
    bob, port = sessions["bob"], site.site.port
    open_ones = [
        Listening(port, bob, f"label=of:{n}") for n in range(live_feed.MOST_STREAMS_PER_PERSON)
    ]
    assert [one.answer.readline() for one in open_ones] == [
        b"retry: 2000\n"
    ] * live_feed.MOST_STREAMS_PER_PERSON
    refused = Listening(port, bob)
    assert refused.answer.status == 429
    assert json.loads(refused.answer.read())["error"].startswith("you have 12 live lists open")
    # Another person, and what is no live list, are not concerned.
    assert Listening(port, sessions["charlie"]).answer.status == 404
    assert say(site, "still logged")
    open_ones.pop().close()
    deadline = time.monotonic() + 20
    while (again := Listening(port, bob)).answer.status == 429:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert again.answer.status == 200
    for one in (*open_ones, again):
        one.close()


@pytest.mark.django_db
def test_what_is_new_is_counted_to_a_bound(
    client: Client, alice: User, project: Project, query_counts: QueryCounts
) -> None:
    client.force_login(alice)
    made = make.make_interactions(project, 60, labels={"env": "prod"})

    def asked(query: str) -> str:
        return client.get(f"{URL}new/{query}", headers={"HX-Request": "true"}).text.strip()

    assert asked(f"?after={made[-1]}") == ""
    with query_counts("live: how many are new"):
        assert asked(f"?label=env:prod&after={made[-4]}") == "3 new"
    assert asked(f"?after={made[0]}") == "50+ new"
    assert asked("") == "50+ new"
    assert asked(f"?label=env:staging&after={made[0]}") == ""
    assert asked(f"?before={made[9]}&open={made[9]}&after={made[-2]}") == "1 new"
    assert client.get(f"{URL}new/?after=x").status_code == 400


@pytest.mark.django_db
def test_a_live_row_says_who_sent_it_where_a_column_asks(alice: User, project: Project) -> None:
    made = make.make_interaction(project, "new", created_by=alice)
    view = live_feed.LiveList(Caller(alice), project, QueryDict("columns=ask,user"), "UTC")
    news = live_feed.newest_of(view, UUID(int=0))
    assert news is not None and [id for id, _ in news.rows] == [made.id]
    assert alice.email in news.rows[0][1]


def newest(
    user: User, project: Project, empty: str, shared_ids: frozenset[int] = frozenset()
) -> live_feed.NewRows:
    """All rows, for a page without the columns `empty` whose rows have the labels `shared_ids`."""
    left_out = frozenset(parse_columns(empty))
    view = live_feed.LiveList(Caller(user), project, QueryDict(), "UTC", left_out, shared_ids)
    news = live_feed.newest_of(view, UUID(int=0))
    assert news is not None
    return news


@pytest.mark.django_db
def test_live_rows_have_the_columns_of_their_page(alice: User, project: Project) -> None:
    def heard(empty: str) -> live_feed.NewRows:
        return newest(alice, project, empty)

    make.make_interaction(project, "new", labels={"env": "prod"}, latency_ms=900)
    news = heard("images,tokens")
    assert news.fit
    html = news.rows[0][1]
    assert 'class="pics"' not in html and ">0.90 s</td>" in html and "env <b>prod</b>" in html
    news = heard("images,latency")
    assert not news.fit and "0.90 s" not in news.rows[0][1]
    assert orjson.loads(news.as_json())["fit"] is False


@pytest.mark.django_db
@pytest.mark.parametrize("empty", ["labels,images", "images"])
def test_live_rows_with_the_labels_of_all_rows_join_them(
    alice: User, project: Project, empty: str
) -> None:
    made = make.make_interaction(project, "new", labels={"env": "prod"})
    env = frozenset(made.label_ids)
    news = newest(alice, project, empty, env)
    assert news.fit
    assert "env <b>prod</b>" not in news.rows[0][1]  # it is said above the rows
    make.make_interaction(project, "more", labels={"env": "prod", "lang": "fr"})
    news = newest(alice, project, empty, env)
    has_column = "labels" not in empty
    assert news.fit == has_column
    assert ("lang <b>fr</b>" in news.rows[0][1]) == has_column


@pytest.mark.django_db
def test_a_live_row_without_a_label_of_all_rows_does_not_join_them(
    alice: User, project: Project
) -> None:
    env = frozenset(make.make_interaction(project, "old", labels={"env": "prod"}).label_ids)
    make.make_interaction(project, "new")
    for empty in ("labels,images", "images"):
        assert not newest(alice, project, empty, env).fit


@pytest.mark.django_db
def test_a_stranger_learns_nothing_of_what_is_new(
    client: Client, charlie: User, project: Project
) -> None:
    client.force_login(charlie)
    assert client.get(f"{URL}new/").status_code == 404


@pytest.mark.django_db
def test_what_arrived_is_tested_one_by_one(
    project: Project, charlies_project: Project, query_counts: QueryCounts
) -> None:
    made = make.make_interactions(project, 6, labels={"env": "prod"})
    other = make.make_interaction(charlies_project, "elsewhere").id
    with query_counts("live: a look at all projects"):
        found = new_rows.arrived([project.pk, charlies_project.pk], make.NOON)
    assert found == {project.pk: made[::-1], charlies_project.pk: [other]}
    tree = And((HasLabel("env", ("prod",)), Contains("question 3")))
    with query_counts("live: which of them match"):
        assert new_rows.matching(project, tree, [*made, UUID(int=7)]) == [made[3]]


def test_open_streams_do_not_hold_up_the_end(tmp_path: Path) -> None:
    site = migrated_site(tmp_path)
    with site.serving(
        ADAPTIVE_SITE_API_KEY=KEY,
        ADAPTIVE_SITE_ADMIN_EMAIL="alice@example.com",
        ADAPTIVE_SITE_ADMIN_PASSWORD="a password of the tests",
    ) as (process, _):
        said = site.run("shell", "-c", SETUP).stdout
        bob = next(line.split()[2] for line in said.splitlines() if line.startswith("session bob"))
        listening = [Listening(site.port, bob) for _ in range(12)]
        assert [one.answer.readline() for one in listening] == [b"retry: 2000\n"] * 12
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert site.is_all_gone()
