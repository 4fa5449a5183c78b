"""The passive reply: what may leave as one text on the answer to a webhook, bound in the turn's commit."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.delivery.arming import rearm_mark
from core.delivery.grouping import is_lost
from core.delivery.parts import first_part, with_numbers
from core.messages import Capabilities, PassiveReply, Receipt
from core.storage import models
from core.storage.turns import Turn

_BETWEEN = "\n\n"


ALL = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """What of a row has still to leave, as plain text; it begins at the character ``begin`` of the whole."""

    row: int
    begin: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The text that rides on the reply, and per row the character up to which it has left then, or ALL."""

    text: str
    rows: tuple[tuple[int, int], ...]


def fit(leaving: Sequence[Leftover], limit: int, *, cut: bool) -> Fit:
    """As many whole rows as fit into ``limit`` UTF-8 bytes, in order; with ``cut`` a part of the next one as well."""
    text, taken = "", []
    for left in leaving:
        before = f"{text}{_BETWEEN}" if text else ""
        if len(f"{before}{left.words}".encode()) <= limit:
            text = f"{before}{left.words}"
            taken.append((left.row, ALL))
            continue
        room = limit - len(before.encode())
        if cut and room > limit // 4:
            part = first_part(left.words, room, "utf8")
            text = f"{before}{part}"
            taken.append((left.row, left.begin + len(part)))
        break
    return Fit(text=text, rows=tuple(taken))


async def bind(turn: Turn, receipt: models.Receipt, able: Capabilities, hint: str) -> None:
    """Bind what may leave now to this event, and keep workers off it until the reply was written or is lost."""
    assert able.passive is not None
    leaving = [_leftover(row, hint) for row in await _leaving(turn, receipt, able)]
    bound = fit(leaving, able.passive.limit, cut=not able.active)
    if bound.rows:
        receipt.bound, receipt.bound_rows = bound.text, list(bound.rows)
        kept = models.Receipt.filter(id=receipt.id).using_db(turn.conn)
        await kept.update(bound=receipt.bound, bound_rows=receipt.bound_rows)
        await _hold(turn, [row for row, _ in bound.rows], able.passive)


def shown(receipt: models.Receipt, *, working: bool) -> Receipt:
    """What the webhook is told of a kept event."""
    rows = tuple(row for row, _ in receipt.bound_rows)
    return Receipt(
        text=receipt.bound,
        rows=rows,
        person=receipt.person_id or 0,
        event=str(receipt.id),
        working=working and not receipt.bound,
    )


async def _leaving(turn: Turn, receipt: models.Receipt, able: Capabilities) -> list[models.Delivery]:
    """The head of the person's lane that may ride together: texts that are due and in nobody's hands.

    What may have arrived already is repeated (or not) by the outbox, which counts it; where there are no other sends
    it rides along.
    """
    lane = models.Delivery.filter(lane=f"i{receipt.identity_id}", state="due").using_db(turn.conn)
    head: list[models.Delivery] = []
    for row in await lane.order_by("id").limit(20).select_for_update():
        in_hand = row.lease_until is not None and row.lease_until > turn.now
        if row.kind != "say" or row.due_at > turn.now or in_hand or (able.active and is_lost(row)):
            break
        head.append(row)
    return head


async def _hold(turn: Turn, rows: list[int], passive: PassiveReply) -> None:
    held = models.Delivery.filter(id__in=rows).using_db(turn.conn)
    await held.update(due_at=turn.now + passive.hold)


async def written(turn: Turn, receipt: models.Receipt) -> list[models.Delivery]:
    """The reply's bytes were written: whole rows are sent, a cut one waits for the person's next message."""
    reached = dict(receipt.bound_rows)
    bound = models.Delivery.filter(id__in=list(reached), state="due").using_db(turn.conn)
    rows = await bound.select_for_update()
    for row in rows:
        if reached[row.id] == ALL:
            row.state, row.sent_at = "sent", turn.now
        else:
            row.state, row.done = "parked", reached[row.id]
        row.fence += 1
        await row.save(using_db=turn.conn, update_fields=["state", "sent_at", "done", "fence"])
    sent = [row for row in rows if row.state == "sent"]
    for message in {row.message_id for row in sent if row.message_id and row.ticket_id}:
        await rearm_mark(turn.conn, message, turn.now, if_all_sent=True)
    return sent


def _leftover(row: models.Delivery, hint: str) -> Leftover:
    """Choices become numbers, since buttons can't ride on the reply."""
    choices = row.body["choices"]
    labels = [str(label) for _, label in choices] if isinstance(choices, list) else []
    whole = with_numbers(str(row.body["text"]), labels, hint)
    words = whole[row.done :].lstrip()
    return Leftover(row=row.id, begin=len(whole) - len(words), words=words)
