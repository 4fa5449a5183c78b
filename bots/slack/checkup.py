"""What ``onethread doctor`` says of Slack: each thing that is wrong with the click that mends it."""

from collections.abc import AsyncIterator, Iterable, Sequence

from bots.slack.api import Me, Refused, SlackApi
from core.errors import Rejected, RetryLater, Unreachable
from core.ports import Finding

SCOPES = (
    "chat:write", "chat:write.customize", "channels:history", "groups:history", "channels:read", "groups:read",
    "im:history", "im:write", "users:read", "users:read.email", "files:read", "files:write", "reactions:read",
    "reactions:write", "app_mentions:read", "usergroups:read", "commands",
)  # fmt: skip
"""All that the manifest asks for."""

TOKEN_ERRORS = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
NEW_TOKEN = (
    "Copy the Bot User OAuth Token (xoxb-…) from the app's page OAuth & Permissions into [slack] bot_token."
)
NEW_APP_TOKEN = (
    "Make an app-level token with the scope connections:write (Basic Information, App-Level Tokens),"
    " switch Socket Mode on, and write the token (xapp-…) into [slack] app_token."
)
ADD_SCOPE = "Add it under OAuth & Permissions, Bot Token Scopes, then press Reinstall to Workspace."
LATER = "Slack can't be reached now. Look at the network and at https://status.slack.com, then try again."


async def findings(api: SlackApi) -> Sequence[Finding]:
    """In the order in which they are best mended; never raises."""
    return [finding async for finding in _look(api)]


async def _look(api: SlackApi) -> AsyncIterator[Finding]:
    what = "Slack: bot token"
    try:
        me = await api.identify()
    except RetryLater:
        yield Finding(what=what, ok=False, next_step=LATER)
        return
    except (Rejected, Unreachable) as failure:
        known = isinstance(failure, Refused) and failure.code in TOKEN_ERRORS
        yield Finding(
            what=what, ok=False, next_step=NEW_TOKEN if known else f"Slack says: {failure.args[0]}."
        )
        return
    yield Finding(what=what, ok=True)
    for scope in _missing(me):
        yield Finding(what=f"Slack: scope {scope}", ok=False, next_step=ADD_SCOPE)
    if api.socket_mode:
        yield await _socket(api)
    support = api.support_channel
    yield await _channel(api, support, "support channel", "[slack] support_channel")


def _missing(me: Me) -> Sequence[str]:
    """Empty too where Slack didn't say which scopes the token has."""
    return [scope for scope in SCOPES if scope not in me.scopes] if me.scopes else []


async def _socket(api: SlackApi) -> Finding:
    what = "Slack: Socket Mode"
    try:
        await api.socket_url()
    except RetryLater:
        return Finding(what=what, ok=False, next_step=LATER)
    except (Rejected, Unreachable):
        return Finding(what=what, ok=False, next_step=NEW_APP_TOKEN)
    return Finding(what=what, ok=True)


async def of_departments(api: SlackApi, channels: Iterable[str]) -> Sequence[Finding]:
    """What keeps tickets out of departments' own Slack channels; nothing of those that are well. Never raises."""
    found = [await _channel(api, one, "department's channel", "routing.yaml") for one in channels]
    return [one for one in found if not one.ok]


async def _channel(api: SlackApi, id: str, called: str, named_in: str) -> Finding:
    what = f"Slack: {called} {id}"
    try:
        answer = await api.call("conversations.info", channel=id)
    except RetryLater:
        return Finding(what=what, ok=False, next_step=LATER)
    except (Rejected, Unreachable) as failure:
        return Finding(what=what, ok=False, next_step=_no_channel(failure, named_in))
    channel = answer.get("channel") or {}
    if channel.get("is_archived"):
        step = f"It is archived: restore it in Slack, or name another one in {named_in}."
        return Finding(what=what, ok=False, next_step=step)
    if not channel.get("is_member"):
        return Finding(
            what=what, ok=False, next_step="Write /invite @Onethread in it, so that the app may post there."
        )
    return Finding(what=what, ok=True)


def _no_channel(failure: Exception, named_in: str) -> str:
    code = str(failure.args[0])
    if code == "channel_not_found":
        return (
            "Slack knows no such channel, or it is private: write /invite @Onethread in it, and copy its id (C…)"
            f" from the bottom of its details into {named_in}."
        )
    return ADD_SCOPE if code == "missing_scope" else f"Slack says: {code}."
