"""Static files under names that change with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

_MODULES = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns


class HashedStaticStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites what our modules import, so that none is loaded under two names.

    Ours alone: a module of django-htmx names a file in its types that it does not ship.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = ("js/*.js", _MODULES[1])
