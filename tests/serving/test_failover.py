"""A primary that is killed under load: its standby goes on, and the site with it."""

import os

import psycopg

from tests.serving.replication import pair
from tests.serving.test_durability import KEY, MAKE_PROJECT, clients_of, enough


def test_nothing_acknowledged_is_lost_and_the_site_finds_the_new_primary() -> None:
    with pair() as both:
        options = {"DATABASE_URL": both.url, "ADAPTIVE_SITE_API_KEY": KEY}
        with both.site.serving(**options):
            assert both.site.run("shell", "-c", MAKE_PROJECT, **options).returncode == 0
            with clients_of(both.site) as clients:
                enough(clients, 300)
                both.fail_over()
                enough(clients, 300)  # by themselves: nobody has told the site
            assert both.site.status() == 200
        # PostgreSQL's own programs are told both servers, too.
        path = f"{both.programs.directory}:{os.environ['PATH']}"
        backup = both.site.run("backup", str(both.site.data / "kept"), PATH=path, **options)
        assert backup.returncode == 0, backup.stderr
        with psycopg.connect(both.primary.dsn) as connection:
            stored = {str(row[0]) for row in connection.execute("SELECT id FROM interaction")}
    assert set(clients.acknowledged) <= stored
    assert clients.statuses <= {201, 503}
