"""What follows an answer: verdicts, the next best, a person, other entries, departments; several answers at once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.conversation import flow
from core.conversation.asked import About
from core.conversation.faq.decide import Decision
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.index import Hit
from core.conversation.faq.shelf import Shelf
from core.conversation.feedback import Standing
from core.conversation.reading import Heard, Readings
from core.conversation.situation import (
    Answer,
    Became,
    Conversation,
    Effect,
    Fired,
    HandOff,
    Last,
    Piece,
    Situation,
    Step,
    Tell,
)
from core.escalation.ticket import Ticket
from core.messages import Inbound
from tests.test_flow import NOW, WORDS, event, reason, said

KNOWN = Standing(helped=20)


def entry(name: str, **columns: Any) -> Entry:
    return Entry(
        id=name, category="c", blocks={"en": Block(question=f"{name}?", answer=f"{name}.")}, **columns
    )


SHELF = Shelf.of(
    [
        entry("a", follow_ups=("b", "gone")),
        *map(entry, "bcdef"),
        entry("fire", escalate="safety"),
        entry("many", follow_ups=("a", "b", "c", "d", "e", "f")),
    ],
    NOW.date(),
)


def decided(*names: str, probability: float = 0.99) -> Decision:
    hits = tuple(Hit(id=name, score=0.8**place, phrase=name) for place, name in enumerate(names))
    return Decision(kind="answer", ids=names[:1], probability=probability, candidates=hits)


def heard(*names: str, text: str = "how?", probability: float = 0.99) -> Heard:
    return Heard(text=text, decision=decided(*names, probability=probability))


def situation(whole: Heard | None = None, parts: tuple[Heard, ...] = (), **changed: Any) -> Situation:
    base = Situation(
        now=NOW,
        conversation=Conversation(),
        words=WORDS,
        readings=Readings(whole=whole or Heard(), parts=parts),
        shelf=SHELF,
        standings=dict.fromkeys(SHELF.entries, KNOWN),
    )
    return replace(base, **changed)


def tap(option: str) -> Inbound:
    return event(kind="chose", choice=option)


def only(step: Step, kind: type[Effect]) -> Any:
    found = [effect for effect in step.effects if isinstance(effect, kind)]
    assert len(found) == 1
    return found[0]


def options(step: Step) -> tuple[str, ...]:
    return next(one.options for one in step.effects if isinstance(one, Answer | Tell))


ASKED = About(id=7, text="how?", entry="a", shown=("a",))
SUGGESTED = About(id=8, text="how?", entry="", shown=("b", "c"))
TOLD = NOW - timedelta(minutes=1)


def test_an_answer_is_kept_with_its_question_and_leads_on() -> None:
    step = flow.step(situation(heard("a", "b", probability=0.8)), event("how?"))
    answer = only(step, Answer)
    kept = answer.asked[0]
    assert (kept.kind, kept.text, kept.entry, kept.shown, kept.probability) == (
        "answer", "how?", "a", ("a",), 0.8,
    )  # fmt: skip
    assert answer.options == ("faq:b", "helped", "unhelped", "person")
    assert step.conversation.last == Last(entry="a", at=NOW, judged=True)
    assert step.conversation.feedback_at == NOW


def test_it_is_not_asked_twice_in_a_row() -> None:
    first = flow.step(situation(heard("c", probability=0.8)), event("how?"))
    second = flow.step(situation(heard("d", probability=0.8), conversation=first.conversation), event("how?"))
    third = flow.step(situation(heard("e", probability=0.8), conversation=second.conversation), event("how?"))
    assert [options(step)[:1] for step in (first, second, third)] == [("helped",), (), ("helped",)]


def test_no_more_choices_than_a_message_may_carry() -> None:
    assert options(flow.step(situation(heard("many")), event("how?")))[:4] == (
        "faq:a", "faq:b", "faq:c", "faq:d",
    )  # fmt: skip
    assert options(flow.step(situation(heard("many"), most=5), event("how?"))) == (
        "faq:a", "faq:b", "helped", "unhelped", "person",
    )  # fmt: skip


def test_helped_is_kept_and_ends_a_row_of_misses() -> None:
    step = flow.step(situation(about=ASKED, conversation=Conversation(misses=1)), tap("helped:7"))
    assert step.effects == (Became(question=7, fate="helped"), *step.effects[1:])
    assert said(step) == ["helped"]
    assert step.conversation.misses == 0


def test_unhelped_offers_the_next_best_and_where_the_answer_leads() -> None:
    step = flow.step(situation(heard("a", "c", "d"), about=ASKED), tap("unhelped:7"))
    assert Became(question=7, fate="unhelped") in step.effects
    tell = only(step, Tell)
    assert (tell.say.name, tell.options) == ("unhelped.instead", ("faq:c", "faq:d", "faq:b", "none"))
    assert (tell.asked.kind, tell.asked.text, tell.asked.shown) == ("suggest", "how?", ("c", "d", "b"))
    assert step.conversation.misses == 1


def test_unhelped_without_a_next_best_offers_a_person() -> None:
    step = flow.step(situation(heard("f"), about=replace(ASKED, entry="f", shown=("f",))), tap("unhelped:7"))
    assert (said(step), options(step)) == (["unhelped"], ("person",))


def test_a_second_miss_opens_a_ticket_also_after_the_next_best_was_picked() -> None:
    first = flow.step(situation(heard("a", "b", "c"), about=ASKED), tap("unhelped:7"))
    picked = flow.step(situation(about=SUGGESTED, conversation=first.conversation), tap("pick:8:1"))
    assert only(picked, Answer).entries == ("c",)
    assert Became(question=8, fate="picked", entry="c") in picked.effects
    assert picked.conversation.misses == 1
    again = replace(SUGGESTED, entry="c", fate="picked")
    step = flow.step(situation(heard("a"), about=again, conversation=picked.conversation), tap("unhelped:8"))
    assert reason(step) == "unhelped"
    assert Became(question=8, fate="unhelped") in step.effects


def test_a_picked_suggestion_ends_the_row_unless_an_answer_had_not_helped() -> None:
    step = flow.step(situation(about=SUGGESTED, conversation=Conversation(misses=1)), tap("pick:8:0"))
    assert only(step, Answer).question == 8
    assert step.conversation.misses == 0


def test_a_double_tap_counts_once() -> None:
    twice = replace(ASKED, fate="unhelped")
    step = flow.step(situation(about=twice, conversation=Conversation(misses=1)), tap("unhelped:7"))
    assert (said(step), options(step), step.conversation.misses) == (["unhelped"], ("person",), 1)


@pytest.mark.parametrize("option", ["person:7", "none:7"])
def test_who_wants_a_person_instead_says_so_of_the_question(option: str) -> None:
    step = flow.step(situation(about=ASKED), tap(option))
    assert reason(step) == "asked"
    assert Became(question=7, fate="person") in step.effects


@pytest.mark.parametrize(("minutes", "kept"), [(1, True), (11, False)])
def test_words_for_a_person_right_after_an_answer_are_about_it(minutes: int, kept: bool) -> None:
    last = Last(entry="a", at=NOW - timedelta(minutes=minutes), question=7)
    step = flow.step(situation(conversation=Conversation(last=last)), event("agent"))
    assert reason(step) == "asked"
    assert (Became(question=7, fate="person") in step.effects) is kept


@pytest.mark.parametrize("option", ["helped:7", "unhelped:7", "pick:7:0", "person:7"])
def test_a_question_that_is_gone_does_no_harm(option: str) -> None:
    step = flow.step(situation(), tap(option))
    assert not any(isinstance(effect, Became) for effect in step.effects)
    assert said(step) or reason(step)


def test_while_people_have_it_verdicts_are_kept_and_nothing_is_answered() -> None:
    ticket = Ticket(number=1001, opened_at=NOW, waiting_since=NOW)
    step = flow.step(situation(about=ASKED, ticket=ticket), tap("unhelped:7"))
    assert Became(question=7, fate="unhelped") in step.effects
    assert said(step) == ["status.open"]
    picked = flow.step(situation(about=SUGGESTED, ticket=ticket), tap("pick:8:0"))
    assert Became(question=8, fate="picked", entry="b") in picked.effects
    assert not any(isinstance(effect, Answer) for effect in picked.effects)


def test_a_department_gets_a_ticket_with_the_answer() -> None:
    step = flow.step(situation(heard("fire")), event("it burns"))
    assert (only(step, Answer).options, only(step, HandOff).reason) == ((), "escalate:safety")


@pytest.mark.parametrize("text", ["第二个", "第二個", "2号", "2號", "选第2个", "我选二号", "the second one", "second",
                                  "2nd", "number two", "option 2", "No. 2", "#2", "the 2nd option please"])  # fmt: skip
def test_words_for_a_number_pick_as_well(text: str) -> None:
    talk = Conversation(offered=("pick:8:0", "pick:8:1", "none:8"), offered_at=TOLD)
    step = flow.step(situation(about=SUGGESTED, conversation=talk), event(text))
    assert only(step, Answer).entries == ("c",)


@pytest.mark.parametrize(
    "text", ["第二天能到吗", "second hand?", "2 kg", "option", "seconds", "二", "第九个"]
)
def test_other_words_do_not(text: str) -> None:
    talk = Conversation(offered=("pick:8:0", "pick:8:1", "none:8"), offered_at=TOLD)
    step = flow.step(situation(about=SUGGESTED, conversation=talk), event(text))
    assert not any(isinstance(effect, Answer) for effect in step.effects)


BOTH = (heard("a", text="first"), heard("c", text="second"))


def test_several_questions_are_answered_in_one_message_and_kept_one_by_one() -> None:
    step = flow.step(situation(heard("a", text="both"), BOTH), event("first? second?"))
    answer = only(step, Answer)
    assert answer.entries == ("a", "c")
    assert [(kept.text, kept.entry) for kept in answer.asked] == [("first", "a"), ("second", "c")]
    assert answer.options == ("faq:b",)


def test_the_second_of_them_may_lean_on_the_first() -> None:
    first = heard("a", text="first")
    second = heard("c", "b", text="second", probability=0.7)
    placed = replace(second, placed=heard("b", text="first\nsecond"))
    assert only(flow.step(situation(Heard(), (first, placed)), event("first? second?")), Answer).entries == (
        "a", "b",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("whole", "parts", "told"),
    [
        (heard("a"), (BOTH[0], Heard(text="x")), ("a",)),  # one of them is not sure
        (heard("a"), (heard("c"), heard("c")), ("a",)),  # they are the same
        (Heard(text="both"), (heard("c"), heard("c")), ("c",)),  # only apart they are clear
    ],
)
def test_else_the_whole_is_answered(whole: Heard, parts: tuple[Heard, ...], told: tuple[str, ...]) -> None:
    step = flow.step(situation(whole, parts), event("first? second?"))
    assert only(step, Answer).entries == told
    assert only(step, Answer).asked[0].text == whole.text


@pytest.mark.parametrize(("minutes", "taken"), [(9, "b"), (11, "")])
def test_a_short_question_leans_on_the_last_answer_for_ten_minutes(minutes: int, taken: str) -> None:
    talk = Conversation(last=Last(entry="a", at=NOW - timedelta(minutes=minutes)))
    placed = heard("b", "a", text="a?\nand b")
    unsure = Heard(
        text="and b", decision=Decision(kind="suggest", ids=("b", "c"), probability=0.4, candidates=())
    )
    s = situation(replace(unsure, placed=placed), conversation=talk)
    step = flow.step(s, event("and b"))
    assert [one.entries for one in step.effects if isinstance(one, Answer)] == ([(taken,)] if taken else [])


def test_what_is_missed_is_kept_too() -> None:
    pending = Conversation(pending=(Piece(text="x"),), pending_since=NOW)
    unsure = Heard(text="x", decision=Decision(kind="suggest", ids=("a", "b"), probability=0.4))
    suggested = only(flow.step(situation(unsure, conversation=pending), Fired(name="burst")), Tell)
    assert (suggested.asked.kind, suggested.asked.shown) == ("suggest", ("a", "b"))
    missed = only(flow.step(situation(Heard(text="x"), conversation=pending), Fired(name="burst")), Tell)
    assert (missed.asked.kind, missed.asked.shown) == ("nothing", ())
    second = replace(pending, misses=1)
    handed = only(flow.step(situation(Heard(text="x"), conversation=second), Fired(name="burst")), HandOff)
    assert (handed.asked.kind, handed.asked.text) == ("nothing", "x")
