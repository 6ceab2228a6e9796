"""Parquet with the bytes of images, in the layout of Hugging Face's `Image`.

Made with `pyarrow`, of the extra [parquet]; without it no Parquet is offered.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from adaptive_site.lib.errors import NotFound
from interactions.services.export.choices import HAS_PARQUET
from interactions.services.export.containers.features import IMAGE, features_of
from interactions.services.export.containers.output import Output
from interactions.services.export.lines import Line
from interactions.services.export.making import picture
from interactions.services.export.shape import Shape
from interactions.services.images import store
from projects.models import Project

if HAS_PARQUET:
    import pyarrow as arrow
    from pyarrow import parquet

IMAGES = "images"
GROUP_BYTES = 32 * 1024 * 1024  # of lines and images that are written at a time
GROUP_LINES = 10_000


def pack(project: Project, lines: Iterable[bytes], shape: Shape, output: Output) -> Iterator[bytes]:
    """The file, a group of rows at a time."""
    features = features_of(shape, images=IMAGE)
    said = {"huggingface": orjson.dumps({"info": {"features": features}})}
    schema = arrow.schema(
        [(name, _type(feature)) for name, feature in features.items()], metadata=said
    )
    with parquet.ParquetWriter(output, schema, compression="zstd") as writer:
        for rows in _groups(project, lines):
            writer.write_table(arrow.Table.from_pylist(rows, schema=schema))
            yield from output.take()
    yield from output.take()


def _type(feature: Any) -> Any:
    """The type of a column in Arrow."""
    if isinstance(feature, list):
        return arrow.list_(_type(feature[0]))
    kind = feature.get("_type")
    if kind == "Image":
        return arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    if kind == "Value":
        return arrow.bool_() if feature["dtype"] == "bool" else arrow.string()
    return arrow.struct([(name, _type(inner)) for name, inner in feature.items()])


def _groups(project: Project, lines: Iterable[bytes]) -> Iterator[list[Line]]:
    rows: list[Line] = []
    size = 0
    for line in lines:
        row = orjson.loads(line)
        size += len(line)
        if paths := row.get(IMAGES):
            row[IMAGES] = [_image(project, path) for path in paths]
            size += sum(len(image["bytes"] or b"") for image in row[IMAGES])
        rows.append(row)
        if size >= GROUP_BYTES or len(rows) >= GROUP_LINES:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _image(project: Project, path: str) -> dict[str, Any]:
    """The bytes as they came, and the name of the file; no bytes of one that has been lost."""
    found = picture(project, path.removeprefix("images/").partition(".")[0])
    try:
        return {"bytes": store.read(found) if found else None, "path": path}
    except NotFound:
        return {"bytes": None, "path": path}
