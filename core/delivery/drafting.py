"""From a row to what is sent: the next part of a text, its choices, files within the platform's limits. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.delivery.filetypes import file_name, plain
from core.delivery.grouping import text_of
from core.delivery.parts import first_part, measure, with_numbers
from core.messages import Address, Attachment, Capabilities, Choice, Media, Outbound
from core.storage import models
from core.storage.models import Delivery

_MEDIA: dict[str, Media] = {
    "image": "image", "voice": "voice", "video": "video", "file": "file", "sticker": "sticker",
    "place": "place", "link": "link", "contact": "contact",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is sent next; ``done``: how many characters have left after it, if more must follow."""

    message: Outbound
    done: int | None = None


def draft(
    rows: Sequence[Delivery], to: Address, able: Capabilities, hint: str, files: Sequence[Attachment]
) -> Draft | None:
    """The next send of rows that leave together; None if there is nothing left to send. ``files`` fit already."""
    head = rows[0]
    if head.kind == "file":
        return Draft(message=Outbound(key=head.key, to=to, attachments=tuple(files)))
    if len(rows) > 1:
        return Draft(message=Outbound(key=head.key, to=to, text=text_of(rows)))
    return _next_part(head, to, able, hint)


def _next_part(row: Delivery, to: Address, able: Capabilities, hint: str) -> Draft | None:
    choices = _choices(row, able)
    text = str(row.body.get("text", ""))
    labels = [choice.label for choice in choices]
    if len(choices) > able.choices:
        text, choices = with_numbers(text, labels, hint), []
    begin = len(text) - len(text[row.done :].lstrip())
    rest = text[begin:].rstrip()
    if not rest and not choices:
        return None
    key = f"{row.key}:{row.done}" if row.done else row.key
    numbered = with_numbers(rest, labels, hint) if choices else ""
    if part := _cut(rest, numbered, able):
        return Draft(message=Outbound(key=key, to=to, text=part.strip()), done=begin + len(part))
    return Draft(
        message=Outbound(key=key, to=to, text=rest or hint, choices=tuple(choices), numbered=numbered)
    )


def _cut(rest: str, numbered: str, able: Capabilities) -> str:
    """The part that leaves before the last one; "" if the rest is the last. The numbered form must fit as well."""
    size = measure(rest, able.text_length)
    if size > able.text_limit:
        return first_part(rest, able.text_limit, able.text_length)
    if measure(numbered, able.text_length) <= able.text_limit:
        return ""
    part = first_part(rest, max(size * 3 // 4, 1), able.text_length)
    return part if len(part) < len(rest) else ""


def _choices(row: Delivery, able: Capabilities) -> list[Choice]:
    pairs = row.body.get("choices")
    if not isinstance(pairs, list):
        return []
    return [Choice(id=str(option), label=_short(str(label), able)) for option, label in pairs]


def _short(label: str, able: Capabilities) -> str:
    if len(label) <= able.choice_label_limit:
        return label
    return first_part(label, able.choice_label_limit - 1, "chars").rstrip() + "…"


def media_of(kind: str) -> Media:
    """The kind as it stands in a row; one that we don't know is just a file."""
    return _MEDIA.get(kind, "file")


def stored(row: models.Attachment, path: str) -> Attachment:
    """An attachment that lies in the file store, under a name that agrees with its type."""
    mime = plain(row.mime)
    return Attachment(
        kind=media_of(row.kind), name=file_name(row.name, row.kind, mime), mime=mime, size=row.size,
        transcript=row.transcript, path=path,
    )  # fmt: skip


def params_of(body: Mapping[str, object]) -> dict[str, str | int]:
    """The parameters that a notice's row keeps."""
    params = body.get("params")
    if not isinstance(params, dict):
        return {}
    return {str(key): value if isinstance(value, int) else str(value) for key, value in params.items()}
