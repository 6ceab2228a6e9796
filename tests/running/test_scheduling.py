"""What is said of files is true of those that are there."""

from adaptive_site.environment import ROOT
from tests.running.scheduling import BROWSER, LONGEST, PART_OF, TOGETHER, scope_of

FILES = {str(file.relative_to(ROOT)) for file in (ROOT / "tests" / "browser").glob("test_*.py")}


def test_every_file_of_the_browser_is_in_one_part() -> None:
    names = [name for part in BROWSER.values() for name in part.split()]
    assert len(names) == len(set(names))
    assert set(PART_OF) == FILES


def test_those_that_want_the_real_interactions_are_one_part() -> None:
    wanting = {file for file in FILES if "real: str" in (ROOT / file).read_text()}
    assert len({scope_of(f"{file}::test_a_maple") for file in wanting}) == 1


def test_what_begins_first_and_what_stays_together_is_there() -> None:
    parts = set(PART_OF.values())
    assert not [one for one in LONGEST if one not in parts and not (ROOT / one).exists()]
    assert set(TOGETHER) < set(LONGEST)
    assert scope_of("tests/scale/test_plans.py::test_a_maple") == "tests/scale"
    assert scope_of("tests/fuzz/test_fuzz.py::test_a_maple") == "tests/fuzz/test_fuzz.py"
