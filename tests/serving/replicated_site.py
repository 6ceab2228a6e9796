"""A site that reads from a standby of its database."""

import http.client
import json
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.serving.replication import Pair, pair
from tests.serving.test_durability import KEY, MAKE_PROJECT
from tests.serving.two_processes import SETUP
from tests.sites import Server


@dataclass
class Replicated:
    """A site that reads from a standby, and a session in it."""

    both: Pair
    options: dict[str, str]
    server: Server
    cookie: str

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """What a command of `manage.py` says there."""
        return self.both.site.run(command, **self.options)

    def page(self, path: str) -> tuple[int, str]:
        """Its status and what it says."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.both.site.port)) as one:
            one.request("GET", path, headers={"Cookie": self.cookie})
            answer = one.getresponse()
            return answer.status, answer.read().decode()

    def log(self, text: str) -> str:
        """The id of an interaction that is stored now."""
        body = {
            "project": "kept",
            "messages": [{"role": "user", "content": "?"}],
            "completion": text,
        }
        with closing(http.client.HTTPConnection("127.0.0.1", self.both.site.port)) as one:
            headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
            one.request("POST", "/api/v1/interactions", json.dumps(body), headers)
            answer = one.getresponse()
            said: dict[str, Any] = json.loads(answer.read())
            assert answer.status == 201, said
        return str(said["completion_id"])

    def read_there(self) -> int:
        """How many transactions the standby has had, without our asking."""
        said = self.both.standby.ask(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        )
        assert isinstance(said, int)
        return said

    @contextmanager
    def behind(self, delay: str) -> Iterator[None]:
        """Have the standby replay what it gets so much later."""
        self.both.standby.ask(f"ALTER SYSTEM SET recovery_min_apply_delay = '{delay}'")
        self.both.standby.ask("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            self.both.standby.ask("ALTER SYSTEM RESET recovery_min_apply_delay")
            self.both.standby.ask("SELECT pg_reload_conf()")


@contextmanager
def reading_from_standby() -> Iterator[Replicated]:
    """Have it running, with a project and a session."""
    with pair() as both:
        options = {
            "DATABASE_URL": both.primary.dsn,
            "DATABASE_REPLICA_URL": both.standby.dsn,
            "ADAPTIVE_SITE_API_KEY": KEY,
        }
        with both.site.serving(**options) as (server, _):
            assert both.site.run("shell", "-c", MAKE_PROJECT, **options).returncode == 0
            said = both.site.run("shell", "-c", SETUP, **options).stdout
            session = next(one for one in said.splitlines() if one.startswith("made ")).split()[1]
            yield Replicated(both, options, server, f"adaptive_site_session={session}")
