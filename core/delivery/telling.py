"""What agents read in the thread of what could not be sent, and what they can do about it with one press."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from core.delivery.notices import notice
from core.delivery.parcels import Parcel
from core.delivery.reach import obstacle
from core.desk import Button
from core.messages import Capabilities, Say
from core.storage.models import Delivery, Identity

What = Literal["failed", "unfit", "parked"]
"""``unfit``: it failed, and would again, since the platform doesn't take such a thing."""
AbleOf = Callable[[Identity], Capabilities | None]
_CHANGES = frozenset({"edit", "delete"})
_SAID: Mapping[What, str] = {"failed": "failed", "unfit": "failed", "parked": "parked"}


def messages_of(parcel: Parcel) -> set[int]:
    """The messages whose marks may have to change."""
    of_people = (row for row in parcel.claimed.rows if not row.desk)
    return {row.message_id for row in of_people if row.message_id and row.ticket_id}


def is_told(head: Delivery) -> bool:
    """Whether somebody is told of a failure: not of a card's or mark's, and not of a notice's own."""
    return head.ticket_id is not None and bool(head.lane) and not head.key.startswith(("failed:", "parked:"))


def notices(
    parcel: Parcel, what: What, why: str, lane: str, elsewhere: Sequence[Button], now: datetime
) -> list[Delivery]:
    """One for each message to a person, or for a row of the desk's own; the same failure is told once.

    A retry that fails as well is told anew.
    """
    head = parcel.claimed.head
    tried = head.body.get("retries", 0)
    suffix = f":{tried}" if tried else ""
    told = [f"#{message}" for message in messages_of(parcel)] or [""]
    return [
        Delivery(
            key=f"{_SAID[what]}:{about.removeprefix('#') or head.key}{suffix}"[:120], kind="post", desk=True, lane=lane,
            person_id=head.person_id, ticket_id=head.ticket_id, due_at=now, created_at=now,
            body=notice(_said(head, what, why), buttons=_buttons(head, what, about, elsewhere)),
        )
        for about in told
    ]  # fmt: skip


def ways_out(
    identities: Sequence[Identity], current: Identity, able_of: AbleOf, now: datetime
) -> list[Button]:
    """Another identity of the person through which it could be sent now; one of each platform, latest first."""
    latest_first = sorted(identities, key=lambda one: (one.last_at, one.id), reverse=True)
    found: dict[str, Button] = {}
    for one in latest_first:
        if one.id != current.id and obstacle(one, able_of(one), now) is None:
            found.setdefault(one.platform, _via(one))
    return list(found.values())


def _via(identity: Identity) -> Button:
    return Button(
        verb="via",
        label="button.via",
        params={"platform": identity.platform},
        values={"to": str(identity.id)},
    )


def _said(head: Delivery, what: What, why: str) -> Say:
    name = "desk.change_failed" if head.kind in _CHANGES else f"desk.{_SAID[what]}"
    return Say(name=name, params={"why": why})


def _buttons(head: Delivery, what: What, about: str, elsewhere: Sequence[Button]) -> list[Button]:
    if not about or head.kind in _CHANGES:
        return []
    vias = [
        Button(verb=one.verb, label=one.label, about=about, params=one.params, values=one.values)
        for one in elsewhere
    ]
    if what != "failed":
        return vias
    retry = Button(verb="retry", label="button.retry", about=about, style="primary")
    return [retry, *vias, Button(verb="wait", label="button.wait", about=about)]
