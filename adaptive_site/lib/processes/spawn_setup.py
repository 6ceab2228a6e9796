"""Django, set up: what `spawned` has imported once, before processes are forked."""

import django

django.setup()
