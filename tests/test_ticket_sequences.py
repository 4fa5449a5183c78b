"""No sequence of what agents, people and timers do brings a ticket into a senseless state, or one without a way out."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.escalation.abuse import Block, Standing, Stands, Undo, posting
from core.escalation.abuse import step as step_standing
from core.escalation.hours import Hours, Span
from core.escalation.routing import PRIORITIES, Priority
from core.escalation.tags import MOST_TAGS
from core.escalation.ticket import (
    RESOLUTIONS,
    Act,
    Asked,
    Assign,
    Claim,
    IllegalMove,
    Moved,
    OfferAgain,
    Release,
    Reopen,
    Replied,
    Resolution,
    Resolve,
    SetPriority,
    Snooze,
    Tag,
    TakeOver,
    Ticket,
    Transfer,
    Untag,
    Wake,
    offer_at,
    step,
)
from core.messages import Agent

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MEI, TOM = Agent(id="U1", name="Mei"), Agent(id="U2", name="Tom")
EVA = Agent(id="U3", name="Eva", role="supervisor")
LIMIT = timedelta(minutes=30)
OFFICE = Hours(zone=ZoneInfo("UTC"), week=((Span(since=time(9), until=time(17)),),) * 5 + ((), ()))

agents = st.sampled_from([MEI, TOM, EVA])
spans = st.integers(-90, 60 * 24 * 120).map(lambda minutes: timedelta(minutes=minutes))
hours = st.sampled_from([None, OFFICE])


class TicketLife(RuleBasedStateMachine):
    """Beside the ticket a plain record of who waits since when, and what was told to the person."""

    @initialize(emergency=st.booleans())
    def opened(self, emergency: bool) -> None:
        self.now = NOW
        priority: Priority = "urgent" if emergency else "normal"
        self.ticket = Ticket(
            number=1001, department="support", opened_at=NOW, waiting_since=NOW, priority=priority
        )
        self.waits: datetime | None = NOW
        self.standing = Standing()

    def take(self, act: Act) -> Moved | None:
        before = self.ticket
        outcome = step(before, act, self.now)
        if isinstance(outcome, IllegalMove):
            assert outcome.whisper.name.startswith("desk.")
            assert outcome.whisper.params["number"] == 1001
            assert before.holder is None or outcome.whisper.params["agent"] == before.holder.name
            return None
        self.ticket = outcome.ticket
        assert (outcome.tell is not None) <= (before.state != self.ticket.state), (
            "they are told of changes only"
        )
        return outcome

    @rule(minutes=st.integers(1, 60 * 30))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(agent=agents)
    def claim(self, agent: Agent) -> None:
        free = self.ticket.holder is None and self.ticket.state != "resolved"
        assert (self.take(Claim(agent=agent)) is not None) == free, "the first claim wins"

    @rule(agent=agents, seen=st.sampled_from(["", "U1", "U2", "U3"]))
    def take_over(self, agent: Agent, seen: str) -> None:
        before = self.ticket
        outcome = self.take(TakeOver(agent=agent, seen=seen))
        if outcome and outcome.asks:
            assert self.ticket == before, "asking moves nothing"
        if before.holder and seen not in ("", before.holder.id):
            assert self.ticket == before, "nobody takes from somebody whom they didn't see"

    @rule(agent=agents, to=agents)
    def assign(self, agent: Agent, to: Agent) -> None:
        self.take(Assign(agent=agent, to=to))

    @rule(agent=agents)
    def release(self, agent: Agent) -> None:
        self.take(Release(agent=agent))

    @rule(agent=agents, department=st.sampled_from(["support", "payments"]))
    def transfer(self, agent: Agent, department: str) -> None:
        if self.take(Transfer(agent=agent, department=department)):
            assert (self.ticket.state, self.ticket.holder) == ("open", None)

    @rule(agent=agents, span=spans)
    def snooze(self, agent: Agent, span: timedelta) -> None:
        self.take(Snooze(agent=agent, until=self.now + span))

    @rule(agent=st.none() | agents)
    def wake(self, agent: Agent | None) -> None:
        due = self.ticket.snoozed_until
        woken = self.take(Wake(agent=agent))
        assert woken is None or agent or (due is not None and due <= self.now)

    @rule(hours=hours)
    def offer_again(self, hours: Hours | None) -> None:
        due = offer_at(self.ticket, LIMIT, hours)
        offered = self.take(OfferAgain(limit=LIMIT, hours=hours))
        assert (offered is not None) == (due is not None and due <= self.now)

    @rule(agent=agents, claims=st.booleans())
    def replied(self, agent: Agent, claims: bool) -> None:
        assert self.take(Replied(agent=agent, claims=claims)), (
            "words that were taken are legal in every state"
        )
        self.waits = None

    @rule()
    def asked(self) -> None:
        if posting(self.standing, [], self.now) == "recorded":
            return  # nobody reads them: it is no event of the ticket
        assert self.take(Asked()), "what a person does is legal in every state"
        self.waits = self.waits or self.now
        assert self.ticket.state in ("open", "claimed"), "it wakes whoever slept"

    @rule(agent=agents, resolution=st.sampled_from(["", *RESOLUTIONS]))
    def resolve(self, agent: Agent, resolution: Resolution) -> None:
        before = self.ticket
        done = self.take(Resolve(agent=agent, resolution=resolution))
        if before.state != "resolved":
            assert done
            assert done.tell
            self.waits = None

    @rule(agent=agents)
    def block(self, agent: Agent) -> None:
        before = self.ticket
        outcome = step_standing(self.standing, Block(agent=agent), self.now)
        if isinstance(outcome, IllegalMove):
            assert agent.role != "supervisor" or self.standing.blocked_at
            return
        self.standing = outcome.standing
        assert outcome.ends
        ended = self.take(Resolve(agent=agent))
        assert (ended is not None) == (before.state != "resolved"), "an open ticket can always be ended"
        assert (self.ticket.state, self.ticket.holder) == ("resolved", before.holder)
        self.waits = None

    @rule(agent=agents)
    def unblock(self, agent: Agent) -> None:
        before = self.ticket
        outcome = step_standing(self.standing, Undo(agent=agent), self.now)
        if isinstance(outcome, Stands):
            assert not outcome.ends
            self.standing = outcome.standing
        assert self.ticket == before, "undoing reopens nothing"

    @precondition(lambda self: self.standing.blocked_at is None)
    @rule()
    def comes_back(self) -> None:
        self.take(Reopen())
        self.waits = self.waits or self.now

    @rule(agent=agents)
    def reopen(self, agent: Agent) -> None:
        resolved = self.ticket.state == "resolved"
        assert (self.take(Reopen(agent=agent)) is not None) == resolved

    @rule(agent=agents, tag=st.text(max_size=40))
    def tag(self, agent: Agent, tag: str) -> None:
        self.take(Tag(agent=agent, tag=tag))

    @precondition(lambda self: self.ticket.tags)
    @rule(agent=agents, data=st.data())
    def untag(self, agent: Agent, data: st.DataObject) -> None:
        tag = data.draw(st.sampled_from(self.ticket.tags))
        assert self.take(Untag(agent=agent, tag=tag))
        assert tag not in self.ticket.tags

    @rule(priority=st.sampled_from(PRIORITIES))
    def set_priority(self, priority: Priority) -> None:
        assert self.take(SetPriority(agent=None, priority=priority))

    @invariant()
    def makes_sense(self) -> None:
        one = self.ticket
        assert (one.state == "resolved") == (one.resolved_at is not None)
        assert (one.state == "snoozed") == (one.snoozed_until is not None)
        assert one.state != "claimed" or one.holder is not None
        assert one.state != "open" or one.holder is None
        assert (one.holder is None) == (one.claimed_at is None)
        assert one.resolution == "" or one.state == "resolved"
        assert len(set(one.tags)) == len(one.tags) <= MOST_TAGS
        assert one.claimed_at is None or one.claimed_at <= self.now

    @invariant()
    def nobody_is_forgotten(self) -> None:
        assert self.ticket.waiting_since == self.waits

    @invariant()
    def there_is_a_way_out(self) -> None:
        """From here anybody can end it, and the person can bring it back into somebody's sight."""
        done = step(self.ticket, Resolve(agent=TOM, resolution="wish"), self.now)
        ended = done.ticket if isinstance(done, Moved) else self.ticket
        assert ended.state == "resolved"
        assert ended.waiting_since is None
        back = step(ended, Reopen(), self.now)
        assert isinstance(back, Moved)
        assert back.ticket.waiting_since == self.now
        freed = step(back.ticket, Assign(agent=EVA, to=Agent(id="U4", name="Ann")), self.now)
        assert isinstance(freed, Moved), "a supervisor can always give it to somebody"


TestTicketLife = TicketLife.TestCase
TestTicketLife.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
