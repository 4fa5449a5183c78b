"""Whoever listened to nothing for a while looks back at what was said meanwhile, and only then counts as listening."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bots.hearing import KEPT, SILENCE, Ears
from bots.played import sandbox_config
from bots.sandbox.hub import Fault
from bots.sandbox.server import Sandbox
from bots.slack.api import SlackApi
from bots.slack.app import SlackPlatform
from bots.slack.shapes import Body
from core.helpdesk.listening import LATELY, Listening
from core.messages import Thread
from core.storage import models
from tests.desk_core import Desk, desk_on
from tests.desk_workspace import Workspace, open_workspace
from tests.slack_user_stories import OVER_SOCKET
from tests.slack_web import NOW, Users
from tests.slack_web import Desk as Door
from tests.waiting import until
from tests.world import settings_for

CARD, OTHER = "1772366400.000100", "1772366401.000100"
MINUTES = 60.0


@dataclass(kw_only=True)
class Heard:
    """One process's ears on one thread of one workspace; ``taken`` are the words that they brought, ``open`` whether
    Slack's way in stands open.
    """

    desk: Desk
    workspace: Workspace
    ears: Ears
    taken: list[str] = field(default_factory=list)
    posts: int = 0
    open: bool = True

    async def hears(self) -> bool:
        return self.open

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
        here: Heard

        async def hears() -> bool:
            return await here.hears()

        ears = Ears(listening=listening, api=api, take=take, door=desk.agents, hears=hears)
        here = Heard(desk=desk, workspace=workspace, ears=ears, taken=taken)
        yield here


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


async def test_while_slacks_way_in_is_shut_it_does_not_count_as_listening(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with hearing(sqlite_url, tmp_path) as here:
        await here.round()
        heard, here.open = await here.ears.listening.heard(), False
        for _ in range(6):
            await here.round()
        here.said("while the socket was down")
        assert (await here.ears.listening.heard(), here.looks) == (heard, 0)
        here.open = True
        await here.round()
        assert here.taken == ["while the socket was down"]
        assert await here.ears.listening.heard() == here.desk.world.clock()


@asynccontextmanager
async def socket_mode(folder: Path) -> AsyncIterator[tuple[Sandbox, SlackApi, SlackPlatform]]:
    """Slack as the sandbox plays it, and our end of its websocket, which isn't open yet."""
    async with AsyncExitStack() as stack:
        settings = settings_for(folder, {"slack": OVER_SOCKET})
        sandbox = Sandbox(sandbox_config(settings))
        await sandbox.start()
        stack.push_async_callback(sandbox.stop)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        assert settings.slack
        known = settings.slack.model_copy(update={"api_base": sandbox.url})
        api = SlackApi(known, http)
        platform = SlackPlatform(known, api, Users(), Door(), lambda: NOW)
        stack.push_async_callback(platform.close)
        yield sandbox, api, platform


async def test_a_socket_that_slack_closed_is_noticed_while_its_api_still_answers(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with desk_on(sqlite_url, tmp_path) as desk, socket_mode(tmp_path) as (sandbox, api, platform):
        listening = Listening(storage=desk.world.storage, clock=desk.world.clock)
        ears = Ears(listening=listening, api=api, take=Door().take, door=desk.agents, hears=platform.hears)
        await ears.round()
        assert await listening.heard() is None, "it isn't open yet"
        await platform.open()
        await ears.round()
        heard = desk.world.clock()
        assert await listening.heard() == heard
        sandbox.hub.arm(Fault(platform="slack", method="apps.connections.open", fault="503", count=99))
        assert sandbox.slack
        await sandbox.slack.sockets.stop()
        await until(partial(_is_shut, platform))
        desk.world.clock.forward(5 * MINUTES)
        await ears.round()
        await api.identify()
        assert await listening.heard() == heard


async def _is_shut(platform: SlackPlatform) -> bool:
    return not await platform.hears()


async def test_threads_that_were_done_lately_are_looked_back_at_too(sqlite_url: str, tmp_path: Path) -> None:
    async with desk_on(sqlite_url, tmp_path) as desk:
        listening = Listening(storage=desk.world.storage, clock=desk.world.clock)
        await desk.does("side_question", to="billing", text="Was it refunded?")
        await desk.settles()
        aside = Thread(channel="C2", id="post-ask:1")
        await desk.says("Yes", thread=aside)
        async with desk.world.storage.turn() as conn:  # those that only showed that all had left
            await models.Ticket.exclude(id=desk.ticket.id).using_db(conn).update(state="resolved")
        await desk.does("resolve", reason="how-to")
        newer = await desk.world.ticket(await desk.world.identity(), thread="newer")
        await desk.world.change(newer, state="resolved", resolved_at=desk.world.clock())
        still = await desk.world.ticket(await desk.world.identity(), thread="open")
        assert await _ids(listening) == ["open", "newer", "th", aside.id]
        assert await _ids(listening, 2) == ["open", "newer"], "bounded, and what is open comes first"
        await desk.world.change(still, state="resolved", resolved_at=desk.world.clock())
        desk.world.clock.forward(LATELY.total_seconds() + 1)
        assert await _ids(listening) == []


async def _ids(listening: Listening, most: int = 200) -> list[str]:
    return [thread.id for thread in await listening.threads(most)]
