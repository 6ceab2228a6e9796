"""A column of JSON whose numbers are read and written as they are."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import models

from adaptive_site.lib import exact_json


class _Encoder(json.JSONEncoder):
    def encode(self, o: Any) -> str:
        return exact_json.dumps(o).decode()


class _Decoder(json.JSONDecoder):
    def decode(self, s: str, *args: Any) -> Any:
        return exact_json.read(s)


class ExactJSONField(models.JSONField):
    """Django's, but for Python's numbers: `json` makes 18446744073709551616 an int that nothing
    can write again, and 0.12345678901234567890 a float that is another number. The same to
    migrations, the column being the same.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **(options | {"encoder": _Encoder, "decoder": _Decoder}))

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """As the field that migrations know."""
        name, _, args, options = super().deconstruct()
        del options["encoder"], options["decoder"]
        return name, "django.db.models.JSONField", args, options
