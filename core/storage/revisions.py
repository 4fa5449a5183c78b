"""The revisions in the database: read, and added under the next number, which only one writer can have."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from core.storage import faq_models
from core.storage.engine import Storage, rows

_LONGEST_NAME = 120
_HEAD = ("number", "base", "at", "door", "author", "comment", "digest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """Who published when, by which door (file, command, slack, learning), made from which revision."""

    number: int
    base: int
    at: datetime
    door: str
    author: str
    comment: str
    digest: str


def digest_of(files: Mapping[str, str]) -> str:
    """The same for the same files, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()


async def newest_number(storage: Storage) -> int:
    """0: nothing was ever published. Raises DatabaseAway."""
    found = await rows(storage.reading, "SELECT max(number) AS newest FROM revision")
    return int(found[0]["newest"] or 0)


async def files_of(storage: Storage, number: int) -> dict[str, str]:
    """All that was published with it. Raises LookupError where there is none, and DatabaseAway."""
    found = await faq_models.Revision.filter(number=number).using_db(storage.reading).values("files")
    if not found:
        raise LookupError(f"there is no revision {number}")
    files: dict[str, str] = found[0]["files"]
    return files


async def history(storage: Storage, limit: int, before: int = 0) -> Sequence[Revision]:
    """The newest first; ``before`` is a number, 0 for no bound. Raises DatabaseAway."""
    query = faq_models.Revision.filter(number__lt=before) if before else faq_models.Revision.all()
    found = await query.using_db(storage.reading).order_by("-number").limit(limit).values(*_HEAD)
    return [Revision(**row) for row in found]


async def with_digest(storage: Storage, digest: str) -> int:
    """The newest revision that is exactly this; 0: none. Raises DatabaseAway."""
    query = faq_models.Revision.filter(digest=digest).using_db(storage.reading)
    found = await query.order_by("-number").limit(1).values("number")
    return int(found[0]["number"]) if found else 0


async def add(storage: Storage, head: Revision, files: Mapping[str, str]) -> bool:
    """Write it down under its number; False if somebody else took that number first. Raises DatabaseAway."""
    try:
        async with storage.turn() as conn:
            await faq_models.Revision.create(
                using_db=conn,
                number=head.number,
                base=head.base,
                at=head.at,
                door=head.door,
                author=_storable(head.author)[:_LONGEST_NAME],
                comment=_storable(head.comment),
                digest=head.digest,
                files=dict(files),
            )
    except IntegrityError:
        return False
    return True


def _storable(text: str) -> str:
    """Without what PostgreSQL takes in no text: NUL and halves of signs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
