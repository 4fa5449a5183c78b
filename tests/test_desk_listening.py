"""Whoever listened to nothing for a while looks back at what was said meanwhile, and only then counts as listening."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bots.hearing import KEPT, SILENCE, Ears
from bots.slack.shapes import Body
from core.helpdesk.listening import Listening
from tests.desk_core import Desk, desk_on
from tests.desk_workspace import Workspace, open_workspace

CARD, OTHER = "1772366400.000100", "1772366401.000100"
MINUTES = 60.0


@dataclass(kw_only=True)
class Heard:
    """One process's ears on one thread of one workspace; ``taken`` are the words that they brought."""

    desk: Desk
    workspace: Workspace
    ears: Ears
    taken: list[str] = field(default_factory=list)
    posts: int = 0

    def said(self, text: str, thread: str = CARD) -> None:
        """Somebody writes in the thread, and nobody tells us."""
        self.posts += 1
        ts = f"{self.desk.world.clock().timestamp() + self.posts / 1000:.6f}"
        self.workspace.messages[ts] = {"ts": ts, "user": "U0MEI", "text": text, "thread_ts": thread}

    @property
    def looks(self) -> int:
        return len(self.workspace.called("conversations.replies"))

    async def round(self, after: float = KEPT) -> float:
        """Time passes before the next one."""
        self.desk.world.clock.forward(after)
        return await self.ears.round()


@asynccontextmanager
async def hearing(url: str, folder: Path) -> AsyncIterator[Heard]:
    async with desk_on(url, folder) as desk, open_workspace() as (workspace, api):
        await desk.world.change(desk.ticket, thread=CARD, channel="C0SUPPORT")
        workspace.messages[CARD] = {"ts": CARD, "user": "U0APP", "bot_id": "B0APP"}
        taken: list[str] = []

        async def take(body: Body) -> Any:
            taken.append(str(body["event"]["text"]))

        listening = Listening(storage=desk.world.storage, clock=desk.world.clock)
        ears = Ears(listening=listening, api=api, take=take, door=desk.agents)
        yield Heard(desk=desk, workspace=workspace, ears=ears, taken=taken)


async def test_after_a_long_pause_it_looks_back_and_after_a_short_one_it_does_not(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with hearing(sqlite_url, tmp_path) as here:
        await here.round()
        for _ in range(8):
            await here.round()
        assert here.looks == 0, "it listens all the time"
        here.desk.world.clock.forward(5 * MINUTES)
        here.said("while the machine slept")
        await here.round(5 * MINUTES)
        assert here.taken == ["while the machine slept"]
        await here.round()
        await here.round(SILENCE.total_seconds())
        assert here.looks == 1, "once was enough"


async def test_while_slack_is_out_of_reach_it_does_not_count_as_listening(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with hearing(sqlite_url, tmp_path) as here:
        await here.round()
        heard = await here.ears.listening.heard()
        here.workspace.fail["auth.test"] = [503] * 6
        for _ in range(6):
            await here.round(20)
        here.said("while the network was away")
        assert await here.ears.listening.heard() == heard
        await here.round(20)
        assert here.taken == ["while the network was away"]
        assert await here.ears.listening.heard() == here.desk.world.clock()


async def test_a_look_that_slack_puts_off_goes_on_and_begins_anew_after_another_pause(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with hearing(sqlite_url, tmp_path) as here:
        await here.desk.world.ticket(here.desk.identity, thread=OTHER, channel="C0SUPPORT")
        here.workspace.messages[OTHER] = {"ts": OTHER, "user": "U0APP", "bot_id": "B0APP"}
        await here.round()
        here.desk.world.clock.forward(10 * MINUTES)
        here.said("one", OTHER)
        here.said("two", CARD)
        here.workspace.fail["conversations.replies"] = [{}, 429]  # the newest ticket's comes first
        assert await here.round() < SILENCE.total_seconds(), "as soon as Slack says"
        await here.round(1)
        assert here.taken == ["two"], "what was looked at isn't again"
        here.desk.world.clock.forward(10 * MINUTES)
        here.workspace.fail["conversations.replies"] = [{}, 429]
        await here.round()
        here.said("three", OTHER)
        await here.round(10 * MINUTES)
        assert "three" in here.taken
        assert await here.ears.listening.heard() == here.desk.world.clock()


async def test_what_another_process_heard_needs_no_look(sqlite_url: str, tmp_path: Path) -> None:
    async with hearing(sqlite_url, tmp_path) as here:
        await here.round()
        here.desk.world.clock.forward(10 * MINUTES)
        await here.ears.listening.hears()  # by the other one
        await here.round()
        assert here.looks == 0


async def test_a_card_that_was_deleted_meanwhile_is_found(sqlite_url: str, tmp_path: Path) -> None:
    async with hearing(sqlite_url, tmp_path) as here:
        await here.round()
        here.workspace.messages[CARD] = {"ts": CARD, "subtype": "tombstone", "user": "USLACKBOT"}
        await here.round(2 * MINUTES)
        ticket = await here.desk.now()
        assert (ticket.moves, ticket.thread) == (1, "")
        assert here.looks == 1
