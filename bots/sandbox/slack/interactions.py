"""Presses, commands and modals: what people send the app through its own interface."""

import json
from collections.abc import Iterable
from typing import Any

from bots.sandbox.hub import Json
from bots.sandbox.slack.acts import Act, Acts
from bots.sandbox.slack.calls import Args
from bots.sandbox.slack.courier import Answer, Courier, Delivery, Kind, parcel
from bots.sandbox.slack.desktops import Desktops, made_view
from bots.sandbox.slack.events import Events
from bots.sandbox.slack.reply_addresses import ReplyAddresses
from bots.sandbox.slack.triggers import Triggers
from bots.sandbox.slack.workspace import (
    APP,
    DOMAIN,
    TEAM,
    Button,
    Channel,
    Message,
    Refused,
    Workspace,
    pressables,
)

CHOSEN = {
    "static_select": "selected_option",
    "overflow": "selected_option",
    "radio_buttons": "selected_option",
}
LACKING = "Please complete this required field."
GENERIC_NAMES = {"im": "directmessage", "group": "privategroup"}


class Interactions:
    """``commands`` are the app's slash commands, each with its ``/``."""

    def __init__(
        self,
        events: Events,
        acts: Acts,
        courier: Courier,
        triggers: Triggers,
        replies: ReplyAddresses,
        desktops: Desktops,
        commands: frozenset[str],
    ) -> None:
        self._events = events
        self._acts = acts
        self._courier = courier
        self._triggers = triggers
        self._replies = replies
        self._desktops = desktops
        self.commands = commands

    @property
    def _workspace(self) -> Workspace:
        return self._events.workspace

    def press(
        self, user: str, channel: str, ts: str, action_id: str, *, value: str = "", block_id: str = ""
    ) -> Act:
        """Press a button, or choose ``value`` in a menu. Raises Refused."""
        message = self._workspace.message(channel, ts)
        place = self._acts.place(user, channel, message.thread or message.ts)
        if message.whispered_to not in ("", user):
            raise Refused("message_not_found")
        button = _button(message.buttons, action_id, block_id)
        payload = {
            **self._head("block_actions", user),
            "container": _container(message),
            "channel": {"id": place.id, "name": GENERIC_NAMES.get(place.kind, place.name)},
            "response_url": self._replies.make(place.id, user, message),
            "state": {"values": {}},
            "actions": [self._action(button, value)],
        }
        if not message.whispered_to:
            payload["message"] = self._events.json(message, metadata=True)
        return self._send("interactive", payload, message)

    def _head(self, kind: str, user: str) -> Json:
        person = self._workspace.user(user)
        name = user[1:].lower()
        return {
            "type": kind,
            "user": {"id": person.id, "username": name, "name": name, "team_id": TEAM},
            "api_app_id": APP,
            "token": "deprecated",
            "team": {"id": TEAM, "domain": DOMAIN},
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self._triggers.issue(user),
        }

    def _action(self, button: Button, value: str) -> Json:
        element = button.element
        kind = element["type"]
        action = {"action_id": button.action_id, "block_id": button.block_id, "type": kind}
        action["action_ts"] = self._workspace.new_ts()
        if kind == "button":
            kept = {name: one for name, one in element.items() if name in ("text", "value", "style")}
            return action | kept
        if kind == "users_select":
            return {**action, "selected_user": value}
        option = _option(element, value)
        if kind == "checkboxes":
            return {**action, "selected_options": [option]}
        return {**action, CHOSEN[kind]: option}

    def _send(self, kind: Kind, payload: Json, message: Message | None = None) -> Act:
        return Act(message=message, deliveries=[self._courier.send(parcel(kind, payload))])

    def command(self, user: str, channel: str, line: str, thread: str = "") -> Act:
        """A line that begins with ``/``. The app's answer is whispered to the user. Raises Refused."""
        command, _, text = line.partition(" ")
        if command not in self.commands:
            raise Refused(f"{command} is not a valid command")
        if thread:
            raise Refused(f"{command} is not supported in threads. Sorry!")
        place = self._acts.place(user, channel)
        payload = {
            "token": "deprecated",
            "team_id": TEAM,
            "team_domain": DOMAIN,
            "channel_id": place.id,
            "channel_name": GENERIC_NAMES.get(place.kind, place.name),
            "user_id": user,
            "user_name": user[1:].lower(),
            "command": command,
            "text": text.strip(),
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self._replies.make(place.id, user),
            "trigger_id": self._triggers.issue(user),
        }
        delivery = self._courier.send(
            parcel("slash_commands", payload),
            then=lambda answer: self._answered(answer, place, user, command),
        )
        return Act(deliveries=[delivery])

    def _answered(self, answer: Answer, place: Channel, user: str, command: str) -> None:
        if not answer.ok:
            reason = "operation_timeout" if not answer.status else "dispatch_failed"
            words = Args(text=f"{command} failed with the error “{reason}”")
            self._replies.answer(place.id, user, words)
        elif args := _spoken(answer.body):
            self._replies.answer(place.id, user, args)

    def press_in_modal(
        self, user: str, action_id: str, *, value: str = "", block_id: str = "", values: Json | None = None
    ) -> Act:
        """Press a button of the modal on top; ``values`` are what was filled in so far. Raises Refused."""
        view = self._on_top(user)
        view = view | {"state": {"values": _filled(view, values or {})}}
        return self._press_in(view, user, action_id, value, block_id)

    def press_at_home(self, user: str, action_id: str, *, value: str = "", block_id: str = "") -> Act:
        """Press a button on the app's home tab. Raises Refused."""
        home = self._desktops.of(user).home
        if home is None:
            raise Refused("the home tab is empty")
        return self._press_in(home, user, action_id, value, block_id)

    def _press_in(self, view: Json, user: str, action_id: str, value: str, block_id: str) -> Act:
        payload = {
            **self._head("block_actions", user),
            "container": {"type": "view", "view_id": view["id"]},
            "view": view,
            "actions": [self._action(_button(pressables(view["blocks"]), action_id, block_id), value)],
        }
        return self._send("interactive", payload)

    def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Act:
        """One of the app's shortcuts, from a message's menu. Raises Refused."""
        message = self._workspace.message(channel, ts)
        place = self._acts.place(user, channel, message.thread or message.ts)
        payload = {
            **self._head("message_action", user),
            "callback_id": callback_id,
            "action_ts": self._workspace.new_ts(),
            "channel": {"id": place.id, "name": GENERIC_NAMES.get(place.kind, place.name)},
            "message": self._events.json(message, metadata=True),
        }
        return self._send("interactive", payload, message)

    def _on_top(self, user: str) -> Json:
        pile = self._desktops.of(user).modals
        if not pile:
            raise Refused("no modal is open")
        return pile[-1]

    def close(self, user: str) -> None:
        """Close the modal on top; the app asked not to be told. Raises Refused."""
        self._desktops.drop(user, self._on_top(user)["id"])

    def submit(self, user: str, values: Json) -> Act:
        """Send the modal on top; ``values`` by block_id and action_id are what was filled in. Raises Refused."""
        on_top = self._on_top(user)
        if not on_top["submit"]:
            raise Refused("nothing to submit")
        view = on_top | {"state": {"values": _filled(on_top, values)}}
        if lacking := _lacking(view):
            self._desktops.complain(user, dict.fromkeys(lacking, LACKING))
            raise Refused("a field is empty")
        payload = {**self._head("view_submission", user), "view": view, "response_urls": []}
        delivery: Delivery = self._courier.send(
            parcel("interactive", payload), then=lambda answer: self._submitted(answer, user, view["id"])
        )
        return Act(deliveries=[delivery])

    def _submitted(self, answer: Answer, user: str, view_id: str) -> None:
        desktop = self._desktops.of(user)
        desktop.errors = {}
        if not answer.ok:
            self._desktops.complain(user, {"": "We had some trouble connecting. Try again?"})
            return
        body = _spoken(answer.body)
        match body.text("response_action"):
            case "errors":
                self._desktops.complain(user, body["errors"])
            case "update":
                self._desktops.update(view_id, "", "", made_view(body["view"], "modal"))
            case "push":
                self._desktops.push(user, made_view(body["view"], "modal"))
            case "clear":
                self._desktops.drop(user)
            case _:
                self._desktops.drop(user, view_id)


