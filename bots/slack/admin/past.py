"""The history of revisions, and one of them: what it changed, and the way back to it. Pure."""

from collections.abc import Iterator, Sequence

from bots.slack.admin.changes import differences
from bots.slack.admin.where import Where
from bots.slack.kit import Block, Button, Speech, View, actions, context, date, modal, quoted, section
from core.conversation.faq.differences import Difference
from core.publishing import Revision

HISTORY, REVISION = "faq.history", "faq.revision"
SHOWN = 10


def history(revisions: Sequence[Revision], now: int, where: Where, speech: Speech) -> View:
    """Newest first; ``now`` is the one that serves."""
    return modal(
        speech("admin.history"),
        list(_history(revisions, now, speech)),
        page=HISTORY,
        where=str(where),
        close=speech("admin.close"),
    )


def _history(revisions: Sequence[Revision], now: int, speech: Speech) -> Iterator[Block]:
    if not revisions:
        yield section(speech("admin.history.none"))
    for one in revisions[:SHOWN]:
        look = Button(verb="faq.revision", label=speech("admin.look"), value=str(one.number))
        sign = "🟢 " if one.number == now else ""
        yield section(f"{sign}{line(one, speech)}", look, speech)
    buttons = [Button(verb="faq.home", label=speech("admin.back"))]
    if len(revisions) > SHOWN:
        last = str(revisions[SHOWN - 1].number)
        buttons.insert(0, Button(verb="faq.earlier", label=speech("admin.earlier"), value=last))
    yield actions(speech, *buttons)


def line(one: Revision, speech: Speech) -> str:
    """Number, time, author and comment."""
    door = speech(f"admin.door.{one.door}")
    told = speech(
        "admin.revision.line",
        number=one.number,
        date=date(one.at),
        author=quoted(one.author, 60) if one.author else door,
        door=door,
    )
    return f"{told}\n> {quoted(one.comment, 200)}" if one.comment.strip() else told


def revision(
    one: Revision, found: Sequence[Difference], now: int, where: Where, speech: Speech, said: str = ""
) -> View:
    """``found`` is what it changed in the one before it."""
    return modal(
        speech("admin.revision", number=one.number),
        list(_revision(one, found, now, speech, said)),
        page=REVISION,
        where=str(where),
        close=speech("admin.close"),
    )


def _revision(
    one: Revision, found: Sequence[Difference], now: int, speech: Speech, said: str
) -> Iterator[Block]:
    if said:
        yield section(said)
    yield section(line(one, speech))
    yield context(speech("admin.revision.changes"))
    yield from differences(found, speech)
    buttons = [Button(verb="faq.history", label=speech("admin.back"))]
    if one.number != now:
        buttons.insert(0, rollback(one.number, speech))
    yield actions(speech, *buttons)


def rollback(number: int, speech: Speech) -> Button:
    """Asks first."""
    return Button(
        verb="faq.rollback",
        label=speech("admin.rollback"),
        value=str(number),
        style="danger",
        sure=speech("admin.rollback.sure", number=number),
    )
