"""The ticket's state machine as a table of moves: what each does, and what is refused and why."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.escalation.hours import Hours, Span
from core.escalation.tags import LONGEST_TAG, MOST_TAGS, tag_of
from core.escalation.ticket import (
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
    Resolve,
    SetPriority,
    Snooze,
    Tag,
    TakeOver,
    Ticket,
    Transfer,
    Untag,
    Wake,
    is_repeat,
    offer_at,
    step,
)
from core.messages import Agent

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MEI, TOM = Agent(id="U1", name="Mei"), Agent(id="U2", name="Tom")
EVA = Agent(id="U3", name="Eva", role="supervisor")
OPEN = Ticket(number=1001, department="support", opened_at=NOW, waiting_since=NOW)
NAP = Snooze(agent=MEI, until=NOW + HOUR)


def moved(ticket: Ticket, act: Act, at: datetime = NOW) -> Moved:
    outcome = step(ticket, act, at)
    assert isinstance(outcome, Moved), f"{act} is illegal in {ticket}"
    return outcome


def after(*acts: Act) -> Ticket:
    ticket = OPEN
    for act in acts:
        ticket = moved(ticket, act).ticket
    return ticket


@pytest.mark.parametrize(
    ("acts", "state", "holder"),
    [
        ([Claim(agent=MEI)], "claimed", MEI),
        ([Claim(agent=MEI), Release(agent=MEI)], "open", None),
        ([Claim(agent=MEI), Release(agent=EVA)], "open", None),
        ([Claim(agent=MEI), Release(agent=MEI), Claim(agent=TOM)], "claimed", TOM),
        ([TakeOver(agent=MEI)], "claimed", MEI),
        ([Claim(agent=MEI), TakeOver(agent=EVA, seen="U1")], "claimed", EVA),
        ([Claim(agent=MEI), TakeOver(agent=TOM, seen="U1")], "claimed", MEI),
        ([Assign(agent=MEI, to=TOM)], "claimed", TOM),
        ([Claim(agent=MEI), Assign(agent=MEI, to=TOM)], "claimed", TOM),
        ([Claim(agent=MEI), Assign(agent=EVA, to=TOM)], "claimed", TOM),
        ([Claim(agent=MEI), Assign(agent=None, to=TOM)], "claimed", TOM),
        ([Resolve(agent=TOM)], "resolved", None),
        ([Claim(agent=MEI), Resolve(agent=TOM)], "resolved", MEI),
        ([Claim(agent=MEI), Resolve(agent=MEI), Reopen()], "claimed", MEI),
        ([Resolve(agent=MEI), Reopen(agent=TOM)], "open", None),
        ([Reopen()], "open", None),
        ([NAP], "snoozed", None),
        ([Claim(agent=MEI), NAP], "snoozed", MEI),
        ([NAP, Claim(agent=TOM)], "snoozed", TOM),
        ([Claim(agent=MEI), NAP, Release(agent=MEI)], "snoozed", None),
        ([Claim(agent=MEI), NAP, Wake(agent=TOM)], "claimed", MEI),
        ([NAP, Wake(agent=TOM)], "open", None),
        ([Claim(agent=MEI), NAP, Asked()], "claimed", MEI),
        ([Claim(agent=MEI), NAP, Replied(agent=MEI)], "snoozed", MEI),
        ([Claim(agent=MEI), NAP, Resolve(agent=MEI), Reopen()], "claimed", MEI),
        ([Claim(agent=MEI), NAP, Transfer(agent=MEI, department="payments")], "open", None),
        ([Replied(agent=MEI)], "open", None),
        ([Replied(agent=MEI, claims=True)], "claimed", MEI),
        ([Claim(agent=TOM), Replied(agent=MEI, claims=True)], "claimed", TOM),
        ([Resolve(agent=MEI), Replied(agent=TOM)], "claimed", TOM),
        ([Claim(agent=MEI), Resolve(agent=MEI), Asked()], "claimed", MEI),
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
        ([Claim(agent=MEI)], TakeOver(agent=MEI), "desk.already_yours"),
        ([Claim(agent=MEI)], TakeOver(agent=EVA, seen="U2"), "desk.already_claimed"),
        ([Claim(agent=MEI)], Release(agent=TOM), "desk.not_holder"),
        ([Claim(agent=MEI)], Assign(agent=TOM, to=TOM), "desk.not_holder"),
        ([Claim(agent=MEI)], Assign(agent=MEI, to=MEI), "desk.already_yours"),
        ([Claim(agent=MEI)], Assign(agent=EVA, to=MEI), "desk.already_claimed"),
        ([Claim(agent=MEI)], Snooze(agent=TOM, until=NOW + HOUR), "desk.not_holder"),
        ([Claim(agent=MEI)], Transfer(agent=TOM, department="payments"), "desk.not_holder"),
        ([], Release(agent=TOM), "desk.not_claimed"),
        ([], Release(agent=EVA), "desk.not_claimed"),
        ([], Reopen(agent=TOM), "desk.not_resolved"),
        ([], Wake(agent=TOM), "desk.not_snoozed"),
        ([], Wake(), "desk.not_snoozed"),
        ([NAP], Wake(), "desk.nothing_due"),
        ([], Snooze(agent=TOM, until=NOW), "desk.snooze_past"),
        ([], Snooze(agent=TOM, until=NOW + timedelta(days=91)), "desk.snooze_far"),
        ([], Transfer(agent=TOM, department="support"), "desk.already_there"),
        ([], Tag(agent=MEI, tag=" ！ "), "desk.tag_wrong"),
        ([Tag(agent=MEI, tag=f"t{n}") for n in range(MOST_TAGS)], Tag(agent=MEI, tag="x"), "desk.tags_full"),
        ([Tag(agent=MEI, tag="refund")], Untag(agent=MEI, tag="returns"), "desk.tag_missing"),
        ([], OfferAgain(limit=MINUTE), "desk.nothing_due"),
        ([Resolve(agent=MEI)], Resolve(agent=TOM), "desk.already_resolved"),
        ([Resolve(agent=MEI, resolution="defect")], Resolve(agent=TOM, resolution="defect"), "desk.already_resolved"),
        *[
            ([Resolve(agent=MEI)], act, "desk.already_resolved")
            for act in (
                Claim(agent=TOM), TakeOver(agent=EVA), Release(agent=EVA), Assign(agent=EVA, to=TOM), NAP,
                Wake(), Transfer(agent=EVA, department="payments"), OfferAgain(limit=MINUTE),
            )
        ],
    ],
)  # fmt: skip
def test_illegal_moves_are_told_and_change_nothing(before: list[Act], act: Act, whisper: str) -> None:
    outcome = step(after(*before), act, NOW)
    assert isinstance(outcome, IllegalMove)
    assert outcome.whisper.name == whisper


def test_the_second_claim_hears_who_holds_it() -> None:
    outcome = step(after(Claim(agent=MEI)), Claim(agent=TOM), NOW)
    assert isinstance(outcome, IllegalMove)
    assert outcome.whisper.params["agent"] == "Mei"


def test_a_colleague_asks_before_they_take_over() -> None:
    asked = moved(after(Claim(agent=MEI)), TakeOver(agent=TOM, seen="U1"), NOW + MINUTE)
    assert asked.asks == MEI
    assert asked.whisper is not None
    assert asked.ticket.holder == MEI
    handed = moved(asked.ticket, Assign(agent=MEI, to=TOM))
    assert handed.ticket.holder == TOM


def test_who_lets_a_person_wait_need_not_be_asked() -> None:
    ticket = after(Claim(agent=MEI))
    assert moved(ticket, TakeOver(agent=TOM), NOW + 5 * MINUTE).ticket.holder == TOM
    answered = moved(ticket, Replied(agent=MEI)).ticket
    assert moved(answered, TakeOver(agent=TOM), NOW + 5 * HOUR).ticket.holder == MEI


def test_waiting_counts_from_the_first_unanswered_words() -> None:
    replied = moved(OPEN, Replied(agent=MEI)).ticket
    assert replied.waiting_since is None
    later = NOW + 5 * MINUTE
    asked = moved(replied, Asked(), later).ticket
    assert moved(asked, Asked(), later + MINUTE).ticket.waiting_since == later


def test_a_timer_wakes_only_when_its_time_has_come() -> None:
    again = moved(after(NAP), Snooze(agent=MEI, until=NOW + 2 * HOUR)).ticket
    assert isinstance(step(again, Wake(), NOW + HOUR), IllegalMove)
    woken = moved(again, Wake(), NOW + 2 * HOUR).ticket
    assert (woken.state, woken.snoozed_until) == ("open", None)


def test_a_silent_holders_ticket_is_offered_again() -> None:
    ticket, offer = after(Claim(agent=MEI)), OfferAgain(limit=30 * MINUTE)
    assert offer_at(ticket, 30 * MINUTE) == NOW + 30 * MINUTE
    assert isinstance(step(ticket, offer, NOW + 29 * MINUTE), IllegalMove)
    offered = moved(ticket, offer, NOW + 30 * MINUTE).ticket
    assert (offered.state, offered.holder, offered.waiting_since) == ("open", None, NOW)


@pytest.mark.parametrize("acts", [[], [Claim(agent=MEI), Replied(agent=MEI)], [Claim(agent=MEI), NAP]])
def test_nothing_is_offered_while_nobody_waits_for_a_holder(acts: list[Act]) -> None:
    assert offer_at(after(*acts), MINUTE) is None


def test_silence_counts_in_working_hours_and_may_last_for_ever() -> None:
    office = Hours(zone=ZoneInfo("UTC"), week=((Span(since=time(9), until=time(12, 10)),),) * 7)
    ticket = after(Claim(agent=MEI))
    assert offer_at(ticket, 30 * MINUTE, office) == datetime(2026, 3, 3, 9, 20, tzinfo=UTC)
    assert offer_at(ticket, timedelta()) is None


def test_what_it_was_about_can_be_said_afterwards_but_not_twice_over() -> None:
    done = moved(OPEN, Resolve(agent=MEI))
    assert done.tell is not None
    said = moved(done.ticket, Resolve(agent=MEI, resolution="policy"), NOW + MINUTE)
    assert (said.tell, said.ticket.resolution, said.ticket.resolved_at) == (None, "policy", NOW)
    assert moved(said.ticket, Reopen()).ticket.resolution == ""


def test_labels_can_change_in_any_state() -> None:
    for ticket in (OPEN, after(Claim(agent=MEI)), after(NAP), after(Resolve(agent=MEI))):
        urgent = moved(ticket, SetPriority(agent=None, priority="urgent")).ticket
        tagged = moved(urgent, Tag(agent=MEI, tag="#Refund ")).ticket
        assert (tagged.priority, tagged.tags, tagged.state) == ("urgent", ("refund",), ticket.state)
        assert moved(tagged, Tag(agent=TOM, tag="REFUND")).ticket.tags == ("refund",)
        assert moved(tagged, Untag(agent=TOM, tag="refund")).ticket.tags == ()


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("Refund", "refund"),
        ("＃退款", "退款"),
        ("late delivery, again", "late-delivery-again"),
        ("--", None),
        ("x" * LONGEST_TAG, "x" * LONGEST_TAG),
        ("x" * (LONGEST_TAG + 1), None),
    ],
)
def test_tags(typed: str, tag: str | None) -> None:
    assert tag_of(typed) == tag


@pytest.mark.parametrize(
    ("days", "repeat"),
    [([], False), ([8], False), ([7], True), ([30, 1], True), ([-1], False)],
)
def test_a_repeat_comes_within_a_week(days: list[int], repeat: bool) -> None:
    assert is_repeat([NOW - timedelta(days=day) for day in days], NOW) is repeat
