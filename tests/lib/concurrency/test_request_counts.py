"""Requests as all web processes count them."""

import os

from adaptive_site.lib.concurrency.request_counts import RequestCounts


def test_processes_count_together_and_a_process_that_ended_stays_counted() -> None:
    counts = RequestCounts(("page", "chat"))
    counts.spread(2)
    if (child := os.fork()) == 0:
        counts.take_row(1)
        counts.add("chat", 503, 0.2)
        counts.add("chat", 0, 99)
        os._exit(0)
    os.waitpid(child, 0)
    counts.add("page", 200, 0.004)
    counts.add("chat", 201, 0.2)
    page, chat = counts.counts()
    assert (page.door, page.statuses["2xx"], page.buckets[0]) == ("page", 1, 1)
    assert chat.statuses == {"1xx": 0, "2xx": 1, "3xx": 0, "4xx": 0, "5xx": 1, "none": 1}
    assert (chat.buckets[5], chat.buckets[-1], sum(chat.buckets)) == (2, 1, 3)
    assert chat.seconds == 99.4
