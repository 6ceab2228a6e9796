"""Every file opens with `datasets.load_dataset`, and holds what was logged."""

from typing import Any

import pytest

from tests.contract.training.conftest import opens
from tests.contract.training.writing import Written


pytestmark = pytest.mark.django_db  # the files are made of interactions


def test_every_file_opens_and_has_the_lines_that_were_promised(
    files: dict[str, Written], opened: dict[str, Any]
) -> None:
    failed = {name: one["failure"] for name, one in opened.items() if "failure" in one}
    assert not failed
    assert len(opened) > 30
    for name, one in opened.items():
        there = {split: len(rows) for split, rows in one["rows"].items()}
        said = files[name].lines
        assert there == (said if "" not in said else {"train": said[""]}), name


def test_dbg(files: dict[str, Written], opened: dict[str, Any]) -> None:
    for n, one in opened.items():
        if "failure" in one:
            print("FAIL", n, files[n].path, one["failure"][:1500])
    for n, one in files.items():
        print(n, one.lines, one.left_out)
    assert 0
