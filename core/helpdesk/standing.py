"""What people asked and said of answers lately, read before a turn. Every query looks at a fixed number of rows."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from core.conversation.feedback import LATEST, Standing
from core.storage.engine import Storage, rows

_WEEK = timedelta(days=7)
_FRESH = timedelta(minutes=1)
_LOOKED_AT = 5000
"""Questions of a week that are looked at, the newest first."""
_LONGEST = 20
_ENTRY = (
    "SELECT * FROM (SELECT entry, fate FROM question WHERE entry = ${place}"
    " ORDER BY at DESC LIMIT {latest}) e{place}"
)
_STANDINGS = "SELECT entry, fate, COUNT(*) AS n FROM ({entries}) q WHERE fate <> '' GROUP BY entry, fate"
_TOP = f"""
SELECT entry, COUNT(DISTINCT person_id) AS people FROM (
    SELECT entry, person_id, kind, fate FROM question WHERE at > $1 ORDER BY at DESC LIMIT {_LOOKED_AT}) q
WHERE entry <> '' AND kind <> 'opened' AND fate <> 'unhelped'
GROUP BY entry ORDER BY people DESC, entry LIMIT {_LONGEST}
"""
"""What was only opened doesn't count: the list would keep itself up."""


async def standings(storage: Storage, entries: Collection[str]) -> Mapping[str, Standing]:
    """What was said of these entries' answers the last times that they were given."""
    if not entries:
        return {}
    each = (_ENTRY.format(place=place, latest=LATEST) for place in range(1, len(entries) + 1))
    statement = _STANDINGS.format(entries=" UNION ALL ".join(each))
    told: dict[tuple[str, str], int] = {
        (row["entry"], row["fate"]): row["n"] for row in await rows(storage.reading, statement, list(entries))
    }
    return {
        entry: Standing(helped=told.get((entry, "helped"), 0), unhelped=told.get((entry, "unhelped"), 0))
        for entry in entries
    }


class Top:
    """The entries that answered most people in the last seven days; looked up once a minute at most."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._read: tuple[datetime, tuple[str, ...]] | None = None

    async def entries(self, now: datetime) -> tuple[str, ...]:
        """The most asked first."""
        if self._read is None or not now - _FRESH < self._read[0] <= now:
            found = await rows(self._storage.reading, _TOP, [now - _WEEK])
            self._read = now, tuple(row["entry"] for row in found)
        return self._read[1]
