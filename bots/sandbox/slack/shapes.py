"""The workspace as JSON: as Slack's API and events show it, and as the sandbox's page wants it. Pure."""

import mimetypes

from bots.sandbox.hub import Json
from bots.sandbox.slack.composer import rich_text
from bots.sandbox.slack.workspace import (
    APP,
    BOT,
    BOT_ID,
    DOMAIN,
    TEAM,
    Channel,
    Message,
    SharedFile,
    User,
    Workspace,
)

BOT_PROFILE = {
    "id": BOT_ID,
    "app_id": APP,
    "name": "Onethread",
    "icons": {},
    "deleted": False,
    "updated": 1_700_000_000,
    "team_id": TEAM,
}
TOMBSTONE = "This message was deleted."


def message_json(message: Message, workspace: Workspace, origin: str, *, metadata: bool = False) -> Json:
    """``metadata`` only where a caller asked for it, as on Slack; ``origin`` is where files are fetched."""
    channel = workspace.channels[message.channel]
    shown: Json = {"type": "message", "text": message.text, "ts": message.ts, **_author(message)}
    if message.deleted:
        shown |= {"subtype": "tombstone", "text": TOMBSTONE, "user": "USLACKBOT", "hidden": True}
    blocks = message.blocks
    if not blocks and not message.by_app and not message.deleted:
        blocks = rich_text(message.text, f"r{message.ts[-6:]}")
    optional = {
        "blocks": blocks,
        "attachments": message.attachments,
        "files": [file_json(file, origin) for file in message.files],
        "reactions": reactions_json(message),
        "edited": message.edited,
        "metadata": message.metadata if metadata else None,
    }
    shown |= {name: value for name, value in optional.items() if value and not message.deleted}
    return shown | _threading(message, channel)


def _author(message: Message) -> Json:
    subtype = {"subtype": message.subtype} if message.subtype else {}
    if message.bot:
        return {"user": message.user, "team": TEAM, "bot_id": message.bot, "app_id": "AOTHER", **subtype}
    if not message.by_app:
        typed = {} if message.subtype == "channel_join" else {"client_msg_id": f"cm-{message.ts}"}
        return {"user": message.user, "team": TEAM, **typed, **subtype}
    app = {"bot_id": BOT_ID, "app_id": APP}
    if not message.username and not message.icon_emoji and not message.icon_url:
        return {"user": BOT, "team": TEAM, "bot_profile": BOT_PROFILE, **app, **subtype}
    icons = {"emoji": message.icon_emoji} if message.icon_emoji else {}
    icons |= {"image_48": message.icon_url} if message.icon_url else {}
    name = message.username or "Onethread"
    return {"subtype": "bot_message", "username": name, "icons": icons, **app, **subtype}


def _threading(message: Message, channel: Channel) -> Json:
    if message.thread:
        root = channel.posts[message.thread]
        return {"thread_ts": message.thread, "parent_user_id": root.user}
    replies = channel.replies(message.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users,
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }


def reactions_json(message: Message) -> list[Json]:
    return [
        {"name": name, "users": users, "count": len(users)}
        for name, users in message.reactions.items()
        if users
    ]


