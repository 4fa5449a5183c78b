"""The modal's plain pages: the search, one entry, and words that say what is going on. Pure."""

from collections.abc import Iterator, Sequence

from bots.slack.admin.where import Where
from bots.slack.kit import (
    Block,
    Button,
    Speech,
    View,
    actions,
    context,
    divider,
    field,
    header,
    modal,
    quoted,
    section,
)
from bots.slack.lengths import cut
from bots.slack.text import safe
from core.conversation.faq.book import Faq
from core.conversation.faq.decide import Decision
from core.conversation.faq.entries import Block as Part
from core.conversation.faq.entries import Entry

SEARCH, ENTRY, TOLD, WAIT = "faq.search", "faq.entry", "faq.told", "faq.wait"
WORDS = "words"
_FOUND = 10
_ANSWER = 1200
_VARIANTS = 700
_SEARCHED = 200


def wait(where: Where, speech: Speech) -> View:
    """Shown at once, while the real page is being made."""
    return _page(
        speech("admin.title"), [section(f"⏳ {speech('admin.wait')}")], WAIT, where, speech, submit=""
    )


def told(markup: str, where: Where, speech: Speech, *buttons: Button) -> View:
    """Words, and where to go from here."""
    home = Button(verb="faq.home", label=speech("admin.home"))
    return _page(
        speech("admin.title"), [section(markup), actions(speech, *buttons, home)], TOLD, where, speech
    )


def _page(
    title: str, blocks: Sequence[Block], page: str, where: Where, speech: Speech, submit: str = ""
) -> View:
    return modal(title, blocks, page=page, where=str(where), close=speech("admin.close"), submit=submit)


# --- the search -----------------------------------------------------------------------------------------------


def search(faq: Faq, revision: int, decision: Decision | None, where: Where, speech: Speech) -> View:
    """What there is, or what the bot makes of ``where.words``."""
    found = _decided(faq, decision, speech) if decision else _popular(faq, revision, speech)
    field_ = field(WORDS, speech("admin.search.words"), cut(where.words, _SEARCHED), optional=True)
    doors = actions(
        speech,
        Button(verb="faq.add", label=speech("admin.add")),
        Button(verb="faq.history", label=speech("admin.history")),
        Button(verb="faq.gaps", label=speech("admin.gaps")),
        Button(verb="faq.variants", label=speech("admin.variants")),
    )
    return _page(
        speech("admin.title"),
        [field_, doors, divider(), *found],
        SEARCH,
        where,
        speech,
        submit=speech("admin.search"),
    )


def _popular(faq: Faq, revision: int, speech: Speech) -> Iterator[Block]:
    yield context(speech("admin.search.all", count=len(faq.entries), revision=revision))
    for id in faq.popular:
        yield _hit(faq.entries[id], "", speech)


def _decided(faq: Faq, decision: Decision, speech: Speech) -> Iterator[Block]:
    yield section(f"*{outcome(decision, speech)}*\n{_because(decision, speech)}")
    for hit in decision.candidates[:_FOUND]:
        yield _hit(faq.entries[hit.id], percent(hit.score), speech)


def outcome(decision: Decision, speech: Speech) -> str:
    """What becomes of a question, in a few words."""
    ids = ", ".join(f"`{safe(id)}`" for id in decision.ids)
    return speech(f"admin.outcome.{decision.kind}", ids=ids, sure=percent(decision.probability))


def _because(decision: Decision, speech: Speech) -> str:
    reason = decision.reason
    if not reason.phrase:
        return speech("admin.because.nothing")
    return speech(
        "admin.because",
        phrase=quoted(reason.phrase, 120),
        likeness=percent(reason.likeness),
        next=percent(reason.next),
    )


def _hit(entry: Entry, score: str, speech: Speech) -> Block:
    question = quoted(entry.question_in(speech("admin.language")), 200)
    beside = " · ".join(filter(None, [f"`{safe(entry.id)}`", quoted(entry.category, 40), score]))
    button = Button(verb="faq.open", label=speech("admin.open"), value=entry.id)
    return section(f"*{question}*\n{beside}", button, speech)


def percent(share: float) -> str:
    return f"{share:.0%}"


# --- one entry ------------------------------------------------------------------------------------------------


def entry(one: Entry, where: Where, speech: Speech, said: str = "") -> View:
    """``said`` stands above it: what was just done with it."""
    return _page(speech("admin.entry"), list(_entry(one, speech, said)), ENTRY, where, speech)


def _entry(one: Entry, speech: Speech, said: str) -> Iterator[Block]:
    if said:
        yield section(said)
    yield header(one.id)
    yield context(*_facts(one, speech))
    yield actions(
        speech,
        Button(verb="faq.edit", label=speech("admin.edit"), value=one.id, style="primary"),
        Button(verb="faq.remove", label=speech("admin.remove"), value=one.id, style="danger"),
        Button(verb="faq.home", label=speech("admin.back")),
    )
    for code, part in one.blocks.items():
        yield divider()
        yield from _part(code, part, speech)


def _facts(one: Entry, speech: Speech) -> Iterator[str]:
    facts = {
        "admin.fact.category": one.category,
        "admin.fact.keywords": ", ".join(one.keywords),
        "admin.fact.follow_ups": ", ".join(one.follow_ups),
        "admin.fact.escalate": one.escalate,
        "admin.fact.audience": one.audience if one.audience != "people" else "",
        "admin.fact.valid": _days(one),
        "admin.fact.attachments": ", ".join(one.attachments),
    }
    filled = [speech(name, value=quoted(value)) for name, value in facts.items() if value]
    yield from filled or [speech("admin.fact.none")]


def _days(one: Entry) -> str:
    if not one.valid_from and not one.valid_until:
        return ""
    return f"{one.valid_from or '…'} – {one.valid_until or '…'}"


def _part(code: str, part: Part, speech: Speech) -> Iterator[Block]:
    answer = safe(cut(part.answer.strip(), _ANSWER))
    yield section(f"*{code} · {quoted(part.question)}*\n{answer}")
    if part.variants:
        shown = quoted(" · ".join(part.variants), _VARIANTS)
        yield context(speech("admin.entry.variants", count=len(part.variants), texts=shown))
