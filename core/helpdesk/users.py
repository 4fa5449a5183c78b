"""The verbs of people: whatever a person says or does is taken in, decided and committed here, once."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog

from core.conversation import flow
from core.conversation.asked import About, meant
from core.conversation.choosing import option_of
from core.conversation.people import clean_name, made_up_name
from core.conversation.plain import plain_event
from core.conversation.situation import Fired, Situation, dump, load
from core.conversation.texts import nearest
from core.delivery.wakeup import Wakeup
from core.errors import DatabaseAway
from core.helpdesk import asking, passive
from core.helpdesk.abuse_standing import around
from core.helpdesk.answers import Answers
from core.helpdesk.effects import Carrier
from core.helpdesk.library import Library
from core.helpdesk.quarantine import Quarantine
from core.helpdesk.ranking import QuestionChanged, Ranked, Ranking
from core.messages import Capabilities, Inbound, Receipt, Say
from core.metrics import Metrics
from core.ports import Channel
from core.publishing import Publishing
from core.storage import models
from core.storage.turns import OwnerMoved, Turn, Turns, ticket_value

log = structlog.get_logger()

MOST_NUMBERED = 10
"""Choices of a list that people pick from by typing a number."""
_LOOKS_EVERY = 0.25
"""Seconds between two looks for an answer that another process may have made."""


class Users:
    """What a platform's webhook and a person's timers call. ``channels`` by (platform, account)."""

    def __init__(
        self,
        *,
        turns: Turns,
        publishing: Publishing,
        channels: Mapping[tuple[str, str], Channel],
        support_channel: str,
        wakeup: Wakeup,
        metrics: Metrics,
        quarantine: Quarantine,
    ) -> None:
        self._turns = turns
        self._library = Library()
        self._ranking = Ranking(turns.storage, publishing, self._library, turns.clock)
        self._publishing = publishing
        self._channels = channels
        self._support_channel = support_channel
        self._wakeup = wakeup
        self._metrics = metrics
        self._quarantine = quarantine

    async def said(self, event: Inbound) -> Receipt:
        """Take in one event of a person. Raises DatabaseAway; anything else is quarantined."""
        self._metrics.inbound.labels(platform=event.sender.platform, kind=event.kind).inc()
        try:
            with self._metrics.turn_seconds.time():
                return await self.take(event, answering=True)
        except DatabaseAway:
            raise
        except Exception as failure:
            sender = event.sender
            log.exception("a turn failed and was quarantined", platform=sender.platform, kind=event.kind)
            kept = self._as_group(event) if event.kind == "mentioned" else event
            await self._quarantine.value(sender.platform, sender.account, "inbound", kept, failure)
            return Receipt()

    async def take(self, event: Inbound, *, answering: bool = False) -> Receipt:
        """The same, raising whatever fails. ``answering``: a request is open, on whose answer a reply may ride."""
        event = plain_event(self._as_group(event) if event.kind == "mentioned" else event)
        name = self._name(event)
        while True:
            ranked = await self._ranking.for_event(event)
            take = partial(self._take, event=event, ranked=ranked, answering=answering)
            try:
                receipt = await self._turns.of_sender(event.sender, name, take)
                break
            except (QuestionChanged, OwnerMoved):
                continue
        await self._wakeup.notify()
        return receipt

    async def fired(self, person_id: int, name: str) -> None:
        """A timer of this person came due."""
        while True:
            ranked = await self._ranking.for_timer(person_id, Fired(name=name))
            try:
                await self._turns.of_person(
                    person_id, partial(self._fire, event=Fired(name=name), ranked=ranked)
                )
                break
            except QuestionChanged:
                continue
        await self._wakeup.notify()

    async def replied(self, receipt: Receipt) -> None:
        """The passive reply was written: its rows have left."""
        await self._turns.of_person(receipt.person, partial(self._written, receipt=receipt))
        await self._wakeup.notify()

    async def late_reply(self, receipt: Receipt, wait: timedelta) -> Receipt:
        """For accounts without active sends: hold the request while an answer is still being made."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait.total_seconds()
        while receipt.working and not receipt.text and (left := until - loop.time()) > 0:
            await self._wakeup.wait(min(left, _LOOKS_EVERY))
            receipt = await self._turns.of_person(receipt.person, partial(self._kept, receipt=receipt))
        return receipt

    async def quarantine(self, platform: str, account: str, payload: bytes, reason: str) -> None:
        """Keep what could not be understood, for an operator to look at and retry."""
        await self._quarantine.keep(platform, account, "payload", payload, reason)

    # --- one turn -------------------------------------------------------------------------------------------

    async def _take(
        self, turn: Turn, identity: models.Identity, event: Inbound, ranked: Ranked, answering: bool
    ) -> Receipt:
        sender = event.sender
        row = await turn.first_time(sender.platform, sender.account, event.id, identity.id)
        if row is None:
            before = await turn.receipt_of(sender.platform, sender.account, event.id)
            return self._shown(turn, before)
        able = self._channels[(sender.platform, sender.account)].capabilities
        await self._meet(turn, identity, event, able)
        await self._decide(turn, identity, event, ranked)
        if answering and able.passive and event.kind != "left":
            await passive.bind(turn, row, able, self._hint(turn))
        return self._shown(turn, row)

    def _shown(self, turn: Turn, row: models.Receipt) -> Receipt:
        """What the webhook is told, the first time and every time after."""
        return passive.shown(row, working=bool(load(turn.person.scene).pending))

    async def _fire(self, turn: Turn, event: Fired, ranked: Ranked) -> None:
        if await turn.ring(event.name):
            identity = (await turn.identities())[0]
            await self._decide(turn, identity, event, ranked)
            await self._bind_late(turn, identity)

    async def _bind_late(self, turn: Turn, identity: models.Identity) -> None:
        """Where nothing else can be sent, the answer rides on the request that has been open for the shortest time.

        In this very commit: later a worker might have taken it in hand, only to find that it can't leave.
        """
        able = self._channels[(identity.platform, identity.account)].capabilities
        if able.active or not able.passive:
            return
        still_open = models.Receipt.filter(
            person_id=turn.person.id, identity_id=identity.id, bound="", at__gt=turn.now - able.passive.wait
        )
        if receipt := await still_open.using_db(turn.conn).order_by("-id").first():
            await passive.bind(turn, receipt, able, self._hint(turn))

    async def _meet(self, turn: Turn, identity: models.Identity, event: Inbound, able: Capabilities) -> None:
        """What every sign of life changes: where and in which language they are, and what may be sent again."""
        identity.last_at, identity.chat = turn.now, event.sender.chat
        identity.reachable = event.kind != "left"
        changed = ["last_at", "chat", "reachable"]
        if window := able.reply_window.get(event.kind):
            identity.sends_left, identity.window_until = window.sends, turn.now + window.lasts
            changed += ["sends_left", "window_until"]
        await identity.save(using_db=turn.conn, update_fields=changed)
        if event.kind == "mentioned":
            turn.person.language = event.language
        else:
            written = event.text if event.kind in ("said", "edited") else ""  # a link's payload is no words
            turn.person.language = self._publishing.language(written, turn.person.language or event.language)
        if event.kind != "left":
            await self._unpark(turn, identity)

    async def _unpark(self, turn: Turn, identity: models.Identity) -> None:
        """What waited for the person to write leaves now, here, before the new answer."""
        parked = models.Delivery.filter(person_id=turn.person.id, state="parked", desk=False).using_db(
            turn.conn
        )
        await parked.update(
            state="due", due_at=turn.now, lane=f"i{identity.id}", identity_id=identity.id, attempts=0
        )

    async def _decide(
        self, turn: Turn, identity: models.Identity, event: Inbound | Fired, ranked: Ranked
    ) -> None:
        """Load the situation, decide, and write what follows. Raises QuestionChanged."""
        talk = load(turn.person.scene)
        if flow.reading(talk, event, ranked.published.texts.words) != ranked.reading:
            raise QuestionChanged
        option = option_of(talk, event, turn.now) if isinstance(event, Inbound) else ""
        about = await asking.about(turn.conn, turn.person.id, option) if option else None
        ticket, resolved = await turn.tickets()
        channel = self._channels[(identity.platform, identity.account)]
        situation = _situation(turn, ranked, about, ticket, resolved, channel.capabilities)
        step = flow.step(replace(situation, **around(turn, ranked.published, event)), event)
        carrier = Carrier(
            turn,
            ranked.published,
            identity,
            answers=partial(
                Answers, turn, ranked.published, identity,
                library=self._library, shelf=ranked.shelf, able=channel.capabilities,
            ),
            support_channel=self._support_channel,
            home=channel.home,
        )  # fmt: skip
        turn.person.scene = dump(await carrier.carry(event, meant(option, about), step, ticket))
        await turn.person.save(using_db=turn.conn, update_fields=["scene", "language"])
        await turn.record("turn", ticket=ticket.id if ticket else None, why=step.why)
        self._metrics.decisions.labels(why=step.why).inc()

    async def _written(self, turn: Turn, receipt: Receipt) -> None:
        row = await models.Receipt.get(id=int(receipt.event), using_db=turn.conn)
        for _ in await passive.written(turn, row):
            self._metrics.deliveries.labels(platform=row.platform, outcome="passive").inc()

    async def _kept(self, turn: Turn, receipt: Receipt) -> Receipt:
        return self._shown(turn, await models.Receipt.get(id=int(receipt.event), using_db=turn.conn))

    # --- what a turn needs from outside, read before it -----------------------------------------------------

    def _name(self, event: Inbound) -> str:
        sender = event.sender
        key = f"{sender.platform}:{sender.account}:{sender.user}"
        current = self._publishing.current
        return clean_name(event.name) or made_up_name(key, current.texts, current.desk_language)

    def _as_group(self, event: Inbound) -> Inbound:
        """A call in a shared chat belongs to nobody: it is answered there, and no person is looked up or kept.

        Of its words only the language is used.
        """
        return replace(
            event,
            sender=replace(event.sender, user=f"#{event.sender.chat}"),
            language=self._publishing.language(event.text, event.language),
            name="",
            text="",
            attachments=(),
        )

    def _hint(self, turn: Turn) -> str:
        return self._publishing.current.texts.render(Say(name="choices.hint"), nearest(turn.person.language))


def _situation(
    turn: Turn,
    ranked: Ranked,
    about: About | None,
    ticket: models.Ticket | None,
    resolved: models.Ticket | None,
    able: Capabilities,
) -> Situation:
    return Situation(
        now=turn.now,
        conversation=load(turn.person.scene),
        words=ranked.published.texts.words,
        readings=ranked.readings,
        ticket=ticket_value(ticket) if ticket else None,
        resolved=ticket_value(resolved) if resolved and not ticket else None,
        shelf=ranked.shelf,
        about=about,
        top=ranked.top,
        standings=ranked.standings,
        most=able.choices or MOST_NUMBERED,
    )
