"""What comes of a modal at the desk that was sent, or of something pressed in it."""

from collections.abc import Mapping
from dataclasses import replace

from bots.slack.desk import answer_forms, forms, history, suggestions
from bots.slack.desk.actions import InModal, Sent
from bots.slack.desk.bench import Bench, NotAllowed
from bots.slack.desk.filled import Around, Wanted, Wrong, drafted, wanted
from bots.slack.desk.homes import Homes
from bots.slack.desk.pages import Pages, opens
from bots.slack.desk.where import Where
from bots.slack.kit import View
from bots.slack.shapes import Body
from bots.slack.text import safe
from bots.slack.windows import Windows
from core.desk import Whisper
from core.errors import Rejected
from core.escalation.routing import Department
from core.messages import Agent, AgentAct, Say

CLOSED: Body = {"response_action": "clear"}
"""What Slack is answered so that all of the app's modals close."""


class Modals:
    """Each is done, committed and answered when a method returns."""

    def __init__(self, bench: Bench, pages: Pages, windows: Windows, homes: Homes) -> None:
        self._bench = bench
        self._pages = pages
        self._windows = windows
        self._homes = homes

    # --- sent -----------------------------------------------------------------------------------------------

    async def sent(self, sent: Sent) -> Body:
        """What Slack is answered. Raises RetryLater, Rejected or DatabaseAway."""
        try:
            agent, department = await self._bench.agent_on(sent.user, sent.where.ticket)
            return await self._taken(sent, agent, department)
        except NotAllowed as refused:
            return _shown(self._told(refused.say, sent.where))
        except Wrong as wrong:
            errors = {block: self._bench.speech.text(say) for block, say in wrong.fields.items()}
            return {"response_action": "errors", "errors": errors}

    async def _taken(self, sent: Sent, agent: Agent, department: Department) -> Body:
        match sent.page:
            case history.PAGE:
                return _shown(await self._pages.history(history.searched(sent.where, sent.values)))
            case suggestions.PAGE:
                where = history.searched(sent.where, sent.values)
                return _shown(await self._pages.replies(where, agent))
            case answer_forms.PROPOSE:
                return await self._propose(sent, agent)
        offered = ""
        if sent.page == answer_forms.REPLY:
            offered = await self._pages.offered(sent.where, agent)
        around = Around(now=self._bench.clock(), department=department, offered=offered)
        for one in wanted(sent, around):
            checked = await self._checked(one, department)
            await self._act(sent, agent, checked)
        self._homes.touch(sent.user)
        return CLOSED

    async def _checked(self, one: Wanted, department: Department) -> Wanted:
        """Nobody gets a ticket who may not answer it. Raises Wrong."""
        if one.verb != "assign":
            return one
        to = await self._bench.colleague(one.values["to"], department)
        if to.role == "none":
            raise Wrong({forms.TO: Say(name="desk.assign_no_agent", params={"agent": to.name})})
        return Wanted(verb=one.verb, values={"to": to.id, "name": to.name})

    async def _act(self, sent: Sent, agent: Agent, one: Wanted) -> None:
        act = AgentAct(
            id=f"modal:{sent.view}:{one.verb}",
            verb=one.verb,
            ticket=sent.where.ticket,
            agent=agent,
            at=self._bench.clock(),
            about=sent.where.about,
            values=one.values,
        )
        await self._tell(sent.where, sent.user, await self._bench.door.act(act))

    async def _propose(self, sent: Sent, agent: Agent) -> Body:
        try:
            await self._bench.verbs.propose(drafted(sent), agent)
        except Rejected as refused:
            say = Say(name="desk.not_proposed", params={"why": str(refused)})
            return _shown(self._told(say, sent.where))
        await self._tell(sent.where, sent.user, Whisper(say=Say(name="desk.proposed")))
        return CLOSED

    # --- pressed --------------------------------------------------------------------------------------------

    async def pressed(self, pressed: InModal) -> None:
        """Exchanges the modal for what was asked for. Raises RetryLater, Rejected or DatabaseAway."""
        try:
            agent, _ = await self._bench.agent_on(pressed.user, pressed.where.ticket)
        except NotAllowed as refused:
            await self._windows.show(pressed.view, self._told(refused.say, pressed.where))
            return
        if pressed.verb in history.TURNS:
            page = await self._pages.history(history.turned(pressed), pictures=True)
            await self._windows.show(pressed.view, page)
        elif opens(pressed.verb, pressed.borne):
            await self._next(pressed, agent)
        elif pressed.verb in forms.DIRECT:
            await self._at_once(pressed, agent)

    async def _next(self, pressed: InModal, agent: Agent) -> None:
        values = pressed.borne.values
        where = replace(
            pressed.where,
            entry=values.get("entry", ""),
            canned=values.get("canned", ""),
            language=values.get("language", ""),
            words="",
        )
        page = await self._pages.page(pressed.verb, where, pressed.borne, agent)
        await self._windows.show(pressed.view, page)

    async def _at_once(self, pressed: InModal, agent: Agent) -> None:
        act = AgentAct(
            id=f"modal:{pressed.view}:{pressed.verb}:{pressed.at.timestamp()}",
            verb=pressed.verb,
            ticket=pressed.where.ticket,
            agent=agent,
            at=pressed.at,
            about=pressed.where.about,
        )
        whisper = await self._bench.door.act(act)
        await self._tell(pressed.where, pressed.user, whisper)
        say = whisper.say if whisper else Say(name="desk.done")
        await self._windows.show(pressed.view, self._told(say, pressed.where))
        self._homes.touch(pressed.user)

    # --- both -----------------------------------------------------------------------------------------------

    def _told(self, say: Say, where: Where) -> View:
        speech = self._bench.speech
        return forms.told(safe(speech.text(say)), where, speech)

    async def _tell(self, where: Where, user: str, whisper: Whisper | None) -> None:
        if whisper:
            await self._bench.desk.whispers.tell(where.place, user, whisper)


def _shown(view: View) -> Mapping[str, object]:
    return {"response_action": "update", "view": view}
