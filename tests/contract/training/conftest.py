"""The files, and what each library says of them, found out once in a run of the tests."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from adaptive_site.environment import ROOT
from interactions.services.recording import labels
from tests.contract.environments import python_of
from tests.contract.training.writing import Written, write

Asked = dict[str, dict[str, Any]]
Reader = Callable[[str, Asked], dict[str, Any]]
Read = Callable[[str, str], dict[str, Any]]


@pytest.fixture(scope="session")
def files(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Written]:
    """Every kind of file by its name, see `writing.name_of`."""
    with django_db_blocker.unblock():
        try:
            return write(tmp_path_factory.mktemp("training"))
        finally:
            labels.forget()


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Runs `drivers/<name>.py` in the environment of the libraries, or in that of trainers."""
    home = tmp_path_factory.mktemp("libraries")

    def run(driver: str, asked: Asked) -> dict[str, Any]:
        environment = "trainers" if driver == "trainers" else "training"
        module = f"tests.contract.training.drivers.{driver}"
        done = subprocess.run(
            [str(python_of(environment)), "-m", module],
            cwd=ROOT,
            input=json.dumps(asked).encode(),
            env={
                **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
                "HF_HOME": str(home),
                "HF_HUB_OFFLINE": "1",
                "TOGETHER_NO_BANNER": "1",
            },
            capture_output=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr.decode()[-5000:]
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return run


@pytest.fixture(scope="session")
def opened(files: dict[str, Written], reader: Reader) -> dict[str, Any]:
    """What `datasets.load_dataset` makes of each file that it is meant for."""
    return reader(
        "opening",
        {name: {"path": str(one.path)} for name, one in files.items() if opens(name)},
    )


def opens(name: str) -> bool:
    """Whether a file is for `datasets`; the others have lines that are not all alike."""
    family = name.split("-")[2]
    return family in ("trl", "sharegpt", "alpaca", "csv")


@pytest.fixture(scope="session")
def prepared(files: dict[str, Written], reader: Reader) -> dict[str, Any]:
    """What TRL's preparation makes of each of its files."""
    trl = {name: one for name, one in files.items() if "-trl-" in name and "late" not in name}
    return reader("preparing", {name: {"path": str(one.path)} for name, one in trl.items()})


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The lines of a file, which end at line feeds alone."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
