"""``files.*``: an upload in three steps (address, bytes, completion), and what became of a file."""

import secrets
from collections.abc import Mapping
from typing import Any

from bots.sandbox.hub import Json
from bots.sandbox.slack.app_words import root_of
from bots.sandbox.slack.calls import Call, Method
from bots.sandbox.slack.shapes import file_json, shares_json
from bots.sandbox.slack.workspace import BOT, Channel, Message, Refused, SharedFile

LARGEST = 1024**3


def upload_address(call: Call) -> Json:
    name = call.args.needed("filename")
    length = call.args.number("length", 0, LARGEST, "invalid_arguments")
    file = SharedFile(
        id=f"F{secrets.token_hex(5).upper()}",
        owner=BOT,
        name=name,
        title=name,
        length=length,
        created=int(call.hub.now().timestamp()),
    )
    call.workspace.files[file.id] = file
    return {"upload_url": f"{call.events.origin}/upload/v1/{file.key}", "file_id": file.id}


def complete(call: Call) -> Json:
    """Shares all files in one message. The answer comes before the sharing: it knows no ``shares`` yet."""
    files = _uploaded(call, call.args.parsed("files", "invalid_arguments"))
    channels = [_writable(call, id) for id in _destinations(call)]
    roots = [root_of(call.args.text("thread_ts"), channel) for channel in channels]
    for file in files:
        file.complete = True
    shown = [file_json(file, call.events.origin, {}) for file in files]
    for channel, root in zip(channels, roots, strict=True):
        _share(call, channel, root, files)
    return {"files": shown}


def _uploaded(call: Call, given: Any) -> list[SharedFile]:
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise Refused("invalid_arguments")
    files = []
    for one in given:
        file = call.workspace.files.get(str(one.get("id")))
        if file is None or file.owner != BOT or file.stored is None or file.complete:
            raise Refused("file_not_found")
        file.title = str(one.get("title") or file.name)
        files.append(file)
    return files


def _destinations(call: Call) -> list[str]:
    one, many = call.args.text("channel_id"), call.args.text("channels")
    return [id for id in (one or many).split(",") if id]


def _writable(call: Call, id: str) -> Channel:
    channel = call.workspace.channel(id)
    if BOT not in channel.members:
        raise Refused("not_in_channel" if channel.kind == "channel" else "channel_not_found")
    return channel


def _share(call: Call, channel: Channel, root: str, files: list[SharedFile]) -> None:
    message = Message(
        ts=call.workspace.new_ts(),
        channel=channel.id,
        user=BOT,
        text=call.args.text("initial_comment"),
        thread=root,
        files=files,
    )
    call.events.posted(call.workspace.add(message))


def info(call: Call) -> Json:
    file = call.workspace.files.get(call.args.needed("file"))
    if file is None or not file.complete or not _visible(call, file):
        raise Refused("file_not_found")
    shares = shares_json(file, call.workspace)
    return {"file": file_json(file, call.events.origin, shares), "comments": []}


def delete(call: Call) -> Json:
    """Where it was shared, a message without words goes with its last file."""
    file = call.workspace.files.get(call.args.needed("file"))
    if file is None or not file.complete:
        raise Refused("file_not_found")
    if file.owner != BOT:
        raise Refused("cant_delete_file")
    del call.workspace.files[file.id]
    for message in file.shares:
        before = call.events.json(message)
        message.files.remove(file)
        if message.files or message.text:
            call.events.changed(message, before)
        else:
            message.deleted = True
            call.events.deleted(message, before)
    return {}


def _visible(call: Call, file: SharedFile) -> bool:
    return file.owner == BOT or any(
        BOT in call.workspace.channels[one.channel].members for one in file.shares
    )


METHODS: Mapping[str, Method] = {
    "files.getUploadURLExternal": Method(run=upload_address, scope="files:write", form_only=True),
    "files.completeUploadExternal": Method(run=complete, scope="files:write"),
    "files.delete": Method(run=delete, scope="files:write"),
    "files.info": Method(run=info, scope="files:read", form_only=True),
}
