"""What the pages of groups and of trends share: metrics to choose, and a way to group."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from interactions.filters.notation import parse_label, spell_label
from interactions.services.analysis import metric_usage
from interactions.services.analysis.group_queries import Grouping, GroupKind
from interactions.services.rollups import counts
from interactions.web.filtering.filtered_page import FilteredPage
from projects.models import Metric

METRICS_SHOWN = 3  # where the address names none
MOST_METRICS = 6
LABEL_KEYS_OFFERED = 200


@dataclass
class FeedbackAnalysis(FilteredPage):
    """Feedback of the matches, metric by metric, in the groups that an option names."""

    form_options: ClassVar[tuple[str, ...]] = ("metric",)

    @property
    def grouping(self) -> Grouping | None:
        """What the matches are grouped by."""
        raise NotImplementedError

    @property
    def shown_metrics(self) -> Collection[Metric]:
        """The metrics of the page."""
        raise NotImplementedError

    def grouped_by(self, name: str) -> str:
        """The link to the page that is grouped by a kind or by `label:KEY`."""
        raise NotImplementedError

    def with_metric(self, key: str) -> str:
        """The link to the page with one metric alone."""
        return self.links.changing(metric=key)

    def grouping_named(self, name: str, kinds: Collection[str]) -> Grouping:
        """The grouping by one of these kinds, or by a label key. Raises ValueError."""
        if name.startswith("label:"):
            key, value = parse_label(name.removeprefix("label:"))
            if value is None and key in self.label_keys:
                return Grouping(GroupKind.LABEL, key)
        elif name in kinds:
            return Grouping(GroupKind(name))
        raise ValueError(
            f"expected one of {', '.join(kinds)}, or label: and a key that the project has"
        )

    @cached_property
    def label_links(self) -> list[tuple[str, str, bool]]:
        """Key, link and whether it is in force, of label keys to group by, the most used first."""
        return [
            (
                key,
                self.grouped_by(f"label:{spell_label(key)}"),
                self.grouping == Grouping(GroupKind.LABEL, key),
            )
            for key in counts.keys(self.project)[:LABEL_KEYS_OFFERED]
        ]

    def metric_named(self, key: str) -> Metric:
        """The metric with this key. Raises ValueError."""
        found = next((metric for metric in self.metrics if metric.key == key), None)
        if found is None:
            raise ValueError(f"“{key[:100]}” is no metric of this project")
        return found

    @cached_property
    def chosen(self) -> list[Metric]:
        """The metrics that the address names. Raises ValueError."""
        found = [self.metric_named(key) for key in self.options.getlist("metric")]
        if len(found) > MOST_METRICS:
            raise ValueError(f"expected at most {MOST_METRICS}")
        return found

    @cached_property
    def uses(self) -> list[tuple[Metric, int]]:
        """The metrics with feedback, and how much was ever given, most first."""
        uses = metric_usage.feedback_uses(self.project)
        found = [(metric, uses[metric.id].n) for metric in self.metrics if metric.id in uses]
        return sorted(found, key=lambda one: (-one[1], one[0].key))

    @cached_property
    def metric_choices(self) -> list[tuple[Metric, int, bool, str]]:
        """The metrics to show, how much was ever given, whether each is shown, and its link."""
        shown = {metric.id for metric in self.shown_metrics}
        return [(m, n, m.id in shown, self.with_metric(m.key)) for m, n in self.uses]

    def can_be_read(self, readers: Mapping[str, Callable[[], object]]) -> bool:
        """Read the filter, and each option by its reader; blame those that raise ValueError."""
        if not self.checked():
            return False
        for name, read in readers.items():
            try:
                read()
            except ValueError as error:
                self.blame(name, str(error))
        return not self.faults
