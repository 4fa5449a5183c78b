"""What a person says of an answer: it helped, or it didn't, and then what else there is."""

from dataclasses import replace

from core.conversation import idle
from core.conversation.asked import Asked, Fate
from core.conversation.situation import Became, Situation, Step, Tell
from core.messages import Say

SUGGESTED = 3
_WORTH = 0.1
"""What speaks for an entry, next to the first one, to be offered instead of it."""


def helped(s: Situation) -> Step:
    """Thanks; the row of misses is over."""
    told = Tell(say=Say(name="helped"))
    talk = replace(s.conversation, misses=0, unhelped=False)
    return Step(conversation=talk, effects=(*became(s, "helped"), told), why="helped")


def unhelped(s: Situation) -> Step:
    """The next best, or a person; the second time in a row people take over."""
    if s.about is None or s.about.fate == "unhelped":  # tapped twice: it counts once
        tell = Tell(say=Say(name="unhelped"), options=("person",))
        return Step(conversation=s.conversation, effects=(tell,), why="unhelped again")
    misses = s.conversation.misses + 1
    if misses >= idle.MISSES:
        handed = idle.hand_off(s, "unhelped")
        return replace(handed, effects=(*became(s, "unhelped"), *handed.effects))
    talk = replace(s.conversation, misses=misses, unhelped=True)
    told = _instead(s, s.about.entry, s.about.text)
    return Step(conversation=talk, effects=(*became(s, "unhelped"), told), why="unhelped")


def became(s: Situation, fate: Fate, entry: str = "") -> tuple[Became, ...]:
    """What became of the question that the choice belongs to."""
    return (Became(question=s.about.id, fate=fate, entry=entry),) if s.about else ()


def _instead(s: Situation, entry: str, text: str) -> Tell:
    others = _others(s, entry)
    if not others:
        return Tell(say=Say(name="unhelped"), options=("person",))
    options = (*(f"faq:{other}" for other in others), "none")
    asked = Asked(kind="suggest", text=text, shown=others)
    return Tell(say=Say(name="unhelped.instead"), options=options, asked=asked)


def _others(s: Situation, entry: str) -> tuple[str, ...]:
    """What comes next for the same question, then where the admins lead on from the answer."""
    hits = s.readings.whole.decision.candidates
    near = [hit.id for hit in hits if hit.id != entry and hit.score >= _WORTH * hits[0].score]
    led = s.shelf.entries[entry].follow_ups if entry in s.shelf.entries else ()
    all_of_them = dict.fromkeys((*near, *led))
    return tuple(one for one in all_of_them if one != entry and one in s.shelf.entries)[:SUGGESTED]
