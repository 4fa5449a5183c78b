"""An agent's file made to fit the platform that it goes to, or refused in words, before anything is sent.

A picture is converted where that helps; what can't be shown as what it is travels as a plain file where the platform
takes such; for the rest the agent hears which limit it is, whose, and what to do.
"""

import asyncio
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.delivery import pictures
from core.delivery.drafting import media_of, stored
from core.delivery.files import FileStore
from core.delivery.filetypes import file_name, label_of, plain
from core.delivery.pictures import Unfit
from core.messages import Attachment, Capabilities, Media, MediaLimit, Say
from core.storage import models

MEGABYTE = 1024 * 1024
_FAMILIES: dict[str, Media] = {"image": "image", "audio": "voice", "video": "video"}


class Refused(Exception):
    """The platform wouldn't take it, so it isn't even tried; ``say`` tells the agents why.

    The platform's name is still to be filled in.
    """

    def __init__(self, text: str, /, **params: str | int) -> None:
        super().__init__(text)
        self.say = Say(name=text, params=params)


class Missing(Refused):
    """It isn't there: another time it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """Converts one picture at a time: each may be large in memory."""

    files: FileStore
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def fit(self, row: models.Attachment, able: Capabilities) -> Attachment:
        """The file as it may be sent; what was made of a picture lies in the file store too. Raises Refused."""
        file = stored(row, str(self.files.path(row.sha256)))
        if row.state != "stored":
            raise _refusal(file, able, None) if _is_too_large(file, able) else _missing(file, row)
        if not file.size:
            raise Refused("outbox.file_empty", name=file.name)
        unfit: Unfit | None = None
        for kind in _ways(file):
            limit = able.media.get(kind)
            if limit is None:
                continue
            if kind != "image" or file.mime not in pictures.READABLE:
                if _takes(limit, file):
                    return replace(file, kind=kind)
                continue
            try:
                return await self._picture(replace(file, kind=kind), limit)
            except Unfit as reason:
                unfit = unfit or reason
        raise _refusal(file, able, unfit)

    async def _picture(self, file: Attachment, limit: MediaLimit) -> Attachment:
        """Raises Unfit, or Refused for a file that the store has lost."""
        async with self._alone:
            made = await asyncio.to_thread(_made, file, limit)
        if made is None:
            return file
        path = self.files.path(await self.files.save(made.data))
        name = file_name(file.name, file.kind, made.mime)
        return replace(file, path=str(path), name=name, mime=made.mime, size=len(made.data))


def _made(file: Attachment, limit: MediaLimit) -> pictures.Picture | None:
    """Another picture instead; None if it may leave as it is. In a worker thread. Raises Unfit or Refused."""
    try:
        data = Path(file.path).read_bytes()
    except OSError as lost:
        raise Missing("desk.file_gone") from lost
    try:
        made = pictures.fitted(data, limit)
    except Unfit as unfit:
        if unfit.reason == "broken" and _takes(limit, file):  # the platform may read what our library can't
            return None
        raise
    return None if made.data is data and made.mime == file.mime else made


def _ways(file: Attachment) -> Iterator[Media]:
    """As what it could be sent, best first: as what it is meant, as what it is, as a plain file."""
    ways: tuple[Media, ...] = (file.kind, _family(file), "file")
    yield from dict.fromkeys(ways)


def _family(file: Attachment) -> Media:
    return _FAMILIES.get(file.mime.partition("/")[0], media_of(file.kind))


def _takes(limit: MediaLimit, file: Attachment) -> bool:
    return file.size <= limit.bytes and (not limit.types or file.mime in limit.types)


# --- in words -----------------------------------------------------------------------------------------------

_UNFIT = {"broken": "outbox.file_broken", "huge": "outbox.file_pixels", "moving": "outbox.file_moving"}


def _refusal(file: Attachment, able: Capabilities, unfit: Unfit | None) -> Refused:
    """Which limit it is; the platform is named by whoever shows it."""
    if not able.media:
        return Refused("outbox.file_none", name=file.name)
    limits = [able.media[kind] for kind in _ways(file) if kind in able.media]
    takes = {"types": _labels(limits or able.media.values()), "limit": _megabytes(_largest(limits))}
    named = {"name": file.name, "type": label_of(file.mime), "size": _megabytes(file.size)}
    if not limits:
        return Refused("outbox.file_kind", **named, **takes)
    if unfit and unfit.reason in _UNFIT:
        return Refused(_UNFIT[unfit.reason], **named, **takes, pixels=pictures.MOST_PIXELS // 1_000_000)
    fits = [limit for limit in limits if not limit.types or file.mime in limit.types]
    if fits or unfit:
        return Refused("outbox.file_large", **named, limit=_megabytes(_largest(fits or limits)))
    sound = file.kind == "voice" or file.mime.startswith("audio/")
    return Refused("outbox.file_sound" if sound else "outbox.file_type", **named, **takes)


def _largest(limits: Iterable[MediaLimit]) -> int:
    return max((limit.bytes for limit in limits), default=0)


def _is_too_large(file: Attachment, able: Capabilities) -> bool:
    """Larger than anything that the platform takes: whoever announced it need not have sent it."""
    return file.size > _largest(able.media.values()) > 0


def _missing(file: Attachment, row: models.Attachment) -> Missing:
    return Missing("outbox.file_missing", name=file.name, why=row.error or row.state)


def _megabytes(size: int) -> str:
    """Rounded up, so that what is too large looks so."""
    return f"{math.ceil(size / MEGABYTE * 10) / 10:.1f}".removesuffix(".0")


def _labels(limits: Iterable[MediaLimit]) -> str:
    return ", ".join(sorted({label_of(plain(mime)) for limit in limits for mime in limit.types}))
