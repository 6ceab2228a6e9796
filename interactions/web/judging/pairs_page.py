"""What the page of pairs shows: two answers side by side, or all that were mined as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.core.cache import caches

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.word_diff import Run, WordDiff, compare
from interactions.filters.notation import parse_number
from interactions.models import Comparison
from interactions.services.browsing import rows as browsing_rows
from interactions.services.judging import pairs
from interactions.services.judging.pairs import Gap, Mined, Pair
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.judging.pair_parts import PairRow, ShownPreference, Side
from interactions.web.rendering.cards import cards_of
from projects.models import Metric

MINING_LIMIT_MS = 5_000  # to mine
SECONDS_CACHED = 60  # seconds in which a filter's pairs are not looked for again
PAIRS_PER_PAGE = 50
_cache = caches["pairs"]
END = "end"  # in an address: nothing is left


@dataclass
class Pairs(FilteredPage):
    """A filter, the metric preferences go under, and the pair to compare; `next` leads on."""

    option_names = (
        *("metric", "gap", "compared", "pair", "diff", "view", "start"),
        *("gap_metric", "gap_least"),  # how the form sends the gap
    )
    form_options = ("metric", "gap", "compared")

    url_name: str = "pairs"
    metric: Metric | None = None
    gap: Gap | None = None
    pair: Pair | None = None
    sides: Sequence[Side] = ()
    next: str = ""

    def read(self) -> "Pairs":
        """Find the pairs, and the one to compare, or say what is wrong."""
        if not self.checked():
            return self
        try:
            with time_limit(MINING_LIMIT_MS):
                _ = self.mined
        except TookTooLong as error:
            self.blame("gap" if self.gap else "time", str(error))
            return self
        if not self.is_list and self.metric is not None:
            self._find()
        return self

    def checked(self) -> bool:
        """Whether filter and parameters can be answered; chooses the metric."""
        super().checked()
        if self.faults:
            return False
        if asked := self.options.get("metric"):
            self.metric = self._metric(asked)
        else:
            self.metric = pairs.usual_metric(self.project, self.caller.user)
        if self.metric is None and asked:
            self.blame("metric", "expected the key of a metric of this project")
        elif self.metric is not None:
            self.options["metric"] = self.metric.key
        if gap := self.options.get("gap"):
            key, _, least = gap.rpartition(":")
            try:
                metric, number = self._metric(key), parse_number(least)
                if metric is None or not 0 <= number < float("inf"):
                    raise ValueError
                self.gap = Gap(metric, number)
            except ValueError:
                self.blame("gap", "expected a metric and how far apart, such as csat:2")
        for name, *known in (("compared", "by_nobody", "any"), ("view", "list"), ("diff", "1")):
            if self.options.get(name, known[0]) not in known:
                self.blame(name, f"expected {' or '.join(known)}, or nothing")
        start = self.options.get("start", "0")
        if not (start.isascii() and start.isdigit() and len(start) < 7):
            self.blame("start", "expected a number")
        return not self.faults

    def _metric(self, key: str) -> Metric | None:
        return next((one for one in self.metrics if one.key == key), None)

    @cached_property
    def choosable(self) -> list[Metric]:
        """The metrics a preference may be given under: those in use, then yes-or-no ones."""
        used = pairs.metrics_in_use(self.project)
        return sorted(
            self.metrics, key=lambda one: (one.id not in used, one.kind != Metric.Kind.BOOL)
        )

    @property
    def is_list(self) -> bool:
        """Whether the pairs are shown as a table."""
        return self.options.get("view") == "list"

    @property
    def is_diff(self) -> bool:
        """Whether words that differ are marked."""
        return self.options.get("diff") == "1"

    @cached_property
    def mined(self) -> Mined:
        """The pairs of the filter, looked for once a minute."""
        said = f"{self.project.id} {self.links.filter} {self.options.get('gap', '')}"
        key = f"pairs-1:{sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()}"
        if (plain := _cache.get(key)) is not None:
            newest, rows = plain
            return Mined([Pair(*row) for row in rows], newest)
        found = pairs.mine(self.project, self.tree, gap=self.gap)
        rows = [(one.newer, one.older, one.answers, one.scores) for one in found.pairs]
        _cache.set(key, (found.newest, rows), SECONDS_CACHED)
        return found

    @cached_property
    def comparisons(self) -> dict[frozenset[UUID], list[Comparison]]:
        """The comparisons of the pairs."""
        if self.metric is None:
            return {}
        return pairs.compared(self.project, self.metric, self.mined.pairs)

    def _is_mine(self, pair: Pair) -> bool:
        user = self.caller.user.id
        return any(one.created_by_id == user for one in self.comparisons.get(pair.ids, ()))

    def _is_left(self, pair: Pair) -> bool:
        kept = self.options.get("compared")
        if kept == "any":
            return True
        return pair.ids not in self.comparisons if kept else not self._is_mine(pair)

    @cached_property
    def left(self) -> list[Pair]:
        """The pairs still to be compared."""
        return [pair for pair in self.mined.pairs if self._is_left(pair)]

    @property
    def done(self) -> int:
        """How many of the pairs the caller has compared."""
        return sum(map(self._is_mine, self.mined.pairs))

    @property
    def more(self) -> int:
        """How many of the pairs left the caller has not compared."""
        return sum(not self._is_mine(pair) for pair in self.left)

    def _find(self) -> None:
        asked = self.options.get("pair", "")
        if asked == END:
            return
        pair = self._asked(asked) if asked else next(iter(self.left), None)
        if pair is None:
            return
        cards = cards_of(self.project, pair.sides(self.caller.user), wanted=self.wanted)
        prompts = {card.interaction.prompt_hash for card in cards}
        if len(cards) < 2 or len(prompts) > 1:
            self.blame("pair", "expected two answers to one prompt of this project")
            return
        self.pair = pair
        self.sides = [
            Side(name, name.lower(), card, replace(card.answer, name=name))
            for name, card in zip(("Left", "Right"), cards, strict=True)
        ]
        self.next = self.links.changing(pair=self.after(pair))

    def _asked(self, name: str) -> Pair | None:
        """The pair of the address: one of those mined, or any other two."""
        try:
            older, newer = sorted(UUID(id) for id in name.split(".", 1))
        except ValueError:
            older = newer = UUID(int=0)
        if older == newer:
            self.blame("pair", "expected two ids of interactions with a dot between")
            return None
        pair = Pair(newer, older)
        return next((one for one in self.mined.pairs if one.ids == pair.ids), pair)

    def on_side(self, side: str) -> UUID | None:
        """The answer that stands on this side."""
        return next((one.card.interaction.id for one in self.sides if one.value == side), None)

    def after(self, pair: Pair) -> str:
        """The name of the pair that comes after this one, END when none is left."""
        ids = [one.ids for one in self.mined.pairs]
        start = ids.index(pair.ids) + 1 if pair.ids in ids else 0
        coming = (one for one in self.mined.pairs[start:] if one.ids != pair.ids)
        return next((one.name for one in coming if self._is_left(one)), END)

    @cached_property
    def difference(self) -> WordDiff | None:
        """Both answers word by word, when that is asked for and not too long."""
        if not self.is_diff or not self.sides:
            return None
        left, right = (side.text for side in self.sides)
        return compare(left, right)

    @property
    def both(self) -> list[tuple[Side, list[Run]]]:
        """The sides, each with its words where they are marked."""
        words = self.difference
        runs = [words.left, words.right] if words is not None and words.is_alike else [[], []]
        return list(zip(self.sides, runs, strict=False))

    @cached_property
    def last(self) -> ShownPreference | None:
        """The last comparison, which `z` withdraws."""
        if self.metric is None:
            return None
        last = pairs.latest(self.project, self.metric, self.caller.user)
        return self._shown(last) if last is not None else None

    @property
    def before(self) -> ShownPreference | None:
        """The caller's earlier comparison of this pair."""
        if self.pair is None or self.metric is None:
            return None
        found = pairs.compared(self.project, self.metric, [self.pair]).get(self.pair.ids, ())
        mine = [one for one in found if one.created_by_id == self.caller.user.id]
        return self._shown(mine[0]) if mine else None

    def _shown(self, one: Comparison) -> ShownPreference:
        models = [side.llm.name if side.llm else "no model" for side in (one.preferred, one.other)]
        older, newer = sorted((one.preferred_id, one.other_id))
        link = self.links.changing(pair=Pair(newer, older).name)
        if one.tied:
            tone = "good" if one.tied == Comparison.Tied.GOOD else "bad"
            return ShownPreference(f"{one.get_tied_display()}: {' and '.join(models)}", tone, link)
        return ShownPreference(f"{models[0]} better than {models[1]}", "good", link)

    @property
    def start(self) -> int:
        """Where the table begins."""
        return int(self.options.get("start", "0"))

    @cached_property
    def rows(self) -> list[PairRow]:
        """The table's rows, a page of them."""
        shown = self.mined.pairs[self.start : self.start + PAIRS_PER_PAGE]
        ids = list(dict.fromkeys(id for pair in shown for id in (pair.newer, pair.older)))
        found = {
            row.interaction.id: row.interaction for row in browsing_rows.rows(self.project, ids)
        }
        return [
            PairRow(
                pair,
                self.links.changing(pair=pair.name, view="", start=""),
                found[pair.newer],
                found[pair.older],
                [self._by(one) for one in self.comparisons.get(pair.ids, ())],
            )
            for pair in shown
            if pair.newer in found and pair.older in found
        ]

    def _by(self, one: Comparison) -> str:
        who = one.author
        return f"{one.get_tied_display()} ({who})" if one.tied else f"one better ({who})"

    @property
    def variants(self) -> dict[str, Any]:
        """The page with other options."""
        end = self.start + PAIRS_PER_PAGE
        more = str(end) if end < len(self.mined.pairs) else ""
        less = str(max(0, self.start - PAIRS_PER_PAGE)) if self.start else ""
        return {
            "here": self.links.changing(),
            "this": self.links.changing(pair=self.pair.name) if self.pair else "",
            "diff": self.links.changing(diff="" if self.is_diff else "1"),
            "list": self.links.changing(view="list", pair=""),
            "queue": self.links.changing(view="", start=""),
            "top": self.links.changing(pair=""),
            "any": self.links.changing(compared="any", pair=""),
            "more": self.links.changing(start=more) if more else "",
            "less": self.links.changing(start=less) if less else "",
            "interactions": self.links.list + str(self.links.filter),
        }
