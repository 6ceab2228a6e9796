"""Django, set up: what `spawn.py` has imported once, before processes are forked."""

import django

django.setup()
