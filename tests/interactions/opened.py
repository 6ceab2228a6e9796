"""What the links of a page lead to, and queries that take their time."""

from django.db import connection
from django.test import Client


def count(client: Client, link: str) -> int:
    """How many rows a link of the list shows."""
    answer = client.get(link.replace("/interactions/", "/interactions/count/"))
    assert answer.context["page"].found is not None, link
    return int(answer.context["page"].found.n)


def asleep(*args: object, **known: object) -> None:
    """A query of a database under load."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
