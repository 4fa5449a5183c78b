"""Files at Telegram: every one has ids, a path to fetch it by, and the shape of what it is."""

import hashlib
import struct
from base64 import b64decode
from dataclasses import dataclass

from bots.sandbox.acting import Upload
from bots.sandbox.formats import mime_of
from bots.sandbox.hub import File, Hub, Json
from bots.sandbox.telegram.failure import Failure, bad

MEGABYTE = 1024 * 1024
DOWNLOAD, UPLOAD, PHOTO = 20 * MEGABYTE, 50 * MEGABYTE, 10 * MEGABYTE
TINY_WEBP = b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
"""One pixel: a sticker, and the small size of every photo."""

FOLDERS = {
    "photo": "photos",
    "voice": "voice",
    "video": "videos",
    "audio": "music",
    "animation": "animations",
    "sticker": "stickers",
    "document": "documents",
}
SHOWN_AS = {"photo": "image", "voice": "voice", "video": "video", "animation": "video", "sticker": "sticker"}
"""The page's word for a kind; any other is a file."""
ENDINGS = {
    "photo": "jpg",
    "voice": "oga",
    "video": "mp4",
    "audio": "mp3",
    "animation": "mp4",
    "sticker": "webp",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One file, as ``kind`` (photo, voice, document …); ``path`` is what getFile answers."""

    id: str
    unique: str
    kind: str
    path: str
    file: File

    @property
    def head(self) -> Json:
        return {"file_id": self.id, "file_unique_id": self.unique, "file_size": len(self.file.data)}

    @property
    def shown(self) -> Json:
        """For the page."""
        kind = SHOWN_AS.get(self.kind, "file")
        return {"kind": kind, "file": self.file.url, "file_name": self.file.name}


class FileBox:
    """All files that one bot has seen."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._files: dict[str, Sent] = {}
        self._paths: dict[str, Sent] = {}

    def put(self, kind: str, upload: Upload) -> Sent:
        """Keep what was sent as ``kind``."""
        digest = hashlib.sha256(kind.encode() + upload.data).hexdigest()
        name = upload.name or f"file.{ENDINGS.get(kind, 'bin')}"
        number = len(self._files)
        ending = name.rpartition(".")[2] if kind == "document" else ENDINGS.get(kind, "bin")
        sent = Sent(
            id=f"AgAC{digest[:40]}{number}",
            unique=f"AQAD{digest[:12]}",
            kind=kind,
            path=f"{FOLDERS.get(kind, 'documents')}/file_{number}.{ending}",
            file=self._hub.keep(upload.data, name, mime_of(upload.data, upload.mime)),
        )
        self._files[sent.id] = self._paths[sent.path] = sent
        return sent

    def take(self, kind: str, given: Upload | str) -> Sent:
        """What a bot sends: uploaded now, or known by its id. Raises Failure."""
        if isinstance(given, str):
            return self._again(kind, given)
        if not given.data:
            raise bad("file must be non-empty")
        if len(given.data) > UPLOAD:
            raise Failure(413)
        if kind == "photo":
            _check_photo(given.data)
        return self.put(_really(kind, given), given)

    def _again(self, kind: str, reference: str) -> Sent:
        if not reference:
            raise bad(f"there is no {kind} in the request")
        if reference.startswith(("http://", "https://")):
            raise bad("failed to get HTTP URL content")
        if reference not in self._files:
            raise bad("wrong file identifier/HTTP URL specified")
        sent = self._files[reference]
        if sent.kind != kind:
            raise bad(f"can't use file of type {sent.kind.capitalize()} as {kind.capitalize()}")
        return sent

    def find(self, file_id: str) -> Sent:
        """For getFile; raises Failure."""
        sent = self._files.get(file_id)
        if sent is None:
            raise bad("invalid file_id")
        if len(sent.file.data) > DOWNLOAD:
            raise bad("file is too big")
        return sent

    def at(self, path: str) -> Sent | None:
        return self._paths.get(path)

    def wire(self, sent: Sent, emoji: str = "") -> Json:
        """The part of a message that describes ``sent``: ``{"photo": […]}``, ``{"voice": {…}}`` …"""
        if sent.kind == "photo":
            small = self.put("photo", Upload(data=TINY_WEBP, name="small.webp", mime="image/webp"))
            width, height = size_of(sent.file.data)
            large = {**sent.head, "width": width, "height": height}
            return {"photo": [{**small.head, "width": 1, "height": 1}, large]}
        part: Json = {**sent.head}
        if sent.kind == "sticker":
            part |= {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
            return {"sticker": part | ({"emoji": emoji} if emoji else {})}
        if sent.kind in ("video", "animation"):
            part |= {"width": 640, "height": 360}
        if sent.kind != "document":
            part["duration"] = 3
        part["mime_type"] = sent.file.mime
        if sent.kind != "voice":
            part["file_name"] = sent.file.name
        return {sent.kind: part}


def _really(kind: str, given: Upload) -> str:
    """Telegram shows as voice only what it can play as such; anything else becomes a file."""
    starts = (b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")
    playable = given.data.startswith(starts) or given.data[4:8] == b"ftyp"
    return "document" if kind == "voice" and not playable else kind


def _check_photo(data: bytes) -> None:
    if len(data) > PHOTO:
        raise bad(f"file of size {len(data)} bytes is too big for a photo; the maximum size is {PHOTO} bytes")
    if not data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM")) and data[8:12] != b"WEBP":
        raise bad("IMAGE_PROCESS_FAILED")
    width, height = size_of(data)
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG; a usual size for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return max(1, width), max(1, height)
    return 1280, 960
