"""`python -m tests.upgrades NAME [CODE]` writes `NAME.sql`: a small database of this version.

Done at each release, before its migrations change: the next version's tests then upgrade it.
CODE is a checkout of another version to run instead of this one.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from adaptive_site.lib.postgres.binaries import find_binaries
from adaptive_site.lib.postgres.server import LocalPostgres
from tests.upgrades.rows import LINES

HERE = Path(__file__).parent
# What psql alone understands, comments, and settings of newer servers.
LEFT_OUT = re.compile(r"^(?:--.*|\\.*|SET transaction_timeout.*|SELECT pg_catalog.set_config.*|)\n",
                      re.MULTILINE)  # fmt: skip


def main(name: str, code: Path) -> None:
    """Make the rows in a scratch database, and dump it."""
    with tempfile.TemporaryDirectory() as home:
        data = Path(home) / "data"
        database = LocalPostgres(data / "postgres", server={"fsync": "off"})
        environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DATA_DIR": str(data),
            "DJANGO_SUPERUSER_PASSWORD": "a password of an earlier version",
        }

        def manage(*arguments: str) -> None:
            subprocess.run(
                [sys.executable, "manage.py", *arguments], cwd=code, env=environment, check=True
            )

        with database:
            manage("migrate", "--verbosity=0")
            manage("createsuperuser", "--noinput", "--email=alice@example.org")
            file = Path(home) / "rows.jsonl"
            file.write_text("".join(f"{json.dumps(line)}\n" for line in LINES))
            by = "--by=alice@example.org"
            manage("ingest", str(file), "--project=maple", "--create-project", by)
            dump = find_binaries("auto", database.cluster.major).program("pg_dump")
            said = subprocess.run(
                [dump, "--inserts", "--no-owner", "--no-privileges", database.dsn],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
    (HERE / f"{name}.sql").write_text(LEFT_OUT.sub("", said))


main(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else "."))
