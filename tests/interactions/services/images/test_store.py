"""Images are lifted out of messages, checked whole, and kept once as they came."""

import hashlib
import struct
import zlib
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from adaptive_site.lib.errors import DomainError, Invalid, TooLarge
from interactions.models import Image, InteractionImage
from interactions.services.browsing import rows as browsing_rows
from interactions.services.images import decoding, store
from interactions.services.recording.log import log_interactions
from projects.models import Project
from tests.make import (
    data_uri,
    image_message,
    make_draft,
    make_image,
    make_interaction,
    make_project,
)
from tests.running.examples import examples

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
FORMATS = {"PNG": "png", "JPEG": "jpeg", "WEBP": "webp", "GIF": "gif", "AVIF": "avif"}


def lift(*urls: str) -> list[store.Lifted]:
    return store.lift_images([image_message(*urls)])[1]


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG file whose header promises this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("name", "subtype"), FORMATS.items())
def test_each_format_is_taken_for_what_it_is(name: str, subtype: str) -> None:
    data = make_image(name, (31, 17))
    (image,) = lift(data_uri(data, f"image/{subtype}"))
    assert image.data == data
    assert (image.facts.width, image.facts.height, image.facts.size) == (31, 17, len(data))
    assert image.facts.sha256 == hashlib.sha256(data).hexdigest()
    assert image.facts.format == ("jpg" if name == "JPEG" else subtype)


def test_image_jpg_is_how_many_people_spell_jpeg() -> None:
    (image,) = lift(data_uri(make_image("JPEG"), "image/jpg"))
    assert image.facts.format == Image.Format.JPEG


