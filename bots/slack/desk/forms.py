"""The modals in which an agent says what to do with a ticket. Pure."""

from collections.abc import Mapping, Sequence

from bots.slack.desk.buttons import block_of
from bots.slack.desk.where import Where
from bots.slack.fields import Options, radio, select, somebody
from bots.slack.kit import Block, Button, Speech, View, actions, context, field, modal, section
from core.desk import Card
from core.escalation.routing import PRIORITIES

ASSIGN, SNOOZE, TRANSFER, PRIORITY = "desk.assign", "desk.snooze", "desk.transfer", "desk.priority"
SIDE_QUESTION, TAG, PERSON, FURTHER = "desk.side_question", "desk.tag", "desk.person", "desk.further"
TOLD = "desk.told"

TO, REASON, TEXT, UNTIL, SPAN, CHOSEN, MINUTES = "to", "reason", "text", "until", "span", "chosen", "minutes"
ADD, REMOVE = "add", "remove"

SPANS = ("1h", "4h", "tomorrow", "monday")
"""As agents type them; each is called by a text of ours."""
DUE = ("30", "60", "120", "240", "480")
"""Minutes within which another department is asked to answer."""
ABOUT_PEOPLE = ("warn", "mute:1h", "mute:1d", "block", "unblock")

DIRECT = (
    "claim", "release", "take_over", "unsnooze", "resolve", "reopen", "send", "undo", "retry",
)  # fmt: skip
"""What is done at once when it is pressed."""


def assign(where: Where, speech: Speech) -> View:
    """To whom; any user can be picked, and who may not answer is refused when it is sent."""
    return form(ASSIGN, where, [somebody(TO, speech("modal.assign.to"))], speech)


def snooze(where: Where, speech: Speech) -> View:
    """Until when, by one tap or in words."""
    spans = [(span, speech(f"modal.snooze.{span}")) for span in SPANS]
    blocks = [
        radio(SPAN, speech("modal.snooze.span"), spans, optional=True),
        field(UNTIL, speech("modal.snooze.until"), hint=speech("modal.snooze.hint")),
    ]
    return form(SNOOZE, where, blocks, speech)


def transfer(where: Where, departments: Options, speech: Speech) -> View:
    """To which department, and what they should know."""
    if not departments:
        return told(speech("modal.no_department"), where, speech)
    blocks = [
        select(TO, speech("modal.transfer.to"), departments),
        field(REASON, speech("modal.transfer.reason"), lines=True),
    ]
    return form(TRANSFER, where, blocks, speech)


def priority(where: Where, now: str, speech: Speech) -> View:
    """One of four."""
    options = [(one, speech(f"card.priority.{one}")) for one in reversed(PRIORITIES)]
    return form(
        PRIORITY, where, [radio(CHOSEN, speech("modal.priority.chosen"), options, initial=now)], speech
    )


def side_question(where: Where, departments: Options, speech: Speech) -> View:
    """Whom to ask what, and by when."""
    if not departments:
        return told(speech("modal.no_department"), where, speech)
    due = [(minutes, speech(f"modal.side_question.{minutes}")) for minutes in DUE]
    blocks = [
        select(TO, speech("modal.side_question.to"), departments),
        field(TEXT, speech("modal.side_question.text"), lines=True, optional=False),
        select(MINUTES, speech("modal.side_question.due"), due, initial="120"),
    ]
    return form(SIDE_QUESTION, where, blocks, speech)


def tag(where: Where, tags: Sequence[str], speech: Speech) -> View:
    """One to add, one to take away."""
    blocks = [field(ADD, speech("modal.tag.add"), hint=speech("modal.tag.hint"))]
    if tags:
        shown = [(one, f"#{one}") for one in tags]
        blocks.append(select(REMOVE, speech("modal.tag.remove"), shown, optional=True))
    return form(TAG, where, blocks, speech)


def person(where: Where, standing: str, speech: Speech) -> View:
    """What is done about somebody who insults or floods."""
    options = [(one, speech(f"modal.person.{one.replace(':', '_')}")) for one in ABOUT_PEOPLE]
    now = [context(speech(f"card.standing.{standing}", date=""))] if standing else []
    return form(PERSON, where, [*now, radio(CHOSEN, speech("modal.person.chosen"), options)], speech)


def further(where: Where, card: Card, speech: Speech) -> View:
    """All that can be done with a ticket, as buttons; with ``where.about`` also what can be done with a message."""
    rows = [_row(where.ticket, name, verbs, speech) for name, verbs in _verbs(where, card).items()]
    return modal(
        speech("modal.further", number=where.ticket),
        rows,
        page=FURTHER,
        where=str(where),
        close=speech("modal.close"),
    )


def form(
    page: str, where: Where, blocks: Sequence[Block], speech: Speech, *, submit: str = "modal.ok"
) -> View:
    """Something to fill in and send; its title is called by its page."""
    return modal(
        speech(f"modal.{page.removeprefix('desk.')}"),
        blocks,
        page=page,
        where=str(where),
        close=speech("modal.cancel"),
        submit=speech(submit),
    )


def told(text: str, where: Where, speech: Speech) -> View:
    """What came of it. ``text`` is our own markup."""
    return modal(
        speech("modal.told", number=where.ticket),
        [section(text)],
        page=TOLD,
        where=str(where),
        close=speech("modal.close"),
    )


def wait(where: Where, speech: Speech) -> View:
    """While a page is being made."""
    return told(speech("modal.wait"), where, speech)


def _verbs(where: Where, card: Card) -> Mapping[str, Sequence[str]]:
    """Row by row, what makes sense now."""
    here = {
        "open": ("claim", "resolve"),
        "claimed": ("resolve", "release", "take_over"),
        "snoozed": ("unsnooze", "resolve"),
        "resolved": ("reopen",),
    }.get(card.state, ())
    alive = ("assign", "snooze", "transfer", "priority") if card.state != "resolved" else ()
    message = ("send", "undo", "retry") if where.about else ()
    beside = ("side_question", "tag", "person", "history")
    return {name: verbs for name, verbs in {
        "message": message, "ticket": (*here, *alive), "beside": beside,
    }.items() if verbs}  # fmt: skip


def _row(ticket: int, name: str, verbs: Sequence[str], speech: Speech) -> Block:
    buttons = [Button(verb=verb, label=speech(f"card.{verb}")) for verb in verbs]
    return actions(speech, *buttons, block=block_of(ticket, name))
