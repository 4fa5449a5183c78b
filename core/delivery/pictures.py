"""Pictures made to fit what a platform takes: upright, without the place where they were taken, as JPEG or PNG.

Decoding takes long and a lot of memory: call it in a worker thread, one picture at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

from PIL import Image, ImageOps

from core.messages import MediaLimit

FORMATS: Mapping[str, str] = {
    "JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif",
    "BMP": "image/bmp", "TIFF": "image/tiff",
}  # fmt: skip
"""What can be read."""
_TWIN = "MPO"
"""The library's name of a JPEG with a second picture inside, as phones write them."""
READABLE = frozenset(FORMATS.values())

MOST_PIXELS = 50_000_000
"""Of a picture in memory, at four bytes each; what claims to be larger is not decoded."""
QUALITIES = (90, 80, 65)
SHRINKINGS = (0.7, 0.5, 0.35, 0.25, 0.15)
DRAWN_PIXELS = 8_000_000
"""Up to here a drawing (no photo) is worth trying as PNG."""

_ORIENTATION, _PLACE = 0x0112, 0x8825
_LOSSLESS = frozenset({"PNG", "GIF", "BMP", "TIFF"})
_DEEP = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})

Reason = Literal["broken", "huge", "moving", "large"]


class Unfit(Exception):
    """It can't be made to fit: it can't be read, has too many pixels, moves (or has pages), or stays too large."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """``data`` is the very object that came in where nothing had to be changed."""

    data: bytes
    mime: str


def fitted(data: bytes, limit: MediaLimit) -> Picture:
    """The picture as it may leave. Raises Unfit."""
    try:
        with Image.open(BytesIO(data), formats=tuple(FORMATS)) as picture:
            return _fitted(picture, data, limit)
    except Unfit:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise Unfit("huge") from bomb
    except Exception as broken:  # whatever the library meets in bytes that somebody made up
        raise Unfit("broken") from broken


def _fitted(picture: Image.Image, data: bytes, limit: MediaLimit) -> Picture:
    twin = picture.format == _TWIN
    mime = FORMATS["JPEG" if twin else picture.format or ""]
    moving = getattr(picture, "is_animated", False) and not twin
    fits = _takes(limit, mime) and len(data) <= limit.bytes and _scale(picture.size, limit) == 1
    turned, placed = _is_turned(picture), _tells_place(picture)
    if fits and (moving or not (turned or placed)):
        return Picture(data=data, mime=mime)
    if moving:
        raise Unfit("moving")
    if fits and picture.format == "JPEG" and not turned and _pixels(picture) <= MOST_PIXELS:
        cleaned = _saved(picture, "JPEG", quality="keep", icc_profile=picture.info.get("icc_profile"))
        if len(cleaned) <= limit.bytes:
            return Picture(data=cleaned, mime=mime)
    return _drawn_anew(picture, limit)


def _pixels(picture: Image.Image) -> int:
    return picture.width * picture.height


def _takes(limit: MediaLimit, mime: str) -> bool:
    return not limit.types or mime in limit.types


def _scale(size: tuple[int, int], limit: MediaLimit) -> float:
    """By how much it has to shrink for its sides."""
    return min(1, limit.sides / sum(size)) if limit.sides else 1


def _exif(picture: Image.Image) -> Image.Exif:
    """Without decoding: the library would load a whole PNG to look behind its pixels."""
    known = picture.format != "PNG" or "exif" in picture.info
    return picture.getexif() if known else Image.Exif()


def _is_turned(picture: Image.Image) -> bool:
    return _exif(picture).get(_ORIENTATION, 1) not in (0, 1)


def _tells_place(picture: Image.Image) -> bool:
    """In EXIF, or in XMP, which repeats it in words."""
    words = [value for name, value in picture.info.items() if "xmp" in str(name).lower()]
    return _PLACE in _exif(picture) or any("GPSL" in str(value) for value in words)


def _drawn_anew(picture: Image.Image, limit: MediaLimit) -> Picture:
    lossless = picture.format in _LOSSLESS
    profile = picture.info.get("icc_profile") if picture.mode in ("RGB", "RGBA", "L", "P") else None
    image = _upright(picture)
    scale = _scale(image.size, limit)
    if scale < 1:
        image = _shrunk(image, scale)
    for mime, attempt in _attempts(image, limit, lossless, profile):
        if len(attempt) <= limit.bytes:
            return Picture(data=attempt, mime=mime)
    raise Unfit("large")


def _upright(picture: Image.Image) -> Image.Image:
    """In memory, turned as it was held, in plain colours. Raises Unfit."""
    if _pixels(picture) > MOST_PIXELS:  # a JPEG can be read at a half of its size
        picture.draft(None, (picture.width // 2, picture.height // 2))
    if _pixels(picture) > MOST_PIXELS:
        raise Unfit("huge")
    return _plain(ImageOps.exif_transpose(picture))


def _plain(image: Image.Image) -> Image.Image:
    """In RGB or grey; with an alpha channel only where something can be seen through."""
    if image.mode in _DEEP:
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        lowest, _ = seen.getchannel("A").getextrema()
        return seen if isinstance(lowest, int) and lowest < 255 else seen.convert("RGB")
    return image if image.mode in ("RGB", "L") else image.convert("L" if image.mode in ("1", "F") else "RGB")


def _shrunk(image: Image.Image, scale: float) -> Image.Image:
    width, height = (max(1, int(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _attempts(
    image: Image.Image, limit: MediaLimit, lossless: bool, profile: bytes | None
) -> Iterator[tuple[str, bytes]]:
    """From the best to the smallest."""
    drawing = image.mode == "RGBA" or (lossless and _pixels(image) <= DRAWN_PIXELS)
    if drawing and _takes(limit, "image/png"):
        yield "image/png", _saved(image, "PNG", icc_profile=profile)
    if not _takes(limit, "image/jpeg"):
        return
    opaque = _on_white(image)
    for quality in QUALITIES:
        yield "image/jpeg", _saved(opaque, "JPEG", quality=quality, icc_profile=profile)
    for scale in SHRINKINGS:
        yield "image/jpeg", _saved(_shrunk(opaque, scale), "JPEG", quality=80, icc_profile=profile)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _saved(image: Image.Image, form: str, **options: Any) -> bytes:
    """Without comments and whatever else was written about the picture."""
    blank: dict[str, Any] = {"comment": b"", "exif": b""} if form == "JPEG" else {}
    out = BytesIO()
    image.save(out, form, **blank, **options)
    return out.getvalue()
