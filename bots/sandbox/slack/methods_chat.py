"""``chat.*``: the app writes, corrects and takes back."""

from collections.abc import Mapping

from bots.sandbox.hub import Json
from bots.sandbox.slack.app_words import app_words, write_as_app
from bots.sandbox.slack.calls import Call, Method
from bots.sandbox.slack.workspace import BOT, DOMAIN, Channel, Message, Refused

UPDATE_LIMIT = 4_000


def post_message(call: Call) -> Json:
    message = write_as_app(call.workspace, _writable(call), app_words(call.args), call.args.text("thread_ts"))
    _dress(call, message)
    message.mrkdwn = call.args.flag("mrkdwn", True)
    message.broadcast = bool(message.thread) and call.args.flag("reply_broadcast")
    call.events.posted(call.workspace.add(message))
    shown = call.events.json(message, metadata=True)
    return {"channel": message.channel, "ts": message.ts, "message": shown}


def _writable(call: Call) -> Channel:
    """A user's id stands for the direct messages with them."""
    id = call.args.text("channel")
    if id in call.workspace.users and id != BOT:
        return call.workspace.dm(id)
    return call.writable_channel()


def _dress(call: Call, message: Message) -> None:
    """Name and picture of the app's choice; without the scope Slack leaves them out."""
    if "chat:write.customize" in call.scopes:
        message.username = call.args.text("username")
        message.icon_emoji = call.args.text("icon_emoji")
        message.icon_url = "" if message.icon_emoji else call.args.text("icon_url")


def post_ephemeral(call: Call) -> Json:
    channel = call.writable_channel()
    user = call.args.needed("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    message = write_as_app(call.workspace, channel, app_words(call.args), call.args.text("thread_ts"))
    _dress(call, message)
    message.whispered_to = user
    call.events.show(call.workspace.add(message))
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """Words without blocks take the blocks away; blocks alone leave no ``edited`` behind."""
    message = call.own_message("cant_update_message")
    words = app_words(call.args)
    if words.text is None and words.blocks is None and words.attachments is None:
        raise Refused("no_text")
    if words.text is not None and len(words.text) > UPDATE_LIMIT:
        raise Refused("msg_too_long")
    before = call.events.json(message)
    if words.text is not None:
        message.text, message.blocks = words.text, []
    if words.blocks is not None:
        message.blocks = words.blocks
    elif words.text is not None:
        message.edited = {"user": BOT, "ts": call.workspace.new_ts()}
    if words.attachments is not None:
        message.attachments = words.attachments
    if words.metadata is not None:
        message.metadata = words.metadata
    call.events.changed(message, before)
    shown = call.events.json(message, metadata=True)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def delete(call: Call) -> Json:
    message = call.own_message("cant_delete_message")
    before = call.events.json(message)
    message.deleted = True
    call.events.deleted(message, before)
    return {"channel": message.channel, "ts": message.ts}


def permalink(call: Call) -> Json:
    message = call.message(call.args.needed("message_ts"))
    address = f"https://{DOMAIN}.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
    if message.thread:
        address += f"?thread_ts={message.thread}&cid={message.channel}"
    return {"channel": message.channel, "permalink": address}


METHODS: Mapping[str, Method] = {
    "chat.postMessage": Method(run=post_message, scope="chat:write"),
    "chat.postEphemeral": Method(run=post_ephemeral, scope="chat:write"),
    "chat.update": Method(run=update, scope="chat:write"),
    "chat.delete": Method(run=delete, scope="chat:write"),
    "chat.getPermalink": Method(run=permalink, form_only=True),
}
