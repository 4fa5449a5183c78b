"""The conversation's decisions as tables: what a situation and an event lead to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation import flow, texts
from core.conversation.asked import About
from core.conversation.faq.decide import Decision
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.shelf import Shelf
from core.conversation.reading import Heard, Readings
from core.conversation.situation import (
    Answer,
    Conversation,
    Fired,
    Forget,
    Forward,
    HandOff,
    Piece,
    Situation,
    Step,
    Tell,
    Wait,
    dump,
    load,
)
from core.escalation.ticket import Ticket
from core.messages import Address, Agent, Attachment, Inbound, Kind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXTS = Path(__file__).parent.parent / "config" / "texts"
WORDS = texts.read({path.name: path.read_bytes() for path in TEXTS.glob("*.yaml")}).words
NOTHING = Decision(kind="nothing", ids=())
SUGGEST = Decision(kind="suggest", ids=("a", "b", "c"))
CLEAR = Decision(kind="answer", ids=("a",))
OPEN = Ticket(number=1001, opened_at=NOW - timedelta(minutes=7), waiting_since=NOW - timedelta(minutes=7))
PHOTO = Attachment(kind="image", ref="m1")
SHELF = Shelf.of(
    [
        Entry(id=name, category=name, blocks={"en": Block(question=f"{name}?", answer=f"{name}.")})
        for name in "abc"
    ],
    NOW.date(),
)


def situation(decision: Decision = NOTHING, **changed: Any) -> Situation:
    readings = Readings(whole=Heard(text="?", decision=decision))
    base = Situation(now=NOW, conversation=Conversation(), words=WORDS, readings=readings, shelf=SHELF)
    return replace(base, **changed)


def event(text: str = "", kind: Kind = "said", **columns: Any) -> Inbound:
    sender = Address(platform="telegram", account="shop", user="7", chat="7")
    return Inbound(id="1", kind=kind, sender=sender, sent_at=NOW, text=text, **columns)


def said(step: Step) -> list[str]:
    return [effect.say.name for effect in step.effects if isinstance(effect, Tell)]


def answers(step: Step) -> list[str]:
    return [entry for effect in step.effects if isinstance(effect, Answer) for entry in effect.entries]


def reason(step: Step) -> str:
    return next((effect.reason for effect in step.effects if isinstance(effect, HandOff)), "")


def test_a_clear_question_is_answered_at_once() -> None:
    step = flow.step(situation(decision=CLEAR), event("怎么退货"))
    assert answers(step) == ["a"]
    assert (step.conversation.pending, step.conversation.misses) == ((), 0)


@pytest.mark.parametrize("text", ["你好", "在吗", "我的单子", "hi there", "what about"])
def test_greetings_fragments_and_doubtful_texts_wait_for_the_rest(text: str) -> None:
    step = flow.step(situation(decision=SUGGEST), event(text))
    assert step.effects == (Wait(timer="burst", until=NOW + timedelta(seconds=2)),)
    assert step.conversation.pending == (Piece(text=text),)


def test_a_burst_waits_eight_seconds_at_most() -> None:
    talk = Conversation(pending=(Piece(text="我的"),), pending_since=NOW - timedelta(seconds=7))
    step = flow.step(situation(conversation=talk), event("单子"))
    assert step.effects == (Wait(timer="burst", until=NOW + timedelta(seconds=1)),)


def test_a_burst_is_one_question_and_one_miss() -> None:
    talk = Conversation(
        pending=(Piece(text="你好"), Piece(text="在吗"), Piece(text="我的单子")), pending_since=NOW
    )
    assert flow.question(talk, Fired(name="burst"), WORDS) == "我的单子"
    step = flow.step(situation(conversation=talk, decision=SUGGEST), Fired(name="burst"))
    assert said(step) == ["suggest"]
    assert step.conversation.misses == 1
    assert step.conversation.pending == ()


def test_the_last_suggestion_is_always_a_person() -> None:
    talk = Conversation(pending=(Piece(text="我的单子"),), pending_since=NOW)
    suggested = flow.step(situation(conversation=talk, decision=SUGGEST), Fired(name="burst"))
    assert [e.options for e in suggested.effects if isinstance(e, Tell)] == [
        ("faq:a", "faq:b", "faq:c", "none")
    ]
    missed = flow.step(situation(conversation=talk, decision=NOTHING), Fired(name="burst"))
    assert [e.options for e in missed.effects if isinstance(e, Tell)] == [("person",)]


@pytest.mark.parametrize("decision", [NOTHING, SUGGEST])
def test_the_second_miss_hands_off(decision: Decision) -> None:
    talk = Conversation(pending=(Piece(text="又一个问题"),), pending_since=NOW, misses=1)
    assert reason(flow.step(situation(conversation=talk, decision=decision), Fired(name="burst"))) == "misses"


def test_an_answer_between_two_misses_starts_the_count_anew() -> None:
    step = flow.step(situation(conversation=Conversation(misses=1), decision=CLEAR), event("怎么退货"))
    assert step.conversation.misses == 0


@pytest.mark.parametrize(
    "text",
    [
        "人工",
        "转人工",
        "真人",
        "我要转人工客服",
        "人工！",
        "轉人工",
        "真人客服",
        "agent",
        "Human",
        "I want to talk to a human",
    ],
)
def test_words_for_a_person_hand_off(text: str) -> None:
    assert reason(flow.step(situation(decision=CLEAR), event(text))) == "asked"


@pytest.mark.parametrize(
    "text", ["你们是人工智能吗", "人工費怎麼算", "my travel agent booked it", "不用人工"]
)
def test_look_alikes_do_not(text: str) -> None:
    assert reason(flow.step(situation(), event(text))) == ""


def test_a_photo_without_words_is_kept_and_asked_about_once() -> None:
    kept = flow.step(situation(), event(attachments=(PHOTO,)))
    assert [type(effect) for effect in kept.effects] == [Wait]
    asked = flow.step(situation(conversation=kept.conversation), Fired(name="burst"))
    assert said(asked) == ["intake.ask"]
    assert asked.conversation.misses == 0
    opened = flow.step(situation(conversation=asked.conversation, decision=CLEAR), event("寄来就是坏的"))
    assert reason(opened) == "file"


def test_a_caption_is_a_question_like_any_other() -> None:
    step = flow.step(situation(decision=CLEAR), event("怎么退货", attachments=(PHOTO,)))
    assert answers(step) == ["a"]


def test_the_rest_of_an_album_asks_nothing_more() -> None:
    kept = flow.step(situation(), event("这个怎么装", attachments=(PHOTO,), album="9")).conversation
    kept = flow.step(situation(conversation=kept), event(attachments=(PHOTO,), album="9")).conversation
    assert said(flow.step(situation(conversation=kept, decision=SUGGEST), Fired(name="burst"))) == ["suggest"]


@pytest.mark.parametrize("text", ["2", "２", "2.", "(2)", "【2】"[1:-1]])
def test_a_bare_number_belongs_to_the_newest_list_for_ten_minutes(text: str) -> None:
    talk = Conversation(offered=("faq:a", "faq:b", "none"), offered_at=NOW - timedelta(minutes=10))
    assert answers(flow.step(situation(conversation=talk), event(text))) == ["b"]
    stale = replace(talk, offered_at=NOW - timedelta(minutes=10, seconds=1))
    assert answers(flow.step(situation(conversation=stale), event(text))) == []


@pytest.mark.parametrize("text", ["谢谢", "好的，谢谢", "thanks!", "👍", "[强]", "🙏🙏", "ok"])
def test_thanks_and_emoji_open_nothing(text: str) -> None:
    resolved = replace(OPEN, state="resolved", resolved_at=NOW)
    step = flow.step(situation(resolved=resolved, conversation=Conversation(misses=1)), event(text))
    assert reason(step) == ""
    assert step.conversation.misses == 1
    assert not any(isinstance(effect, Wait) for effect in step.effects)


def test_while_a_ticket_is_open_the_bot_keeps_quiet() -> None:
    step = flow.step(situation(ticket=OPEN, decision=CLEAR), event("怎么退货"))
    assert step.effects == (Forward(),)


@pytest.mark.parametrize(
    ("text", "told"), [("进度", True), ("status", True), ("有人吗？", True), ("怎么退货", False)]
)
def test_who_waits_hears_the_state(text: str, told: bool) -> None:
    step = flow.step(situation(ticket=OPEN), event(text))
    assert said(step) == (["status.open"] if told else [])
    assert Forward() in step.effects


def test_anyone_there_is_answered_every_ten_minutes_but_status_always() -> None:
    talk = Conversation(state_told_at=NOW - timedelta(minutes=9))
    assert said(flow.step(situation(ticket=OPEN, conversation=talk), event("有人吗"))) == []
    assert said(flow.step(situation(ticket=OPEN, conversation=talk), event("进度"))) == ["status.open"]
    talk = Conversation(state_told_at=NOW - timedelta(minutes=10))
    assert said(flow.step(situation(ticket=OPEN, conversation=talk), event("有人吗"))) == ["status.open"]


def test_the_state_names_who_works_on_it() -> None:
    held = replace(OPEN, state="claimed", holder=Agent(id="U1", name="小梅"))
    step = flow.step(situation(ticket=held), event("进度"))
    told = next(effect for effect in step.effects if isinstance(effect, Tell))
    assert (told.say.name, told.say.params["agent"], told.say.params["minutes"]) == (
        "status.claimed",
        "小梅",
        7,
    )


def test_not_solved_reopens_at_once() -> None:
    resolved = replace(OPEN, state="resolved", resolved_at=NOW)
    step = flow.step(situation(resolved=resolved), event(kind="chose", choice="unsolved:1001"))
    assert HandOff(reason="unsolved", reopens=1001) in step.effects


def test_a_need_for_a_person_soon_after_a_resolve_reopens_that_ticket() -> None:
    resolved = replace(OPEN, state="resolved", resolved_at=NOW)
    assert (
        HandOff(reason="asked", reopens=1001)
        in flow.step(situation(resolved=resolved), event("人工")).effects
    )
    assert answers(flow.step(situation(resolved=resolved, decision=CLEAR), event("怎么退货"))) == ["a"]


def test_a_choice_that_is_gone_says_so() -> None:
    assert said(flow.step(situation(), event(kind="chose", choice="faq:gone"))) == ["choice.gone"]


def test_an_unknown_kind_of_message_is_told_politely_and_is_no_miss() -> None:
    step = flow.step(situation(), event(unknown_type="miniprogrampage"))
    assert said(step) == ["unknown.type"]
    assert step.conversation.misses == 0


def test_a_choice_ends_a_burst_that_waits() -> None:
    talk = Conversation(pending=(Piece(text="我的"),), pending_since=NOW)
    step = flow.step(situation(conversation=talk), event(kind="chose", choice="faq:a"))
    assert Forget(timer="burst") in step.effects
    assert step.conversation.pending == ()


def test_in_a_shared_chat_one_line_and_nothing_personal() -> None:
    assert said(flow.step(situation(decision=CLEAR), event("@bot 怎么退货", kind="mentioned"))) == [
        "group.redirect"
    ]


kinds = st.sampled_from(["said", "chose", "edited", "deleted", "followed", "left", "linked", "mentioned"])
inbounds = st.builds(
    event,
    text=st.one_of(st.text(max_size=20), st.sampled_from(["人工", "你好", "进度", "1", "谢谢", "👍"])),
    kind=kinds,
    choice=st.sampled_from(
        [
            "",
            "faq:a",
            "faq:zz",
            "person",
            "none",
            "unsolved:1001",
            "unsolved:x",
            "menu:help",
            "x:",
            "helped:7",
            "unhelped:7",
            "pick:7:0",
            "pick:7:9",
            "person:7",
            "none:7",
            "top",
            "topics:1",
            "topic:x",
            "more:1:x",
            "back",
        ]
    ),
    attachments=st.sampled_from([(), (PHOTO,)]),
)
events = st.one_of(inbounds, st.builds(Fired, name=st.sampled_from(["burst", "other"])))


abouts = st.sampled_from([None, *(About(id=7, text="?", entry="a", shown=("a", "b"), fate=fate)
                                  for fate in ("", "picked", "helped", "unhelped", "person"))])  # fmt: skip
moments = st.tuples(events, st.sampled_from([NOTHING, SUGGEST, CLEAR]), st.booleans(), abouts)


@given(st.lists(moments, max_size=12))
def test_every_event_is_legal_in_every_state(
    sequence: list[tuple[Inbound | Fired, Decision, bool, About | None]],
) -> None:
    talk = Conversation()
    for happened, decision, handed, about in sequence:
        ticket = OPEN if handed else None
        step = flow.step(
            situation(conversation=talk, decision=decision, ticket=ticket, about=about), happened
        )
        talk = step.conversation
        assert load(dump(talk)) == talk, "the conversation survives being kept"
        assert talk.misses < 2
        assert not handed or not any(isinstance(effect, Answer | HandOff) for effect in step.effects)


@pytest.mark.parametrize(
    "scene", [None, [], {"pending": 3}, {"of": "a later version"}, {"offered_at": "soon"}]
)
def test_a_damaged_state_is_a_fresh_conversation(scene: object) -> None:
    assert load(scene) == Conversation() or scene == {"of": "a later version"}
