"""What a Telegram message holds: its words, its files, or the name of a type that we can't read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from telegram import (
    Animation,
    Audio,
    Contact,
    Document,
    Location,
    Message,
    PhotoSize,
    Sticker,
    Venue,
    Video,
    VideoNote,
    Voice,
)

from core.messages import Attachment


class NotUnderstood(ValueError):
    """The payload has another shape than Telegram documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One of the three is set; a file may come with words."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    unknown_type: str = ""


OTHER_TYPES = (
    "checklist",
    "dice",
    "game",
    "giveaway",
    "giveaway_winners",
    "invoice",
    "paid_media",
    "passport_data",
    "poll",
    "story",
)
"""What a person can send that has nothing for us to read."""

SERVICE = frozenset(
    {
        "boost_added", "channel_chat_created", "chat_background_set", "chat_owner_changed", "chat_owner_left",
        "chat_shared", "checklist_tasks_added", "checklist_tasks_done", "connected_website", "delete_chat_photo",
        "direct_message_price_changed", "forum_topic_closed", "forum_topic_created", "forum_topic_edited",
        "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "gift",
        "gift_upgrade_sent", "giveaway_completed", "giveaway_created", "group_chat_created", "left_chat_member",
        "managed_bot_created", "message_auto_delete_timer_changed", "migrate_from_chat_id", "migrate_to_chat_id",
        "new_chat_members", "new_chat_photo", "new_chat_title", "paid_message_price_changed", "pinned_message",
        "poll_option_added", "poll_option_deleted", "proximity_alert_triggered", "refunded_payment",
        "successful_payment", "suggested_post_approval_failed", "suggested_post_approved",
        "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded",
        "supergroup_chat_created", "unique_gift", "users_shared", "video_chat_ended",
        "video_chat_participants_invited", "video_chat_scheduled", "video_chat_started", "web_app_data",
        "write_access_allowed",
    }
)  # fmt: skip
"""Telegram's notices of what happened in a chat: nobody said them."""


def content(message: Message) -> Content | None:
    """What the message says; None for a service message."""
    if message.text is not None:
        return Content(text=words(message.text))
    if files := _attachments(message):
        return Content(text=words(message.caption), attachments=files)
    known = next((name for name in OTHER_TYPES if getattr(message, name)), "")
    if not known and any(getattr(message, name) for name in SERVICE):
        return None
    return Content(text=words(message.caption), unknown_type=known or _new_type(message))


def _new_type(message: Message) -> str:
    """The name of a type that is newer than the library; Telegram leaves out all that it can't show a bot."""
    return next((words(name)[:60] for name in message.api_kwargs), "unsupported")


def _attachments(message: Message) -> tuple[Attachment, ...]:
    """The first kind that is there: an animation also comes as a document, a venue also as a location."""
    for name, read in _READERS.items():
        if found := getattr(message, name):
            return (read(found),)
    return ()


def _photo(sizes: tuple[PhotoSize, ...]) -> Attachment:
    largest = max(sizes, key=lambda size: number(size.width, "width") * number(size.height, "height"))
    return Attachment(kind="image", ref=_ref(largest), mime="image/jpeg", size=_size(largest))


def _document(file: Document) -> Attachment:
    return Attachment(
        kind="file", ref=_ref(file), name=words(file.file_name), mime=words(file.mime_type), size=_size(file)
    )


def _audio(file: Audio) -> Attachment:
    """Music or a recording that was sent as a file."""
    title = " - ".join(filter(None, (words(file.performer), words(file.title))))
    name = words(file.file_name) or title
    return Attachment(kind="file", ref=_ref(file), name=name, mime=words(file.mime_type), size=_size(file))


def _voice(file: Voice) -> Attachment:
    mime = words(file.mime_type) or "audio/ogg"
    return Attachment(kind="voice", ref=_ref(file), mime=mime, size=_size(file))


def _video(file: Video | Animation) -> Attachment:
    mime = words(file.mime_type) or "video/mp4"
    return Attachment(
        kind="image" if mime.startswith("image/") else "video",
        ref=_ref(file),
        name=words(file.file_name),
        mime=mime,
        size=_size(file),
    )


def _video_note(file: VideoNote) -> Attachment:
    return Attachment(kind="video", ref=_ref(file), mime="video/mp4", size=_size(file))


def _sticker(file: Sticker) -> Attachment:
    mime = "image/webp"
    if file.is_animated:
        mime = "application/x-tgsticker"
    elif file.is_video:
        mime = "video/webm"
    return Attachment(kind="sticker", ref=_ref(file), name=words(file.emoji), mime=mime, size=_size(file))


def _venue(place: Venue) -> Attachment:
    said = ", ".join(filter(None, (words(place.title), words(place.address))))
    return Attachment(kind="place", name=f"{said} ({_coordinates(place.location)})")


def _location(place: Location) -> Attachment:
    return Attachment(kind="place", name=_coordinates(place))


def _coordinates(place: Location) -> str:
    latitude, longitude = place.latitude, place.longitude
    for degrees in (latitude, longitude):
        if not isinstance(degrees, int | float) or not -360 <= degrees <= 360:
            raise NotUnderstood("a place without coordinates")
    return f"{latitude:.5f}, {longitude:.5f}"


def _contact(card: Contact) -> Attachment:
    name = name_of(card.first_name, card.last_name)
    return Attachment(kind="contact", name=", ".join(filter(None, (name, words(card.phone_number)))))


_READERS: Mapping[str, Callable[..., Attachment]] = {
    "photo": _photo,
    "video": _video,
    "animation": _video,
    "document": _document,
    "voice": _voice,
    "audio": _audio,
    "video_note": _video_note,
    "sticker": _sticker,
    "venue": _venue,
    "location": _location,
    "contact": _contact,
}


def _ref(file: Animation | Audio | Document | PhotoSize | Sticker | Video | VideoNote | Voice) -> str:
    return words(file.file_id)


def _size(file: Animation | Audio | Document | PhotoSize | Sticker | Video | VideoNote | Voice) -> int:
    return 0 if file.file_size is None else number(file.file_size, "file_size")


# --- checked values -----------------------------------------------------------------------------------------


def words(value: object) -> str:
    """The text, "" for None, without what no database and no other platform takes: NUL and lone surrogates."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotUnderstood(f"text was expected, not {type(value).__name__}")
    return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def number(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotUnderstood(f"{what} is no whole number")
    return value


def name_of(first: object, last: object) -> str:
    return " ".join(filter(None, (words(first), words(last))))
