"""An agent's home tab: their tickets by due time, what nobody holds, what sleeps, today's numbers. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bots.slack.desk.buttons import block_of, drawn
from bots.slack.desk.card_fields import numbered
from bots.slack.kit import BLOCKS, Block, Speech, View, context, date, divider, header, quoted, section
from core.desk import Button
from core.messages import Thread
from core.storage.desk_queue import Queue
from core.storage.desk_views import Held, Home, Load

LISTED = 12
"""Tickets of a list: Slack takes 100 blocks, and a phone shows few."""
_NAME = 80
"""Characters of a name in a list."""
_ABOUT = 100
_PRIORITY = {"urgent": "🚨 ", "high": "🔺 "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """``department`` tells what a department is called; ``supervises``: the agent sees everybody's load."""

    speech: Speech
    department: Callable[[str], str]
    supervises: bool

    def view(self, home: Home, notice: str = "") -> View:
        """``notice`` is what came of the last press, our own markup."""
        return _tab(self._blocks(home, notice))

    def _blocks(self, home: Home, notice: str) -> Iterator[Block]:
        if notice:
            yield section(f"ℹ️ {notice}")
        if home.away:
            yield section(self.speech("home.away"))
        yield from (self._late(one) for one in home.late)
        yield context(self._numbers(home))
        yield from self._list("home.mine", home.mine, home.counts.mine)
        yield from self._list("home.unclaimed", home.unclaimed, home.counts.unclaimed, claim=True)
        yield from self._list("home.snoozed", home.snoozed, home.counts.snoozed)
        if home.questions:
            yield context(self.speech("home.questions", count=home.questions))
        if self.supervises:
            yield from self._team(home)

    def _late(self, queue: Queue) -> Block:
        seconds = int(queue.age.total_seconds())
        return context(self.speech("home.late", channel=queue.channel, count=queue.waiting, seconds=seconds))

    def _numbers(self, home: Home) -> str:
        done = home.numbers
        return self.speech("home.today", replied=done.replied, resolved=done.resolved, claimed=done.claimed)

    def _list(
        self, name: str, tickets: Sequence[Held], count: int, *, claim: bool = False
    ) -> Iterator[Block]:
        """``count`` is how many there are, however many are listed."""
        yield header(self.speech(name, count=count))
        if not tickets:
            yield context(self.speech(f"{name}.none"))
        for one in tickets[:LISTED]:
            yield self._ticket(one, claim=claim)
        if count > LISTED:
            yield context(self.speech("home.more", count=count - LISTED))

    def _ticket(self, one: Held, *, claim: bool) -> Block:
        shown = section(self._lines(one))
        if not claim:
            return shown
        button = Button(verb="claim", label="card.claim", style="primary")
        return {**shown, "block_id": block_of(one.number), "accessory": drawn(button, self.speech.text)}

    def _lines(self, one: Held) -> str:
        about = quoted(one.about, _ABOUT) if one.about else ""
        return "\n".join(filter(None, [self._title(one), about, self._times(one)]))

    def _title(self, one: Held) -> str:
        where = f" · {quoted(self.department(one.department), _NAME)}" if one.department else ""
        return f"{_PRIORITY.get(one.priority, '')}{titled(one)}{where}"

    def _times(self, one: Held) -> str:
        told = []
        if one.due:
            told.append(self.speech("card.due", date=date(one.due)))
        if one.snoozed_until and one.state == "snoozed":
            told.append(self.speech("card.snoozed_until", date=date(one.snoozed_until)))
        if one.waiting_since:
            told.append(self.speech("card.waiting", date=date(one.waiting_since)))
        return " · ".join(told or [self.speech("card.answered")])

    def _team(self, home: Home) -> Iterator[Block]:
        yield divider()
        yield header(self.speech("home.team"))
        if not home.loads:
            yield context(self.speech("home.team.none"))
        for load in home.loads[:LISTED]:
            yield section(self._load(load))
        yield header(self.speech("home.silent", count=home.counts.silent))
        if not home.silent:
            yield context(self.speech("home.silent.none"))
        for one in home.silent[:LISTED]:
            yield section(f"{self._title(one)} · <@{quoted(one.assignee, _NAME)}>\n{self._times(one)}")

    def _load(self, load: Load) -> str:
        name = "home.load.away" if load.away else "home.load"
        told = self.speech(name, agent=quoted(load.name, _NAME), open=load.open, waiting=load.waiting)
        return f"{told} · {self.speech('card.waiting', date=date(load.oldest))}" if load.oldest else told


def stranger(speech: Speech) -> View:
    """For who answers nobody."""
    return _tab([section(speech("home.stranger"))])


def titled(one: Held) -> str:
    """A ticket's number, which leads to its thread, and whose it is."""
    thread = Thread(channel=one.channel, id=one.thread)
    return f"*{numbered(one.number, thread)}* · {quoted(one.person, _NAME)}"


def _tab(blocks: Iterable[Block]) -> View:
    return {"type": "home", "callback_id": "desk.home", "blocks": list(blocks)[:BLOCKS]}
