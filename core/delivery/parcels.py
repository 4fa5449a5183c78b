"""What is in our hands, with all that is needed to send it: read for the whole batch at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from core.delivery.claiming import Claimed, numbered
from core.messages import Address, Thread
from core.storage.engine import rows
from core.storage.models import Attachment, Delivery, Identity, Message, Person, Ticket

DESK = "desk"

_SHOWN_BEFORE = """
SELECT DISTINCT file.id FROM attachment file
JOIN message version ON version.id = file.message_id
JOIN message earlier ON earlier.person_id = version.person_id
                    AND earlier.id >= version.version_of AND earlier.id < version.id
                    AND (earlier.id = version.version_of OR earlier.version_of = version.version_of)
JOIN attachment other ON other.message_id = earlier.id AND other.sha256 = file.sha256
WHERE file.id IN ({ids})
"""
"""Platforms give the same file other ids at times; only its bytes tell whether an edit exchanged it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPerson:
    """Rows for one identity that leave together; ``files`` in their order. ``original`` is what an edit is about."""

    claimed: Claimed
    identity: Identity
    language: str
    files: tuple[Attachment, ...] = ()
    original: Delivery | None = None

    @property
    def platform(self) -> str:
        return self.identity.platform

    @property
    def to(self) -> Address:
        """Where it goes."""
        who = self.identity
        return Address(platform=who.platform, account=who.account, user=who.user, chat=who.chat)

    @property
    def owed(self) -> int:
        """Sends that may have gone and aren't counted yet."""
        return int(self.claimed.taken_over)

    @property
    def since(self) -> datetime:
        """When the person made it due last: from then on its age counts."""
        return max(waited_until(self.claimed.head), self.identity.last_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDesk:
    """A row for the desk. ``message`` is whose mark it is, ``states`` what became of that message's deliveries.

    ``shown``: the file came before with an earlier version of its message, byte for byte.
    """

    claimed: Claimed
    ticket: Ticket
    files: tuple[Attachment, ...] = ()
    message: Message | None = None
    states: tuple[str, ...] = ()
    shown: bool = False

    @property
    def thread(self) -> Thread:
        """Where it goes: the ticket's thread, unless the row names another."""
        head = self.claimed.head
        if head.channel:
            return Thread(channel=head.channel, id=head.thread)
        return Thread(channel=self.ticket.channel, id=self.ticket.thread)

    @property
    def platform(self) -> str:
        return DESK

    @property
    def since(self) -> datetime:
        return waited_until(self.claimed.head)


Parcel = ToPerson | ToDesk


async def to_people(conn: BaseDBAsyncClient, claims: Sequence[Claimed]) -> list[ToPerson]:
    """With whom it goes to, in which language, and the files."""
    identities = await Identity.in_bulk({claim.head.identity_id for claim in claims}, "id", using_db=conn)
    asked = {claim.head.person_id for claim in claims if claim.head.body.get("choices")}
    languages = (
        {row.id: row.language for row in await Person.filter(id__in=asked).using_db(conn)} if asked else {}
    )
    files = await _files(conn, claims)
    originals = await _originals(conn, claims)
    return [
        ToPerson(
            claimed=claim,
            identity=identities[claim.head.identity_id],
            language=languages.get(claim.head.person_id, ""),
            files=_of(claim, files),
            original=originals.get(changed_by(claim.head)),
        )
        for claim in claims
    ]


async def to_desk(conn: BaseDBAsyncClient, claims: Sequence[Claimed]) -> list[ToDesk]:
    """With the ticket, the file, and for marks what became of the agent's message."""
    tickets = await Ticket.in_bulk({claim.head.ticket_id for claim in claims}, "id", using_db=conn)
    files = await _files(conn, claims)
    marked = {
        claim.head.message_id for claim in claims if claim.head.kind == "mark" and claim.head.message_id
    }
    messages = await Message.in_bulk(marked, "id", using_db=conn) if marked else {}
    states = await _states(conn, marked)
    shown = await _shown_before(conn, files)
    return [
        ToDesk(
            claimed=claim,
            ticket=tickets[claim.head.ticket_id],
            files=_of(claim, files),
            message=messages.get(claim.head.message_id),
            states=tuple(states.get(claim.head.message_id or 0, ())),
            shown=claim.head.attachment_id in shown,
        )
        for claim in claims
    ]


def waited_until(row: Delivery) -> datetime:
    """From when on a row's age counts: not while nobody let us in."""
    waited = row.body.get("waited")
    return datetime.fromisoformat(waited) if isinstance(waited, str) else row.created_at


def changed_by(row: Delivery) -> int:
    """The row whose message this one edits or deletes; 0 for any other."""
    return int(str(row.body.get("of", 0)))


async def _originals(conn: BaseDBAsyncClient, claims: Sequence[Claimed]) -> dict[int, Delivery]:
    wanted = {changed_by(claim.head) for claim in claims} - {0}
    return {row.id: row for row in await Delivery.filter(id__in=wanted).using_db(conn)} if wanted else {}


async def _states(conn: BaseDBAsyncClient, messages: set[int]) -> dict[int, list[str]]:
    if not messages:
        return {}
    found = await Delivery.filter(message_id__in=messages, desk=False).using_db(conn)
    taken_back = {changed_by(row): row.id for row in found if row.kind == "delete" and row.state == "sent"}
    states: dict[int, list[str]] = {}
    for row in found:
        nobody_has_it = row.id in taken_back or row.id in taken_back.values()
        states.setdefault(row.message_id or 0, []).append("cancelled" if nobody_has_it else row.state)
    return states


async def _files(conn: BaseDBAsyncClient, claims: Sequence[Claimed]) -> dict[int, Attachment]:
    wanted = {row.attachment_id for claim in claims for row in claim.rows if row.attachment_id}
    return {row.id: row for row in await Attachment.filter(id__in=wanted).using_db(conn)} if wanted else {}


async def _shown_before(conn: BaseDBAsyncClient, files: Mapping[int, Attachment]) -> set[int]:
    """Of these files those that an earlier version of the same message has as well."""
    stored = [file.id for file in files.values() if file.sha256]
    if not stored:
        return set()
    found = await rows(conn, _SHOWN_BEFORE.format(ids=numbered(stored, 1)), stored)
    return {row["id"] for row in found}


def _of(claim: Claimed, files: dict[int, Attachment]) -> tuple[Attachment, ...]:
    return tuple(files[row.attachment_id] for row in claim.rows if row.attachment_id in files)
