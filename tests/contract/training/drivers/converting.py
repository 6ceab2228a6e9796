"""What LLaMA-Factory's converter makes of a directory with `dataset_info.json`.

The package's own start wants PyTorch and more; its parser and converter, which are what decides
about a row, do not. So they are imported without it.
"""

import importlib.util
import json
import logging
import sys
import types
from pathlib import Path
from typing import Any

from tests.contract.training.drivers.saying import main

NAME = "llamafactory"


class Told(logging.Logger):
    """A logger with the methods that LLaMA-Factory gives its own."""

    warning_rank0 = warning_rank0_once = info_rank0 = logging.Logger.warning


def without_its_start() -> None:
    """Let `llamafactory.data.converter` and `.parser` be imported without PyTorch."""
    spec = importlib.util.find_spec(NAME)
    assert spec is not None and spec.submodule_search_locations
    (place,) = spec.submodule_search_locations

    def shell(name: str, **members: Any) -> types.ModuleType:
        """A package that finds its modules, but whose own start is not run."""
        package = types.ModuleType(f"{NAME}{name}")
        package.__path__ = [str(Path(place, *name.split(".")))]
        package.__dict__.update(members)
        sys.modules[package.__name__] = package
        return package

    shell("")
    shell(".data")
    shell(".extras", logging=shell(".extras.logging", get_logger=Told))
    shell(".extras.constants", DATA_CONFIG="dataset_info.json")
    shell(".extras.misc", use_modelscope=bool, use_openmind=bool)


def converted(asked: dict[str, Any]) -> dict[str, Any]:
    """Each row of each file that the directory's `dataset_info.json` tells of."""
    from llamafactory.data.converter import get_dataset_converter
    from llamafactory.data.parser import get_dataset_list

    place = Path(asked["path"])
    names = list(json.loads((place / "dataset_info.json").read_bytes()))
    found: dict[str, Any] = {}
    for one in get_dataset_list(names, str(place)):
        options = types.SimpleNamespace(media_dir=str(place))
        convert = get_dataset_converter(one.formatting, one, options)
        lines = (place / one.dataset_name).read_bytes().split(b"\n")
        found[one.dataset_name] = [convert(json.loads(line)) for line in lines if line]
    return found


if __name__ == "__main__":
    without_its_start()
    main(lambda asked: {name: converted(one) for name, one in asked.items()})
