"""What could not be taken in: kept once, acknowledged, counted, and taken in again when an operator asks."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

import structlog
from pydantic import TypeAdapter
from tortoise.backends.base.client import BaseDBAsyncClient

from core.errors import DatabaseAway
from core.messages import AgentAct, AgentWords, Inbound
from core.metrics import Metrics
from core.storage import models
from core.storage.engine import rows
from core.storage.turns import Turns

log = structlog.get_logger()

Form = Literal["payload", "inbound", "words", "act"]
LARGEST = 1_000_000
"""Bytes of one payload that are kept."""

AS_JSON: Mapping[Form, TypeAdapter[Any]] = {
    "inbound": TypeAdapter(Inbound),
    "words": TypeAdapter(AgentWords),
    "act": TypeAdapter(AgentAct),
}
_KEEP = (
    "INSERT INTO quarantine (at, platform, account, form, digest, payload, reason)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (digest) DO UPDATE SET reason = excluded.reason, solved_at = NULL RETURNING id"
)

Taken = Callable[[Any], Awaitable[object]]
"""A verb that raises where it fails, and quarantines nothing itself."""

Reread = Callable[[str, str, bytes], Awaitable[Sequence[Inbound]]]
"""Decodes a platform's (and account's) payload, in case we understand it by now. Raises ValueError."""


class Quarantine:
    """A poisoned message never blocks a chat: it stands here until it is understood."""

    def __init__(self, turns: Turns, metrics: Metrics) -> None:
        self._turns = turns
        self._metrics = metrics

    async def keep(self, platform: str, account: str, form: Form, payload: bytes, reason: str) -> None:
        """Keep a payload in a small commit of its own; the same one again only renews the reason."""
        self._metrics.quarantined.labels(platform=platform).inc()
        log.warning("quarantined", platform=platform, account=account, reason=reason, bytes=len(payload))
        digest = hashlib.sha256(b"\0".join([platform.encode(), account.encode(), payload])).hexdigest()
        values = [self._turns.clock(), platform, account, form, digest, payload[:LARGEST], _plain(reason)]
        async with self._turns.storage.turn() as conn:
            await rows(conn, _KEEP, values)

    async def value(self, platform: str, account: str, form: Form, value: object, failure: Exception) -> None:
        """Keep a value of ours whose turn failed."""
        await self.keep(platform, account, form, AS_JSON[form].dump_json(value), repr(failure))

    async def retry(self, number: int, verbs: Mapping[Form, Taken], reread: Reread) -> None:
        """Take one in again; marked as solved if that succeeds.

        Raises LookupError if there is none, DatabaseAway, or ValueError with the reason why it stays.
        """
        kept = await models.Quarantine.get_or_none(id=number, using_db=self._turns.storage.reading)
        if kept is None:
            raise LookupError(number)
        try:
            await _taken(kept, verbs, reread)
        except (DatabaseAway, ValueError):
            raise
        except Exception as failure:
            raise ValueError(f"its turn failed again: {failure!r}") from failure
        async with self._turns.storage.turn() as conn:
            await _solved(conn, kept, self._turns)


async def _taken(kept: models.Quarantine, verbs: Mapping[Form, Taken], reread: Reread) -> None:
    if kept.form == "payload":
        for event in await reread(kept.platform, kept.account, bytes(kept.payload)):
            await verbs["inbound"](event)
    else:
        form: Form = next(known for known in AS_JSON if known == kept.form)
        await verbs[form](AS_JSON[form].validate_json(bytes(kept.payload)))


async def _solved(conn: BaseDBAsyncClient, kept: models.Quarantine, turns: Turns) -> None:
    kept.solved_at = turns.clock()
    await kept.save(using_db=conn, update_fields=["solved_at"])


def _plain(reason: str) -> str:
    """No message text is wanted here, and no sign that a database refuses."""
    return reason.replace("\0", "")[:300]
