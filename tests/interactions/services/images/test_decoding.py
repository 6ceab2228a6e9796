"""Images are decoded whole, within bounds, and damage is the sender's fault, never a crash."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Pillow

from adaptive_site.lib.errors import DomainError, Invalid, NotFound, TooLarge
from interactions.models import Image
from interactions.services.images import decoding, store
from projects.models import Project
from tests.make import data_uri, image_message, make_image, make_interaction


def animation(format: str, frames: int = 3, size: tuple[int, int] = (20, 20)) -> bytes:
    """An animation whose frames differ."""
    file = BytesIO()
    pictures = [Pillow.new("RGB", size, (n % 256, 200, n // 256)) for n in range(frames)]
    options = {"lossless": True} if format == "WEBP" else {}  # else it joins equal frames
    pictures[0].save(file, format, save_all=True, append_images=pictures[1:], **options)
    return file.getvalue()


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF"])
def test_every_frame_of_an_animation_counts(format: str) -> None:
    assert decoding.examine(animation(format), field="x").pixels == 3 * 400


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_cut_anywhere_is_refused(format: str) -> None:
    data = animation(format)
    end = len(data) - (20 if format == "PNG" else 0)  # the last 20 bytes of this one hold no pixel
    for cut in range(1, end, 3):
        with pytest.raises(Invalid):
            decoding.examine(data[:cut], field="x")


@pytest.mark.parametrize("format", ["GIF", "WEBP"])
def test_an_animation_has_a_limit_of_frames(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_FRAMES", 5)
    assert decoding.examine(animation(format, 5), field="x").pixels == 5 * 400
    with pytest.raises(TooLarge, match="at most 5 frames"):
        decoding.examine(animation(format, 6), field="x")


def test_the_pixels_of_all_frames_are_limited() -> None:
    with pytest.raises(TooLarge, match="every frame counted"):
        decoding.examine(animation("GIF", 4), field="x", room=3 * 400)


def test_a_gif_frame_that_would_fill_the_memory_is_refused() -> None:
    """Its first frame claims 65,535 × 65,535 pixels and is to be cleared, the canvas is tiny."""
    control = b"!\xf9\x04\x08\0\0\0\0"
    frame = b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02L\x01\0;"
    with pytest.raises(TooLarge, match="40 megapixels"):
        decoding.examine(b"GIF89a\x01\0\x01\0\0\0\0" + control + frame, field="x")


def test_a_webp_that_claims_to_be_huge_is_refused() -> None:
    huge = b"\0\0\0\0" + (16382).to_bytes(3, "little") * 2
    chunk = b"VP8X" + len(huge).to_bytes(4, "little") + huge
    with pytest.raises(TooLarge, match="40 megapixels"):
        decoding.examine(
            b"RIFF" + (4 + len(chunk)).to_bytes(4, "little") + b"WEBP" + chunk, field="x"
        )


def test_the_images_of_one_interaction_are_limited_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "MAX_PIXELS_TOGETHER", 1000)
    red, blue = (data_uri(make_image(size=(20, 20), colour=(n, 0, 0))) for n in (1, 2))
    _, lifted = store.lift_images([image_message(red, blue, red, blue)])
    assert len(lifted) == 4, "the same picture again costs nothing"
    third = data_uri(make_image(size=(20, 20), colour=(3, 0, 0)))
    with pytest.raises(TooLarge) as caught:
        store.lift_images([image_message(red, blue, third)])
    assert caught.value.field == "messages.0.content.3.image_url"


def test_images_are_counted_before_one_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_IMAGES", 2)
    with pytest.raises(TooLarge, match="at most 2 images"):
        store.lift_images([image_message(*["data:nonsense"] * 3)])


@pytest.mark.parametrize(("place", "value"), [(125, 11), (-20, 70), (113, 255)])
def test_a_damaged_avif_is_the_senders_fault(place: int, value: int) -> None:
    file = BytesIO()
    Pillow.radial_gradient("L").convert("RGB").save(file, "AVIF")
    data = bytearray(file.getvalue())
    data[place] = value
    try:
        decoding.examine(bytes(data), field="x")
    except DomainError as error:
        assert isinstance(error, Invalid)


def test_whatever_a_decoder_raises_is_the_senders_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> Pillow.Image:
        raise RuntimeError("Failed to decode image: Missing or empty image item")

    for method in ("open", "Image.convert"):
        with monkeypatch.context() as patch, pytest.raises(Invalid):
            patch.setattr(f"PIL.Image.{method}", fail)
            decoding.examine(make_image("PNG", (7, 3)), field="x")


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage!", b"Exif\0\0II*\0\xff\xff\xff\xff", b"\0"])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_thumbnail_is_made_in_spite_of_broken_exif_data(format: str, exif: bytes) -> None:
    data = make_image(format, (640, 320), exif=exif)
    with Pillow.open(BytesIO(decoding.shrink(data, 320))) as small:
        assert small.size == (320, 160)


def test_a_thumbnail_stands_upright() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turned by a quarter
    with Pillow.open(
        BytesIO(decoding.shrink(make_image("JPEG", (640, 320), exif=exif), 320))
    ) as small:
        assert small.size == (160, 320)


def test_a_thumbnail_that_cannot_be_made_or_whose_image_is_lost_is_not_found(
    project: Project, empty_storage: Path
) -> None:
    make_interaction(project, messages=[image_message(data_uri(make_image("PNG", (99, 9))))])
    image = Image.objects.in_project(project).get()
    (empty_storage / image.path).write_bytes(b"not an image any more")
    with pytest.raises(NotFound):
        store.thumbnail(image)
    (empty_storage / image.path).unlink()
    with pytest.raises(NotFound):
        store.thumbnail(image)
    with pytest.raises(NotFound):
        store.read(image)


def test_a_part_of_a_file_is_not_taken_for_the_image(project: Project, empty_storage: Path) -> None:
    data = make_image("PNG", (99, 9))
    for _ in range(2):
        make_interaction(project, messages=[image_message(data_uri(data))])
        image = Image.objects.in_project(project).get()
        assert store.read(image) == data
        (empty_storage / image.path).write_bytes(data[:20])
