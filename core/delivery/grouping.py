"""Which rows of a lane leave together as one send: an album, short texts while sends are few. Pure."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from core.delivery.parts import measure
from core.messages import Capabilities
from core.storage.models import Delivery

BETWEEN = "\n\n"
LONGEST_POST = 3000
"""Characters of lines that become one post at the desk."""
PICTURES = frozenset({"image", "video"})


def together(
    lane: Sequence[Delivery], media: Mapping[int, str], able: Capabilities, sends_left: int | None
) -> list[Delivery]:
    """The head of the lane and what leaves with it. ``lane`` is what is due there, in order; ``media`` the kinds
    of the attachments by id.

    What left together before, with an outcome that nobody knows, stays together: it has one key to look for.
    """
    head = lane[0]
    if is_lost(head):
        return list(takewhile(is_lost, lane))
    if _is_picture(head, media):
        mates = takewhile(lambda row: _is_mate(row, head, media), lane)
        return list(mates)[: max(able.album, 1)]
    if sends_left is not None and sends_left < len(lane):
        return _one_text(lane, able)
    return [head]


def may_group(head: Delivery, able: Capabilities, sends_left: int | None) -> bool:
    """False if the head leaves alone whatever comes after it."""
    return is_lost(head) or (head.kind == "file" and able.album > 1) or sends_left is not None


def is_words(row: Delivery) -> bool:
    """Somebody's words for a thread, which may join the next ones."""
    plain = bool(row.body.get("author")) and not row.body.get("say") and not row.body.get("alone")
    return row.kind == "post" and plain


def one_post(lane: Sequence[Delivery]) -> list[Delivery]:
    """The head of a thread's lane and what the same person said right after it, while that waited.

    A flood costs as many posts as the desk takes, not as many as there are lines.
    """
    head = lane[0]
    if is_lost(head):
        return list(takewhile(is_lost, lane))
    group, size = [head], len(str(head.body.get("text", "")))
    for row in lane[1:]:
        size += 1 + len(str(row.body.get("text", "")))
        if size > LONGEST_POST or not _continues(row, head):
            break
        group.append(row)
    return group


def _continues(row: Delivery, head: Delivery) -> bool:
    same = (row.channel, row.thread) == (head.channel, head.thread)
    faces = [(one.body.get("author"), one.body.get("platform")) for one in (row, head)]
    return is_words(row) and same and faces[0] == faces[1] and not is_lost(row)


def is_lost(row: Delivery) -> bool:
    """True if a try's outcome is unknown: its answer was lost, or its worker died with it in hand."""
    return row.unconfirmed or row.lease_until is not None


def text_of(rows: Sequence[Delivery]) -> str:
    """The text of say rows that leave as one."""
    return BETWEEN.join(str(row.body.get("text", "")).strip() for row in rows)


def _is_mate(row: Delivery, head: Delivery, media: Mapping[int, str]) -> bool:
    return row.message_id == head.message_id and _is_picture(row, media) and not is_lost(row)


def _is_picture(row: Delivery, media: Mapping[int, str]) -> bool:
    """One that may join an album: not one that was refused together with others."""
    alone = bool(row.body.get("alone"))
    return row.kind == "file" and media.get(row.attachment_id or 0) in PICTURES and not alone


def _one_text(lane: Sequence[Delivery], able: Capabilities) -> list[Delivery]:
    """As many plain texts as fit into one message; the head in any case."""
    group = list(lane[:1])
    if not _is_plain(lane[0]):
        return group
    for row in takewhile(_is_plain, lane[1:]):
        if measure(text_of([*group, row]), able.text_length) > able.text_limit:
            break
        group.append(row)
    return group


def _is_plain(row: Delivery) -> bool:
    return row.kind == "say" and not row.body.get("choices") and not row.done and not is_lost(row)
