"""The site's settings, with data of the tests' own and nothing slow."""

import os

from adaptive_site.lib.postgres.server import DATABASE
from tests.database import is_copied, take_data_directory

os.environ["DATA_DIR"] = str(take_data_directory())
os.environ["SECRET_KEY"] = "only-for-the-tests"

from adaptive_site import settings as site  # noqa: E402  (it reads the environment)

globals().update({name: getattr(site, name) for name in dir(site) if name.isupper()})

# whitenoise warns where it is missing.
site.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
if is_copied():  # with all tables; pytest-django's own database is made of it
    DATABASES = {"default": {**site.DATABASES["default"], "TEST": {"TEMPLATE": DATABASE}}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **site.STORAGES,
    # Without collectstatic there is no manifest.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {
    **site.CACHES,
    # Not the files of an earlier run, whose projects had the same numbers.
    **{
        name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
        for name in ("samples", "pairs", "near")
    },
}
# On a busy machine, too, pages show what they show; a test of what is late sets a limit of its own.
TIME_LIMITS = 20.0
# The tests' upstreams are on this machine; who may ask such is tried in test_outgoing.py.
PRIVATE_PROVIDERS = "on"
