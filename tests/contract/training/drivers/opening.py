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


def loaded(asked: dict[str, Any], cache: str) -> datasets.DatasetDict:
    """The splits of a file or a directory; `by` is the loader, if it has to be told."""
    path = Path(asked["path"])
    if path.is_dir():
        loader, options = asked.get("by") or str(path), {"data_dir": str(path)}
        if not asked.get("by"):
            options = {}
    else:
        loaders = {".jsonl": "json", ".json": "json", ".parquet": "parquet", ".csv": "csv"}
        loader, options = loaders[path.suffix], {"data_files": str(path)}
    return datasets.load_dataset(loader, cache_dir=cache, **options)


def opened(asked: dict[str, Any]) -> dict[str, Any]:
    """What is in it, or why it could not be opened."""
    with tempfile.TemporaryDirectory() as cache:
        try:
            splits = loaded(asked, cache)
            features = next(iter(splits.values())).features
            return {
                "columns": {name: repr(kind) for name, kind in features.items()},
                "rows": {
                    name: rows.num_rows if asked.get("count") else [plain(row) for row in rows]
                    for name, rows in splits.items()
                },
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
