"""Two agents, the person and the clock act on one ticket at the same moments, on PostgreSQL, while an outbox sends.

Whatever they do and in whichever order it comes out: no illegal or stuck state, one holder at most, no note goes out,
each reply arrives once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.helpdesk.desk_timers import is_desks
from core.messages import Agent, AgentAct, AgentWords, Thread
from core.storage import models
from tests.desk_core import EVA, MEI, Desk, desk_on

HOURS = 3600.0
SIMPLE = (
    "claim", "release", "take_over", "unsnooze", "resolve", "reopen", "undo", "send", "warn", "block", "unblock",
)  # fmt: skip
Step = tuple[str, ...]

simple = st.sampled_from([(verb,) for verb in SIMPLE])
valued = st.sampled_from(
    [
        ("snooze",), ("transfer", "billing"), ("transfer", "support"), ("assign", "UMEI"), ("assign", "UEVA"),
        ("priority", "urgent"), ("tag", "late"), ("resolve", "policy"), ("side_question",),
    ]
)  # fmt: skip
words = st.sampled_from([("reply",), ("reply",), ("note",), ("edit",), ("delete",)])
agents_steps = st.lists(st.one_of(simple, valued, words, words), min_size=1, max_size=7)
others_steps = st.lists(
    st.sampled_from([("asks",), ("passes", "3"), ("passes", "60"), ("passes", "7200"), ("breathes",)]),
    max_size=5,
)


@dataclass(kw_only=True)
class Race:
    """One ticket of one person. ``replies`` and ``notes`` are the words that agents wrote, each of its own."""

    desk: Desk
    numbers: "count[int]"
    replies: list[str]
    notes: list[str]

    @property
    def number(self) -> int:
        return self.desk.ticket.id

    async def row(self) -> models.Ticket:
        return await models.Ticket.get(id=self.number, using_db=self.desk.world.storage.reading)

    async def run(self, mei: Sequence[Step], eva: Sequence[Step], others: Sequence[Step]) -> None:
        async with self.desk.world.running():
            await asyncio.gather(
                self._agent(MEI, mei), self._agent(EVA, eva), *(self._other(step) for step in others)
            )
        for seconds in (10.0, HOURS, 30 * HOURS, 24 * 30 * HOURS):
            await self._settles(seconds)

    async def _settles(self, seconds: float) -> None:
        self.desk.world.clock.forward(seconds)
        await self._rings()
        async with self.desk.world.running():
            await self.desk.world.until(self._is_quiet)

    async def _is_quiet(self) -> bool:
        due = models.Delivery.filter(state="due", due_at__lte=self.desk.world.clock())
        return not await due.using_db(self.desk.world.storage.reading).exists()

    async def _rings(self) -> None:
        due = models.Timer.filter(due_at__lte=self.desk.world.clock())
        for row in await due.using_db(self.desk.world.storage.reading).order_by("due_at"):
            fired = self.desk.agents.fired if is_desks(row.name) else self.desk.users.fired
            await fired(row.person_id, row.name)

    # --- what they do ---------------------------------------------------------------------------------------

    async def _agent(self, agent: Agent, steps: Sequence[Step]) -> None:
        post = ""
        for verb, *more in steps:
            match verb:
                case "reply" | "note":
                    post = await self._writes(agent, verb)
                case "edit" | "delete":
                    await self._changes(agent, verb, post)
                case _:
                    await self._acts(agent, verb, *more)

    async def _writes(self, agent: Agent, what: str) -> str:
        number = next(self.numbers)
        text = f"<{number}>"
        (self.replies if what == "reply" else self.notes).append(text)
        await self._says("said", agent, f"p{number}", text if what == "reply" else f"note: {text}")
        return f"p{number}"

    async def _changes(self, agent: Agent, what: str, post: str) -> None:
        if post and what == "delete":
            await self._says("deleted", agent, post, "")
        elif post:
            self.notes.append(text := f"<{next(self.numbers)}>")
            await self._says("edited", agent, post, f";; {text}")

    async def _says(self, kind: str, agent: Agent, post: str, text: str) -> None:
        row = await self.row()
        if not row.thread:  # on its way elsewhere: nobody can write there yet
            return
        said = AgentWords(
            id=f"w{next(self.numbers)}", kind="said", thread=Thread(channel=row.channel, id=row.thread), post=post,
            agent=agent, sent_at=self.desk.world.clock(), text=text,
        )  # fmt: skip
        await self.desk.agents.take_words(replace(said, kind=kind))  # type: ignore[arg-type]

    async def _acts(self, agent: Agent, verb: str, value: str = "") -> None:
        until = (self.desk.world.clock() + timedelta(hours=2)).isoformat()
        values = {
            "snooze": {"until": until}, "transfer": {"to": value}, "assign": {"to": value, "name": value},
            "priority": {"priority": value}, "tag": {"tag": value}, "resolve": {"reason": value},
            "side_question": {"to": "billing", "text": "how much?"},
        }  # fmt: skip
        act = AgentAct(
            id=f"a{next(self.numbers)}", verb=verb, ticket=self.number, agent=agent, at=self.desk.world.clock(),
            values=values.get(verb, {}),
        )  # fmt: skip
        await self.desk.agents.take_act(act)

    async def _other(self, step: Step) -> None:
        match step:
            case ("asks",):
                await self.desk.asks(f"q{next(self.numbers)}")
            case ("passes", seconds):
                self.desk.world.clock.forward(float(seconds))
                await self._rings()
            case _:
                await asyncio.sleep(0.01)

    # --- what must hold -------------------------------------------------------------------------------------

    async def check(self) -> None:
        await self._is_legal()
        await self._had_one_holder_at_most()
        await self._everything_arrived_once()
        reading = self.desk.world.storage.reading
        assert not await models.Quarantine.all().using_db(reading).exists()
        assert not await models.Delivery.filter(lease_until__isnull=False).using_db(reading).exists()
        assert not await models.Delivery.filter(state="dead").using_db(reading).exists()

    async def _is_legal(self) -> None:
        """And from here an agent can end it, and begin again."""
        row = await self.row()
        assert row.thread, "a ticket without a thread is nobody's"
        assert (row.state == "claimed") <= bool(row.assignee)
        assert (row.state == "open") <= (not row.assignee)
        assert (row.state == "snoozed") == (row.snoozed_until is not None)
        assert (row.state == "resolved") == (row.resolved_at is not None)
        for verb, state in (("resolve", "resolved"), ("reopen", None), ("resolve", "resolved")):
            await self._acts(EVA, verb)
            now = (await self.row()).state
            assert now == state if state else now in ("open", "claimed")

    async def _had_one_holder_at_most(self) -> None:
        """The log, read as it was committed: nobody claims what somebody holds."""
        holder = ""
        log = models.Event.filter(ticket_id=self.number).using_db(self.desk.world.storage.reading)
        for event in await log.order_by("id"):
            if event.data.get("moved") is False:
                continue
            match event.name:
                case "ticket.claim":
                    assert holder in ("", event.actor), f"{event.actor} claimed what {holder} held"
                    holder = event.actor
                case "ticket.take_over":
                    holder = event.actor
                case "ticket.assign":
                    holder = str(dict(event.data["values"])["to"])  # type: ignore[call-overload]
                case "ticket.release" | "ticket.transfer" | "ticket.offered_again":
                    holder = ""

    async def _everything_arrived_once(self) -> None:
        reading, sent = self.desk.world.storage.reading, self.desk.world.channel.sent
        arrived = [message.text for message in sent]
        read = "\n".join([*arrived, *self.desk.world.channel.changed])
        for note in self.notes:
            assert note not in read, "a note went out"
        said = models.Message.filter(ticket_id=self.number, by="agent", kind="said", version_of=None)
        for message in await said.using_db(reading):
            rows = await models.Delivery.filter(message_id=message.id, kind="say").using_db(reading)
            times = sum(message.text in text for text in arrived)
            assert [row.state for row in rows] in (["sent"], ["cancelled"], ["held"])
            assert times == (rows[0].state == "sent")


async def a_new_ticket(desk: Desk) -> Desk:
    identity = await desk.world.identity()
    ticket = await desk.world.ticket(identity, thread=f"th{identity.id}")
    await desk.world.change(ticket, department="support", waiting_since=desk.world.clock())
    return replace(desk, ticket=ticket, identity=identity)


def test_no_race_breaks_what_we_promise(postgres_url: str, tmp_path: Path) -> None:
    numbers = count(1)
    with asyncio.Runner() as runner:
        opened = desk_on(postgres_url, tmp_path)
        desk = runner.run(opened.__aenter__())

        async def race(mei: Sequence[Step], eva: Sequence[Step], others: Sequence[Step]) -> None:
            one = Race(desk=await a_new_ticket(desk), numbers=numbers, replies=[], notes=[])
            await one.run(mei, eva, others)
            await one.check()

        @given(agents_steps, agents_steps, others_steps)
        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        @example(
            [("claim",), ("reply",)], [("claim",), ("transfer", "billing")], [("asks",), ("passes", "60")]
        )
        @example(
            [("claim",), ("reply",)], [("block",), ("unblock",)], [("asks",), ("asks",), ("passes", "60")]
        )
        @example([("reply",), ("undo",)], [("resolve", "policy"), ("reopen",)], [("passes", "3"), ("asks",)])
        @example(
            [("transfer", "billing"), ("reply",)],
            [("transfer", "support"), ("note",)],
            [("asks",), ("asks",)],
        )
        def holds(mei: list[Step], eva: list[Step], others: list[Step]) -> None:
            runner.run(race(mei, eva, others))

        try:
            holds()
        finally:
            runner.run(opened.__aexit__(None, None, None))
