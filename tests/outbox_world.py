"""What the tests of the outbox share: a clock moved by hand, platforms that do as they are told, rows to send."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from core.delivery.arming import arm
from core.delivery.files import FileStore
from core.delivery.outbox import Outbox
from core.delivery.pacing import MemoryPacing, Pacing
from core.delivery.wakeup import MemoryWakeup
from core.desk import Card, Mark, Post, Whisper
from core.messages import Address, Attachment, Capabilities, MediaLimit, Outbound, Say, Thread
from core.metrics import Metrics
from core.ports import Channel, Fetched, Finding, Keep
from core.storage import models
from core.storage.engine import Storage
from core.storage.migrate import migrate

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ABLE = Capabilities(
    text_limit=100, text_length="chars", choices=3, choice_label_limit=12, album=10,
    media={
        "image": MediaLimit(bytes=1000, types=frozenset({"image/png"})), "video": MediaLimit(bytes=1000),
        "file": MediaLimit(bytes=1000),
    },
)  # fmt: skip
Script = BaseException | str | Callable[[], Awaitable[str]]


class Clock:
    """Time that moves by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(kw_only=True)
class FakeChannel:
    """Takes everything, unless ``script`` says what the next sends do; ``gate`` holds sends while it is closed."""

    platform: str = "chat"
    account: str = "shop"
    capabilities: Capabilities = ABLE
    home: str = "https://home.example"
    sent: list[Outbound] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    script: deque[Script] = field(default_factory=deque)
    findable: dict[str, str] = field(default_factory=dict)
    looked_up: list[tuple[str, str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    running: list[str] = field(default_factory=list)
    most_at_once: int = 0
    files: dict[str, deque[Fetched | BaseException]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gate.set()

    async def send(self, message: Outbound, keep: Keep) -> str:
        assert message.to.chat not in self.running, "two at once in one lane"
        self.running.append(message.to.chat)
        self.most_at_once = max(self.most_at_once, len(self.running))
        try:
            self.sent.append(message)
            await self.gate.wait()
            step = self.script.popleft() if self.script else f"id-{len(self.sent)}"
            if isinstance(step, BaseException):
                raise step
            return step if isinstance(step, str) else await step()
        finally:
            self.running.remove(message.to.chat)

    async def find(self, message: Outbound, trace: str, since: datetime) -> str | None:
        self.looked_up.append((message.key, trace))
        return self.findable.get(message.key)

    async def edit(self, message: Outbound, external_id: str) -> None:
        await self._changed(f"edit {external_id} {message.text}")

    async def delete(self, to: Address, external_id: str) -> None:
        await self._changed(f"delete {external_id}")

    async def _changed(self, what: str) -> None:
        self.changed.append(what)
        step = self.script.popleft() if self.script else ""
        if isinstance(step, BaseException):
            raise step

    async def fetch(self, attachment: Attachment) -> Fetched:
        found = self.files[attachment.ref].popleft()
        if isinstance(found, BaseException):
            raise found
        return found

    async def typing(self, to: Address) -> None:
        """Nobody looks."""

    async def check(self) -> Sequence[Finding]:
        return ()

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.sent]


@dataclass(kw_only=True)
class FakeDesk:
    """Notes what is done to it, one line each; ``script`` says what the next calls do instead of working."""

    rate_per_channel: float = 0.0
    edits_per_minute: int = 0
    marks_per_minute: int = 0
    done: list[str] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    script: deque[Script] = field(default_factory=deque)
    findable: dict[str, str] = field(default_factory=dict)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    keeps: str = ""
    looked_up: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    async def open(self, key: str, card: Card) -> Thread:
        before = self.done.count(f"open {card.ticket}")
        id = f"thread-{card.ticket}.{before}" if before and "." in key else f"thread-{card.ticket}"
        return Thread(channel=card.channel, id=await self._do(f"open {card.ticket}", id))

    async def post(self, key: str, thread: Thread, post: Post, keep: Keep) -> str:
        if self.keeps:
            await keep(self.keeps)
        said = post.text or post.attachments[0].name
        posted = await self._do(f"post {thread.id} {said}", f"post-{key}")
        self.posts.append(post)
        return posted

    async def update(self, thread: Thread, card: Card) -> None:
        gone = f" gone to {card.moved_to.id}" if card.moved_to else ""
        await self._do(f"card {card.ticket} {card.state}{gone}", "")

    async def mark(self, thread: Thread, post: str, mark: Mark, before: Mark | None) -> None:
        await self._do(f"mark {post} {before}->{mark}", "")

    async def find(
        self, key: str, trace: str, channel: str, thread: Thread | None, since: datetime
    ) -> str | None:
        self.looked_up.append((key, trace))
        return self.findable.get(key)

    async def whisper(self, thread: Thread, agent: str, whisper: Whisper) -> None:
        """Nobody hears it."""

    async def fetch(self, attachment: Attachment) -> Fetched:
        return Fetched(data=attachment.ref.encode(), mime="image/png", name="from-desk.png")

    async def check(self) -> Sequence[Finding]:
        return ()

    async def _do(self, what: str, result: str) -> str:
        self.done.append(what)
        await self.gate.wait()
        step = self.script.popleft() if self.script else result
        if isinstance(step, BaseException):
            raise step
        return step if isinstance(step, str) else await step()


@dataclass(kw_only=True)
class World:
    """A database with people and tickets, and an outbox on it."""

    storage: Storage
    folder: Path
    clock: Clock = field(default_factory=Clock)
    channel: FakeChannel = field(default_factory=FakeChannel)
    other: FakeChannel = field(default_factory=lambda: FakeChannel(platform="other"))
    desk: FakeDesk = field(default_factory=FakeDesk)
    wakeup: MemoryWakeup = field(default_factory=MemoryWakeup)
    metrics: Metrics = field(default_factory=Metrics)
    lost_send: Literal["repeat", "never"] = "repeat"
    pacing: Pacing | None = None
    grace: float = 5.0
    keys: int = 0

    @property
    def files(self) -> FileStore:
        return FileStore(self.folder)

    @property
    def channels(self) -> dict[tuple[str, str], Channel]:
        return {(channel.platform, channel.account): channel for channel in (self.channel, self.other)}

    def outbox(self, storage: Storage | None = None) -> Outbox:
        return Outbox(
            storage=storage or self.storage, clock=self.clock, channels=self.channels, desk=self.desk,
            text=said, hint=lambda language: f"pick ({language})", card=self.card, wakeup=self.wakeup,
            pacing=self.pacing or MemoryPacing(self.clock), files=self.files, metrics=self.metrics,
            lost_send=self.lost_send, grace=self.grace,
        )  # fmt: skip

    @asynccontextmanager
    async def running(self, storage: Storage | None = None) -> AsyncIterator[asyncio.Event]:
        """An outbox at work; it is stopped at the end."""
        stop = asyncio.Event()
        work = asyncio.create_task(self.outbox(storage).run(stop))
        try:
            yield stop
        finally:
            stop.set()
            await work

    async def card(self, number: int) -> Card:
        ticket = await models.Ticket.get(id=number, using_db=self.storage.reading)
        return Card(
            ticket=number, state=ticket.state, person="", platform="", account="", language="", tier="",
            reason="", channel=ticket.channel, opened_at=ticket.opened_at,
        )  # fmt: skip

    # --- what is there --------------------------------------------------------------------------------------

    async def identity(
        self, *, person: int | None = None, platform: str = "chat", language: str = "en", **columns: object
    ) -> models.Identity:
        """A person on a platform; a new one unless ``person`` is given."""
        self.keys += 1
        async with self.storage.turn() as conn:
            if person is None:
                created = await models.Person.create(using_db=conn, language=language, created_at=START)
                person = created.id
            columns = {"last_at": START, "user": f"u{self.keys}", "chat": f"c{self.keys}", **columns}
            return await models.Identity.create(
                using_db=conn, person_id=person, platform=platform, account="shop", **columns
            )

    async def ticket(
        self, identity: models.Identity, *, channel: str = "C1", thread: str = "th"
    ) -> models.Ticket:
        async with self.storage.turn() as conn:
            return await models.Ticket.create(
                using_db=conn, person_id=identity.person_id, identity_id=identity.id, channel=channel,
                thread=thread, opened_at=START,
            )  # fmt: skip

    async def message(self, person: int, **columns: object) -> models.Message:
        async with self.storage.turn() as conn:
            return await models.Message.create(
                using_db=conn, person_id=person, at=START, **{"by": "agent", **columns}
            )

    async def say(
        self, identity: models.Identity, text: str, choices: Sequence[Sequence[str]] = (), **columns: object
    ) -> models.Delivery:
        """A text for a person; as an agent's words if ``ticket_id`` and ``message_id`` are given."""
        body = {"text": text, "choices": [list(choice) for choice in choices]}
        return await self.deliver(
            kind="say", lane=f"i{identity.id}", identity_id=identity.id, person_id=identity.person_id, body=body,
            **columns,
        )  # fmt: skip

    async def post(self, ticket: models.Ticket, text: str, **columns: object) -> models.Delivery:
        """A person's words for the thread."""
        columns = {"kind": "post", "body": {"author": "Ann", "platform": "chat", "text": text}, **columns}
        return await self.deliver(
            desk=True, lane=f"t{ticket.id}", ticket_id=ticket.id, person_id=ticket.person_id, **columns
        )

    async def file(
        self, identity: models.Identity, message: models.Message, *, state: str = "stored", **columns: object
    ) -> models.Delivery:
        """A file for a person, fetched or not."""
        row = await self.attachment(message, state=state, **columns)
        return await self.deliver(
            kind="file", lane=f"i{identity.id}", identity_id=identity.id, person_id=identity.person_id,
            message_id=message.id, ticket_id=message.ticket_id, attachment_id=row.id,
        )  # fmt: skip

    async def attachment(self, message: models.Message, **columns: object) -> models.Attachment:
        sha256 = await self.files.save(b"picture")
        values = {
            "source": "desk", "kind": "image", "name": "cat.png", "mime": "image/png", "size": 7,
            "sha256": sha256, "due_at": START, "state": "stored", **columns,
        }  # fmt: skip
        async with self.storage.turn() as conn:
            return await models.Attachment.create(using_db=conn, message_id=message.id, **values)

    async def deliver(self, **columns: object) -> models.Delivery:
        self.keys += 1
        values = {"key": f"k{self.keys}", "due_at": self.clock(), "created_at": self.clock(), **columns}
        async with self.storage.turn() as conn:
            return await models.Delivery.create(using_db=conn, **values)

    async def arm(
        self,
        ticket: models.Ticket,
        kind: str,
        about: int,
        *,
        seconds: float = 0,
        message_id: int | None = None,
    ) -> None:
        """A card or mark."""
        async with self.storage.turn() as conn:
            await arm(
                conn, key=f"{kind}:{about}", person_id=ticket.person_id, ticket_id=ticket.id,
                due_at=self.clock() + timedelta(seconds=seconds), now=self.clock(), message_id=message_id,
            )  # fmt: skip

    async def agents_message(
        self, identity: models.Identity, ticket: models.Ticket, text: str = "hello"
    ) -> models.Message:
        """An agent's words on their way, with their mark."""
        message = await self.message(identity.person_id, ticket_id=ticket.id, external_id=f"post-{text}")
        await self.say(identity, text, ticket_id=ticket.id, message_id=message.id)
        await self.arm(ticket, "mark", message.id, seconds=3, message_id=message.id)
        return message

    async def change(self, row: models.Delivery | models.Identity | models.Ticket, **columns: object) -> None:
        async with self.storage.turn() as conn:
            await type(row).filter(id=row.id).using_db(conn).update(**columns)

    # --- what became of it ----------------------------------------------------------------------------------

    async def row(self, delivery: models.Delivery | str) -> models.Delivery:
        """The row as it is now."""
        where = {"key": delivery} if isinstance(delivery, str) else {"id": delivery.id}
        return await models.Delivery.get(using_db=self.storage.reading, **where)

    async def keys_of(self, **where: object) -> list[str]:
        query = models.Delivery.filter(**where).using_db(self.storage.reading).order_by("id")
        return [row.key for row in await query]

    async def became(self, delivery: models.Delivery | str, state: str) -> models.Delivery:
        """Wait until the row is in this state, and in nobody's hands."""

        async def is_there() -> bool:
            row = await self.row(delivery)
            return row.state == state and row.lease_until is None

        await self.until(is_there)
        return await self.row(delivery)

    async def tried(self, delivery: models.Delivery, attempts: int) -> models.Delivery:
        """Wait until a try failed."""

        async def has() -> bool:
            row = await self.row(delivery)
            return row.attempts == attempts and row.lease_until is None

        await self.until(has)
        return await self.row(delivery)

    async def looked(self) -> None:
        """Wait until the outbox has looked at all that is due now, on both sides."""
        identity = await self.identity(platform="other")
        ticket = await self.ticket(identity, channel=f"C{self.keys}")
        told = await self.say(identity, "sentinel")
        posted = await self.post(ticket, "sentinel")
        await self.became(told, "sent")
        await self.became(posted, "sent")
        self.other.sent = [message for message in self.other.sent if message.text != "sentinel"]
        self.desk.done = [line for line in self.desk.done if not line.endswith(" sentinel")]

    async def looked_for_people(self) -> None:
        """The same on people's side alone, while nothing goes to the desk."""
        told = await self.say(await self.identity(platform="other"), "sentinel")
        await self.became(told, "sent")

    async def until(self, condition: Callable[[], Awaitable[bool]] | Callable[[], bool]) -> None:
        """Wait for a condition, waking the outbox as a commit would."""
        async with asyncio.timeout(10):
            while True:
                await self.wakeup.notify()
                holds = condition()
                if holds if isinstance(holds, bool) else await holds:
                    return
                await asyncio.sleep(0.005)


def said(say: Say) -> str:
    """A text as its name and parameters."""
    if say.name == "unknown":
        raise KeyError(say.name)
    return ":".join([say.name, *(str(value) for value in say.params.values())])


def able(**changes: Any) -> Capabilities:
    return replace(ABLE, **changes)


@asynccontextmanager
async def world_on(url: str, folder: Path) -> AsyncIterator[World]:
    await migrate(url)
    storage = await Storage.open(url)
    try:
        yield World(storage=storage, folder=folder / "files")
    finally:
        await storage.close()
