"""Questions to the site: pages and fragments through all middleware and templates, no network."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from benchmarks.asking import Aim, Question
from benchmarks.sample import Sample
from interactions.services.browsing import rows

FRAGMENT = {"HX-Request": "true", "HX-Target": "results"}
WHOLE_PAGE = Aim(application=60)
ROWS = Aim(application=40)
COUNTED = Aim(application=50)
SUMMED = Aim(application=10)
CHART = Aim(application=30)
COUNTED_CHART = Aim(application=300)
DETAIL = Aim(database=15)
FACET = Aim(application=150)
COMPARED = Aim(application=300)
Query = Mapping[str, str | Sequence[str]]


@contextmanager
def answering() -> Iterator[None]:
    """Let this process answer requests as a server does."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        ALLOWED_HOSTS=[*settings.ALLOWED_HOSTS, "testserver"],
        STORAGES={**settings.STORAGES, "staticfiles": plain},
    ):
        yield


class Site:
    """Someone who is logged in and looks at the project."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._client = Client()
        self._client.force_login(sample.owner)

    def get(self, path: str, query: Query, headers: Mapping[str, str]) -> None:
        """One request."""
        asked = urlencode(query, doseq=True)
        answer = self._client.get(f"{path}?{asked}", headers=dict(headers))
        assert answer.status_code == 200, (path, asked, answer.status_code)

    def question(
        self,
        name: str,
        path: str,
        make: Callable[[], Query],
        aim: Aim,
        *,
        fragment: bool = True,
    ) -> Question:
        """A page by queries that `make` makes."""
        headers = FRAGMENT if fragment else {}
        acts = [partial(self.get, path, make(), headers) for _ in range(self._sample.runs)]
        return Question(name, acts, aim)


def questions(sample: Sample) -> list[Question]:
    """All of them."""
    site = Site(sample)
    return [
        *_pages(site, sample),
        *_around(site, sample),
        *_facets(site, sample),
        *_details(site, sample),
    ]


def _filter(sample: Sample) -> dict[str, str | Sequence[str]]:
    """Any of the filters that people use."""
    return sample.choice(
        (
            {"label": "env:prod"},
            {"label": f"customer:{sample.customer()}"},
            {"label": ["env:prod", "region:eu-west"]},
            {"feedback": "helpful:eq:0"},
            {"label": "region:us-east", "feedback": "csat:lt:3"},
            {"not_label": "env:prod"},
            {"not_feedback": "*"},
        )
    )


def _pages(site: Site, sample: Sample) -> list[Question]:
    path = reverse("interactions", args=[sample.project.key])

    def before() -> str:
        return str(sample.id())

    return [
        site.question("whole page, no filter", path, lambda: {}, WHOLE_PAGE, fragment=False),
        site.question("whole page, a filter", path, lambda: _filter(sample), WHOLE_PAGE,
                      fragment=False),
        site.question("rows, no filter, anywhere", path, lambda: {"before": before()}, ROWS),
        site.question("rows, a filter", path, lambda: _filter(sample), ROWS),
        site.question("rows, a filter, anywhere", path,
                      lambda: _filter(sample) | {"before": before()}, ROWS),
        site.question("rows, after half of all", path,
                      lambda: {"before": str(sample.id_near(0.5))}, ROWS),
        site.question("rows, a word in 1 %", path, lambda: {"text": sample.word(2000)},
                      Aim(application=190)),
        site.question("rows, a word in 0.001 %", path, lambda: {"text": sample.rare_word()},
                      Aim(application=190)),
    ]  # fmt: skip


def _around(site: Site, sample: Sample) -> list[Question]:
    key = sample.project.key
    count = reverse("interactions-count", args=[key])
    judged = reverse("interactions-feedback-counts", args=[key])
    new = reverse("interactions-new", args=[key])
    chart = reverse("interactions-histogram", args=[key])

    def customer() -> Query:
        return {"label": f"customer:{sample.customer()}"}

    def month() -> Query:
        span = sample.span(30)
        return {"since": f"{span.start:%Y-%m-%dT%H:%M}", "until": f"{span.end:%Y-%m-%dT%H:%M}"}

    return [
        site.question("count, no filter", count, lambda: {}, SUMMED),
        site.question("count, label of 90 %", count, lambda: {"label": "env:prod"}, SUMMED),
        site.question("count, a customer", count, customer, SUMMED),
        site.question("count, 30 days", count, month, COUNTED),
        site.question("count, any filter (capped)", count, lambda: _filter(sample), COUNTED),
        site.question("feedback, no filter", judged, lambda: {}, COUNTED_CHART),
        site.question("feedback, any filter", judged, lambda: _filter(sample), COUNTED_CHART),
        site.question("new since half of all", new, lambda: {"after": str(sample.id_near(0.5))},
                      ROWS),
        site.question("histogram, no filter", chart, lambda: {}, CHART),
        site.question("histogram, label of 90 %", chart, lambda: {"label": "env:prod"}, CHART),
        site.question("histogram, a customer", chart, customer, CHART),
        site.question("histogram, 30 days", chart, month, CHART),
        site.question("histogram, any filter", chart, lambda: _filter(sample), COUNTED_CHART),
        site.question("histogram, a word in 1 %", chart, lambda: {"text": sample.word(2000)},
                      COUNTED_CHART),
    ]  # fmt: skip


def _facets(site: Site, sample: Sample) -> list[Question]:
    path = reverse("interactions-facet", args=[sample.project.key])
    panel = reverse("interactions-facets", args=[sample.project.key])

    def bad(base: str) -> Query:
        return {"feedback": "helpful:eq:0", "compare": base}

    def asked(name: str, of: str, make: Callable[[], Query]) -> Question:
        return site.question(f"facet {name}", path, lambda: {**make(), "of": of}, FACET)

    def all_of_it() -> Query:
        return {}

    def prod() -> Query:
        return {"label": "env:prod"}

    return [
        asked("of a label, no filter", "label:region", all_of_it),
        asked("of 100,000 customers, no filter", "label:customer", all_of_it),
        asked("of models, no filter", "model", all_of_it),
        asked("of a metric, no filter", "metric:csat", all_of_it),
        asked("of a label, label of 90 %", "label:region", prod),
        asked("of 100,000 customers, label of 90 %", "label:customer", prod),
        asked("of models, any filter", "model", lambda: _filter(sample)),
        asked("of sources, any filter", "source", lambda: _filter(sample)),
        asked("of a label, any filter", "label:team", lambda: _filter(sample)),
        asked("of a metric, any filter", "metric:helpful", lambda: _filter(sample)),
        asked("of a label, bad compared with all", "label:region", lambda: bad("all")),
        asked("of a label, bad compared with judged", "label:region", lambda: bad("judged")),
        site.question("what sets bad apart from all", panel, lambda: bad("all"), COMPARED),
        site.question("what sets bad apart from judged", panel, lambda: bad("judged"), COMPARED),
        asked("of a label, a word in 1 %", "label:region", lambda: {"text": sample.word(2000)}),
    ]


def _details(site: Site, sample: Sample) -> list[Question]:
    def asked(name: str, make: Callable[[], Query], aim: Aim) -> Question:
        ids, key = sample.each(sample.id), sample.project.key
        pages = [reverse("interaction", args=[key, id]) for id in ids]
        # Texts that were rendered are remembered, so the first time they are only read.
        read = [partial(rows.whole, sample.project, id) for id in ids]
        return Question(name, [partial(site.get, page, make(), {}) for page in pages], aim, read)

    beside = Aim(database=DETAIL.database, application=WHOLE_PAGE.application)
    return [
        asked("an interaction", lambda: {}, beside),
        asked("an interaction within common AND common",
              lambda: {"label": ["env:prod", "region:eu-west"]}, beside),
        asked("an interaction within a customer's",
              lambda: {"label": f"customer:{sample.customer()}"}, beside),
    ]  # fmt: skip
