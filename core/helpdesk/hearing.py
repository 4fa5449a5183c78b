"""Which verb an agent's words or press mean, on one ticket, in its turn."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from core.desk import Button, Whisper
from core.escalation.canned import called, render, search
from core.escalation.lanes import Command, Note, Unknown
from core.helpdesk import abuse, places, sending, supervise
from core.helpdesk.abuse import Abuse
from core.helpdesk.case import Case
from core.helpdesk.changes import Changes
from core.helpdesk.replies import DESK, Replies
from core.helpdesk.sending import Sending
from core.helpdesk.side_questions import SideQuestions
from core.helpdesk.speech import Speech
from core.helpdesk.supervise import Supervise
from core.helpdesk.transfers import Transfers
from core.helpdesk.typed import ELSEWHERE, act_for
from core.messages import Agent, AgentAct, AgentWords
from core.storage import models

COMMANDS = "commands"
"""Under which posts are kept that were commands, followed or refused."""
MOST_CANNED = 5
"""Of the nearest canned replies that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Words and acts of one turn, each heard once."""

    case: Case

    async def said(self, words: AgentWords) -> Whisper | None:
        """Words in the ticket's thread, in one that it left, or in a side question's."""
        if await self.case.turn.first_time(DESK, words.thread.channel, words.id) is None:
            return None
        place = await places.find(self.case.turn.conn, words.thread)
        if place and place.question:
            return await SideQuestions(case=self.case).answered(place.question, words)
        if await Speech(case=self.case).find(words.post):  # new words stand there where their edit came first
            return await Changes(case=self.case).changed(words) if words.kind != "said" else None
        if words.kind == "deleted":
            return None
        if place is None or place.former:
            return await self._too_late(words)
        return await (self._wrote(words) if words.kind == "said" else self._reworded(words))

    async def _reworded(self, words: AgentWords) -> Whisper | None:
        """An edit of what stands nowhere: of a command it is new words, but no command, since that may be done already.

        What we never heard of may have been a note, so it stays one.
        """
        replies, new = Replies(case=self.case), replace(words, kind="said")
        if not await self._was_command(words):
            await replies.take(new, Note(why="prefix", text=words.text))
            return self.case.whisper("desk.stays_private")
        if not words.text.strip():
            return self.case.whisper("desk.nothing_to_send")
        to = replies.lane(words)
        match to:
            case Command():
                return self.case.whisper("desk.command_edited")
            case Unknown():
                return self._unknown(to)
            case _:
                return await replies.take(new, to)

    async def _was_command(self, words: AgentWords) -> bool:
        heard = models.Receipt.filter(platform=DESK, account=COMMANDS, event=_post(words))
        return await heard.using_db(self.case.turn.conn).exists()

    async def _wrote(self, words: AgentWords) -> Whisper | None:
        replies = Replies(case=self.case)
        to = replies.lane(words)
        if isinstance(to, Command | Unknown):
            await self.case.turn.first_time(DESK, COMMANDS, _post(words))
        match to:
            case Command():
                return await self._commanded(to, words)
            case Unknown():
                return self._unknown(to)
            case _:
                return await replies.take(words, to)

    async def acted(self, act: AgentAct) -> Whisper | None:
        """A button, modal or shortcut."""
        if await self.case.turn.first_time(DESK, "acts", act.id) is None:
            return None
        return await self._act(act)

    async def _act(self, act: AgentAct) -> Whisper | None:
        rooms: Mapping[str, Callable[[AgentAct], Awaitable[Whisper | None]]] = {
            **dict.fromkeys(supervise.VERBS, Supervise(case=self.case).act),
            **dict.fromkeys(abuse.VERBS, Abuse(case=self.case).act),
            **dict.fromkeys(sending.VERBS, Sending(case=self.case).act),
            "transfer": Transfers(case=self.case).act,
            "side_question": SideQuestions(case=self.case).ask,
            "reply": self._spoken,
            "note": self._spoken,
            "dismiss": self._dismissed,
        }
        if act.verb not in rooms:
            return self.case.whisper("desk.unknown_verb", verb=act.verb)
        return await rooms[act.verb](act)

    async def _dismissed(self, act: AgentAct) -> None:
        await self.case.record("suggestion.ignored", act.agent, values=dict(act.values))

    async def _spoken(self, act: AgentAct) -> Whisper | None:
        """Words from a modal stand in the thread as a post of ours."""
        text = await self._canned(act.values.get("canned", ""), act.agent)
        text = text or act.values.get("text", "").strip()
        if not text:
            return self.case.whisper("desk.nothing_to_send")
        words = AgentWords(
            id=act.id,
            kind="said",
            thread=self.case.thread,
            post="",
            agent=act.agent,
            sent_at=act.at,
            text=text,
        )
        replies = Replies(case=self.case)
        to = Note(why="prefix", text=text) if act.verb == "note" else replies.lane(words)
        if isinstance(to, Command | Unknown):
            return self.case.whisper("desk.no_commands_here")
        entry, how = act.values.get("entry", ""), act.values.get("how", "")
        if how == "used" and self._is_for_agents(entry):
            return self.case.whisper("desk.for_agents")
        if how and not isinstance(to, Note):
            await self.case.record(f"suggestion.{how}", act.agent, values={**act.values, "text": ""})
        return await replies.take(words, to, faq=entry if how == "used" else "")

    def _is_for_agents(self, entry: str) -> bool:
        found = self.case.published.faq.entries.get(entry)
        return found is not None and found.audience == "agents"

    async def _commanded(self, command: Command, words: AgentWords) -> Whisper | None:
        if command.verb == "help":
            return self.case.whisper("desk.help")
        if command.verb == "canned" and self.case.published.replies:
            return await self._canned_reply(command, words)
        if command.verb in ELSEWHERE:
            values = {"argument": command.argument}
            more = Button(verb=command.verb, label=f"button.{command.verb}", values=values, style="primary")
            return self.case.whisper(f"desk.open_{command.verb}", more)
        act = act_for(
            command, words, ticket=self.case.number, department=self.case.department, now=self.case.turn.now
        )
        return await self._act(act) if isinstance(act, AgentAct) else self.case.whispered(act)

    async def _canned_reply(self, command: Command, words: AgentWords) -> Whisper | None:
        """By its very name it goes; else the nearest ones are shown."""
        replies, language = self.case.published.replies, self.case.published.desk_language
        if one := called(replies, command.argument):
            values = {"canned": one.name, "how": "canned"}
            return await self._spoken(AgentAct(
                id=words.id, verb="reply", ticket=self.case.number, agent=words.agent, at=words.sent_at, values=values
            ))  # fmt: skip
        found = search(replies, command.argument, MOST_CANNED) or search(replies, "", MOST_CANNED)
        buttons = [
            Button(
                verb="reply", label="button.canned", params={"name": one.name, "title": one.title_in(language)},
                values={"canned": one.name, "how": "canned"},
            )
            for one in found
        ]  # fmt: skip
        return self.case.whisper("desk.canned_which", *buttons)

    async def _canned(self, name: str, agent: Agent) -> str:
        """A canned reply in the person's language, filled in."""
        one = called(self.case.published.replies, name) if name else None
        if one is None:
            return ""
        language = self.case.turn.person.language
        blanks: dict[str, str | int] = {
            "name": self.case.turn.person.name,
            "ticket": f"T-{self.case.number}",
            "agent": agent.name,
            "department": self.case.department.name_in(language),
            "platform": await self._platform(),
        }
        return render(one, language, blanks)[1]

    async def _platform(self) -> str:
        """What people call the platform where the person is now."""
        identity = (await self.case.turn.identities())[0]
        able = self.case.able_at(identity)
        return (able.title if able else "") or identity.platform

    def _unknown(self, word: Unknown) -> Whisper:
        name = (
            "desk.command_alone"
            if word.alone
            else "desk.command_near"
            if word.near
            else "desk.command_unknown"
        )
        return self.case.whisper(name, word=word.word, near=word.near)

    async def _too_late(self, words: AgentWords) -> Whisper:
        """The thread was left behind: nothing is recorded or sent."""
        name = self.case.department.name_in(self.case.published.desk_language)
        await self.case.record("thread.left_behind", words.agent)
        return self.case.whisper("desk.moved", department=name)


def _post(words: AgentWords) -> str:
    return f"{words.thread.channel}:{words.post}"
