"""Temporary media: what an account uploads or a person sends, kept for three days under a media id."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bots.sandbox.formats import format_of, mime_of
from bots.sandbox.hub import File, Hub
from bots.sandbox.wechat.errors import Errcode

LIFE = timedelta(days=3)
MEGABYTE = 1024 * 1024
AMR_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6)
"""Bytes of a 20 ms frame of AMR, by its mode."""
VOICE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most bytes of a type, and the formats it takes."""

    bytes: int
    formats: frozenset[str]


LIMITS = {
    "image": Limit(bytes=10 * MEGABYTE, formats=frozenset({"png", "jpg", "gif", "bmp"})),
    "voice": Limit(bytes=2 * MEGABYTE, formats=frozenset({"amr", "mp3"})),
    "video": Limit(bytes=10 * MEGABYTE, formats=frozenset({"mp4"})),
    "thumb": Limit(bytes=64 * 1024, formats=frozenset({"jpg"})),
}


def amr_seconds(data: bytes) -> float:
    """How long an AMR voice message plays."""
    at, frames = len(b"#!AMR\n"), 0
    while at < len(data):
        mode = data[at] >> 3 & 0x0F
        at += AMR_BYTES[mode] if mode < len(AMR_BYTES) else 1
        frames += 1
    return frames * 0.02


def check_upload(kind: str, data: bytes) -> None:
    """Raises Errcode if WeChat would not take ``data`` as a ``kind`` (image, voice, video or thumb)."""
    limit = LIMITS.get(kind)
    if limit is None:
        raise Errcode(40004)
    if not data:
        raise Errcode(44001)
    if len(data) > limit.bytes:
        raise Errcode(40006)
    found = format_of(data)
    if found not in limit.formats:
        raise Errcode(40005)
    if found == "amr" and amr_seconds(data) > VOICE_SECONDS:
        raise Errcode(45007)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One temporary medium; ``kind`` is image, voice, video or thumb."""

    id: str
    kind: str
    file: File
    until: datetime


class MediaBox:
    """All temporary media of one account."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._media: dict[str, Media] = {}

    def put(self, kind: str, data: bytes, name: str, mime: str = "") -> Media:
        """Keep ``data`` as ``kind``."""
        file = self._hub.keep(data, name, mime_of(data, mime))
        media = Media(id=secrets.token_urlsafe(48), kind=kind, file=file, until=self._hub.now() + LIFE)
        self._media[media.id] = media
        return media

    def get(self, media_id: object, kind: str | None = None) -> Media:
        """Raises Errcode 40007 for an unknown, outdated or (with ``kind``) different one."""
        media = self._media.get(media_id) if isinstance(media_id, str) else None
        if media is None or media.until <= self._hub.now() or (kind and media.kind != kind):
            raise Errcode(40007)
        return media
