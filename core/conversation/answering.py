"""Answering with FAQ entries: which reading of the words is sure, and what is offered under the answer."""

from dataclasses import replace

from core.conversation import feedback, following
from core.conversation.asked import Asked
from core.conversation.faq.entries import Entry
from core.conversation.reading import Heard
from core.conversation.situation import Answer, Conversation, Effect, HandOff, Last, Situation, Step

FOLLOW_UPS = 4
ESCALATES = "escalate:"
"""Begins the reason of a ticket that an entry led to; behind it the department."""
EMERGENCY = "emergency"
"""The reason of a ticket that can't wait."""
_VERDICT = ("helped", "unhelped", "person")
_SURELY = 1.0


def sure(s: Situation) -> tuple[Heard, ...]:
    """What the FAQ surely answers of the words: one question, or all of several; else nothing."""
    last = s.conversation.last
    entry = s.shelf.entries.get(last.entry) if last and s.now - last.at <= following.LASTS else None
    whole = _better(s, s.readings.whole, entry)
    parts = _parts(s)
    found = list(dict.fromkeys(part.decision.ids[0] for part in parts))
    if parts and len(found) == len(parts):
        return parts
    if len(found) == 1 and whole.decision.kind != "answer":
        return (replace(parts[0], text=whole.text),)
    return (whole,) if whole.decision.kind == "answer" else ()


def _parts(s: Situation) -> tuple[Heard, ...]:
    """The questions of one message, each after the one before; none unless all are sure."""
    found: list[Heard] = []
    before: Entry | None = None
    for part in s.readings.parts:
        better = _better(s, part, before, same_breath=True)
        if better.decision.kind != "answer":
            return ()
        found.append(better)
        before = s.shelf.entries.get(better.decision.ids[0])
    return tuple(found)


def _better(s: Situation, heard: Heard, last: Entry | None, *, same_breath: bool = False) -> Heard:
    """The words by themselves, or in the place where they were said, if that is the better reading."""
    placed = heard.placed
    if placed is None or last is None:
        return heard
    near = s.shelf.entries.get(placed.decision.ids[0]) if placed.decision.ids else None
    better = following.in_place(
        heard.text, heard.decision, placed.decision, last, near, same_breath=same_breath
    )
    return heard if better is heard.decision else replace(placed, decision=better)


def answered(s: Situation, questions: tuple[Heard, ...]) -> Step:
    """To a question, or to several at once."""
    asked = tuple(kept(one) for one in questions)
    least = min(one.decision.probability for one in questions)
    judged = len(questions) == 1 and _judged(s, asked[0].entry, least)
    return _step(s, Answer(entries=tuple(one.entry for one in asked), asked=asked), judged, why="answered")


def opened(s: Situation, entry: str) -> Step:
    """An entry that was tapped, without a question: somebody looks around in the help centre."""
    judged = _judged(s, entry, _SURELY)
    asked = Asked(kind="opened", entry=entry, shown=(entry,))
    step = _step(s, Answer(entries=(entry,), asked=(asked,)), judged, why="opened")
    return replace(step, conversation=replace(step.conversation, place=s.conversation.place))


def picked(s: Situation, entry: str) -> Step:
    """A suggestion that was picked; one that was offered because an answer didn't help goes on with that matter."""
    assert s.about is not None
    judged = _judged(s, entry, _SURELY)
    step = _step(s, Answer(entries=(entry,), question=s.about.id), judged, why="picked")
    if not s.conversation.unhelped:
        return step
    goes_on = replace(step.conversation, misses=s.conversation.misses, unhelped=True)
    return replace(step, conversation=goes_on)


def kept(heard: Heard, shown: tuple[str, ...] = ()) -> Asked:
    """A decision as it is kept: an answer with its entry, a suggestion with what is shown, or nothing."""
    decision = heard.decision
    answer = decision.kind == "answer"
    return Asked(
        kind="answer" if answer else "suggest" if shown else "nothing",
        text=heard.text,
        entry=decision.ids[0] if answer else "",
        shown=decision.ids[:1] if answer else shown,
        probability=decision.probability,
        signs=decision.signs,
    )


def _judged(s: Situation, entry: str, probability: float) -> bool:
    """Whether it is asked if this helps; not where people take over anyway."""
    talk = s.conversation
    if s.shelf.entries[entry].escalate:
        return False
    return feedback.wanted(
        s.standings.get(entry, feedback.Standing()),
        probability,
        in_a_row=talk.last is not None and talk.last.judged,
        asked_at=talk.feedback_at,
        now=s.now,
    )


def _step(s: Situation, answer: Answer, judged: bool, why: str) -> Step:
    entries = [s.shelf.entries[entry] for entry in answer.entries]
    talk = Conversation(
        last=Last(entry=answer.entries[-1], at=s.now, judged=judged),
        feedback_at=s.now if judged else s.conversation.feedback_at,
    )
    effects: list[Effect] = [replace(answer, options=_options(s, entries, judged, why))]
    if to := next((entry.escalate for entry in entries if entry.escalate), ""):
        reopens = s.resolved.number if s.resolved else 0
        effects.append(HandOff(reason=f"{ESCALATES}{to}", reopens=reopens))
    return Step(conversation=talk, effects=tuple(effects), why=why)


def _options(s: Situation, entries: list[Entry], judged: bool, why: str) -> tuple[str, ...]:
    """Where the admins lead on, whether it helped, and the way back: no more than a message may carry."""
    if any(entry.escalate for entry in entries):
        return ()
    ends = [*(_VERDICT if judged else ()), *filter(None, [s.conversation.place if why == "opened" else ""])]
    shown = [entry.id for entry in entries]
    ways = [f"faq:{way}" for entry in entries for way in entry.follow_ups if way in s.shelf.entries]
    new = [way for way in dict.fromkeys(ways) if way.removeprefix("faq:") not in shown]
    room = min(FOLLOW_UPS, max(s.most - len(ends), 0))
    return (*new[:room], *ends)
