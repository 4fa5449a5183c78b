"""What agents press and send at the desk, and on what: buttons, menus, modals, shortcuts. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bots.slack.desk import where
from bots.slack.desk.buttons import BLOCK, MORE, Borne, borne
from bots.slack.desk.where import Where
from bots.slack.fields import filled
from bots.slack.shapes import Body, NotUnderstood, id_of, mapping, string, ts_of, user_of, view_of, when
from core.messages import Agent, AgentAct, Thread

PAGE = "desk."
"""How the ``callback_id`` of our modals and shortcuts begins."""
HOME = "home"

_NUMBER = re.compile(r"ticket:([1-9]\d{0,8})(?::[A-Za-z0-9_-]{1,40})?", re.ASCII)
_LONGEST_VERB = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A ticket's button, pressed by somebody whose right to do so is not yet known; ``thread`` is where it stands.

    ``trigger`` opens one modal within 3 s. ``answer_to`` is the address by which an ephemeral can be exchanged or
    taken away; "" for what others see too. ``home``: it stands on the presser's home tab.
    """

    id: str
    verb: str
    ticket: int
    user: str
    thread: Thread
    at: datetime
    borne: Borne = field(default_factory=Borne)
    trigger: str = ""
    answer_to: str = ""
    home: bool = False

    def as_act(self, agent: Agent) -> AgentAct:
        return AgentAct(
            id=self.id,
            verb=self.verb,
            ticket=self.ticket,
            agent=agent,
            at=self.at,
            about=self.borne.about,
            values=self.borne.values,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InModal:
    """Something pressed in a modal."""

    verb: str
    view: str
    user: str
    at: datetime
    where: Where
    borne: Borne


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A modal that was sent; ``page`` says which, ``values`` are by block, those of empty fields left out."""

    page: str
    view: str
    user: str
    where: Where
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """One of our shortcuts on a message; ``message`` is its ts."""

    id: str
    name: str
    user: str
    thread: Thread
    message: str
    trigger: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOpened:
    """Somebody looks at the app's home tab."""

    user: str


Asked = tuple[Press, ...] | InModal | Sent | Shortcut | HomeOpened


def read(body: Body) -> Asked | None:
    """None for what is not the desk's. Raises NotUnderstood for what is, but makes no sense."""
    match body.get("type"):
        case "block_actions":
            return _pressed(body)
        case "view_submission":
            return _sent(body)
        case "message_action":
            return _shortcut(body)
        case "event_callback":
            return _opened(body)
    return None


def is_ours(body: Body) -> bool:
    """Whether a payload is a press of a ticket's button in a message or on the home tab."""
    return body.get("type") == "block_actions" and any(_is_ours(action) for action in _actions(body))


def presses(body: Body) -> tuple[Press, ...]:
    """The presses in a payload that is ours. Raises NotUnderstood."""
    return tuple(_press(body, action, user_of(body)) for action in _actions(body) if _is_ours(action))


def _pressed(body: Body) -> tuple[Press, ...] | InModal | None:
    view = body.get("view")
    if isinstance(view, Mapping) and string(view, "type") != HOME:
        ours = view_of(body, PAGE)
        return _in_modal(body, ours) if ours else None
    return presses(body) if is_ours(body) else None


def _actions(body: Body) -> list[Body]:
    actions = body.get("actions")
    return [action for action in actions if isinstance(action, dict)] if isinstance(actions, list) else []


def _is_ours(action: Body) -> bool:
    return string(action, "block_id").startswith(BLOCK)


def _press(body: Body, action: Body, user: str) -> Press:
    verb, value = _verb(action)
    pressed_at = ts_of(action, "action_ts")
    number = _NUMBER.fullmatch(string(action, "block_id"))
    if not number or not verb:
        raise NotUnderstood("a button of no ticket")
    place = _place(body)
    return Press(
        id=f"{place.id_part}:{user}:{verb}:{pressed_at}",
        verb=verb,
        ticket=int(number[1]),
        user=user,
        thread=place.thread,
        at=when(pressed_at),
        borne=borne(value),
        trigger=string(body, "trigger_id"),
        answer_to=string(body, "response_url") if place.ephemeral else "",
        home=place.home,
    )


def _verb(action: Body) -> tuple[str, str]:
    """Of a menu, what was chosen in it; of several buttons of one verb, without their number."""
    name = string(action, "action_id")[:_LONGEST_VERB].partition(":")[0]
    option = action.get("selected_option")
    if name == MORE and isinstance(option, Mapping):
        return string(option, "value")[:_LONGEST_VERB], ""
    return name, string(action, "value")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a button stands."""

    id_part: str
    thread: Thread
    ephemeral: bool = False
    home: bool = False


def _place(body: Body) -> _Place:
    view = body.get("view")
    if isinstance(view, Mapping):
        return _Place(id_part=HOME, thread=Thread(channel="", id=""), home=True)
    container = mapping(body.get("container"), "container")
    channel, message = id_of(container, "channel_id"), ts_of(container, "message_ts")
    thread = Thread(channel=channel, id=string(container, "thread_ts"))
    return _Place(
        id_part=f"{channel}:{message}", thread=thread, ephemeral=container.get("is_ephemeral") is True
    )


def _in_modal(body: Body, view: Body) -> InModal:
    action = next(iter(_actions(body)), None)
    if action is None:
        raise NotUnderstood("nothing was pressed")
    verb, value = _verb(action)
    return InModal(
        verb=verb,
        view=string(view, "id"),
        user=user_of(body),
        at=when(ts_of(action, "action_ts")),
        where=where.read(string(view, "private_metadata")),
        borne=borne(value),
    )


def _sent(body: Body) -> Sent | None:
    view = view_of(body, PAGE)
    if view is None:
        return None
    return Sent(
        page=string(view, "callback_id"),
        view=string(view, "id"),
        user=user_of(body),
        where=where.read(string(view, "private_metadata")),
        values={block: value for block, value in filled(view).items() if value},
    )


def _shortcut(body: Body) -> Shortcut | None:
    name = string(body, "callback_id")
    if not name.startswith(PAGE):
        return None
    message, at = mapping(body.get("message"), "message"), ts_of(body, "action_ts")
    channel, ts = id_of(mapping(body.get("channel"), "channel"), "id"), ts_of(message, "ts")
    user = user_of(body)
    return Shortcut(
        id=f"{channel}:{ts}:{user}:{name}:{at}",
        name=name.removeprefix(PAGE),
        user=user,
        thread=Thread(channel=channel, id=string(message, "thread_ts") or ts),
        message=ts,
        trigger=string(body, "trigger_id"),
        at=when(at),
    )


def _opened(body: Body) -> HomeOpened | None:
    event = body.get("event")
    if not isinstance(event, Mapping) or event.get("type") != "app_home_opened" or event.get("tab") != HOME:
        return None
    return HomeOpened(user=id_of(event, "user"))
