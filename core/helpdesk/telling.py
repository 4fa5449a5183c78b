"""What is told to the admins once, by whichever process comes first, even if one dies while it tells."""

from dataclasses import dataclass
from datetime import timedelta

from core.ports import Clock
from core.storage.engine import Storage, rows
from core.storage.models import Receipt

_PLATFORM, _ACCOUNT = "desk", "admins"
_LEASE = timedelta(seconds=60)
_FIRST = (
    "INSERT INTO receipt (platform, account, event, at, bound, bound_rows) VALUES ($1, $2, $3, $4, '', '[]')"
    " ON CONFLICT (platform, account, event) DO NOTHING RETURNING id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """It is our turn to tell ``key``; ``again``: somebody tried before, and may have succeeded."""

    key: str
    again: bool


class Telling:
    """A key's first claim is recorded at once, so that what was told is never told again."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def claim(self, key: str) -> Claim | None:
        """None: it was told, or somebody is just at it. Raises DatabaseAway."""
        now = self._clock()
        async with self._storage.turn() as conn:
            if await rows(conn, _FIRST, [_PLATFORM, _ACCOUNT, key, now]):
                return Claim(key=key, again=False)
            stale = Receipt.filter(
                platform=_PLATFORM, account=_ACCOUNT, event=key, bound="", at__lt=now - _LEASE
            )
            return Claim(key=key, again=True) if await stale.using_db(conn).update(at=now) else None

    async def unclaim(self, key: str) -> None:
        """It was surely not told, and may be at once."""
        async with self._storage.turn() as conn:
            mine = Receipt.filter(platform=_PLATFORM, account=_ACCOUNT, event=key, bound="")
            await mine.using_db(conn).delete()

    async def told(self, key: str, place: str) -> None:
        """``place`` is where it stands now, as ``channel:ts``."""
        async with self._storage.turn() as conn:
            told = Receipt.filter(platform=_PLATFORM, account=_ACCOUNT, event=key)
            await told.using_db(conn).update(bound=place)

    async def place(self, key: str) -> str:
        """Where it stands; "" while it wasn't told."""
        told = Receipt.filter(platform=_PLATFORM, account=_ACCOUNT, event=key)
        row = await told.using_db(self._storage.reading).first()
        return row.bound if row else ""
