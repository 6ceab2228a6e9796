"""Broken images are looked at only so often."""

from interactions.services.images import store


def test_broken_images_beyond_a_bound_stay_as_they_are() -> None:
    parts = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,!{n}"}}
        for n in range(store.MAX_IMAGES + 50)
    ]
    out, lifted = store.lift_images([{"role": "user", "content": parts}], is_strict=False)
    assert lifted == []
    assert out[0]["content"] == parts
