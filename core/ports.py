"""What the core needs from a platform (Channel), from the agents' side (Desk), and what both may call (the doors)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.desk import Card, Mark, Post, Whisper
from core.escalation.routing import Department
from core.messages import (
    Address,
    AgentAct,
    AgentWords,
    Attachment,
    Capabilities,
    Inbound,
    Outbound,
    Receipt,
    Role,
    Thread,
)

Clock = Callable[[], datetime]
"""The one source of time, made in ``bots/app.py``; returns an aware datetime in UTC."""

Keep = Callable[[str], Awaitable[None]]
"""Makes durable, before a send's last step, a trace by which the platform can be asked whether it arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The bytes of an attachment, with what the platform says of them (empty where it says nothing)."""

    data: bytes
    mime: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of ``onethread doctor``: what was looked at, whether it is well, and the next step if not."""

    what: str
    ok: bool
    next_step: str = ""


class Channel(Protocol):
    """One platform account that end users write to."""

    platform: str
    account: str
    capabilities: Capabilities
    home: str
    """The way to the direct chat, for people who call us in a shared one (a link or a name)."""

    async def send(self, message: Outbound, keep: Keep) -> str:
        """Send and return the platform's id of the message ("" where it has none).

        ``message`` carries either text with choices, or attachments whose ``path`` is set.
        Raises RetryLater, Unreachable, Rejected, or Unconfirmed when the answer was lost.
        """

    async def find(self, message: Outbound, trace: str, since: datetime) -> str | None:
        """The id of a send whose answer was lost; None if it never arrived. Only where ``capabilities.lookup``.

        ``trace`` is what the send kept ("" if it came to nothing). Raises RetryLater.
        """

    async def edit(self, message: Outbound, external_id: str) -> None:
        """Change what was sent as ``external_id`` to this text. Only where ``capabilities.edits``; raises as ``send``.

        Once more does no harm: a change whose answer was lost is simply repeated.
        """

    async def delete(self, to: Address, external_id: str) -> None:
        """Take back what was sent. Only where ``capabilities.deletes``; raises as ``send``; once more does no harm."""

    async def fetch(self, attachment: Attachment) -> Fetched:
        """The bytes behind ``attachment.ref``; raises RetryLater or Rejected."""

    async def typing(self, to: Address) -> None:
        """Show that an answer is being written; never raises, may be lost."""

    async def check(self) -> Sequence[Finding]:
        """What ``onethread doctor`` says of this account's credentials and webhook; never raises."""


class Desk(Protocol):
    """Where agents work. Every call but ``whisper`` raises RetryLater, Rejected or Unconfirmed.

    Of these, ThreadGone and ChannelGone where the ticket needs another place, Closed where people must mend something.
    """

    rate_per_channel: float
    """Posts a second that one Slack channel takes."""
    edits_per_minute: int
    """Of cards, in all Slack channels together."""
    marks_per_minute: int

    async def open(self, key: str, card: Card) -> Thread:
        """Post the card into ``card.channel`` and return the new thread. ``key`` goes into the metadata."""

    async def post(self, key: str, thread: Thread, post: Post, keep: Keep) -> str:
        """Post into the thread and return the message's id; with attachments the id of the file.

        A thread without an id: into the Slack channel itself.
        """

    async def update(self, thread: Thread, card: Card) -> None:
        """Edit the card in place."""

    async def mark(self, thread: Thread, post: str, mark: Mark, before: Mark | None) -> None:
        """Show on an agent's message how far it got, instead of the mark ``before`` that it bears now."""

    async def find(
        self, key: str, trace: str, channel: str, thread: Thread | None, since: datetime
    ) -> str | None:
        """The id of a post whose answer was lost: by ``key`` in its metadata, or a file by its ``trace``.

        None if it never arrived. ``thread`` None: a card in the Slack channel itself. Raises RetryLater.
        """

    async def whisper(self, thread: Thread, agent: str, whisper: Whisper) -> None:
        """Tell one agent something that nobody else sees; may be lost, never raises."""

    async def fetch(self, attachment: Attachment) -> Fetched:
        """The bytes of a file that an agent posted; raises RetryLater or Rejected."""

    async def check(self) -> Sequence[Finding]:
        """What ``onethread doctor`` says of the desk; never raises."""


class UserDoor(Protocol):
    """What a platform's webhook calls. Both raise DatabaseAway (answer 503), and nothing else."""

    async def said(self, event: Inbound) -> Receipt:
        """Take in one event: returns only after it is durable; repeats get the same receipt and no second effect."""

    async def replied(self, receipt: Receipt) -> None:
        """The bytes of the passive reply were written to the open connection."""

    async def late_reply(self, receipt: Receipt, wait: timedelta) -> Receipt:
        """For accounts without active sends: wait for an answer that is still being made, and bind it."""

    async def quarantine(self, platform: str, account: str, payload: bytes, reason: str) -> None:
        """Keep a verified payload that can't be understood, for an operator to look at and retry."""


class Members(Protocol):
    """Who may answer people; the desk's edge knows."""

    async def role(self, user: str, department: Department) -> Role:
        """What the desk's user may do there. Raises RetryLater where that can't be told, Rejected where it won't be."""


class AgentDoor(Protocol):
    """What the desk's edge calls; both raise DatabaseAway and nothing else.

    They return what only this agent should read (whispered by the edge after the commit), or None.
    """

    async def ticket_in(self, thread: Thread) -> int | None:
        """The number of the ticket whose thread this is; None for any other thread."""

    async def department_of(self, ticket: int) -> Department | None:
        """Who answers this ticket, for asking who may act on it; None if there is no such ticket."""

    async def department_in(self, thread: Thread) -> Department | None:
        """Whose people may write in this thread: the ticket's, or those who are asked on the side."""

    async def card_deleted(self, thread: Thread) -> None:
        """Somebody deleted the card that this thread hangs on; any other thread is ignored."""

    async def said(self, words: AgentWords) -> Whisper | None:
        """An agent's words in a thread; words outside any ticket's thread are ignored."""

    async def act(self, act: AgentAct) -> Whisper | None:
        """A button, modal or command on a ticket."""

    async def quarantine(self, payload: bytes, reason: str) -> None:
        """Keep a verified desk payload that can't be understood."""