def user_json(user: User, *, email: bool, locale: bool = False) -> Json:
    profile: Json = {
        "real_name": user.name,
        "real_name_normalized": user.name,
        "display_name": user.name,
        "display_name_normalized": user.name,
        "status_text": "",
        "status_emoji": "",
        "team": TEAM,
        **({"email": user.email} if email and user.id != BOT else {}),
        **({"api_app_id": APP, "bot_id": BOT_ID} if user.id == BOT else {}),
    }
    chinese = user.locale.startswith("zh")
    shown = {
        "id": user.id,
        "team_id": TEAM,
        "name": user.id[1:].lower(),
        "deleted": False,
        "real_name": user.name,
        "tz": "Asia/Shanghai" if chinese else "Europe/London",
        "tz_offset": 28800 if chinese else 0,
        "profile": profile,
        "is_admin": False,
        "is_owner": False,
        "is_bot": user.id == BOT,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    return shown | ({"locale": user.locale} if locale else {})


def channel_json(channel: Channel) -> Json:
    common = {
        "id": channel.id,
        "created": 1_700_000_000,
        "is_archived": channel.archived,
        "context_team_id": TEAM,
    }
    if channel.person:
        return common | {"is_im": True, "user": channel.person, "is_user_deleted": False, "priority": 0}
    return common | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_private": channel.private,
        "is_im": False,
        "is_mpim": False,
        "is_general": channel.name == "general",
        "is_shared": False,
        "is_member": BOT in channel.members,
        "creator": "UMEI",
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def file_json(file: SharedFile, origin: str, shares: Json | None = None) -> Json:
    """Where it is shared stands only in ``files.info``'s answer: there ``shares`` is given."""
    extension = (mimetypes.guess_extension(file.mime) or ".bin")[1:]
    home = f"{origin}/files-pri/{TEAM}-{file.id}"
    shown: Json = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mime,
        "filetype": extension,
        "pretty_type": extension.upper(),
        "user": file.owner,
        "user_team": TEAM,
        "size": len(file.data),
        "mode": "hosted",
        "editable": False,
        "is_external": False,
        "is_public": any(not share.channel.startswith("D") for share in file.shares),
        "public_url_shared": False,
        "url_private": f"{home}/{file.key}",
        "url_private_download": f"{home}/download/{file.key}",
        "permalink": f"https://{DOMAIN}.slack.com/files/{file.owner}/{file.id}/{file.key}",
        "file_access": "visible",
    }
    return shown if shares is None else shown | {"shares": shares}


def shares_json(file: SharedFile, workspace: Workspace) -> Json:
    """Channel by channel, the messages that carry the file."""
    shown: Json = {}
    for message in file.shares:
        channel = workspace.channels[message.channel]
        side = shown.setdefault("public" if channel.kind == "channel" else "private", {})
        where = {"thread_ts": message.thread} if message.thread else {}
        share = {"ts": message.ts, "team_id": TEAM, "channel_name": channel.name, "reply_count": 0, **where}
        if not message.deleted:
            side.setdefault(channel.id, []).append(share | {"reply_users": [], "reply_users_count": 0})
    return shown


def page_message(message: Message) -> Json:
    icons = {"icon_emoji": message.icon_emoji, "icon_url": message.icon_url}
    gone = message.deleted
    return {
        "ts": message.ts,
        "thread_ts": message.thread or None,
        "channel": message.channel,
        "user": message.user,
        "username": message.username,
        "is_bot": message.by_app,
        "text": "" if gone else message.text,
        "mrkdwn": message.mrkdwn,
        "blocks": None if gone else message.blocks or None,
        "files": [] if gone else [_page_file(file) for file in message.files],
        "reactions": reactions_json(message),
        "edited": message.edited is not None,
        "deleted": gone,
        "ephemeral_to": message.whispered_to or None,
        "at": message.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **{name: icon for name, icon in icons.items() if icon},
    }


def page_view(view: Json, workspace: Workspace) -> Json:
    """With the addresses under which the page itself finds the workspace's files."""
    return {**view, "blocks": [_page_block(block, workspace) for block in view["blocks"]]}


def _page_block(block: Json, workspace: Workspace) -> Json:
    file = workspace.files.get(block.get("slack_file", {}).get("id", ""))
    return {**block, "slack_file": {"url": file.stored.url}} if file and file.stored else block


def _page_file(file: SharedFile) -> Json:
    url = file.stored.url if file.stored else ""
    return {"id": file.id, "name": file.name, "mimetype": file.mime, "url": url}


def page_state(workspace: Workspace) -> Json:
    people = [user for user in workspace.users.values() if user.role != "app"]
    dms = [one for one in workspace.channels.values() if one.person]
    rooms = [one for one in workspace.channels.values() if not one.person]
    return {
        "slack_users": [{"id": one.id, "name": one.name, "role": one.role} for one in people],
        "dms": [{"user": dm.person, "messages": _page_messages(dm)} for dm in dms],
        "channels": [{"id": one.id, "name": one.name, "messages": _page_messages(one)} for one in rooms],
    }


def _page_messages(channel: Channel) -> list[Json]:
    return [page_message(message) for message in channel.posts.values()]
