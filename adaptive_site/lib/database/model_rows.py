"""Models made from rows of SQL that was written by hand.

Building a query of Django's takes 0.5 to 2 ms, which is most of a page that asks ten. Only for
models whose columns psycopg reads as they are: fields that convert values are refused.
"""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


class ModelRows(Generic[M]):
    """The columns of a model under an alias, and the model of a row of these."""

    def __init__(self, model: type[M], alias: str) -> None:
        fields = model._meta.concrete_fields
        converted = [one.name for one in fields if hasattr(one, "from_db_value")]
        if converted:
            raise TypeError(f"{model.__name__} converts {', '.join(converted)}")
        self._model = model
        self._names = [one.attname for one in fields]
        self.columns = ", ".join([f"{alias}.{one.column}" for one in fields])
        self.width = len(fields)

    def made(self, row: Sequence[Any]) -> M:
        """The model of a row that begins with the columns."""
        return self._model.from_db(connection.alias, self._names, row[: self.width])
