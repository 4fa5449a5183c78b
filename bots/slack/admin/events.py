"""What Slack tells about the admins' side: the command, their modals, the buttons on posts, spreadsheets dropped.

Slack wants its answer within 3 s. A modal opens at once and fills when its page is made; what a sent modal leads to
is the answer itself if it comes quickly, else it comes after it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from bots.slack.admin import asked, changes, forms, pages
from bots.slack.admin.asked import Commanded, Dropped, Pressed, Submitted
from bots.slack.admin.drafts import Drafts
from bots.slack.admin.editing import Editing, Wrong
from bots.slack.admin.learnt import Learnt
from bots.slack.admin.looking import Looking
from bots.slack.admin.office import Office
from bots.slack.admin.screens import mentions
from bots.slack.admin.sheets import Sheets
from bots.slack.admin.ways import SLOW, Page, Ways, number_in
from bots.slack.admin.where import Where
from bots.slack.kit import Button, View
from bots.slack.shapes import Body
from bots.slack.text import safe
from core.errors import DatabaseAway, Invalid
from core.helpdesk.admins import Decided, Gone
from core.messages import Agent
from core.publishing import Conflict

log = structlog.get_logger()

QUICK = 1.5
"""Seconds that a sent modal may wait for its next page."""
SETTLED = 0.5
"""Seconds after an answer by which Slack has surely shown it, so that what comes then is shown after it."""
FINISH = 3.0
"""Seconds that work in hand gets when the process is asked to stop."""


class AdminEvents:
    """The admins' edge: only who is listed as an admin gets anything done."""

    def __init__(
        self,
        office: Office,
        looking: Looking,
        editing: Editing,
        drafts: Drafts,
        sheets: Sheets,
        learnt: Learnt,
    ) -> None:
        self._office = office
        self._looking = looking
        self._editing = editing
        self._drafts = drafts
        self._sheets = sheets
        self._ways = Ways(office, looking, editing, drafts, learnt)
        self._in_hand: set[asyncio.Task[None]] = set()

    async def take(self, body: Body) -> Body | None:
        """What Slack is answered; None: it is no matter of the admins'. Raises DatabaseAway."""
        what = asked.read(body, self._office.channel, self._office.users)
        if what is None:
            return None
        if what.user not in self._office.users:
            await self._refuse(what)
            return {}
        match what:
            case Commanded():
                await self._commanded(what)
            case Pressed():
                await self._pressed(what)
            case Submitted():
                return await self._submitted(what)
            case Dropped():
                if await self._sheets.is_new(what):
                    self._later(self._sheets.take(what))
        return {}

    async def close(self) -> None:
        """Finish what is in hand, and give up what takes longer: nothing is half published."""
        if not self._in_hand:
            return
        _, left = await asyncio.wait(self._in_hand, timeout=FINISH)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _refuse(self, what: asked.Asked) -> None:
        """A friendly word to whoever may not; who sends a modal has none any more after this."""
        text = self._office.speech("admin.stranger", admins=mentions(self._office.users))
        await self._office.screens.whisper(asked.channel_of(what), what.user, text)

    # --- the command ----------------------------------------------------------------------------------------

    async def _commanded(self, what: Commanded) -> None:
        match what.words.partition(" ")[0].casefold():
            case "help":
                text = self._office.speech("admin.help")
                await self._office.screens.whisper(what.channel, what.user, text)
            case "export":
                self._later(self._sheets.export(what.channel, what.user))
            case _:
                await self._open(what, self._ways.from_words(what.words))

    async def _open(self, what: Commanded | Pressed, page: Callable[[], Page]) -> None:
        """A trigger lives for 3 s: the modal opens first."""
        speech = self._office.speech
        id = await self._office.screens.windows.open(what.trigger, pages.wait(Where(), speech))
        if id:
            self._later(self._fill(id, Where(), page()))
        else:
            text = speech("admin.not_opened")
            await self._office.screens.whisper(asked.channel_of(what), what.user, text)

    async def _fill(self, id: str, where: Where, page: Page) -> None:
        await self._office.screens.windows.show(id, await self._made(where, page))

    async def _made(self, where: Where, page: Page) -> View:
        """The page, or what kept it from being made."""
        try:
            return await page
        except Exception as failure:
            back = Button(verb="faq.form", label=self._office.speech("admin.back"))
            buttons = [back] if where.work else []
            return pages.told(self._instead(failure), where, self._office.speech, *buttons)

    def _instead(self, failure: Exception) -> str:
        """What kept a page from being made, for the admin who waits for it."""
        speech = self._office.speech
        match failure:
            case Decided():
                told = speech(f"admin.draft.late.{failure.state}", name=safe(failure.by))
            case Gone() | LookupError():
                told = speech("admin.gone")
            case Conflict():
                current = failure.current
                told = speech("admin.conflict.told", author=safe(current.author), revision=current.number)
            case Invalid():
                told = f"{speech('admin.form.refused')}\n{forms.told(failure.problems, speech)}"
            case DatabaseAway():
                told = speech("admin.away")
            case _:
                log.error("an admin's page failed", exc_info=failure)
                told = speech("admin.failed")
        return f"⚠️ {told}"

    # --- presses --------------------------------------------------------------------------------------------

    async def _pressed(self, what: Pressed) -> None:
        if what.on:
            await self._pressed_post(what)
            return
        page = self._ways.from_modal(what)
        if page is None:
            log.warning("a button of no page", verb=what.verb[:40])
            return
        if what.verb in SLOW:
            await self._office.screens.windows.show(what.view, pages.wait(what.where, self._office.speech))
        self._later(self._fill(what.view, what.where, page()))

    async def _pressed_post(self, what: Pressed) -> None:
        match what.verb:
            case "draft.approve":
                self._later(self._approve(what))
            case "draft.decline":
                self._later(self._drafts.decline(what, number_in(what.value), await self._agent(what)))
            case "sheet.publish":
                self._later(self._sheets.publish(what, await self._agent(what)))
            case "sheet.discard":
                self._later(self._sheets.discard(what, await self._agent(what)))
            case _:
                if page := self._ways.from_post(what):
                    await self._open(what, page)

    async def _agent(self, what: Pressed | Submitted) -> Agent:
        return await self._office.screens.agent(what.user)

    async def _approve(self, what: Pressed) -> None:
        """A proposal that would change an entry is looked at first: nothing is overwritten unseen."""
        by, number = await self._agent(what), number_in(what.value)
        try:
            looks = await self._drafts.changes_another(number)
        except (Decided, Gone):
            looks = False  # it is told by approving
        if looks:
            await self._open(what, lambda: self._drafts.look_at(number, by))
        else:
            await self._drafts.approve(what, number, by)

    # --- sent modals ----------------------------------------------------------------------------------------

    async def _submitted(self, what: Submitted) -> Body:
        where = what.where
        match what.page:
            case pages.SEARCH:
                words = what.values.get(pages.WORDS, "")
                return await self._next(what.view, where, self._looking.search(Where(words=words)))
            case forms.PAGE:
                return await self._filled_in(what)
            case changes.PREVIEW:
                comment = what.values.get(changes.COMMENT, "")
                return await self._next(
                    what.view, where, self._publish(where, await self._agent(what), comment)
                )
        return {}

    async def _filled_in(self, what: Submitted) -> Body:
        by = await self._agent(what)
        try:
            where = await self._editing.take(what, by)
        except Wrong as wrong:
            return {"response_action": "errors", "errors": wrong.fields}
        except Gone:
            return await self._next(what.view, Where(), self._looking.search(Where(words=what.where.words)))
        return await self._next(what.view, where, self._editing.preview(where, by))

    async def _publish(self, where: Where, by: Agent, comment: str) -> View:
        try:
            return await self._editing.publish(where, by, comment)
        finally:
            if where.draft:
                await self._drafts.try_to_show(where.draft)

    async def _next(self, view: str, where: Where, page: Page) -> Body:
        """Exchange the modal for its next page: in the answer if it comes quickly, else after it."""
        made = asyncio.create_task(self._made(where, page))
        done, _ = await asyncio.wait({made}, timeout=QUICK)
        if done:
            return {"response_action": "update", "view": made.result()}
        self._later(self._after(made, view))
        return {"response_action": "update", "view": pages.wait(where, self._office.speech)}

    async def _after(self, made: Awaitable[View], id: str) -> None:
        await asyncio.sleep(SETTLED)
        await self._office.screens.windows.show(id, await made)

    # --- work that goes on ------------------------------------------------------------------------------------

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """After the answer."""
        task = asyncio.create_task(self._guarded(work))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("what an admin asked for failed")
