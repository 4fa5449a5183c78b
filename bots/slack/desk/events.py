"""What Slack tells about the desk, handed to the core: words in tickets' threads, presses, modals, shortcuts."""

import json

import structlog

from bots.slack.desk import actions, away, words
from bots.slack.desk.accidents import deleted_card
from bots.slack.desk.actions import HomeOpened, InModal, Press, Sent, Shortcut
from bots.slack.desk.away import Commanded, Presence
from bots.slack.desk.bench import Bench, NotAllowed
from bots.slack.desk.homes import Homes
from bots.slack.desk.modals import Modals
from bots.slack.desk.pages import Pages
from bots.slack.desk.presses import Presses
from bots.slack.desk.whispers import DIRECTLY
from bots.slack.desk.words import Written
from bots.slack.shapes import Body, NotUnderstood
from bots.slack.windows import Windows
from core.desk import Whisper
from core.errors import DatabaseAway, Rejected, RetryLater
from core.messages import Say, Thread

log = structlog.get_logger()

NOTHING: Body = {}


class AuthorUnknown(DatabaseAway):
    """Slack can't be asked now who wrote this; nothing was committed, so it must come again."""


class DeskEvents:
    """The desk's edge. Every event is done, committed and answered when ``take`` returns."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        windows, pages = Windows(bench.api), Pages(bench)
        self._homes = Homes(bench, windows)
        self._presses = Presses(bench, pages, windows, self._homes)
        self._modals = Modals(bench, pages, windows, self._homes)
        self._presence = Presence(bench, self._homes)

    async def take(self, body: Body) -> Body | None:
        """What Slack is answered at once (empty: nothing to say); None: it is somebody else's matter.

        Raises DatabaseAway where Slack must come again.
        """
        try:
            return await self._take(body)
        except RetryLater as gone:
            raise AuthorUnknown(str(gone)) from gone

    async def close(self) -> None:
        """Give up what would only be shown later."""
        await self._homes.close()

    async def _take(self, body: Body) -> Body | None:
        try:
            asked = actions.read(body) or away.read(body)
        except NotUnderstood as failure:
            await self._quarantine(body, failure)
            return NOTHING
        if asked is not None:
            return await self._asked(body, asked)
        if await self._is_ours(body):
            return NOTHING
        thread = words.thread_of(body)
        if thread is None or await self._bench.door.ticket_in(thread) is None:
            return None
        await self._wrote(body, thread)
        return NOTHING

    async def _is_ours(self, body: Body) -> bool:
        """Slack tells of our own messages too; somebody may have deleted a card."""
        me = self._bench.api.me
        card = deleted_card(body, me)
        if card is not None:
            await self._bench.door.card_deleted(card)
        return card is not None or words.is_echo(body, me)

    async def _asked(self, body: Body, asked: actions.Asked | Commanded) -> Body:
        try:
            match asked:
                case Commanded():
                    return await self._presence.take(asked)
                case InModal():
                    await self._modals.pressed(asked)
                case Sent():
                    return await self._modals.sent(asked)
                case Shortcut():
                    await self._used(body, asked)
                case HomeOpened():
                    await self._homes.publish(asked.user)
                case _:
                    for press in asked:
                        await self._pressed(body, press)
        except Rejected as failure:
            await self._tell(*_asker(asked), await self._quarantine(body, failure))
        return NOTHING

    # --- words ----------------------------------------------------------------------------------------------

    async def _wrote(self, body: Body, thread: Thread) -> None:
        try:
            written = words.read(body, thread, self._bench.api.me)
        except NotUnderstood as failure:
            await self._quarantine(body, failure)
            return
        if written:
            whisper = await self._hand_on(body, written)
            if shown := await self._presses.instead(whisper):
                await self._bench.desk.whispers.show(thread, written.user, shown, "suggest")
            else:
                await self._tell(thread, written.user, whisper)
            self._homes.touch(written.user)

    async def _hand_on(self, body: Body, written: Written) -> Whisper | None:
        department = await self._bench.door.department_in(written.thread)
        if department is None:
            return None
        try:
            agent = await self._bench.agent(written.user, department, "words")
            if written.is_empty:
                return Whisper(say=Say(name="desk.nothing_to_send"))
        except NotAllowed as refused:
            return Whisper(say=refused.say)
        except Rejected as failure:
            return await self._quarantine(body, failure)
        names = await self._bench.names(written.mentioned)
        others = {id: name for id, name in names.items() if id in written.called}
        called = await self._bench.called(others, department)
        return await self._bench.door.said(written.as_words(agent, names, called))

    # --- presses --------------------------------------------------------------------------------------------

    async def _pressed(self, body: Body, press: Press) -> None:
        """What comes of it is told where the button is: for a card that is the Slack channel, and its thread may be
        closed."""
        try:
            await self._presses.pressed(press)
        except NotAllowed as refused:
            await self._tell(press.thread, press.user, Whisper(say=refused.say))
        except Rejected as failure:
            await self._tell(press.thread, press.user, await self._quarantine(body, failure))

    async def _used(self, body: Body, used: Shortcut) -> None:
        ticket = await self._bench.door.ticket_in(used.thread)
        if ticket is None:
            await self._tell(used.thread, used.user, Whisper(say=Say(name="desk.no_ticket_here")))
            return
        try:
            await self._presses.shortcut(used, ticket)
        except NotAllowed as refused:
            await self._tell(used.thread, used.user, Whisper(say=refused.say))
        except Rejected as failure:
            await self._tell(used.thread, used.user, await self._quarantine(body, failure))

    # --- both -----------------------------------------------------------------------------------------------

    async def _tell(self, thread: Thread, agent: str, whisper: Whisper | None) -> None:
        if whisper:
            await self._bench.desk.whispers.tell(thread, agent, whisper)

    async def _quarantine(self, body: Body, failure: Exception) -> Whisper:
        payload = json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace")
        await self._bench.door.quarantine(payload, f"slack: {str(failure)[:300]}")
        return Whisper(say=Say(name="desk.unreadable"))


def _asker(asked: actions.Asked | Commanded) -> tuple[Thread, str]:
    """Where who asked can be told what came of it: where the modal was opened, else directly."""
    match asked:
        case InModal() | Sent():
            return asked.where.place, asked.user
        case Commanded() | HomeOpened() | Shortcut():
            return DIRECTLY, asked.user
    return asked[0].thread, asked[0].user
