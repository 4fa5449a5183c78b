"""Whatever agents do with each other's words, in whatever order: what was private reaches nobody outside.

Whole turns and a real outbox on SQLite; every text bears a number of its own, by which it is found again.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.desk import Whisper
from core.errors import Rejected
from core.messages import Agent
from core.storage.desk_models import SideQuestion
from tests.desk_core import EVA, MEI, NEW, TOM, Desk, desk_on

AGENTS = (MEI, TOM, EVA, NEW)
PREFIXES = ("note: ", "!n ", "；；", "备注", "🔒", "// ", "!frobnicate ", "！转派错 ")
DEPARTMENTS = ("support", "billing", "careful", "owned")
ACTS = ("claim", "release", "take_over", "reopen", "undo", "send", "retry", "wait", "unsnooze")


@dataclass(kw_only=True)
class Play:
    """``private`` are the numbers of words that nobody outside may read: for ever, or until somebody presses Send.

    ``kinds`` says the same of each post.
    """

    desk: Desk
    numbers: "count[int]"
    private: dict[str, str] = field(default_factory=dict)
    posts: list[tuple[str, Agent]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    whispers: list[tuple[Whisper, Agent]] = field(default_factory=list)

    async def step(self, draw: st.DataObject) -> None:
        agent = draw.draw(st.sampled_from(AGENTS))
        match draw.draw(
            st.sampled_from(["note", "words", "edit", "press", "act", "move", "ask", "time", "side"])
        ):
            case "note":
                await self.write(f"{draw.draw(st.sampled_from(PREFIXES))}x", agent, private="for ever")
            case "words":
                mentions = draw.draw(st.booleans())
                await self.write("x", agent, private="until sent" if mentions else "", mentions=mentions)
            case "edit" if self.posts:
                await self.edit(draw, *draw.draw(st.sampled_from(self.posts)))
            case "press" if self.whispers:
                await self.press(*draw.draw(st.sampled_from(self.whispers)), draw)
            case "act":
                self.told(await self.desk.does(draw.draw(st.sampled_from(ACTS)), agent), agent)
            case "move" if self.desk.ticket.thread:
                await self.desk.does("transfer", EVA, to=draw.draw(st.sampled_from(DEPARTMENTS)))
            case "ask":
                await self.desk.asks("hm?")
            case "time":
                await self.pass_time(draw)
            case _:
                await self.aside(agent)
        await self.desk.now()

    async def write(self, text: str, agent: Agent, *, private: str, mentions: bool = False) -> None:
        text, number = self.numbered(text)
        if not self.desk.ticket.thread:
            return
        holder = (await self.desk.now()).assignee
        aside = self.desk.ticket.state != "resolved" and holder not in ("", agent.id)
        kind = private or ("until sent" if aside else "")
        if kind:
            self.private[number] = kind
        self.told(await self.desk.says(text, agent, mentions=mentions), agent)
        self.posts.append((self.desk.wrote, agent))
        self.kinds[self.desk.wrote] = kind

    async def edit(self, draw: st.DataObject, post: str, agent: Agent) -> None:
        """What a note is edited to is as private as the note was; what is edited into a note is private for ever."""
        into = draw.draw(st.sampled_from(["", *PREFIXES]))
        text, number = self.numbered(f"{into}x")
        if kind := "for ever" if into else self.kinds[post]:
            self.private[number] = kind
        self.told(await self.desk.edits(post, text, agent), agent)

    async def press(self, whisper: Whisper, agent: Agent, draw: st.DataObject) -> None:
        pressed = draw.draw(st.sampled_from(whisper.buttons))
        by = draw.draw(st.sampled_from([agent, agent, EVA]))
        if pressed.verb == "send":
            self.private = {number: kind for number, kind in self.private.items() if kind == "for ever"}
            self.kinds = {post: "" if kind == "until sent" else kind for post, kind in self.kinds.items()}
        self.told(await self.desk.presses(pressed, by), by)

    async def pass_time(self, draw: st.DataObject) -> None:
        if draw.draw(st.booleans()):
            self.desk.world.channel.script = deque([Rejected("no")])
        await self.desk.settles(draw.draw(st.sampled_from([1, 10, 700, 8000])))
        await self.desk.rings()
        self.desk.world.channel.script.clear()

    async def aside(self, agent: Agent) -> None:
        text, number = self.numbered("x")
        self.private[number] = "for ever"
        await self.desk.does("side_question", agent, to="billing", text=text)
        await self.desk.settles()
        rows = await SideQuestion.filter(ticket_id=self.desk.ticket.id).using_db(
            self.desk.world.storage.reading
        )
        if not rows or not rows[-1].thread:
            return
        here = (self.desk.ticket.channel, self.desk.ticket.thread)
        answer, number = self.numbered("x")
        self.private[number] = "for ever"
        self.desk.ticket.channel, self.desk.ticket.thread = rows[-1].channel, rows[-1].thread
        await self.desk.says(answer, TOM)
        self.desk.ticket.channel, self.desk.ticket.thread = here

    def numbered(self, text: str) -> tuple[str, str]:
        number = str(next(self.numbers))
        return f"{text}{number}", number

    def told(self, whisper: Whisper | None, agent: Agent) -> None:
        if whisper and whisper.buttons:
            self.whispers.append((whisper, agent))

    async def left(self) -> str:
        """All that has left, or still may, for people."""
        rows = await self.desk.rows(
            desk=False, state__not="cancelled", person_id=self.desk.identity.person_id
        )
        ready = [str(row.body.get("text", "")) for row in rows if row.state != "held"]
        return " ".join([*self.desk.world.channel.texts, *self.desk.world.channel.changed, *ready])


def test_no_order_of_acts_lets_private_words_out(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        world = desk_on(f"sqlite://{tmp_path / 'desk.db'}", tmp_path)
        desk = runner.run(world.__aenter__())
        numbers = count(70_000)

        @given(st.data())
        @settings(max_examples=15, deadline=None)
        def holds(draw: st.DataObject) -> None:
            runner.run(played(draw, desk, numbers))

        holds()
        runner.run(world.__aexit__(None, None, None))


async def played(draw: st.DataObject, desk: Desk, numbers: "count[int]") -> None:
    """One ticket of somebody new."""
    desk.identity = await desk.world.identity(name="Anna")
    desk.ticket = await desk.world.ticket(desk.identity, thread=f"th{desk.identity.id}")
    await desk.world.change(desk.ticket, department="support", waiting_since=desk.world.clock())
    play = Play(desk=desk, numbers=numbers)
    for _ in range(draw.draw(st.integers(3, 12))):
        await play.step(draw)
        left = await play.left()
        assert [number for number in play.private if number in left] == []
