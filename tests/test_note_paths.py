"""Over the whole path, whatever else is done to it, a private note never reaches a person.

Messages as Slack sends them, then edited, deleted, taken back, sent by hand, moved to another department, asked aside,
looked back at; then everything that may leave has left.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bots.slack.api import SlackApi
from bots.slack.desk import words
from bots.slack.desk.lookback import LookBack
from bots.slack.shapes import Body
from core.helpdesk.listening import Listening
from core.messages import Agent, Thread
from core.storage import models
from core.storage.desk_models import SideQuestion
from tests.desk_core import EVA, MEI, Desk, button, desk_on
from tests.desk_workspace import Workspace, open_workspace
from tests.outbox_world import START

PREFIXES = ("note: ", "；； ", "备注", "🔒", "!n ", "*note:* ", "\u200bＮＯＴＥ：", "// ")
Step = tuple[str, int]

steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "reply", "reply", "note", "note", "hide", "unhide", "retell", "delete", "undo", "send", "retry",
                "transfer", "ask_aside", "chat_aside", "missed", "look_back", "passes", "claim_other", "resolve",
                "reopen", "card_deleted",
            ]
        ),
        st.integers(0, len(PREFIXES) - 1),
    ),
    min_size=1, max_size=9,
)  # fmt: skip


@dataclass(kw_only=True)
class Walk:
    """One ticket. ``secrets`` were written as notes or aside; ``posts`` are Mei's messages, as Slack has them."""

    desk: Desk
    api: SlackApi
    workspace: Workspace
    numbers: "count[int]"
    secrets: list[str] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)

    async def do(self, step: Step) -> None:
        verb, number = step
        match verb:
            case "reply":
                await self._writes(f"open {next(self.numbers)}")
            case "note":
                await self._writes(self._secret(number))
            case "missed":  # nobody listened: only a look back finds it
                await self._writes(self._secret(number) if number % 2 else "open and missed", told=False)
            case "hide" | "unhide" | "retell":
                await self._edits(verb, number)
            case "delete":
                await self._deletes()
            case "chat_aside":
                await self._chats_aside(number)
            case "look_back":
                await self._looks_back()
            case "passes":
                await self.desk.settles(7)
                await self.desk.rings()
            case _:
                await self._acts(verb)

    def _secret(self, number: int) -> str:
        self.secrets.append(text := f"<s{next(self.numbers)}>")
        return PREFIXES[number] + text.replace("<", "&lt;").replace(">", "&gt;")

    # --- as Slack tells it ----------------------------------------------------------------------------------

    async def _writes(self, text: str, thread: Thread | None = None, *, told: bool = True) -> None:
        thread = thread or await self._thread()
        ts = f"{1772366500 + next(self.numbers)}.000100"
        post = {"type": "message", "user": "UMEI", "ts": ts, "text": text, "thread_ts": thread.id}
        self.workspace.messages[ts] = post
        if thread.channel == (await self.desk.now()).channel:
            self.posts.append(post)
        if told:
            await self._take({"team_id": "T0TEAM", "event": {**post, "channel": thread.channel}})

    async def _edits(self, verb: str, number: int) -> None:
        """Into a note; out of one, which stays one; into other open words."""
        if not self.posts:
            return
        post = self.posts[-1]
        was_note = any(secret.strip("<>") in str(post["text"]) for secret in self.secrets)
        text = self._secret(number) if verb == "hide" else f"open {next(self.numbers)}"
        if was_note and verb != "hide":
            self.secrets.append(text)
        at = f"{1772366500 + next(self.numbers)}.000200"
        post |= {"text": text, "edited": {"user": "UMEI", "ts": at}}
        await self._told(post, {"subtype": "message_changed", "ts": at, "message": dict(post)})

    async def _deletes(self) -> None:
        if self.posts:
            post = self.posts.pop()
            del self.workspace.messages[post["ts"]]
            at = f"{1772366500 + next(self.numbers)}.000300"
            await self._told(post, {"subtype": "message_deleted", "ts": at, "previous_message": dict(post)})

    async def _told(self, post: Body, event: dict[str, Any]) -> None:
        place = {"type": "message", "channel": (await self.desk.now()).channel}
        await self._take({"team_id": "T0TEAM", "event": {**event, **place}})

    async def _take(self, body: Body) -> None:
        thread = words.thread_of(body)
        assert thread
        written = words.read(body, thread, self.api.me)
        if written and not written.is_empty:
            await self.desk.agents.take_words(written.as_words(Agent(id="UMEI", name="Mei"), {}))

    async def _looks_back(self) -> None:
        thread = await self._thread()
        self.workspace.messages[thread.id] = {"ts": thread.id, "user": "U0APP", "bot_id": "B0APP"}
        listening = Listening(storage=self.desk.world.storage, clock=self.desk.world.clock)

        async def threads(most: int) -> Sequence[Thread]:
            return [thread]

        look = LookBack(
            api=self.api, since=START, threads=threads, known=listening.known, take=self._take,
            gone=self.desk.agents.card_deleted, clock=self.desk.world.clock,
        )  # fmt: skip
        await look.look()

    # --- what else agents do --------------------------------------------------------------------------------

    async def _acts(self, verb: str) -> None:
        desk = self.desk
        match verb:
            case "transfer":
                here = (await desk.now()).department
                await desk.does("transfer", to="support" if here == "billing" else "billing")
                await desk.settles()
            case "ask_aside":
                self.secrets.append(text := f"<s{next(self.numbers)}>")
                await desk.does("side_question", to="billing", text=text)
                await desk.settles()
            case "claim_other":
                await desk.does("claim", EVA)
            case "card_deleted":
                await desk.agents.card_deleted(await self._thread())
                await desk.settles()
            case "send" | "undo" | "retry" if self.posts:
                await desk.does(verb, about=str(self.posts[-1]["ts"]))
            case _:
                await desk.does(verb, MEI)

    async def _chats_aside(self, number: int) -> None:
        """Answers and remarks in a question's thread."""
        asked = SideQuestion.filter(ticket_id=self.desk.ticket.id).exclude(thread="")
        row = await asked.using_db(self.desk.world.storage.reading).order_by("-id").first()
        if row is None:
            return
        self.secrets.append(text := f"s{next(self.numbers)}s")
        await self._writes(
            text if number % 2 else PREFIXES[number] + text, Thread(channel=row.channel, id=row.thread)
        )

    async def _thread(self) -> Thread:
        """Where the ticket is by now."""
        if not (await self.desk.now()).thread:
            await self.desk.settles()
        ticket = await self.desk.now()
        return Thread(channel=ticket.channel, id=ticket.thread)

    # --- what must hold -------------------------------------------------------------------------------------

    async def check(self) -> None:
        await self.desk.settles(60)
        await self.desk.rings()
        await self.desk.settles(3600)
        channel = self.desk.world.channel
        read = [*channel.changed, *(message.text for message in channel.sent)]
        for secret in self.secrets:
            assert not [text for text in read if secret in text], f"{secret} went out"
        rows = await models.Delivery.filter(ticket_id=self.desk.ticket.id, desk=False).using_db(
            self.desk.world.storage.reading
        )
        leaving = [str(row.body) for row in rows if row.state != "cancelled"]
        assert not [text for text in leaving for secret in self.secrets if secret in text]


