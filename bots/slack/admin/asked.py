"""What an admin asks for in Slack: the command, presses and fields of our modals and posts, spreadsheets. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from bots.slack.admin import where
from bots.slack.admin.where import Where
from bots.slack.attached import attachments
from bots.slack.fields import filled
from bots.slack.shapes import Body, id_of, mapping, string, ts_of, user_of, view_of
from bots.slack.text import clean
from core.messages import Attachment

COMMAND = "/onethread"
FAQ = "faq"
"""The first word of the command that is the admins'; all else is said by a person."""
PAGE = "faq."
"""How the ``callback_id`` of each of our modals begins, and the ``block_id`` of the buttons on our posts."""

SPREADSHEETS = (".csv", ".xlsx", ".md")
_PLACES = ("channel", "group")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A message of ours."""

    channel: str
    ts: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.ts}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded:
    """``/onethread faq …`` or, from admins, ``/onethread help``."""

    user: str
    channel: str
    trigger: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button: in the modal ``view`` (with what was filled in so far), or on the post ``on``."""

    user: str
    trigger: str
    verb: str
    value: str
    view: str = ""
    where: Where = field(default_factory=Where)
    on: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A modal that was sent; ``values`` by block."""

    user: str
    view: str
    page: str
    where: Where
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A spreadsheet that somebody put into the admins' Slack channel."""

    user: str
    on: Place
    file: Attachment
    id: str


Asked = Commanded | Pressed | Submitted | Dropped


def channel_of(what: Asked) -> str:
    """Where whoever asked can be answered; a modal is nowhere, so there it is the user's own id."""
    if isinstance(what, Commanded):
        return what.channel
    if isinstance(what, Submitted) or what.on is None:
        return what.user
    return what.on.channel


def read(body: Body, admin_channel: str, admins: Collection[str]) -> Asked | None:
    """None for what is no matter of the admins'. Raises NotUnderstood for what is, but makes no sense."""
    if body.get("command") == COMMAND:
        return _commanded(body, admins)
    match body.get("type"):
        case "block_actions":
            return _pressed(body)
        case "view_submission":
            return _submitted(body)
        case "event_callback":
            return _dropped(body, admin_channel) if admin_channel else None
    return None


def _commanded(body: Body, admins: Collection[str]) -> Commanded | None:
    first, _, rest = clean(string(body, "text")).strip().partition(" ")
    if first.casefold() == "help" and string(body, "user_id") in admins:
        rest = "help"
    elif first.casefold() != FAQ:
        return None
    return Commanded(
        user=id_of(body, "user_id"),
        channel=id_of(body, "channel_id"),
        trigger=string(body, "trigger_id"),
        words=rest.strip(),
    )


def _pressed(body: Body) -> Pressed | None:
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    view = view_of(body, PAGE)
    on_post = (
        body.get("view") is None
        and isinstance(action, Mapping)
        and string(action, "block_id").startswith(PAGE)
    )
    if not isinstance(action, Mapping) or not (view or on_post):
        return None
    pressed = Pressed(
        user=user_of(body),
        trigger=string(body, "trigger_id"),
        verb=string(action, "action_id"),
        value=string(action, "value"),
    )
    if view:
        return replace(pressed, view=string(view, "id"), where=where.read(string(view, "private_metadata")))
    container = mapping(body.get("container"), "container")
    place = Place(channel=id_of(container, "channel_id"), ts=ts_of(container, "message_ts"))
    return replace(pressed, on=place)


def _submitted(body: Body) -> Submitted | None:
    view = view_of(body, PAGE)
    if view is None:
        return None
    return Submitted(
        user=user_of(body),
        view=string(view, "id"),
        page=string(view, "callback_id"),
        where=where.read(string(view, "private_metadata")),
        values=filled(view),
    )


def _dropped(body: Body, admin_channel: str) -> Dropped | None:
    """The first spreadsheet of a message; other files in that Slack channel are nobody's business."""
    event = body.get("event")
    if not isinstance(event, Mapping) or event.get("type") != "message" or event.get("bot_id"):
        return None
    if event.get("channel") != admin_channel or event.get("channel_type") not in _PLACES:
        return None
    if string(event, "subtype") not in ("", "file_share"):
        return None
    files = event.get("files")
    for file in files if isinstance(files, list) else ():
        for attachment in attachments({"files": [file]}):
            if attachment.name.lower().endswith(SPREADSHEETS):
                place = Place(channel=admin_channel, ts=ts_of(event, "ts"))
                return Dropped(user=id_of(event, "user"), on=place, file=attachment, id=id_of(file, "id"))
    return None
