"""A wrong answer is hidden at once; whoever was given it lately gets the right one after a yes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from core.conversation.situation import dump, load
from core.conversation.texts import nearest
from core.desk import Button, Whisper
from core.errors import Rejected
from core.helpdesk.outgoing import Outgoing
from core.messages import Agent, AgentAct, Say
from core.publishing import Published
from core.storage import desk_views, models
from core.storage.turns import Turn, Turns

Hide = Callable[[str, Agent], Awaitable[None]]
"""Takes a FAQ entry out of what is published, at once and once only. Raises Rejected with the reason if it can't."""

GIVEN_WITHIN = timedelta(days=30)
MOST = 500
"""People who get the right answer at one press."""
_SHOWN = 10
DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongAnswers:
    """What is done about a wrong answer, in as many turns as there are people who got it."""

    turns: Turns
    published: Callable[[], Published]
    hide: Hide

    async def wrong(self, act: AgentAct) -> Whisper:
        """Hide the entry (again is no harm), and say who was given it."""
        entry = act.values.get("entry", "") or await self._entry_of(act.about)
        if not entry:
            return Whisper(say=Say(name="desk.wrong_which"), ticket=act.ticket)
        try:
            await self.hide(entry, act.agent)
        except Rejected as refused:
            say = Say(name="desk.not_hidden", params={"entry": entry, "why": str(refused)})
            return Whisper(say=say, ticket=act.ticket)
        given = await desk_views.given(self.turns.storage, entry, self._since(), MOST)
        await self._record(act, entry, len(given))
        names = ", ".join([*(one.person for one in given[:_SHOWN]), *(["…"] if len(given) > _SHOWN else [])])
        params: dict[str, str | int] = {"entry": entry, "count": len(given), "names": names}
        right = Button(verb="put_right", label="button.put_right", values={"entry": entry})
        return Whisper(
            say=Say(name="desk.hidden", params=params), buttons=(right,) if given else (), ticket=act.ticket
        )

    async def put_right(self, act: AgentAct) -> Whisper:
        """The right answer to everybody who was given the wrong one, each once, whoever says so how often."""
        entry, right = act.values.get("entry", ""), act.values.get("right", "")
        text = act.values.get("text", "").strip()
        if not entry or not (text or self._may_be_told(right)):
            return Whisper(say=Say(name="desk.right_missing"), ticket=act.ticket)
        told = 0
        for one in await desk_views.given(self.turns.storage, entry, self._since(), MOST):
            told += await self.turns.of_person(
                one.person_id, lambda turn: self._tell(turn, act, entry, right, text)
            )
        name = "desk.put_right" if told else "desk.put_right_before"
        return Whisper(say=Say(name=name, params={"count": told}), ticket=act.ticket)

    async def _tell(self, turn: Turn, act: AgentAct, entry: str, right: str, text: str) -> int:
        published = self.published()
        identities = await turn.identities()
        if turn.person.blocked_at or not identities:
            return 0
        answer = text or published.faq.entries[right].answer_in(nearest(turn.person.language))[1]
        if await turn.first_time(DESK, "right", _told(turn.person.id, entry, answer)) is None:
            return 0
        outgoing = Outgoing(turn, published, identities[0], None)
        say = Say(name="answer.put_right", params={"text": answer})
        turn.person.scene = dump(await outgoing.tell(say, (), load(turn.person.scene)))
        await turn.person.save(using_db=turn.conn, update_fields=["scene"])
        await turn.record("answer.put_right", ticket=act.ticket, actor=act.agent.id, entry=entry)
        return 1

    async def _record(self, act: AgentAct, entry: str, given: int) -> None:
        owner = await models.Ticket.get_or_none(id=act.ticket, using_db=self.turns.storage.reading)
        if owner is not None:
            await self.turns.of_person(
                owner.person_id,
                lambda turn: turn.record(
                    "answer.wrong", ticket=act.ticket, actor=act.agent.id, entry=entry, given=given
                ),
            )

    async def _entry_of(self, about: str) -> str:
        """Of the bot's message that a button names."""
        number = about.removeprefix("#")
        if not number.isdecimal():
            return ""
        row = await models.Message.get_or_none(id=int(number), using_db=self.turns.storage.reading)
        return row.faq if row else ""

    def _may_be_told(self, entry: str) -> bool:
        found = self.published().faq.entries.get(entry)
        return found is not None and found.audience == "people"

    def _since(self) -> datetime:
        return self.turns.clock() - GIVEN_WITHIN


def _told(person: int, entry: str, answer: str) -> str:
    """The same words about the same wrong answer, whichever press or process they come from."""
    said = " ".join(answer.split()).encode("utf-8", "surrogatepass")
    return f"{person}:{sha256(said).hexdigest()}:{entry}"
