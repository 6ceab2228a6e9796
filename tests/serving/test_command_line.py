"""`manage.py` as it is loaded: by the command itself, and by a process that the command spawns."""

import gc
import runpy
import sys

import pytest

from adaptive_site.environment import ROOT


def test_a_spawned_process_keeps_its_collector_of_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "serve"])
    assert gc.isenabled()
    try:
        # So multiprocessing names the module of the command in what it spawns.
        runpy.run_path(str(ROOT / "manage.py"), run_name="__mp_main__")
        assert gc.isenabled()
    finally:
        gc.enable()
