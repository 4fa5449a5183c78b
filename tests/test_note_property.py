"""Whatever begins as a private note begins, however it is dressed, never becomes a delivery to a person.

Whole turns of the core on SQLite, fed with messages as Slack sends them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bots.slack.api import Me
from bots.slack.desk import words
from core.delivery.wakeup import MemoryWakeup
from core.helpdesk.agents import Agents
from core.helpdesk.quarantine import Quarantine
from core.messages import Agent, Thread
from core.metrics import Metrics
from core.storage import models
from core.storage.engine import Storage
from core.storage.migrate import migrate
from core.storage.turns import Turns
from tests.publishing_world import publishing_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ME = Me(user_id="UBOT", bot_id="BBOT")
THREAD = Thread(channel="C0SUPPORT", id="1772366400.000001")
TS = "1772366500.{:06}"

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u202e\u202a\u00ad\u0300"
BLANKS = " \t\n\u3000\u00a0"
DRESS = st.lists(st.sampled_from([*INVISIBLE, *BLANKS, "*", "_", "~", "`", "```", "&gt; ", "• "]), max_size=6)
PREFIXES = (
    "note:", "Note：", "ＮＯＴＥ:", "ｎｏｔｅ：", "!note ", "！note ", "!NOTE:", "!n ", "！ｎ\u3000", "!n\n", ";;",
    "；；", ";；",
    "备注", "備註", "🔒", ":lock:", "//", "／／",
)  # fmt: skip


@st.composite
def notes(draw: st.DrawFn) -> str:
    """A note in Slack's markup: something that shows nothing, a prefix that may be parted by the same, words."""
    prefix = draw(st.sampled_from(PREFIXES))
    if not prefix.startswith(":"):
        at = draw(st.integers(0, len(prefix)))
        prefix = prefix[:at] + draw(st.text(alphabet=INVISIBLE, max_size=2)) + prefix[at:]
    words = draw(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
    return (
        "".join(draw(DRESS)) + prefix + words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    )


async def nothing_to_hide(entry: str, by: Agent) -> None:
    """No FAQ is published here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One ticket's thread in one storage, for as many messages as you like."""

    storage: Storage
    agents: Agents
    numbers: "count[int]"

    async def write(self, text: str) -> list[str]:
        """What leaves for the person when an agent posts this."""
        await self._take(self._message(text))
        return await self._leaving()

    async def edit(self, before: str, after: str) -> tuple[list[str], list[str]]:
        """What leaves of a message that is edited while it still waits: before the edit, and after it."""
        said = self._message(before)
        await self._take(said)
        waiting, at = await self._waiting(), TS.format(next(self.numbers))
        changed = {**said, "text": after, "edited": {"user": "UMEI", "ts": at}}
        change = {"subtype": "message_changed", "message": changed, "previous_message": said}
        await self._take({"type": "message", "ts": at, "channel": THREAD.channel, **change})
        return waiting, await self._leaving()

    async def notes(self) -> int:
        """How many notes stand on the timeline."""
        return await models.Message.filter(by="note").using_db(self.storage.reading).count()

    def _message(self, text: str) -> dict[str, object]:
        ts = TS.format(next(self.numbers))
        place = {"channel": THREAD.channel, "thread_ts": THREAD.id}
        return {"type": "message", "user": "UMEI", "ts": ts, "text": text, **place}

    async def _take(self, event: dict[str, object]) -> None:
        written = words.read({"team_id": "T1", "event": event}, THREAD, ME)
        assert written
        if not written.is_empty:
            await self.agents.take_words(written.as_words(Agent(id="UMEI", name="Mei"), {}))

    async def _waiting(self) -> list[str]:
        rows = models.Delivery.filter(desk=False, state__not="cancelled").using_db(self.storage.reading)
        return [str(row.body["text"]) for row in await rows]

    async def _leaving(self) -> list[str]:
        """And the next example begins with none."""
        leaving = await self._waiting()
        async with self.storage.turn() as conn:
            await models.Delivery.filter(desk=False).using_db(conn).update(state="cancelled")
        return leaving


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Desk]:
    url = f"sqlite://{folder / 'notes.db'}"
    await migrate(url)
    storage = await Storage.open(url)
    publishing = publishing_of(storage, folder)
    await publishing.load()
    turns, metrics = Turns(storage, lambda: NOW), Metrics()
    agents = Agents(
        turns=turns, publishing=publishing, channels={}, support_channel=THREAD.channel, hide=nothing_to_hide,
        wakeup=MemoryWakeup(), metrics=metrics, quarantine=Quarantine(turns, metrics),
    )  # fmt: skip
    async with storage.turn() as conn:
        person = await models.Person.create(using_db=conn, name="Anna", language="en", created_at=NOW)
        identity = await models.Identity.create(
            using_db=conn, person_id=person.id, platform="telegram", account="shop", user="1", chat="1", last_at=NOW
        )  # fmt: skip
        await models.Ticket.create(
            using_db=conn, person_id=person.id, identity_id=identity.id, channel=THREAD.channel, thread=THREAD.id,
            opened_at=NOW,
        )  # fmt: skip
    try:
        yield Desk(storage=storage, agents=agents, numbers=count(1))
    finally:
        await storage.close()


def test_no_dress_lets_a_note_out(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        world = opened(tmp_path)
        desk = runner.run(world.__aenter__())
        noted = count(1)

        @given(notes())
        @settings(max_examples=150, deadline=None)
        @example("note: x").via("as plain as can be")
        def holds(text: str) -> None:
            assert runner.run(desk.write(text)) == []
            assert runner.run(desk.notes()) == next(noted), "it is kept for colleagues"

        holds()
        runner.run(world.__aexit__(None, None, None))


def test_no_edit_lets_a_note_out(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        world = opened(tmp_path)
        desk = runner.run(world.__aenter__())

        @given(notes(), st.booleans())
        @settings(max_examples=80, deadline=None)
        def holds(text: str, note_first: bool) -> None:
            edit = (text, "for the person") if note_first else ("for the person", text)
            waiting, left = runner.run(desk.edit(*edit))
            assert waiting == ([] if note_first else ["Mei: for the person"])
            assert left == []

        holds()
        runner.run(world.__aexit__(None, None, None))


def test_words_for_the_person_do_leave(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        world = opened(tmp_path)
        desk = runner.run(world.__aenter__())
        assert runner.run(desk.write("please note: it ships on Monday")) == [
            "Mei: please note: it ships on Monday"
        ]
        assert runner.run(desk.edit("Monday", "Tuesday")) == (["Mei: Monday"], ["Mei: Tuesday"])
        runner.run(world.__aexit__(None, None, None))
