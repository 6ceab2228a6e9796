"""Django's settings; whatever an operator may change is read in `environment.py`."""

from typing import Any

from csp.constants import NONE, SELF
from django.conf import global_settings

from adaptive_site.environment import ROOT, read_environment
from adaptive_site.lib import mailing

ENVIRONMENT = read_environment()
BASE_DIR = ROOT
DATA_DIR = ENVIRONMENT.DATA_DIR
SECRET_KEY = ENVIRONMENT.secret_key
WEB_PROCESSES: int = ENVIRONMENT.WEB_PROCESSES
DEBUG = ENVIRONMENT.ADAPTIVE_SITE_DEBUG == "on"
HOSTS = ENVIRONMENT.hosts
OWN_NAMES = ENVIRONMENT.own_names
ALLOWED_HOSTS = [*OWN_NAMES, *(host.name for host in HOSTS)]
CSRF_TRUSTED_ORIGINS = [host.origin for host in HOSTS]
# A site with names is behind a proxy, which says how and under which name it was called.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HOSTS else None
USE_X_FORWARDED_HOST = bool(HOSTS)
# Below which path it is reached, such as `/logs`; None at the root.
FORCE_SCRIPT_NAME = ENVIRONMENT.ADAPTIVE_SITE_PATH
PREFIX = FORCE_SCRIPT_NAME or ""

INSTALLED_APPS = [
    "adaptive_site",
    "interactions",
    "projects",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "adaptive_site.lib.http.compression.CodingsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "adaptive_site.lib.http.caching.NoStoreMiddleware",
    "adaptive_site.lib.http.client_address.ClientAddressMiddleware",
    "projects.web.audited.OriginMiddleware",
    "adaptive_site.lib.http.error_middleware.DomainErrorMiddleware",
    "adaptive_site.lib.http.compression.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "adaptive_site.lib.http.hosts.HostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "adaptive_site.lib.http.wellformed.WellFormedMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "adaptive_site.lib.time_zones.in_zone",
]

ROOT_URLCONF = "adaptive_site.urls"
ASGI_APPLICATION = "adaptive_site.asgi.application"
APPEND_SLASH = True

CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "NAME": "jinja2",
        "BACKEND": "adaptive_site.lib.templates.backend.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "adaptive_site.template_environment.environment",
            "context_processors": [*CONTEXT_PROCESSORS, "adaptive_site.lib.time_zones.clock"],
        },
    },
    {  # of the admin console
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT_PROCESSORS},
    },
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **ENVIRONMENT.database(),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DIRECT_DATABASE: dict[str, Any] = ENVIRONMENT.direct_database()
REPLICA_DATABASE: dict[str, Any] = ENVIRONMENT.replica_database()
if REPLICA_DATABASE:
    DATABASES["default"]["ENGINE"] = "adaptive_site.lib.database.replicas"
    REPLICA_DATABASE["ENGINE"] = DATABASES["default"]["ENGINE"]
    _before = MIDDLEWARE.index("adaptive_site.lib.http.hosts.HostMiddleware")
    MIDDLEWARE.insert(_before, "adaptive_site.lib.database.replicas.middleware.ReplicaMiddleware")
# Four bytes: project, metric and label ids stand in every posting. Hot tables name their own.
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

# In a process's memory what follows from its key alone; in files what was read at some moment,
# and must stay the same for the next request, whichever process answers it. Beyond MAX_ENTRIES a
# third goes, chosen at random: pairs of a minute must not push out samples of a day. A file has
# at most 80 KB. They outlive an upgrade, so they hold plain data, under keys with a version.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    **{
        name: {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(DATA_DIR / "cache" / name),
            "OPTIONS": {"MAX_ENTRIES": most},
        }
        for name, most in (("samples", 5_000), ("pairs", 200), ("near", 50))
    },
}

AUTH_USER_MODEL = "projects.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = [
    "projects.services.signing_in.login.ThrottledBackend",
    "projects.services.signin.BrakedBackend",  # of sessions from before 0.2, until they expire
]
PASSWORD_HASHERS = ["adaptive_site.lib.password_hashing.GatedPasswordHasher"]
# How many proxies of ours stand before the site, each adding its peer to X-Forwarded-For.
PROXIES: int = ENVIRONMENT.ADAPTIVE_SITE_PROXIES
CSRF_FAILURE_VIEW = "projects.web.account.page_too_old"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "projects"
LOGOUT_REDIRECT_URL = "login"
# The provider that people may sign in with beside their passwords; None: there is none.
OPENID = ENVIRONMENT.openid
PASSWORD_RESET_TIMEOUT = 2 * 3600
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
# A site with a public name is reached by https; see docs/operations.md.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(HOSTS) and not any(
    host.is_plain for host in HOSTS
)
# Browsers that came by https once come by nothing else for 30 days: under each name by itself,
# since other names of the domain are not this site's to speak for (W005, W021). Plain http under
# such a name is not redirected (W008) but refused, on a page that leads to https (`lib/http`).
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if SESSION_COOKIE_SECURE else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{PREFIX}/"
# An admin console on another port of the same host name must not log its user out of this one.
SESSION_COOKIE_NAME = "adaptive_site_session"
CSRF_COOKIE_NAME = "adaptive_site_csrf"

# A server that sends mail for the site; None: it sends none.
EMAIL_URL: str | None = ENVIRONMENT.EMAIL_URL
globals().update(mailing.defaults(EMAIL_URL))

LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = f"{PREFIX}/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"
# Nobody else on this machine may read people's images.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    # Images, by project and content hash; `django-storages` goes here for S3.
    "default": {
        "BACKEND": "adaptive_site.lib.files.media.WholeFileStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT)},
    },
    "staticfiles": {"BACKEND": "adaptive_site.lib.files.static.HashedStaticStorage"},
}

# 32 images of 1 MB in one request, base64 included, with room for text.
DATA_UPLOAD_MAX_MEMORY_SIZE = 48 * 1024 * 1024
# Of one user, in parts that no dataset or import has taken yet.
MAX_UPLOAD_BYTES = int(ENVIRONMENT.ADAPTIVE_SITE_UPLOAD_GB * 1024**3)

# Whether new projects get this server's echo, and how many seconds a provider has for an answer.
DEMO_MODEL: bool = ENVIRONMENT.ADAPTIVE_SITE_DEMO_MODEL == "on"
TIME_LIMITS: float = ENVIRONMENT.ADAPTIVE_SITE_TIME_LIMITS
PROVIDER_TIMEOUT: float = ENVIRONMENT.ADAPTIVE_SITE_PROVIDER_TIMEOUT
KEEPALIVE: float = ENVIRONMENT.ADAPTIVE_SITE_KEEPALIVE
# Whose models may be in private networks, and who may make projects.
PRIVATE_PROVIDERS: str = ENVIRONMENT.ADAPTIVE_SITE_PRIVATE_PROVIDERS
NEW_PROJECTS: str = ENVIRONMENT.ADAPTIVE_SITE_NEW_PROJECTS

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# The latest errors of this machine's processes, for the status page.
ERRORS = DATA_DIR / "errors.jsonl"
METRICS_TOKEN = ENVIRONMENT.ADAPTIVE_SITE_METRICS_TOKEN
_LINE = "%(asctime)s %(levelname)s %(processName)s %(name)s %(message)s"
LOGGING = {
    **global_settings.LOGGING,
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": _LINE}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "errors": {"class": "adaptive_site.lib.error_log.ErrorLog", "path": ERRORS},
    },
    "root": {"handlers": ["console", "errors"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}
