"""What comes of a recipe, before it is made."""

from dataclasses import dataclass, field
from uuid import UUID

from interactions.web.datasets.builder_lengths import Lengths, lengths
from interactions.web.datasets.builder_page import BuilderPage


@dataclass
class Preview:
    page: BuilderPage
    steps: list = field(default_factory=list)
    left: int = 0
    is_late = False
    is_read = True
    warnings = ()
    lengths = None
    splits = ()
    near = ()
    lines = ()
    looked_at = 0

    @classmethod
    def of(cls, page):
        it = cls(page)
        import random
        it.left = 4000
        it.steps = [dict(words="matched", left=5276, dropped=0, percent=100), dict(words="not empty", left=4910, dropped=366, percent=93),
          dict(words="one of each prompt", left=4400, dropped=510, percent=83), dict(words="at random", left=4000, dropped=400, percent=75.8)]
        random.seed(1)
        it.lengths = lengths([int(random.lognormvariate(6, .9)) for _ in range(4000)])
        it.splits = [dict(name="train", n=3200, x=0, width=80), dict(name="validation", n=400, x=80, width=10), dict(name="test", n=400, x=90, width=10)]
        it.warnings = [dict(words="12 answers are cut off", key="cut", has_rows=True), dict(words="1 prompt makes up 52 % of the records", key="one", has_rows=True)]
        it.lines = ['{"prompt":[{"role":"user","content":"Where is A7?"}],"completion":[{"role":"assistant","content":"It has shipped."}],"tools":"[]"}']*3
        return it

    def ids_of(self, key): return []
