"""The desk's verbs on a real database, without any edge: agents and people call the doors, an outbox sends to fakes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from core.desk import Button, Post, Whisper
from core.errors import Rejected
from core.escalation.canned import Canned
from core.escalation.routing import Department, Emergency, Routing
from core.helpdesk.agents import Agents
from core.helpdesk.desk_timers import is_desks
from core.helpdesk.quarantine import Quarantine
from core.helpdesk.users import Users
from core.messages import Address, Agent, AgentAct, AgentWords, Attachment, Inbound, Thread
from core.storage import models
from core.storage.turns import Turns
from tests.outbox_world import World, able, world_on
from tests.publishing_world import DeskContent, publishing_of

BOTH = pytest.mark.parametrize("url", ["sqlite", "postgres"], indirect=True)
"""For tests that look at what the databases do differently; the others run on SQLite alone."""
CONFIG = Path(__file__).parent.parent / "config"
MEI, TOM = Agent(id="UMEI", name="Mei"), Agent(id="UTOM", name="Tom")
EVA = Agent(id="UEVA", name="Eva", role="supervisor")
NEW = Agent(id="UNEW", name="Noa", role="trial")
UNDO = timedelta(seconds=5)
SUPPORT = Department(
    id="support",
    names={"en": "Support"},
    channels=("C1",),
    undo=UNDO,
    costly={"promise": frozenset({"guarantee"})},
    on_call="SDUTY",
)
BILLING = Department(
    id="billing", names={"en": "Billing"}, channels=("C2",), undo=timedelta(), on_call="SBILL"
)
CAREFUL = Department(id="careful", channels=("C3",), confirm=True)
OWNED = Department(id="owned", channels=("C4",), claim_required=True, undo=timedelta())
ROUTING = Routing(
    departments=(SUPPORT, BILLING, CAREFUL, OWNED),
    fallback="support",
    emergency=Emergency(words=frozenset({"stolen account", "账号被盗"})),
)
REPLIES = (Canned(name="refund", texts={"en": "Dear {name}, {ticket} is refunded."}),)


@dataclass(kw_only=True)
class Desk:
    """Anna's ticket T-1001 in the support department; ``world`` holds clock, fakes and rows."""

    world: World
    agents: Agents
    users: Users
    ticket: models.Ticket
    identity: models.Identity
    hidden: list[str]
    wrote: str = ""
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def thread(self) -> Thread:
        return Thread(channel=self.ticket.channel, id=self.ticket.thread)

    async def says(self, text: str, by: Agent = MEI, **parts: object) -> Whisper | None:
        """An agent's new words; the post's id is in ``self.wrote``."""
        self.wrote = f"p{next(self.numbers)}"
        return await self.agents.take_words(self._words("said", self.wrote, text, by, **parts))

    async def edits(self, post: str, text: str, by: Agent = MEI, **parts: object) -> Whisper | None:
        return await self.agents.take_words(self._words("edited", post, text, by, **parts))

    async def deletes(self, post: str, by: Agent = MEI, **parts: object) -> Whisper | None:
        return await self.agents.take_words(self._words("deleted", post, "", by, **parts))

    def _words(self, kind: str, post: str, text: str, by: Agent, **parts: object) -> AgentWords:
        words = AgentWords(
            id=f"w{next(self.numbers)}", kind="said", thread=self.thread, post=post, agent=by,
            sent_at=self.world.clock(), text=text,
        )  # fmt: skip
        return replace(words, kind=kind, **parts)  # type: ignore[arg-type]

    async def presses(self, button: Button | None, by: Agent = MEI) -> Whisper | None:
        """An agent presses what they were shown."""
        assert button is not None
        return await self.does(button.verb, by, about=button.about, **button.values)

    async def does(self, verb: str, by: Agent = MEI, *, about: str = "", **values: str) -> Whisper | None:
        act = AgentAct(
            id=f"a{next(self.numbers)}", verb=verb, ticket=self.ticket.id, agent=by, at=self.world.clock(),
            about=about, values=values,
        )  # fmt: skip
        return await self.agents.take_act(act)

    async def asks(self, text: str, files: Sequence[Attachment] = ()) -> None:
        """Anna writes."""
        who = self.identity
        sender = Address(platform=who.platform, account=who.account, user=who.user, chat=who.chat)
        number = str(next(self.numbers))
        event = Inbound(
            id=number, kind="said", sender=sender, sent_at=self.world.clock(), text=text, attachments=tuple(files),
            external_id=f"m{number}",
        )  # fmt: skip
        await self.users.take(event)

    async def rings(self) -> list[str]:
        """All that is due by now happens; the names of the timers that rang."""
        due = models.Timer.filter(due_at__lte=self.world.clock()).using_db(self.world.storage.reading)
        rang = [(row.person_id, row.name) for row in await due.order_by("due_at")]
        for person, name in rang:
            fired = self.agents.fired if is_desks(name) else self.users.fired
            await fired(person, name)
        return [name for _, name in rang]

    async def settles(self, seconds: float = 0) -> None:
        """Time passes, and whatever may leave has left."""
        self.world.clock.forward(seconds)
        async with self.world.running():
            await self.world.looked()
            await self.world.until(self._is_quiet)

    async def _is_quiet(self) -> bool:
        """Nothing may leave now: what is due stands behind something that isn't yet."""
        now, waiting = self.world.clock(), set[str]()
        for row in await self.rows(state="due"):
            if row.due_at <= now and row.lane not in waiting:
                return False
            waiting.add(row.lane or row.key)
        return True

    # --- what became of it ----------------------------------------------------------------------------------

    async def now(self) -> models.Ticket:
        """The ticket as it is."""
        self.ticket = await models.Ticket.get(id=self.ticket.id, using_db=self.world.storage.reading)
        return self.ticket

    async def timers(self) -> list[str]:
        return [
            row.name for row in await models.Timer.all().using_db(self.world.storage.reading).order_by("name")
        ]

    async def rows(self, **where: object) -> list[models.Delivery]:
        return await models.Delivery.filter(**where).using_db(self.world.storage.reading).order_by("id")

    async def told(self, **where: object) -> list[str]:
        """The texts for people that have not been cancelled."""
        rows = await self.rows(desk=False, state__not="cancelled", **where)
        return [text for row in rows if (text := str(row.body.get("text", row.kind))) != "sentinel"]

    async def timeline(self) -> list[tuple[str, str, str]]:
        rows = await models.Message.all().using_db(self.world.storage.reading).order_by("id")
        return [(row.by, row.kind, row.text) for row in rows]

    async def events(self) -> list[str]:
        rows = await models.Event.all().using_db(self.world.storage.reading).order_by("id")
        return [row.name for row in rows]

    def post(self, text: str) -> Post:
        """The newest post at the desk that begins so."""
        return next(one for one in reversed(self.world.desk.posts) if one.text.startswith(text))

    def noticed(self, name: str, part: str = "", thread: str = "") -> bool:
        """Whether a thread (the ticket's) was told so, with this part in it."""
        begin = f"post {thread or self.ticket.thread} {name}"
        return any(line.startswith(begin) and part in line for line in self.world.desk.done)


