"""A notice wakes who waits for it at once, also when it came before the waiting."""

import threading
import time

import pytest
from django.db import connection

from adaptive_site.lib.database.listen import Notices

pytestmark = pytest.mark.django_db(transaction=True)


def tell() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('bell', '')")


def test_a_notice_wakes_who_waits() -> None:
    def later() -> None:
        time.sleep(0.2)
        tell()
        connection.close()

    with Notices("bell", name="a test") as notices:
        ringing = threading.Thread(target=later)
        ringing.start()
        began = time.monotonic()
        assert notices.wait(30)
        assert time.monotonic() - began < 15
        ringing.join()
        assert not notices.wait(0.05)


def test_what_was_told_while_nobody_waited_is_not_lost() -> None:
    with Notices("bell", name="a test") as notices:
        tell()
        time.sleep(0.1)
        assert notices.wait(30)
