"""The bot's own scene: questions, bursts of half sentences, pictures without words, greetings and thanks."""

from dataclasses import replace
from datetime import datetime, timedelta

from core.conversation import answering, centre, following
from core.conversation.asked import Asked, question_of
from core.conversation.reading import Heard
from core.conversation.situation import (
    LIST_LASTS,
    Became,
    Conversation,
    Effect,
    Forget,
    HandOff,
    Piece,
    Situation,
    Step,
    Tell,
    Wait,
)
from core.conversation.words import is_emoji
from core.messages import Inbound, Say

REST = timedelta(seconds=2)
"""How long a fragment waits for the next one."""
LONGEST = timedelta(seconds=8)
"""How long a burst may keep its question waiting altogether."""
MISSES = 2
WELCOMES_APART = timedelta(seconds=10)
"""One return may be told as two events: somebody lets the bot in again, and starts it."""
BURST = "burst"


def said(s: Situation, event: Inbound) -> Step:
    """Words or files while no ticket is open."""
    text, talk = event.text.strip(), s.conversation
    if event.unknown_type:
        return Step(conversation=talk, effects=(Tell(say=Say(name="unknown.type")),), why="unknown type")
    if not text:
        return _without_words(s, event)
    if s.words.wants_person(text):
        return hand_off(s, "asked")
    if any(piece.media and not piece.text for piece in talk.pending):
        return hand_off(s, "file")
    step = _aside(s, text)
    if step is None and talk.intake:
        return hand_off(s, "file")
    step = step or _asked(s, Piece(text=text, media=bool(event.attachments)))
    return replace(step, conversation=replace(step.conversation, album=event.album))


def _without_words(s: Situation, event: Inbound) -> Step:
    if not event.attachments:
        return Step(conversation=s.conversation, why="empty")
    if event.album and event.album == s.conversation.album:
        return Step(conversation=s.conversation, why="same album")
    return _wait(s, Piece(media=True))


def settled(s: Situation) -> Step:
    """The burst is over: what came is one question."""
    pieces = s.conversation.pending
    if any(piece.text and not s.words.is_greeting(piece.text) for piece in pieces):
        return _decided(s)
    if any(piece.media for piece in pieces):
        asking = replace(_calm(s), intake=True)
        return Step(
            conversation=asking, effects=(Tell(say=Say(name="intake.ask")),), why="file without words"
        )
    if pieces:
        return _greet(s, "greeting")
    return Step(conversation=s.conversation, why="nothing waited")


def welcome(s: Situation) -> Step:
    """Somebody followed us or started the bot."""
    if s.ticket:
        return Step(conversation=s.conversation, why="back again")
    before = s.conversation.welcomed_at
    if before and s.now - before < WELCOMES_APART:
        return Step(conversation=s.conversation, why="welcomed already")
    step = _greet(s, "welcome")
    return replace(step, conversation=replace(step.conversation, welcomed_at=s.now))


def status(s: Situation) -> Step:
    """How things stand while no ticket is open."""
    if s.resolved:
        told = Say(name="status.resolved", params={"number": s.resolved.number})
        tell = Tell(say=told, options=(f"unsolved:{s.resolved.number}",))
    else:
        tell = Tell(say=Say(name="status.none"), options=("person",))
    return Step(conversation=_calm(s), effects=(tell, *_forget(s)), why="status")


def hand_off(s: Situation, reason: str, asked: Asked | None = None) -> Step:
    """People take over: the ticket that was just resolved is reopened, else a new one is opened."""
    reopens = s.resolved.number if s.resolved else 0
    return Step(
        conversation=Conversation(feedback_at=s.conversation.feedback_at),
        effects=(
            *_asks_instead(s, reason),
            HandOff(reason=reason, reopens=reopens, asked=asked),
            *_forget(s),
        ),
        why=reason,
    )


def _asks_instead(s: Situation, reason: str) -> tuple[Became, ...]:
    """Who comes to a person right after an answer or a suggestion says that it wasn't enough."""
    if reason not in ("asked", "misses") or s.about is not None:
        return ()
    talk, last = s.conversation, s.conversation.last
    if talk.offered_at and s.now - talk.offered_at <= LIST_LASTS:
        suggested = next(filter(None, map(question_of, talk.offered)), 0)
    else:
        suggested = 0
    answered = last.question if last and s.now - last.at <= following.LASTS else 0
    question = max(suggested, answered)
    return (Became(question=question, fate="person"),) if question else ()


def _aside(s: Situation, text: str) -> Step | None:
    """Words that are no question."""
    if s.words.wants_status(text):
        return status(s)
    if s.words.wants_help(text):
        return settle(s, centre.front(s))
    if is_emoji(text):
        return Step(conversation=s.conversation, why="emoji")
    if s.words.is_thanks(text) and not s.conversation.pending:
        return Step(conversation=s.conversation, effects=(Tell(say=Say(name="thanks")),), why="thanks")
    return None


def _asked(s: Situation, piece: Piece) -> Step:
    """A clear question is answered at once; anything else waits for the rest."""
    sure = () if s.words.is_greeting(piece.text) else answering.sure(s)
    return settle(s, answering.answered(s, sure)) if sure else _wait(s, piece)


def _wait(s: Situation, piece: Piece) -> Step:
    talk = s.conversation
    since = talk.pending_since or s.now
    waiting = replace(talk, pending=(*talk.pending, piece), pending_since=since)
    return Step(
        conversation=waiting,
        effects=(Wait(timer=BURST, until=_until(s.now, since)),),
        why="waits for the rest",
    )


def _until(now: datetime, since: datetime) -> datetime:
    return min(now + REST, since + LONGEST)


def _decided(s: Situation) -> Step:
    """The FAQ's decision on the whole question."""
    if sure := answering.sure(s):
        return settle(s, answering.answered(s, sure))
    return settle(s, _missed(s, s.readings.whole))


def _missed(s: Situation, heard: Heard) -> Step:
    """Nothing is sure: ask back, and with the second time in a row let people answer."""
    near = heard.decision.ids if heard.decision.kind == "suggest" else ()
    misses = s.conversation.misses + 1
    if misses >= MISSES:
        return hand_off(s, "misses", answering.kept(heard))
    options = (*(f"faq:{entry}" for entry in near), "none" if near else "person")
    tell = Tell(
        say=Say(name="suggest" if near else "miss"), options=options, asked=answering.kept(heard, near)
    )
    return Step(conversation=replace(s.conversation, misses=misses), effects=(tell,), why="missed")


def _greet(s: Situation, name: str) -> Step:
    options = (*(f"faq:{entry}" for entry in s.shelf.popular), "person")
    tell = Tell(say=Say(name=name), options=options)
    return settle(s, Step(conversation=replace(s.conversation, place=""), effects=(tell,), why=name))


def settle(s: Situation, step: Step) -> Step:
    """The same step, with which nothing waits for the rest any more."""
    settled = replace(step.conversation, pending=(), pending_since=None)
    dropped = () if any(isinstance(effect, Forget) for effect in step.effects) else _forget(s)
    return replace(step, conversation=settled, effects=(*step.effects, *dropped))


def _calm(s: Situation) -> Conversation:
    return replace(s.conversation, pending=(), pending_since=None)


def _forget(s: Situation) -> tuple[Effect, ...]:
    return (Forget(timer=BURST),) if s.conversation.pending else ()