def _button(buttons: Iterable[Button], action_id: str, block_id: str) -> Button:
    for button in buttons:
        if button.action_id == action_id and block_id in ("", button.block_id):
            return button
    raise Refused("no such button")


def _container(message: Message) -> Json:
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
    container["is_ephemeral"] = bool(message.whispered_to)
    return container | ({"thread_ts": message.thread} if message.thread else {})


def _option(element: Json, value: str) -> Json:
    groups: list[Json] = element.get("option_groups", [{"options": element.get("options", [])}])
    for group in groups:
        for option in group["options"]:
            if option["value"] == value:
                found: Json = option
                return found
    raise Refused("no such option")


def _filled(view: Json, values: Json) -> Json:
    """Every input of the view, with what was filled in or null."""
    state: Json = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            given: Any = values.get(block["block_id"], {}).get(element["action_id"], _initial(element))
            shown = {"type": element["type"], **_value(element, given)}
            state[block["block_id"]] = {element["action_id"]: shown}
    return state


def _lacking(view: Json) -> list[str]:
    """The blocks that must be filled in and aren't: Slack doesn't send the modal then."""
    wanted = (block for block in view["blocks"] if block["type"] == "input" and not block.get("optional"))
    shown = view["state"]["values"]
    return [block["block_id"] for block in wanted if not _given(shown[block["block_id"]])]


def _given(field: Json) -> bool:
    return any(value for element in field.values() for name, value in element.items() if name != "type")


def _initial(element: Json) -> Any:
    if "initial_option" in element:
        return element["initial_option"]["value"]
    return element.get("initial_value", element.get("initial_user"))


def _value(element: Json, given: Any) -> Json:
    kind = element["type"]
    if kind in CHOSEN:
        return {CHOSEN[kind]: _option(element, given) if given else None}
    if kind == "checkboxes":
        return {"selected_options": [_option(element, one) for one in given or []]}
    return {"selected_user" if kind == "users_select" else "value": given}


def _spoken(body: str) -> Args:
    """The app's answer as it was meant: JSON, or plain words."""
    try:
        found = json.loads(body) if body else {}
    except ValueError:
        found = {"text": body}
    return Args(found if isinstance(found, dict) else {"text": body})
