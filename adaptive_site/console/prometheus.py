"""`GET /metrics`: how the site stands, for Prometheus (text format 0.0.4), behind a token."""

import hmac
import shutil
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from adaptive_site import doctor
from adaptive_site.lib.concurrency.request_counts import BUCKETS
from adaptive_site.lib.database import statistics
from adaptive_site.lib.errors import Unauthenticated
from adaptive_site.serving.counted_requests import REQUESTS
from adaptive_site.work.worker import APPLICATION
from interactions.services.jobs.across_projects import bulk_actions_by_state, jobs_by_state
from interactions.services.rollups import by_project

TABLES = ("interaction", "interaction_body", "interaction_label", "feedback", "dataset_item")


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with every metric. 404 where no token is set, 401 without the right one."""
    if settings.METRICS_TOKEN is None:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        raise Unauthenticated("expected the header 'Authorization: Bearer <token for metrics>'")
    registry = CollectorRegistry()
    registry.register(_Site())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Site:
    """What is asked of the database and of the memory that the web processes share."""

    def describe(self) -> Iterable[Metric]:
        """Nothing: to register must not read the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Each metric, as it is now."""
        yield from _requests()
        yield from _projects()
        yield from _work()
        yield from _database()
        free = shutil.disk_usage(settings.DATA_DIR).free
        yield _gauge("data_dir_free_bytes", "Room on the disk of DATA_DIR.", free)


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(f"adaptive_{name}", help, value=value)


def _requests() -> Iterator[Metric]:
    answered = CounterMetricFamily(
        "adaptive_http_requests", "Answered requests of this machine.", labels=["door", "status"]
    )
    took = HistogramMetricFamily(
        "adaptive_http_request_seconds", "From the request to its last byte.", labels=["door"]
    )
    for count in REQUESTS.counts():
        for status, n in count.statuses.items():
            answered.add_metric([count.door, status], n)
        so_far, buckets = 0, []
        for end, n in zip((*map(str, BUCKETS), "+Inf"), count.buckets, strict=True):
            so_far += n
            buckets.append((end, so_far))
        took.add_metric([count.door], buckets, count.seconds)
    yield answered
    yield took


def _projects() -> Iterator[Metric]:
    stored = GaugeMetricFamily("adaptive_interactions", "Stored interactions.", labels=["project"])
    images = GaugeMetricFamily("adaptive_image_bytes", "Bytes of images.", labels=["project"])
    for one in by_project.of_all_projects():
        stored.add_metric([one.key], one.interactions)
        images.add_metric([one.key], one.images)
    yield stored
    yield images


def _work() -> Iterator[Metric]:
    workers = sum(one.name == APPLICATION for one in statistics.sessions())
    yield _gauge("workers", "Connections of workers.", workers)
    texts, deltas = doctor.texts_waiting(), doctor.deltas_waiting()
    yield _gauge("texts_waiting", "Interactions that wait to be indexed.", texts)
    yield _gauge("roll_up_batches_waiting", "Batches that wait to be compacted.", deltas)
    for name, help, states in (
        ("jobs", "Jobs that failed or are under way, by state.", jobs_by_state()),
        ("bulk_actions", "Bulk actions that failed or are under way.", bulk_actions_by_state()),
    ):
        family = GaugeMetricFamily(f"adaptive_{name}", help, labels=["state"])
        for state, n in states.items():
            family.add_metric([state], n)
        yield family


def _database() -> Iterator[Metric]:
    yield _gauge("database_bytes", "The whole database.", statistics.database_size())
    sessions = statistics.sessions()
    yield _gauge("database_connections", "Connections to the database.", len(sessions) + 1)
    ages = [one.age.total_seconds() for one in sessions if one.age is not None]
    yield _gauge("oldest_transaction_seconds", "Age of the oldest.", max(ages, default=0))
    sizes = GaugeMetricFamily("adaptive_table_bytes", "With indexes.", labels=["table"])
    dead = GaugeMetricFamily("adaptive_table_dead_rows", "Not vacuumed yet.", labels=["table"])
    for table in statistics.tables(TABLES):
        sizes.add_metric([table.name], table.size)
        dead.add_metric([table.name], table.dead)
    yield sizes
    yield dead
