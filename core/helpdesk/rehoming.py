"""A ticket whose thread was lost gets a new one: a new card with the story, then what was on its way.

The lost thread is remembered, so that agents' late words in it still count.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.queryset import QuerySet

from core.delivery.notices import notice
from core.escalation.routing import Department
from core.helpdesk.case import Case
from core.helpdesk.thread_story import EVERYBODY, LONGEST_STORY, ThreadStory
from core.messages import Say
from core.storage import models
from core.storage.desk_models import FormerThread
from core.storage.engine import rows
from core.storage.stories import STORY, story_begins
from core.storage.turns import Turns

_OTHERS = """
INSERT INTO timer (person_id, name, due_at)
SELECT person_id, 'archived:' || id || CASE WHEN moves > 0 THEN '.' || moves ELSE '' END, $1
FROM ticket WHERE channel = $2 AND state <> 'resolved' ORDER BY person_id, id
ON CONFLICT (person_id, name) DO NOTHING
"""
_CALLABLE = re.compile(r"[USW][A-Z0-9]{2,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehoming:
    """One ticket's, in one turn. ``moves`` is how often it had moved when the loss was seen: once is enough."""

    case: Case

    async def thread_lost(self, moves: int) -> None:
        """The card was deleted in Slack."""
        if self.case.ticket.moves == moves and self.case.ticket.thread:
            await self._again(self.case.ticket.channel, "thread.card_again")

    async def channel_lost(self, moves: int) -> None:
        """The whole Slack channel is archived: its tickets go on in the support channel, and supervisors hear of it.

        If it is the support channel itself, all wait until it is back.
        """
        ticket, to = self.case.ticket, self.case.support_channel
        if ticket.moves != moves or not to or ticket.channel == to:
            return
        left = ticket.channel
        await self._tell_supervisors(left)
        if ticket.thread:
            await self._again(to, "thread.channel_archived")
        else:
            ticket.channel = to
            await ticket.save(using_db=self.case.turn.conn, update_fields=["channel"])
            await self._due().update(due_at=self.case.turn.now)

    # --- the new thread -------------------------------------------------------------------------------------

    async def _again(self, channel: str, name: str) -> None:
        turn, ticket, left = self.case.turn, self.case.ticket, self.case.thread
        waiting = await self._due().filter(lane=ticket.lane).order_by("id")
        if ticket.state == "resolved" and not waiting:
            await self._due().filter(kind="card", lease_until=None).update(state="cancelled")
            return  # nobody needs it now; a reopening brings us back here
        before = ticket.lane
        await FormerThread.create(
            using_db=turn.conn,
            ticket_id=ticket.id,
            channel=left.channel,
            thread=left.id,
            at=turn.now,
            live=True,
        )
        ticket.moves += 1
        ticket.channel, ticket.thread = channel, ""
        ticket.opened_with = await self._shown_before(waiting)
        await ticket.save(using_db=turn.conn)
        await self._due().filter(lane=before).update(lane=ticket.lane)
        await self._due().update(due_at=turn.now)
        # Without a lane: what has waited comes before it by id, and waits for the thread that it makes.
        await turn.deliver(
            key=f"open:{ticket.lane[1:]}", kind="open", desk=True, lane="", priority=1, ticket_id=ticket.id
        )
        await self.case.notice(f"again:{ticket.lane[1:]}", Say(name=name), see=left)
        await self._tell_story()
        await self.case.record("ticket.rehomed", None, why=name, before=left.channel, to=channel)

    def _due(self) -> QuerySet[models.Delivery]:
        """What is on its way into the ticket's own thread."""
        mine = models.Delivery.filter(ticket_id=self.case.number, desk=True, state="due", channel="")
        return mine.using_db(self.case.turn.conn)

    async def _shown_before(self, waiting: Sequence[models.Delivery]) -> int:
        """The last message that stood in the lost thread: the card tells up to it, the later ones follow as posts."""
        unseen = [row.message_id for row in waiting if row.message_id]
        return min(unseen) - 1 if unseen else await self.case.turn.newest_message()

    async def _tell_story(self) -> None:
        """All of it where that is more than the card holds, and the files that were in the lost thread."""
        turn, ticket = self.case.turn, self.case.ticket
        since = await story_begins(turn.conn, turn.person.id, before=ticket.id, at=ticket.opened_at - STORY)
        story = ThreadStory(turn, self.case.published)
        whole = (await story.since(since, by=EVERYBODY)).text
        if whole.count("\n") >= LONGEST_STORY:
            body: dict[str, object] = {"text": whole}
            await self.case.post(f"story:{ticket.lane[1:]}", body)
        await story.files_since(ticket, since, until=ticket.opened_with)

    # --- an archived Slack channel --------------------------------------------------------------------------

    async def _tell_supervisors(self, channel: str) -> None:
        """In the support channel, once a day for each archived one."""
        turn, to = self.case.turn, self.case.support_channel
        routing = self.case.published.routing
        owners = [one for one in routing.departments if channel in one.channels] or [self.case.department]
        count = models.Ticket.filter(channel=channel, state__not="resolved").using_db(turn.conn)
        names = ", ".join(one.name_in(self.case.published.desk_language) for one in owners)
        say = Say(
            name="desk.channel_left",
            params={"department": names, "channel": channel, "count": await count.count()},
        )
        told = models.Delivery(
            key=f"archived:{channel}:{turn.now:%Y-%m-%d}", kind="ask", desk=True, lane="", priority=1,
            person_id=turn.person.id, ticket_id=self.case.number, channel=to, thread="", due_at=turn.now,
            created_at=turn.now, body=notice(say, calls=_supervisors(owners)),
        )  # fmt: skip
        await models.Delivery.bulk_create([told], ignore_conflicts=True, using_db=turn.conn)


def _supervisors(departments: Sequence[Department]) -> list[str]:
    """Those that can be called by their id; an e-mail address calls nobody."""
    named = [one for department in departments for one in department.agents.supervisors]
    return [one for one in dict.fromkeys(named) if _CALLABLE.fullmatch(one)]


async def see_to_others(turns: Turns, timer: str, support_channel: str) -> None:
    """Agents can't write in an archived Slack channel, so every open ticket leaves it, each in a turn of its own.

    ``timer`` is that of the ticket whose loss was seen; it is still set, so that nobody is forgotten if we end here.
    Nobody is locked before their own turn, and the timers are set in one order: several losses at once don't wait for
    each other in a circle.
    """
    name, _, about = timer.partition(":")
    if name != "archived":
        return
    number, moves = place_of(about)
    async with turns.storage.turn() as conn:
        seen = await models.Ticket.get_or_none(id=number, using_db=conn)
        if seen and seen.moves == moves and support_channel not in ("", seen.channel):
            await rows(conn, _OTHERS, [turns.clock(), seen.channel])


def place_of(about: str) -> tuple[int, int]:
    """The ticket and its moves, from a timer's name: ``1042.2``, ``1042``."""
    number, _, moves = about.partition(".")
    return int(number), int(moves or 0)
