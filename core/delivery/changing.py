"""The next step of an edit or deletion on its way to what was sent, or the correction that follows instead. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.delivery.parcels import ToPerson
from core.delivery.parts import all_parts
from core.delivery.reach import part_ids
from core.messages import Capabilities, Outbound
from core.storage.models import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A part of what was sent gets new words."""

    message: Outbound
    external_id: str
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """A part of what was sent is taken back."""

    external_id: str
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """It can't be changed in place: the new words follow."""

    text: str


def planned_change(parcel: ToPerson, able: Capabilities) -> Edit | Delete | Correction | None:
    """``done`` counts the steps that were taken; None if nothing is left to do."""
    head, ids = parcel.claimed.head, _ids(parcel.original)
    if head.kind == "delete":
        if not ids or not able.deletes or head.done >= len(ids):
            return None
        return Delete(external_id=ids[head.done], last=head.done + 1 == len(ids))
    parts = all_parts(str(head.body.get("text", "")), able.text_limit, able.text_length)
    if _is_in_place(parcel, able, ids, parts):
        return _edit(parcel, ids, parts)
    reached = parcel.original is not None and parcel.original.state == "sent"
    return Correction(text=str(head.body.get("correction", ""))) if reached else None


def _is_in_place(parcel: ToPerson, able: Capabilities, ids: Sequence[str], parts: Sequence[str]) -> bool:
    """Only part for part; where sends are few, one message may hold several agents' words."""
    return able.edits and len(ids) == len(parts) and parcel.identity.sends_left is None


def _edit(parcel: ToPerson, ids: Sequence[str], parts: Sequence[str]) -> Edit | None:
    head = parcel.claimed.head
    if head.done >= len(ids):
        return None
    message = Outbound(key=f"{head.key}:{head.done}", to=parcel.to, text=parts[head.done])
    return Edit(message=message, external_id=ids[head.done], last=head.done + 1 == len(ids))


def _ids(original: Delivery | None) -> list[str]:
    """Of what reached the person; the platform may have no name for it."""
    if original is None or original.state != "sent" or not original.external_id:
        return []
    return [*part_ids(original), original.external_id]
