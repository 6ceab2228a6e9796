#!/usr/bin/env python3
"""The command line: `python manage.py help` lists what it can do."""

import gc
import os
import sys

if __name__ == "__main__" and sys.argv[1:2] == ["serve"]:
    # Modules make no garbage, and looking for it took a fifth of loading them. The command turns
    # it on again. A process that it spawns, as on macOS, loads this module under another name.
    gc.disable()

from django.core.management import execute_from_command_line  # noqa: E402

from adaptive_site.serving.private_database import (  # noqa: E402
    database_for_command,
    outages_in_words,
)


def main() -> None:
    """Run one command, with the private database up if the command needs it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
    with outages_in_words(), database_for_command(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
