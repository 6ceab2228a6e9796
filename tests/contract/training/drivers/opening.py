"""What `datasets.load_dataset` makes of files: columns, splits, rows, the pixels of images."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import datasets
from PIL import Image

from tests.contract.training.drivers.saying import main


def pixels_of(image: Image.Image) -> str:
    """The size of an image, and the SHA-256 of its pixels as RGBA."""
    width, height = image.size
    return f"{width}x{height} {hashlib.sha256(image.convert('RGBA').tobytes()).hexdigest()}"


def plain(value: Any) -> Any:
    """A value of a row as JSON has it, of an image its pixels."""
    if isinstance(value, Image.Image):
        return pixels_of(value)
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, bytes):
        return f"{len(value)} bytes {hashlib.sha256(value).hexdigest()}"
    return value


LOADERS = {".jsonl": "json", ".parquet": "parquet", ".csv": "csv"}


def loaded(path: Path, cache: str) -> dict[str, datasets.Dataset]:
    """The splits of a file, or of a directory as its card tells of them."""
    if not path.is_dir():
        loader = LOADERS[path.suffix]
        return dict(datasets.load_dataset(loader, data_files=str(path), cache_dir=cache))
    found: dict[str, datasets.Dataset] = {}
    for name in datasets.get_dataset_config_names(str(path)):
        found |= datasets.load_dataset(str(path), name, cache_dir=cache)
    # One loader opens all of a directory: a split without images beside others stands alone.
    for file in path.glob("*/data.jsonl"):
        if file.parent.name not in found:
            alone = datasets.load_dataset("json", data_files=str(file), cache_dir=cache)
            found[file.parent.name] = alone["train"]
    return found


def loaded_by_its_card(path: Path) -> int:
    """How many rows there are when the Python in a directory's card is run."""
    code = (path / "README.md").read_text(encoding="utf-8").split("```python\n")[1]
    names: dict[str, Any] = {}
    exec(code.partition("```")[0].replace("path/of/this/folder", str(path)), names)
    read = [one for one in names.values() if isinstance(one, datasets.DatasetDict)]
    return sum(rows.num_rows for splits in read for rows in splits.values())


def opened(asked: dict[str, Any]) -> dict[str, Any]:
    """What is in it, or why it could not be opened."""
    with tempfile.TemporaryDirectory() as cache:
        try:
            path = Path(asked["path"])
            splits = loaded(path, cache)
            features = next(iter(splits.values())).features
            return {
                "columns": {name: repr(kind) for name, kind in features.items()},
                "rows": {
                    name: rows.num_rows if asked.get("count") else [plain(row) for row in rows]
                    for name, rows in splits.items()
                },
                "by its card": loaded_by_its_card(path) if path.is_dir() else None,
            }
        except Exception as error:  # what a person who opens it would see
            reasons = [f"{type(error).__name__}: {error}"]
            while error.__cause__ is not None:
                error = error.__cause__  # type: ignore[assignment]
                reasons.append(f"{type(error).__name__}: {error}")
            return {"failure": " / ".join(reasons)[:2000]}


if __name__ == "__main__":
    datasets.disable_progress_bars()
    main(lambda asked: {name: opened(one) for name, one in asked.items()})
