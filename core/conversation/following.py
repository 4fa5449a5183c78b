"""A short question after an answer ("那运费呢?"): read by itself, and after what the answer was about.

By itself it may mean another entry (the fee of any parcel) than in its place (the fee of a return). The reading in
its place is taken only where it says more; a text that the FAQ knows word for word always means what it says.
"""

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta

from core.conversation.faq.decide import Decision
from core.conversation.faq.entries import Entry

LASTS = timedelta(minutes=10)
"""How long what is said may be about the last answer."""
_LONGEST_HAN, _LONGEST_WORDS = 12, 6
_CLEARLY = 0.15
"""By how much the probability must grow for a question that nothing marks as going on."""
_SURE = 0.9
"""From this probability on, what is asked in one message means what it says."""
_BESIDES = 0.85
"""The probability that what stands beside the last answer must have to be the next."""
_EXACT = 0.99
_HAN = re.compile(r"[\u3400-\u9fff]")
_OPENS = re.compile(
    r"(?:那么?|那麼|然后|然後|还有|還有|and|but|so|then|what about|how about|what if)(?![a-z])[\s,，]*",
    re.IGNORECASE,
)
_CLOSES = re.compile(r"(?:的话|的話)?[\s,，]*(?:怎么样|怎麼樣|如何)?[呢吶]?[\s?？!！.。…~]*$")
_GOES_ON = re.compile(r"呢[\s?？!！.。…~]*$")
_SMALL = re.compile(
    r"^(?:(?:for|to|in|at|with|the|a|an|on|from|of|if|about|to the)\s+)+|^(?:如果|要是|在|到|对|對|寄到?)",
    re.IGNORECASE,
)
_LEAST = 2


def may_follow(text: str) -> bool:
    """Short enough to lean on what was said before."""
    plain = text.strip()
    if not plain or "\n" in plain:
        return False
    han = len(_HAN.findall(plain))
    return (
        len(plain) <= 2 * _LONGEST_HAN and han <= _LONGEST_HAN
        if han
        else len(plain.split()) <= _LONGEST_WORDS
    )


def goes_on(text: str) -> bool:
    """Marked as going on from what was said: "that", "and", "呢"."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return bool(_OPENS.match(plain) or _GOES_ON.search(plain))


def in_place(
    text: str,
    alone: Decision,
    placed: Decision,
    last: Entry,
    near: Entry | None,
    *,
    same_breath: bool = False,
) -> Decision:
    """The better of two readings of ``text`` after an answer with ``last``; ``near`` is what ``placed`` ranks first.

    ``same_breath``: it was asked in one message with what ``last`` answers.
    """
    placed = _besides(placed, last)
    goes = goes_on(text) or (same_breath and alone.probability < _SURE)
    if alone.reason.likeness >= _EXACT or placed.kind != "answer" or near is None:
        return alone
    if near.id == last.id:
        return placed if alone.kind != "answer" and goes and _tells_of(last, text) else alone
    if alone.kind != "answer":
        clearly = placed.probability >= alone.probability + _CLEARLY
        return placed if clearly and (goes or _kin(last, near)) else alone
    known = near.id in [hit.id for hit in alone.candidates[:3]]
    return placed if goes and known and _kin(last, near) else alone


def _besides(placed: Decision, last: Entry) -> Decision:
    """As the reading would be if nobody asked again for what was just answered, whose words are half of it."""
    first, *others = placed.candidates or (None,)
    known = next((hit.score for hit in others if hit.id == last.id), 0.0)
    if placed.kind != "suggest" or first is None or first.id == last.id or not known:
        return placed
    left = (1 - placed.probability) * (1 - known / sum(hit.score for hit in others))
    probability = placed.probability / (placed.probability + left)
    if probability < _BESIDES:
        return placed
    return replace(placed, kind="answer", ids=(first.id,), probability=probability)


def _kin(last: Entry, near: Entry) -> bool:
    return near.id in last.follow_ups or (bool(last.category) and last.category == near.category)


def _tells_of(entry: Entry, text: str) -> bool:
    """What is asked about stands in the entry's own words, in whatever language."""
    topic = _topic(text)
    told = (
        part for block in entry.blocks.values() for part in (block.answer, block.question, *block.variants)
    )
    return len(topic) >= _LEAST and any(topic in part.casefold() for part in told)


def _topic(text: str) -> str:
    """ "那新疆呢？" is about 新疆, "and for Taiwan?" about taiwan."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    plain = _OPENS.sub("", plain, count=1) if _OPENS.match(plain) else plain
    return _SMALL.sub("", _CLOSES.sub("", plain)).strip()
