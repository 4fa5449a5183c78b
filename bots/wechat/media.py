"""Which files WeChat sends, as what and how large: limits as data, and the choice made from them.

Source: "temporary media" in the Official Accounts manual. There is no message for any other file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import Rejected
from core.messages import Attachment, Media, MediaLimit

MB = 1024 * 1024

EXTENSIONS: Mapping[Media, Mapping[str, str]] = {
    "image": {"image/jpeg": "jpg", "image/jpg": "jpg", "image/png": "png", "image/gif": "gif"},
    "voice": {"audio/amr": "amr", "audio/mpeg": "mp3", "audio/mp3": "mp3"},
    "video": {"video/mp4": "mp4"},
}
"""By what we call them, the MIME types and the extension by which WeChat tells the type of an upload."""

BYTES: Mapping[Media, int] = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB}

LIMITS: Mapping[Media, MediaLimit] = {
    kind: MediaLimit(bytes=BYTES[kind], types=frozenset(types)) for kind, types in EXTENSIONS.items()
}
"""No plain files: one that is really a picture, voice or video leaves as that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """How a file is handed to WeChat. ``name`` is neutral: WeChat stumbles over names that aren't ASCII."""

    kind: Media
    mime: str
    name: str


def upload_of(attachment: Attachment) -> Upload:
    """Raises Rejected for what WeChat has no message for."""
    mime = attachment.mime.partition(";")[0].strip().lower()
    if not mime and attachment.kind in EXTENSIONS:
        mime = next(iter(EXTENSIONS[attachment.kind]))
    for kind, types in EXTENSIONS.items():
        if mime in types:
            return Upload(kind=kind, mime=mime, name=f"{kind}.{types[mime]}")
    raise Rejected(f"WeChat takes JPEG, PNG, GIF, AMR, MP3 and MP4, but no {mime or attachment.kind}")


def fitting(upload: Upload, data: bytes) -> bytes:
    """Raises Rejected for a file that is empty or larger than WeChat takes."""
    if not data or len(data) > BYTES[upload.kind]:
        raise Rejected(f"{len(data)} bytes: WeChat takes 1 to {BYTES[upload.kind]} of a {upload.kind}")
    return data