def button(whisper: Whisper | None, verb: str) -> Button:
    """The button of this verb."""
    assert whisper is not None
    found = [one for one in whisper.buttons if one.verb == verb]
    assert found, f"{whisper.say.name} has no {verb}, only {[one.verb for one in whisper.buttons]}"
    return found[0]


def heard(whisper: Whisper | None) -> str:
    """The name of the text that the agent was told; "" for nothing."""
    return whisper.say.name if whisper else ""


@asynccontextmanager
async def desk_on(url: str, folder: Path, routing: Routing = ROUTING) -> AsyncIterator[Desk]:
    """``chat`` can edit and delete, ``other`` can't."""
    async with world_on(url, folder) as world:
        world.channel.capabilities = able(edits=True, deletes=True)
        steered = DeskContent(memory=folder / "folder.json", routing=routing, replies=REPLIES)
        publishing = publishing_of(world.storage, CONFIG, desk=steered)
        await publishing.load()
        turns = Turns(world.storage, world.clock)
        hidden: list[str] = []

        async def hide(entry: str, by: Agent) -> None:
            if entry == "stuck":
                raise Rejected("the file is broken")
            hidden.append(entry)

        shared = {
            "turns": turns,
            "publishing": publishing,
            "channels": world.channels,
            "wakeup": world.wakeup,
        }
        shared |= {"metrics": world.metrics, "quarantine": Quarantine(turns, world.metrics)}
        identity = await world.identity()
        ticket = await world.ticket(identity, thread="th")
        await world.change(ticket, department="support", waiting_since=world.clock())
        async with world.storage.turn() as conn:
            await models.Person.filter(id=identity.person_id).using_db(conn).update(name="Anna")
        yield Desk(
            world=world, agents=Agents(support_channel="C1", hide=hide, **shared),  # type: ignore[arg-type]
            users=Users(support_channel="C1", **shared), ticket=ticket, identity=identity, hidden=hidden,  # type: ignore[arg-type]
        )  # fmt: skip
