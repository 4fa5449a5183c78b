"""What a person says and does, on its way into the ticket's thread; opening and reopening the ticket."""

from datetime import datetime

from tortoise.expressions import Q

from core.conversation.answering import EMERGENCY, ESCALATES
from core.delivery.arming import arm
from core.delivery.notices import notice
from core.escalation import abuse
from core.escalation import ticket as tickets
from core.escalation.about import about_of
from core.escalation.routing import Department, channel_for, is_emergency, lead
from core.helpdesk.abuse_standing import standing_of
from core.helpdesk.thread_story import ThreadStory, in_words
from core.messages import Inbound, Say
from core.publishing import Published
from core.storage import models
from core.storage.stories import STORY, story_begins
from core.storage.turns import Turn, put_ticket, ticket_value

GATHERED = abuse.FLOODS_WITHIN


class Threads:
    """The thread's side of one turn; ``channel`` is where departments are that name no Slack channel."""

    def __init__(self, turn: Turn, published: Published, channel: str) -> None:
        self._turn = turn
        self._published = published
        self._channel = channel
        self._story = ThreadStory(turn, published)

    async def open(self, identity: models.Identity, reason: str) -> models.Ticket:
        """A new ticket: its card tells what was said so far, its files follow in the thread."""
        turn = self._turn
        since = await story_begins(turn.conn, turn.person.id, before=None, at=turn.now - STORY)
        rows = await self._said(since)
        texts = [one.text for one in rows if one.by == "person"]
        department = self._department(rows, texts, reason)
        urgent = any(is_emergency(self._published.routing, text) for text in texts)
        newest = await turn.newest_message()
        row = await models.Ticket.create(
            using_db=turn.conn, person_id=turn.person.id, identity_id=identity.id, reason=reason,
            about=about_of(texts), channel=self._channel, opened_with=newest,
            opened_at=turn.now, waiting_since=turn.now,
            department=department.id, priority="urgent" if urgent else department.priority,
            repeats=int(await self._is_repeat(reason)),
        )  # fmt: skip
        row.channel = channel_for(department, row.id, self._channel)
        await row.save(using_db=turn.conn, update_fields=["channel"])
        await turn.deliver(
            key=f"open:{row.id}", kind="open", desk=True, lane=row.lane, priority=1, ticket_id=row.id
        )
        if urgent:
            await self._page(row, newest)
        await self._story.files_since(row, since)
        await turn.record("ticket.opened", ticket=row.id, reason=reason, department=department.id)
        return row

    async def reopen(self, row: models.Ticket, reason: str) -> None:
        """The matter goes on in its old thread."""
        row.repeats += int(await self._is_repeat(reason))
        await self.move(row, tickets.Reopen())
        await self._turn.record("ticket.reopened", ticket=row.id, reason=reason)
        if reason == EMERGENCY:
            await self._alarm(row, await self._turn.newest_message())

    async def move(self, row: models.Ticket, act: tickets.Act) -> tickets.Moved | tickets.IllegalMove:
        """One act on the ticket; its card and timers follow."""
        outcome = tickets.step(ticket_value(row), act, self._turn.now)
        if isinstance(outcome, tickets.Moved):
            await self.put(row, outcome.ticket)
        return outcome

    async def put(self, row: models.Ticket, value: tickets.Ticket) -> None:
        """The ticket is like this from now on; its card and timers follow, and what was said while it was resolved."""
        before = ticket_value(row)
        put_ticket(row, value)
        await row.save(using_db=self._turn.conn)
        await self._time(before, value)
        await self.refresh_card(row)
        if before.state == "resolved" and value.state != "resolved":
            await self._said_since(row)

    async def refresh_card(self, row: models.Ticket) -> None:
        """The card is rendered again, from the truth at the moment it leaves."""
        await arm(
            self._turn.conn, key=f"card:{row.id}", person_id=self._turn.person.id, ticket_id=row.id,
            due_at=self._turn.now, now=self._turn.now,
        )  # fmt: skip

    async def forward(
        self, row: models.Ticket, message: models.Message, event: Inbound, files: list[models.Attachment]
    ) -> None:
        """What the person just said or did goes into the thread under their name."""
        platform = event.sender.platform
        if event.kind == "edited":
            await self._edited(row, message, event, files)
        elif event.kind == "deleted":
            await self._did(row, "thread.deleted", message, platform)
        elif event.kind == "chose":
            await self._did(row, "thread.picked", message, platform, text=message.text)
        elif event.unknown_type:
            await self._did(row, "thread.unknown", message, platform, type=event.unknown_type)
        else:
            await self._spoke(row, message, event, files)

    async def left(self, row: models.Ticket, message: models.Message, platform: str) -> None:
        """The person can't be reached any more."""
        await self._did(row, "thread.left", message, platform)

    async def gathered(self, row: models.Ticket) -> None:
        """What was only recorded meanwhile (a flood, or while they were muted) comes into the thread as one post.

        Into that of what is open now, else of this ticket. A flood's end tells nothing while they are muted.
        """
        person = self._turn.person
        if not person.unposted_after or standing_of(person).is_muted(self._turn.now):
            return
        unresolved, _ = await self._turn.tickets()
        row = unresolved if unresolved and unresolved.id != row.id else row
        since = person.unposted_after
        if row.state == "resolved":
            since = min(since, row.resolved_with)
        person.unposted_after = 0
        await person.save(using_db=self._turn.conn, update_fields=["unposted_after"])
        await self._gathered_since(row, since)

    async def _gathered_since(self, row: models.Ticket, since: int) -> None:
        told = await self._story.since(since)
        if told.asked_at:
            post = notice(Say(name="thread.gathered", params={"story": told.text}))
            await self._notice(row, f"gathered:{row.id}:{told.newest}", post)
            await self._story.files_since(row, since)
        if row.state == "resolved":  # a reopening needn't tell it once more
            row.resolved_with = max(row.resolved_with, told.newest)
            await row.save(using_db=self._turn.conn, update_fields=["resolved_with"])
        elif told.asked_at:
            await self.move(row, tickets.Asked(since=told.asked_at))

    async def _said_since(self, row: models.Ticket) -> None:
        """What the person told the bot since it was resolved; what is only recorded of it is gathered later."""
        since, until = row.resolved_with, self._turn.person.unposted_after or None
        told = await self._story.since(since, until=until)
        if told.asked_at:
            post = notice(Say(name="thread.reopened", params={"story": told.text}))
            await self._notice(row, f"reopened:{row.id}:{told.newest}", post)
            await self._story.files_since(row, since, until=until)

    # --- words ----------------------------------------------------------------------------------------------

    async def _spoke(
        self, row: models.Ticket, message: models.Message, event: Inbound, files: list[models.Attachment]
    ) -> None:
        if await self._is_flood(message):
            await self._gather(row, message)
        else:
            await self._words(row, message, event, files)
        if row.priority != "urgent" and is_emergency(self._published.routing, event.text):
            await self._alarm(row, message.id)
        await self.move(row, tickets.Asked())

    async def _is_flood(self, message: models.Message) -> bool:
        if self._turn.person.unposted_after:
            return True
        newest = models.Message.filter(person_id=self._turn.person.id, by="person", id__lt=message.id)
        lately = [one.at for one in await newest.using_db(self._turn.conn).order_by("-id").limit(abuse.FLOOD)]
        return abuse.posting(abuse.Standing(), lately, self._turn.now) == "gathered"

    async def _gather(self, row: models.Ticket, message: models.Message) -> None:
        person = self._turn.person
        if not person.unposted_after:
            person.unposted_after = message.id - 1
            await person.save(using_db=self._turn.conn, update_fields=["unposted_after"])
            await self._turn.wake_at(f"flood:{row.id}", self._turn.now + GATHERED)

    async def _words(
        self, row: models.Ticket, message: models.Message, event: Inbound, files: list[models.Attachment]
    ) -> None:
        if text := in_words(event.text, files):
            body = {"author": self._turn.person.name, "platform": event.sender.platform, "text": text}
            await self._turn.deliver(
                key=f"post:{message.id}", kind="post", desk=True, lane=row.lane, ticket_id=row.id,
                message_id=message.id, body=body,
            )  # fmt: skip
        for file in files:
            await self._story.file(row, file, event.sender.platform)

    async def _edited(
        self, row: models.Ticket, message: models.Message, event: Inbound, files: list[models.Attachment]
    ) -> None:
        """The new words, and a file that took the place of another.

        An edit brings its file along also where only the words changed: one that was there before isn't shown again.
        """
        platform = event.sender.platform
        name = "thread.edited" if event.text.strip() else "thread.edited_wordless"
        await self._did(row, name, message, platform, text=event.text)
        before = await self._earlier_files(message)
        for file in files:
            if file.ref not in before:
                await self._story.file(row, file, platform)

    async def _earlier_files(self, version: models.Message) -> set[str]:
        if version.version_of is None:
            return set()
        same = Q(message_id=version.version_of) | Q(message__version_of=version.version_of)
        there = models.Attachment.filter(
            same, message__person_id=self._turn.person.id, message_id__gte=version.version_of, message_id__lt=version.id
        )  # fmt: skip
        return {file.ref for file in await there.using_db(self._turn.conn)}

    async def _did(
        self, row: models.Ticket, name: str, message: models.Message, platform: str, **params: str
    ) -> None:
        """What the person did other than speak, under their own name: nobody mistakes it for a colleague's doing."""
        told: dict[str, object] = {"say": name, "params": params}
        face = {"author": self._turn.person.name, "platform": platform}
        await self._notice(row, f"post:{message.id}", {**told, **face})

    async def _notice(self, row: models.Ticket, key: str, body: dict[str, object]) -> None:
        await self._turn.deliver(key=key, kind="post", desk=True, lane=row.lane, ticket_id=row.id, body=body)

    # --- where it goes, and when it comes up again ----------------------------------------------------------

    async def _said(self, since: int) -> list[models.Message]:
        """The story between the person and the bot."""
        said = models.Message.filter(person_id=self._turn.person.id, id__gt=since, by__in=["person", "bot"])
        return await said.using_db(self._turn.conn).order_by("id")

    def _department(self, rows: list[models.Message], texts: list[str], reason: str) -> Department:
        """For what was said, or where an answer leads on to."""
        led_on = reason.removeprefix(ESCALATES) if reason.startswith(ESCALATES) else ""
        return lead(
            self._published.routing, texts, category=self._category(rows), wanted=led_on,
            language=self._turn.person.language,
        )  # fmt: skip

    def _category(self, rows: list[models.Message]) -> str:
        """Of the FAQ entry that was shown last."""
        shown = next((row.faq for row in reversed(rows) if row.faq), "")
        entry = self._published.faq.entries.get(shown)
        return entry.category if entry else ""

    async def _alarm(self, row: models.Ticket, message: int) -> None:
        if row.priority != "urgent":
            await self.move(row, tickets.SetPriority(agent=None, priority="urgent"))
        await self._page(row, message)

    async def _page(self, row: models.Ticket, message: int) -> None:
        """Call whoever is on call there, because of what this message says."""
        department = self._published.routing.department(row.department)
        calls = (department.on_call,) if department.on_call else ()
        await self._notice(row, f"page:{row.id}:{message}", notice(Say(name="thread.emergency"), calls=calls))
        await self._turn.record("ticket.paged", ticket=row.id, department=department.id)

    async def _is_repeat(self, reason: str) -> bool:
        """Whether somebody comes who was told lately that their matter is solved; counted by what it was about."""
        last = await self._solved_lately()
        if (
            last is None
            or last.resolved_at is None
            or not tickets.is_repeat([last.resolved_at], self._turn.now)
        ):
            return False
        await self._turn.record("ticket.repeat", ticket=last.id, resolution=last.resolution, reason=reason)
        return True

    async def _solved_lately(self) -> models.Ticket | None:
        """What a block ended was solved for nobody."""
        person, since = self._turn.person.id, self._turn.now - tickets.REPEATS_WITHIN
        ended = models.Event.filter(person_id=person, name="ticket.ended", at__gte=since)
        by_block = {(one.ticket_id, one.at) for one in await ended.using_db(self._turn.conn)}
        resolved = models.Ticket.filter(person_id=person, resolved_at__gte=since).order_by("-resolved_at")
        rows = await resolved.using_db(self._turn.conn)
        return next((row for row in rows if (row.id, row.resolved_at) not in by_block), None)

    async def _time(self, before: tickets.Ticket, now: tickets.Ticket) -> None:
        """Set or drop what comes later: the end of a snooze, a holder who is silent for too long."""
        if before.snoozed_until != now.snoozed_until:
            await self._set(f"wake:{now.number}", now.snoozed_until)
        times = [(one.state, one.claimed_at, one.waiting_since) for one in (before, now)]
        if times[0] != times[1]:
            department = self._published.routing.department(now.department)
            due = tickets.offer_at(now, department.offer_again, department.hours)
            await self._set(f"silent:{now.number}", due)

    async def _set(self, timer: str, due_at: datetime | None) -> None:
        if due_at is None:
            await self._turn.forget(timer)
        else:
            await self._turn.wake_at(timer, due_at)
