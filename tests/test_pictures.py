"""Pictures made to fit: turned, cleaned, converted, made smaller, or refused."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from core.delivery import pictures
from core.delivery.pictures import Unfit, fitted
from core.messages import MediaLimit

MB = 1024 * 1024
JPEG_ONLY = MediaLimit(bytes=10 * MB, types=frozenset({"image/jpeg"}))
BOTH = MediaLimit(bytes=10 * MB, types=frozenset({"image/jpeg", "image/png"}))
ANY = MediaLimit(bytes=10 * MB)
RED, BLUE = (250, 10, 10), (10, 10, 250)


def painted(width: int = 40, height: int = 20, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image.convert(mode)


def noisy(side: int) -> Image.Image:
    return Image.effect_noise((side, side), 120).convert("RGB")


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def with_exif(orientation: int = 1, place: bool = True) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    if place:
        exif.get_ifd(0x8825)[1] = "N"
        exif.get_ifd(0x8825)[2] = (31.0, 14.0, 5.0)
    return exif


def animation(form: str = "GIF") -> bytes:
    return saved(painted(), form, save_all=True, append_images=[painted(mode="L").convert("RGB")])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
def test_what_fits_is_left_as_it_is(form: str) -> None:
    data = saved(painted(), form)
    assert fitted(data, ANY).data is data
    assert fitted(data, ANY).mime == pictures.FORMATS[form]


@pytest.mark.parametrize(
    ("form", "mode", "limit", "becomes"),
    [
        ("WEBP", "RGB", BOTH, "image/jpeg"),
        ("GIF", "P", BOTH, "image/png"),
        ("BMP", "RGB", BOTH, "image/png"),
        ("TIFF", "RGB", BOTH, "image/png"),
        ("TIFF", "CMYK", JPEG_ONLY, "image/jpeg"),
        ("PNG", "I;16", JPEG_ONLY, "image/jpeg"),
        ("PNG", "1", JPEG_ONLY, "image/jpeg"),
        ("PNG", "LA", JPEG_ONLY, "image/jpeg"),
        ("PNG", "P", JPEG_ONLY, "image/jpeg"),
    ],
)
def test_what_is_not_taken_is_converted(form: str, mode: str, limit: MediaLimit, becomes: str) -> None:
    made = fitted(saved(painted(mode=mode), form), limit)
    assert made.mime == becomes
    assert opened(made.data).format == becomes.removeprefix("image/").upper()
    assert opened(made.data).size == (40, 20)


def test_what_can_be_seen_through_stays_so_or_lies_on_white() -> None:
    image = painted().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 10, 20))
    data = saved(image, "WEBP", lossless=True)
    clear = opened(fitted(data, BOTH).data)
    assert (clear.format, clear.getpixel((2, 2))) == ("PNG", (0, 0, 0, 0))
    white = opened(fitted(data, JPEG_ONLY).data)
    assert sum(white.crop((0, 0, 8, 20)).getchannel("G").histogram()[:250]) == 0
    opaque = painted().convert("RGBA")
    assert fitted(saved(opaque, "WEBP"), BOTH).mime == "image/jpeg", "an alpha channel that hides nothing"


def test_a_photo_is_turned_upright() -> None:
    data = saved(painted(), "JPEG", exif=with_exif(orientation=6, place=False), quality=95)
    upright = opened(fitted(data, BOTH).data)
    assert upright.size == (20, 40)
    top = upright.convert("RGB").getpixel((10, 5))
    assert isinstance(top, tuple)
    assert top[0] > 200, "what was on the left is on top now"
    assert not upright.getexif()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_where_it_was_taken_stays_with_us(form: str) -> None:
    data = saved(noisy(60), form, exif=with_exif())
    made = fitted(data, ANY)
    assert opened(data).getexif().get_ifd(0x8825)
    assert made.data != data
    assert not opened(made.data).getexif()


def test_a_phones_jpeg_with_a_second_picture_inside_is_a_jpeg() -> None:
    twin = {"save_all": True, "append_images": [painted(20, 10)]}
    data = saved(painted(), "MPO", **twin)
    assert fitted(data, JPEG_ONLY) == pictures.Picture(data=data, mime="image/jpeg")
    turned = saved(painted(), "MPO", exif=with_exif(orientation=8), **twin)
    made = opened(fitted(turned, JPEG_ONLY).data)
    assert (made.format, made.size, len(made.getexif())) == ("JPEG", (20, 40), 0)


def test_a_jpeg_is_cleaned_without_being_compressed_again() -> None:
    data = saved(noisy(60), "JPEG", exif=with_exif(), quality=71, comment=b"from 12 Home Street")
    made = fitted(data, ANY)
    assert opened(made.data).quantization == opened(data).quantization  # type: ignore[attr-defined]
    assert b"Home Street" not in made.data


def test_xmp_that_tells_the_place_goes_too() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>31,14N</exif:GPSLatitude></x:xmpmeta>'
    made = fitted(saved(painted(), "JPEG", xmp=xmp), ANY)
    assert b"GPS" not in made.data


def test_colours_keep_their_profile() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = fitted(saved(painted(), "WEBP", icc_profile=profile), BOTH)
    assert opened(made.data).info["icc_profile"] == profile


def test_it_becomes_as_small_as_it_must() -> None:
    data = saved(noisy(300), "PNG")
    for most in (60_000, 20_000, 4_000):
        made = fitted(data, MediaLimit(bytes=most, types=BOTH.types))
        assert len(made.data) <= most < len(data)
        assert made.mime == "image/jpeg"
    assert opened(made.data).width < 300
    with pytest.raises(Unfit) as unfit:
        fitted(data, MediaLimit(bytes=300, types=BOTH.types))
    assert unfit.value.reason == "large"


def test_long_sides_are_shortened() -> None:
    made = fitted(saved(painted(600, 300), "PNG"), MediaLimit(bytes=MB, sides=300))
    assert opened(made.data).size == (200, 100)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_what_moves_stays_whole_or_is_refused(form: str) -> None:
    data = animation(form)
    assert fitted(data, ANY).data is data
    for limit in (JPEG_ONLY, MediaLimit(bytes=len(data) - 1), MediaLimit(bytes=MB, sides=30)):
        with pytest.raises(Unfit) as unfit:
            fitted(data, limit)
        assert unfit.value.reason == "moving"


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims to be as large as that."""
    data = bytearray(saved(painted(), "PNG"))
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    head = bytes(data[12:29])
    import zlib

    data[29:33] = zlib.crc32(head).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_a_bomb_is_not_decoded(side: int) -> None:
    with pytest.raises(Unfit) as unfit:
        fitted(bomb(side, side), JPEG_ONLY)
    assert unfit.value.reason == "huge"


def test_a_photo_with_more_pixels_than_memory_is_read_smaller() -> None:
    data = saved(Image.new("L", (8_000, 6_400), 90), "JPEG", quality=30)
    made = fitted(data, MediaLimit(bytes=MB, types=JPEG_ONLY.types, sides=2_000))
    assert sum(opened(made.data).size) <= 2_000


BROKEN: list[Callable[[bytes], bytes]] = [
    lambda data: b"",
    lambda data: b"<!DOCTYPE html><html>Sign in</html>",
    lambda data: data[: len(data) // 2],
    lambda data: data[:8] + b"\xff" * 40,
]


@pytest.mark.parametrize("spoil", BROKEN)
@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "GIF", "BMP"])
def test_what_can_not_be_read_is_refused(form: str, spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Unfit) as unfit:
        fitted(spoil(saved(noisy(40), form)), JPEG_ONLY)
    assert unfit.value.reason in ("broken", "huge")
