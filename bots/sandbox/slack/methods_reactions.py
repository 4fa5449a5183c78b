"""``reactions.*``: the marks that the app puts on messages."""

import re
from collections.abc import Mapping

from bots.sandbox.hub import Json
from bots.sandbox.slack.calls import Call, Method
from bots.sandbox.slack.workspace import BOT, Message, Refused

NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")
TS = re.compile(r"\d{10}\.\d{6}")


def add(call: Call) -> Json:
    call.writable_channel()
    call.acts.react(BOT, call.args.text("channel"), _item(call).ts, _name(call))
    return {}


def remove(call: Call) -> Json:
    call.acts.unreact(BOT, call.args.text("channel"), _item(call).ts, _name(call))
    return {}


def get(call: Call) -> Json:
    message = _item(call)
    return {"type": "message", "channel": message.channel, "message": call.events.json(message)}


def _item(call: Call) -> Message:
    if not call.args.text("channel") or not call.args.text("timestamp"):
        raise Refused("no_item_specified")
    if not TS.fullmatch(call.args.text("timestamp")):
        raise Refused("bad_timestamp")
    return call.message(call.args.text("timestamp"))


def _name(call: Call) -> str:
    name = call.args.text("name")
    if not NAME.fullmatch(name):
        raise Refused("invalid_name")
    return name


METHODS: Mapping[str, Method] = {
    "reactions.add": Method(run=add, scope="reactions:write"),
    "reactions.remove": Method(run=remove, scope="reactions:write"),
    "reactions.get": Method(run=get, scope="reactions:read", form_only=True),
}
