"""The ticket's state machine: a table of moves, and that no sequence of acts reaches a state that makes no sense."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escalation.ticket import (
    Act,
    Asked,
    Claim,
    IllegalMove,
    Moved,
    Release,
    Reopen,
    Replied,
    Resolve,
    Ticket,
    step,
)
from core.messages import Agent

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEI, TOM = Agent(id="U1", name="Mei"), Agent(id="U2", name="Tom")
OPEN = Ticket(number=1001, opened_at=NOW, waiting_since=NOW)


def after(*acts: Act) -> Ticket:
    ticket = OPEN
    for act in acts:
        outcome = step(ticket, act, NOW)
        assert isinstance(outcome, Moved), f"{act} is illegal in {ticket}"
        ticket = outcome.ticket
    return ticket


@pytest.mark.parametrize(
    ("acts", "state", "holder"),
    [
        ([Claim(agent=MEI)], "claimed", MEI),
        ([Claim(agent=MEI), Release(agent=MEI)], "open", None),
        ([Claim(agent=MEI), Release(agent=MEI), Claim(agent=TOM)], "claimed", TOM),
        ([Resolve(agent=TOM)], "resolved", None),
        ([Claim(agent=MEI), Resolve(agent=TOM)], "resolved", MEI),
        ([Claim(agent=MEI), Resolve(agent=MEI), Reopen()], "claimed", MEI),
        ([Resolve(agent=MEI), Reopen(agent=TOM)], "open", None),
        ([Replied(agent=MEI)], "open", None),
        ([Resolve(agent=MEI), Replied(agent=TOM)], "claimed", TOM),
        ([Asked(), Asked()], "open", None),
    ],
)
def test_moves(acts: list[Act], state: str, holder: Agent | None) -> None:
    ticket = after(*acts)
    assert (ticket.state, ticket.holder) == (state, holder)


@pytest.mark.parametrize(
    ("before", "act", "whisper"),
    [
        ([Claim(agent=MEI)], Claim(agent=TOM), "desk.already_claimed"),
        ([Claim(agent=MEI)], Claim(agent=MEI), "desk.already_yours"),
        ([Claim(agent=MEI)], Release(agent=TOM), "desk.already_claimed"),
        ([], Release(agent=TOM), "desk.not_claimed"),
        ([], Reopen(agent=TOM), "desk.not_resolved"),
        ([Resolve(agent=MEI)], Resolve(agent=TOM), "desk.already_resolved"),
        ([Resolve(agent=MEI)], Claim(agent=TOM), "desk.already_resolved"),
    ],
)
def test_illegal_moves_are_told_and_change_nothing(before: list[Act], act: Act, whisper: str) -> None:
    outcome = step(after(*before), act, NOW)
    assert isinstance(outcome, IllegalMove)
    assert outcome.whisper.name == whisper


def test_the_second_claim_hears_who_holds_it() -> None:
    outcome = step(after(Claim(agent=MEI)), Claim(agent=TOM), NOW)
    assert isinstance(outcome, IllegalMove)
    assert outcome.whisper.params["agent"] == "Mei"


def test_waiting_counts_from_the_first_unanswered_words() -> None:
    replied = step(OPEN, Replied(agent=MEI), NOW)
    assert isinstance(replied, Moved)
    assert replied.ticket.waiting_since is None
    later = NOW + timedelta(minutes=5)
    asked = step(replied.ticket, Asked(), later)
    assert isinstance(asked, Moved)
    again = step(asked.ticket, Asked(), later + timedelta(minutes=1))
    assert isinstance(again, Moved)
    assert again.ticket.waiting_since == later


agents = st.sampled_from([MEI, TOM])
acts = st.one_of(
    *[st.builds(kind, agent=agents) for kind in (Claim, Release, Resolve, Reopen, Replied)],
    st.just(Reopen()),
    st.just(Asked()),
)


@given(st.lists(acts, max_size=30))
def test_no_sequence_reaches_a_state_that_makes_no_sense(sequence: list[Act]) -> None:
    ticket = OPEN
    for act in sequence:
        outcome = step(ticket, act, NOW)
        if isinstance(act, (Replied, Asked)):
            assert isinstance(outcome, Moved), "people's words are legal in every state"
        ticket = outcome.ticket if isinstance(outcome, Moved) else ticket
        assert (ticket.state == "resolved") == (ticket.resolved_at is not None)
        assert ticket.state != "claimed" or ticket.holder is not None
        assert ticket.state != "open" or ticket.holder is None
    brought_back = step(ticket, Reopen(), NOW) if ticket.state == "resolved" else None
    assert brought_back is None or isinstance(brought_back, Moved), "no ticket is stuck"