def test_a_jpeg_of_several_pictures_is_a_jpeg() -> None:
    """Phones write these (MPO): a photograph with its depth map or preview behind it."""
    file = BytesIO()
    pictures = [Pillow.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    pictures[0].save(file, "MPO", save_all=True, append_images=pictures[1:])
    (image,) = lift(data_uri(file.getvalue(), "image/jpeg"))
    assert image.facts.format == Image.Format.JPEG


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_png_of_every_kind_is_taken(mode: str) -> None:
    file = BytesIO()
    Pillow.new(mode, (9, 9)).save(file, "PNG")
    assert lift(data_uri(file.getvalue()))


PNG = make_image("PNG", (640, 640))


@pytest.mark.parametrize(
    ("url", "fault", "says"),
    [
        (data_uri(PNG, "image/jpeg"), Invalid, "declared image/jpeg, but the data is image/png"),
        (data_uri(PNG, "text/html"), Invalid, "declared text/html"),
        ("data:;base64," + b64encode(PNG).decode(), Invalid, "declared no type"),
        (data_uri(SVG, "image/svg+xml"), Invalid, "SVG is not taken"),
        (data_uri(SVG, "image/png"), Invalid, "not an image we take"),
        (data_uri(b"<html><script>alert(1)</script>"), Invalid, "not an image we take"),
        (data_uri(b""), Invalid, "not an image we take"),
        (data_uri(make_image("BMP"), "image/bmp"), Invalid, "not an image we take"),
        (data_uri(make_image("TIFF"), "image/png"), Invalid, "not an image we take"),
        (data_uri(PNG[:-40]), Invalid, "cut short or damaged"),
        (data_uri(PNG[:30]), Invalid, "not an image we take"),
        (data_uri(png_claiming(10, 10_000)), Invalid, "cut short or damaged"),
        (data_uri(make_image("JPEG", (300, 300))[:-200], "image/jpeg"), Invalid, "cut short"),
        (data_uri(png_claiming(10_000, 5_000)), TooLarge, "40 megapixels"),
        (data_uri(png_claiming(20_000, 20_000)), TooLarge, "40 megapixels"),
        (data_uri(png_claiming(2**31 - 1, 2**31 - 1)), TooLarge, "40 megapixels"),
        ("data:image/png;base64,@@@@", Invalid, "base64"),
        ("data:image/png;base64,AAAAA", Invalid, "base64"),
        ("data:image/png;base64,AAA", Invalid, "not an image we take"),
        ("data:image/png;base64,ÄÄÄÄ", Invalid, "base64"),
        ("data:image/png;base64", Invalid, "base64"),
        ("data:image/png," + "A" * 8, Invalid, "not an image we take"),
        ("data:image/png;base64," + "A" * 28_000_004, TooLarge, "20 MB"),
        ("file:///etc/passwd", Invalid, "http(s)"),
        ("javascript:alert(1)", Invalid, "http(s)"),
        ("image:" + "0" * 64, Invalid, "http(s)"),
        ("/relative.png", Invalid, "http(s)"),
    ],
    ids=range(27),
)
def test_what_is_not_a_whole_image_is_refused_at_its_place(
    url: str, fault: type[DomainError], says: str
) -> None:
    with pytest.raises(fault) as caught:
        lift("https://x.test/a.png", url)
    assert says in str(caught.value)
    assert caught.value.field == "messages.0.content.2.image_url"


@settings(max_examples=examples(150), deadline=None)
@given(
    st.sampled_from(list(FORMATS)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6),
    st.floats(0, 1),
)
def test_damage_is_refused_or_harmless_but_never_a_crash(
    name: str, changes: list[tuple[float, int]], kept: float
) -> None:
    data = bytearray(make_image(name, (20, 20)))
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    try:
        decoding.examine(bytes(data[: max(1, int(len(data) * kept))]), field="x")
    except DomainError as error:
        assert error.field == "x"


def test_a_remote_address_stays_and_is_never_fetched() -> None:
    remote = "https://x.test/a.png?b=c"
    messages, lifted = store.lift_images([image_message(remote)])
    assert messages[0]["content"][1]["image_url"] == {"url": remote}
    assert lifted == []


def test_a_plain_string_and_an_object_are_two_spellings_of_one_thing() -> None:
    url = data_uri(PNG)
    part = {"type": "image_url", "image_url": url}
    messages, _ = store.lift_images([{"role": "user", "content": [part]}])
    sha256 = hashlib.sha256(PNG).hexdigest()
    assert messages[0]["content"] == [
        {"type": "image_url", "image_url": {"url": f"image:{sha256}"}}
    ]
    detailed = {"type": "image_url", "image_url": {"url": url, "detail": "low"}}
    messages, _ = store.lift_images([{"role": "user", "content": [detailed]}])
    assert messages[0]["content"][0]["image_url"]["detail"] == "low"


def test_bytes_are_kept_once_a_project_and_come_back_as_they_were(
    project: Project, charlies_project: Project, empty_storage: Path
) -> None:
    data = make_image("PNG", (20, 10), compress_level=1)
    url = data_uri(data)
    for _ in range(2):
        make_interaction(project, messages=[image_message(url, url)])
    image = Image.objects.in_project(project).get()
    assert store.read(image) == data
    assert store.as_data_uri(image) == url
    assert [path.name for path in empty_storage.rglob("*.*")] == [f"{image.sha256}.png"]
    make_interaction(charlies_project, messages=[image_message(url)])
    theirs = Image.objects.in_project(charlies_project).get()
    assert theirs.path != image.path
    assert store.read(theirs) == data


def test_positions_keep_the_order_the_model_saw(project: Project, empty_storage: Path) -> None:
    red, blue = make_image(colour=(255, 0, 0)), make_image(colour=(0, 0, 255))
    urls = [data_uri(red), data_uri(blue), data_uri(red)]
    one = make_interaction(project, messages=[image_message(*urls[:1]), image_message(*urls[1:])])
    assert one.image_count == 3
    rows = InteractionImage.objects.filter(project=project).order_by("position")
    assert [row.position for row in rows] == [0, 1, 2]
    (row,) = browsing_rows.rows(project, [one.id])
    assert [store.read(image) for image in row.images] == [red, blue, red]
    stored = [part for m in one.body.messages for part in m["content"] if "image_url" in part]
    assert [part["image_url"]["url"].removeprefix("image:") for part in stored] == [
        hashlib.sha256(data).hexdigest() for data in (red, blue, red)
    ]


def test_a_file_that_was_lost_is_written_again(project: Project, empty_storage: Path) -> None:
    url = data_uri(PNG)
    make_interaction(project, messages=[image_message(url)])
    image = Image.objects.in_project(project).get()
    default_storage.delete(image.path)
    make_interaction(project, messages=[image_message(url)])
    assert store.read(image) == PNG


def test_many_images_in_a_batch_are_kept_with_few_queries(
    project: Project, empty_storage: Path, django_assert_max_num_queries: object
) -> None:
    drafts = [
        make_draft(messages=[image_message(data_uri(make_image(colour=(n, n, n))))])
        for n in range(70)
    ]
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        log_interactions(project, drafts)
    assert Image.objects.in_project(project).count() == 70


@pytest.mark.parametrize("name", FORMATS)
def test_a_thumbnail_is_small_and_made_once(
    name: str, project: Project, empty_storage: Path
) -> None:
    data = make_image(name, (900, 300))
    make_interaction(project, messages=[image_message(data_uri(data, f"image/{FORMATS[name]}"))])
    image = Image.objects.in_project(project).get()
    made = store.thumbnail(image)
    with Pillow.open(BytesIO(made)) as small:
        assert (small.format, small.width, abs(small.height - 107) <= 1) == ("WEBP", 320, True)
    assert store.thumbnail(image) == made
    assert len(list(empty_storage.rglob("thumbnails/**/*.webp"))) == 1


def test_images_of_different_projects_are_kept_apart(empty_storage: Path, db: None) -> None:
    one, other = make_project("one"), make_project("other")
    make_interaction(one, messages=[image_message(data_uri(PNG))])
    assert not Image.objects.in_project(other).exists()
