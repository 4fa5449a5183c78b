"""One ticket in one turn at the desk: what every verb of the agents works with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.conversation.situation import dump, load
from core.delivery.notices import notice
from core.desk import Button, Whisper
from core.escalation import ticket as tickets
from core.escalation.routing import Department
from core.helpdesk.outgoing import Outgoing
from core.helpdesk.threads import Threads
from core.messages import Agent, AgentAct, Capabilities, Say, Thread
from core.publishing import Published
from core.storage import models
from core.storage.turns import Turn, ticket_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``able`` by (platform, account); ``support_channel`` is where departments are that name no Slack channel."""

    turn: Turn
    published: Published
    ticket: models.Ticket
    able: Mapping[tuple[str, str], Capabilities]
    support_channel: str

    @property
    def number(self) -> int:
        return self.ticket.id

    @property
    def value(self) -> tickets.Ticket:
        return ticket_value(self.ticket)

    @property
    def department(self) -> Department:
        """Who answers it."""
        return self.published.routing.department(self.ticket.department)

    @property
    def thread(self) -> Thread:
        return Thread(channel=self.ticket.channel, id=self.ticket.thread)

    @property
    def threads(self) -> Threads:
        return Threads(self.turn, self.published, self.support_channel)

    def able_at(self, identity: models.Identity) -> Capabilities | None:
        """What the platform can do where the identity is; None for an account that is gone."""
        return self.able.get((identity.platform, identity.account))

    async def move(self, act: tickets.Act) -> tickets.Moved | tickets.IllegalMove:
        """One act on the ticket; card and timers follow."""
        return await self.threads.move(self.ticket, act)

    async def record(self, name: str, agent: Agent | None, **data: object) -> None:
        """The audit event of what was done."""
        await self.turn.record(name, ticket=self.number, actor=agent.id if agent else "", **data)

    async def notice(
        self,
        key: str,
        say: Say,
        *,
        buttons: Sequence[Button] = (),
        calls: Sequence[str] = (),
        see: Thread | None = None,
    ) -> None:
        """A notice in the thread, for everybody there."""
        await self.post(key, notice(say, buttons=buttons, calls=calls, see=see))

    async def post(self, key: str, body: dict[str, object]) -> None:
        """A row for the ticket's thread."""
        await self.turn.deliver(
            key=key[:120], kind="post", desk=True, lane=self.ticket.lane, ticket_id=self.number, body=body
        )

    async def tell(self, say: Say, options: Sequence[str] = ()) -> None:
        """Tell the person, where they wrote last."""
        identity = (await self.turn.identities())[0]
        outgoing = Outgoing(self.turn, self.published, identity, self.number)
        talk = await outgoing.tell(say, options, load(self.turn.person.scene))
        self.turn.person.scene = dump(talk)
        await self.turn.person.save(using_db=self.turn.conn, update_fields=["scene"])

    def whisper(self, name: str, *buttons: Button, **params: str | int) -> Whisper:
        """For who acts, alone."""
        return self.whispered(Say(name=name, params={"number": self.number, **params}), *buttons)

    def whispered(self, say: Say, *buttons: Button) -> Whisper:
        return Whisper(say=say, buttons=buttons, ticket=self.number)

    def key(self, act: AgentAct, what: str) -> str:
        """Of a row that an act makes."""
        return f"{what}:{self.number}:{act.id}"


def named(message: models.Message) -> str:
    """How our own buttons name a message."""
    return f"#{message.id}"