async def a_new_ticket(desk: Desk) -> Desk:
    identity = await desk.world.identity()
    ticket = await desk.world.ticket(identity, thread=f"1772366400.{identity.id:06}")
    await desk.world.change(ticket, department="support", waiting_since=desk.world.clock())
    return replace(desk, ticket=ticket, identity=identity)


def test_no_way_leads_a_note_to_a_person(sqlite_url: str, tmp_path: Path) -> None:
    numbers = count(1)
    with asyncio.Runner() as runner:
        opened, slack = desk_on(sqlite_url, tmp_path), open_workspace()
        desk = runner.run(opened.__aenter__())
        workspace, api = runner.run(slack.__aenter__())

        async def walk(sequence: Sequence[Step]) -> None:
            one = Walk(desk=await a_new_ticket(desk), api=api, workspace=workspace, numbers=numbers)
            for step in sequence:
                await one.do(step)
            await one.check()

        @given(steps)
        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @example([("note", 0), ("send", 0), ("unhide", 0), ("look_back", 0), ("send", 0)])
        @example([("reply", 0), ("hide", 1), ("look_back", 0), ("transfer", 0), ("passes", 0)])
        @example([("ask_aside", 0), ("chat_aside", 1), ("chat_aside", 2), ("send", 0), ("look_back", 0)])
        @example([("missed", 1), ("missed", 2), ("look_back", 0), ("send", 0), ("look_back", 0)])
        @example([("missed", 1), ("unhide", 0), ("look_back", 0), ("send", 0)])
        @example([("note", 3), ("card_deleted", 0), ("retell", 0), ("look_back", 0), ("undo", 0)])
        def holds(sequence: list[Step]) -> None:
            runner.run(walk(sequence))

        try:
            holds()
        finally:
            runner.run(slack.__aexit__(None, None, None))
            runner.run(opened.__aexit__(None, None, None))


async def test_what_is_said_openly_does_arrive_on_the_same_path(sqlite_url: str, tmp_path: Path) -> None:
    async with desk_on(sqlite_url, tmp_path) as desk, open_workspace() as (workspace, api):
        one = Walk(desk=await a_new_ticket(desk), api=api, workspace=workspace, numbers=count(1))
        for step in (
            ("reply", 0),
            ("missed", 0),
            ("look_back", 0),
            ("transfer", 0),
            ("reply", 0),
            ("look_back", 0),
        ):
            await one.do(step)
        await one.check()
        arrived = [text for text in (message.text for message in desk.world.channel.sent) if "open" in text]
        assert len(arrived) == 3
        assert button(await desk.says("for <@UTOM>", mentions=True), "send")
