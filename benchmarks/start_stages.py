"""`python benchmarks/start_stages.py FILE`: `manage.py serve` of this folder, and what it did.

Every millisecond of processor time it is asked where it is; at its end the milliseconds of each
stage are written to FILE. Only the supervisor's are counted, until it has nothing left to start.
"""

import atexit
import json
import os
import runpy
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

EVERY = 0.001  # seconds of processor time between two looks
REST = "Python, Django's command line, settings"
# The innermost frame that is listed says which stage it is: end of the file's path, function.
STAGES = {
    ("django/__init__.py", "setup"): "Django's setup: apps, models, admin",
    ("commands/serve.py", "<module>"): "the command and what it imports",
    ("adaptive_site/urls.py", "<module>"): "addresses and all behind them",
    ("adaptive_site/asgi.py", "<module>"): "addresses and all behind them",
    ("postgres/server.py", "ensure"): "PostgreSQL's start",
    ("serving/provision.py", "_migrate"): "migrations and tables checked",
    ("serving/provision.py", "provision"): "roles and administrator",
    ("serving/provision.py", "collect_static"): "static files",
    ("serving/supervisor.py", "start_web"): "web server's start",
    ("serving/supervisor.py", "watch"): "",
}
ENDS = {name: [end for end, known in STAGES if known == name] for _, name in STAGES}


class Stages:
    """What the processor time of this process went to so far, in milliseconds."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._seen = 0.0

    def look(self, _: int, frame: FrameType | None) -> None:
        """Give the time since the last look to the stage that the frame is in."""
        now = time.process_time()
        stage = next(_stages(frame), REST)
        self.spent[stage] = self.spent.get(stage, 0.0) + (now - self._seen) * 1000
        self._seen = now

    def write(self, file: Path, process: int) -> None:
        """Write it down, unless this is a process that was forked."""
        if os.getpid() == process:
            file.write_text(json.dumps({name: ms for name, ms in self.spent.items() if name}))


def _stages(frame: FrameType | None) -> Iterator[str]:
    """The stages that a frame and its callers are in, the innermost first."""
    while frame is not None:
        for end in ENDS.get(frame.f_code.co_name, ()):
            if frame.f_code.co_filename.endswith(end):
                yield STAGES[end, frame.f_code.co_name]
        frame = frame.f_back


def main() -> None:
    """Run the command under the clock."""
    stages = Stages()
    atexit.register(stages.write, Path(sys.argv[1]), os.getpid())
    signal.signal(signal.SIGPROF, stages.look)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    sys.path[0] = os.getcwd()
    sys.argv = ["manage.py", "serve"]
    runpy.run_path("manage.py", run_name="__main__")


if __name__ == "__main__":
    main()
