"""What a file really is (by its first bytes, since senders' claims are often empty or wrong), and what it is called.

Pure. Types are MIME types, in lower case and without parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from mimetypes import guess_extension, guess_type

HEAD = 64
"""Bytes that tell the type."""
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class FileType:
    """``label`` is how people call it; a file's name ends in one of ``endings``, of which we choose the first."""

    label: str
    endings: tuple[str, ...]


def _type(label: str, *endings: str) -> FileType:
    return FileType(label=label, endings=endings or (label.lower(),))


TYPES: Mapping[str, FileType] = {
    "image/jpeg": _type("JPEG", "jpg", "jpeg", "jpe", "jfif"),
    "image/png": _type("PNG"),
    "image/gif": _type("GIF"),
    "image/webp": _type("WebP", "webp"),
    "image/bmp": _type("BMP"),
    "image/tiff": _type("TIFF", "tiff", "tif"),
    "image/heic": _type("HEIC", "heic", "heif"),
    "image/avif": _type("AVIF"),
    "image/svg+xml": _type("SVG"),
    "audio/ogg": _type("OGG"),
    "audio/mpeg": _type("MP3"),
    "audio/mp4": _type("M4A", "m4a", "mp4"),
    "audio/amr": _type("AMR"),
    "audio/silk": _type("SILK"),
    "audio/speex": _type("Speex", "spx"),
    "audio/wav": _type("WAV"),
    "video/mp4": _type("MP4", "mp4", "m4v"),
    "video/quicktime": _type("MOV"),
    "video/webm": _type("WebM", "webm"),
    "application/pdf": _type("PDF"),
}
"""Those that some platform names in its limits, or that are met often. Slack plays sounds named .ogg, but no .oga."""

_ALIASES: Mapping[str, str] = {
    "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "image/heif": "image/heic",
    "image/x-ms-bmp": "image/bmp", "audio/mp3": "audio/mpeg", "audio/opus": "audio/ogg", "application/ogg": "audio/ogg",
    "audio/m4a": "audio/mp4", "audio/x-m4a": "audio/mp4", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav",
    "audio/amr-nb": "audio/amr", "audio/3gpp": "audio/amr", "audio/x-speex": "audio/speex",
}  # fmt: skip

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"#!AMR", "audio/amr"),
    (b"\x02#!SILK", "audio/silk"),
    (b"#!SILK", "audio/silk"),
    (b"ID3", "audio/mpeg"),
    (b"%PDF-", "application/pdf"),
)
_BRANDS: Mapping[bytes, str] = {
    b"heic": "image/heic", b"heix": "image/heic", b"hevc": "image/heic", b"mif1": "image/heic",
    b"msf1": "image/heic", b"avif": "image/avif", b"avis": "image/avif", b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4", b"qt  ": "video/quicktime",
}  # fmt: skip
_GENERIC = frozenset({"", "application/octet-stream", "binary/octet-stream"})


def plain(mime: str) -> str:
    """As it stands in ``TYPES``: without parameters, by its usual name."""
    bare = mime.partition(";")[0].strip().lower()
    return _ALIASES.get(bare, bare)


def true_type(data: bytes, claimed: str, name: str = "") -> str:
    """What can be seen in the bytes; else what was claimed, else what the name says; "" if nobody knows."""
    claim = plain(claimed)
    if seen := _seen(data[:HEAD], claim):
        return seen
    return plain(guess_type(name)[0] or "") or claim if claim in _GENERIC else claim


def label_of(mime: str) -> str:
    """How people call the type."""
    known = TYPES.get(mime)
    return known.label if known else mime or "?"


def file_name(name: str, kind: str, mime: str) -> str:
    """The name as it is handed on: no folders, not too long, and with an ending that agrees with the type."""
    stem, ending = _parted(name.replace("\\", "/").rpartition("/")[2].strip())
    endings = TYPES[mime].endings if mime in TYPES else ()
    if endings and ending.lower() not in endings:
        stem = stem if _is_ending(ending) else f"{stem}.{ending}".strip(".")
        ending = endings[0]
    if not stem:
        stem, ending = kind, ending or (guess_extension(mime) or "").removeprefix(".")
    stem = stem[: LONGEST_NAME - len(ending) - 1]
    return f"{stem}.{ending}" if ending else stem


def _parted(name: str) -> tuple[str, str]:
    """What stands before the last dot and after it; what is long or has blanks is no ending."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not ending.isalnum() or len(ending) > 10:
        return name, ""
    return stem, ending


def _is_ending(ending: str) -> bool:
    """Whether it tells a type (which is then the wrong one), and is no part of the name ("v1.2")."""
    named = any(ending.lower() in known.endings for known in TYPES.values())
    return not ending or named or guess_type(f"x.{ending}")[0] is not None


def _seen(head: bytes, claim: str) -> str:
    if found := next((mime for start, mime in _STARTS if head.startswith(start)), ""):
        return found
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], "")
    if head[:4] == b"OggS":
        return "video/ogg" if b"theora" in head else "audio/ogg"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12]) or (claim if claim in ("audio/mp4", "video/mp4") else "video/mp4")
    if head[:2] == b"BM" and claim.startswith("image/"):
        return "image/bmp"
    is_frame = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06
    return "audio/mpeg" if is_frame and claim.startswith("audio/") else ""
