"""``views.*``: modals, opened within three seconds of a press, and the app's home tab."""

from collections.abc import Mapping

from bots.sandbox.hub import Json
from bots.sandbox.slack.calls import Call, Method
from bots.sandbox.slack.desktops import made_view
from bots.sandbox.slack.workspace import Refused


def open_view(call: Call) -> Json:
    view = _view(call, "modal")
    return {"view": call.desktops.open(call.triggers.spend(call.args.needed("trigger_id")), view)}


def push_view(call: Call) -> Json:
    view = _view(call, "modal")
    return {"view": call.desktops.push(call.triggers.spend(call.args.needed("trigger_id")), view)}


def update_view(call: Call) -> Json:
    args = call.args
    view_id, external_id = args.text("view_id"), args.text("external_id")
    if not view_id and not external_id:
        raise Refused("invalid_arguments")
    return {"view": call.desktops.update(view_id, external_id, args.text("hash"), _view(call, "modal"))}


def publish_view(call: Call) -> Json:
    user = call.workspace.user(call.args.needed("user_id"))
    return {"view": call.desktops.publish(user.id, _view(call, "home"))}


def _view(call: Call, kind: str) -> Json:
    view = call.args.parsed("view", "invalid_arguments")
    if view is None:
        raise Refused("invalid_arguments", response_metadata={"messages": ["[ERROR] missing view"]})
    return made_view(view, kind)


METHODS: Mapping[str, Method] = {
    "views.open": Method(run=open_view),
    "views.push": Method(run=push_view),
    "views.update": Method(run=update_view),
    "views.publish": Method(run=publish_view),
}
