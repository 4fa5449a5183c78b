"""Every call to Slack's Web API, and what each of its errors tells the caller to do next.

slack_sdk's own retries are off: it sends a post again after a lost connection, and Slack then shows it twice.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.files import Trusted, fetch, put
from bots.slack.settings import SlackSettings
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.ports import Fetched, Keep

CALL_SECONDS = 15
NO_PREVIEWS: Mapping[str, Any] = {"unfurl_links": False, "unfurl_media": False}
"""Of links in posts: Slack would fetch what somebody wrote."""
SOON = timedelta(seconds=5)
BUSY = timedelta(seconds=30)
"""How long to stay away when a 429 doesn't say it itself."""

BUSY_ERRORS = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
PASSING_ERRORS = frozenset({"service_unavailable", "request_timeout", "team_added_to_org"})
UNSURE_ERRORS = frozenset({"fatal_error", "internal_error"})
"""Slack says of these that a part of the work may have been done."""
UNSURE_STATUS = frozenset({502, 504})
"""A gateway that lost the answer of the server behind it."""
CLOSED_TO_US = frozenset(
    {"user_disabled", "cannot_dm_bot", "messages_tab_disabled", "user_not_found", "user_not_visible"}
)
"""The user can't be written to, whatever we send."""
REPEATABLE = frozenset(
    {"test", "info", "list", "history", "replies", "members", "open", "update", "add", "remove", "publish",
     "getUploadURLExternal", "getPermalink", "lookupByEmail", "conversations"}
)  # fmt: skip
"""Last words of the methods that change nothing when they run twice: a lost answer only costs a retry."""

USERS_KEPT = 2000
USER_SECONDS = 600


class Refused(Rejected):
    """Slack refused the call; ``code`` is its word for why ("already_reacted"), and the first argument too."""

    def __init__(self, code: str, method: str) -> None:
        super().__init__(code, method)
        self.code = code

    def __str__(self) -> str:
        return f"Slack refused {self.args[1]}: {self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Who the app is in the workspace; ``url`` is the workspace's address, ending in a slash."""

    user_id: str = ""
    bot_id: str = ""
    team_id: str = ""
    url: str = ""
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackUser:
    """A member of the workspace: ``name`` as others see it, ``language`` a locale like "zh-CN" or "".

    ``utc_offset`` is what their clock shows, less UTC.
    """

    id: str
    name: str
    email: str = ""
    language: str = ""
    is_bot: bool = False
    deleted: bool = False
    utc_offset: timedelta = timedelta()


class SlackApi:
    """The app's calls to one workspace; ``me`` is blank until ``identify`` has run."""

    def __init__(self, settings: SlackSettings, http: aiohttp.ClientSession) -> None:
        self.me = Me()
        self.support_channel = settings.support_channel
        self._app_token = settings.app_token.get_secret_value()
        self._token = settings.bot_token.get_secret_value()
        self._http = http
        self._trusted = Trusted(settings.api_base)
        self._users: OrderedDict[str, tuple[float, SlackUser]] = OrderedDict()
        self.client = AsyncWebClient(
            self._token, base_url=f"{settings.api_base}/api/", session=http, retry_handlers=[]
        )
        self.client.proxy = (
            None  # the SDK reads the environment; whether there is a proxy is the session's matter
        )

    async def identify(self) -> Me:
        """Ask Slack who we are. Raises RetryLater or Rejected."""
        answer = await self._ask("auth.test", {})
        said = answer.data
        scopes = frozenset(
            filter(None, (part.strip() for part in _header(answer, "x-oauth-scopes").split(",")))
        )
        self.me = Me(
            user_id=_text(said, "user_id"),
            bot_id=_text(said, "bot_id"),
            team_id=_text(said, "team_id"),
            url=_text(said, "url"),
            scopes=scopes,
        )
        return self.me

    async def call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """One call, never repeated here. Raises RetryLater, Unconfirmed, Unreachable, or Refused with Slack's word.

        A method that may run twice without harm never raises Unconfirmed.
        """
        answer = await self._ask(method, arguments)
        said: Mapping[str, Any] = answer.data
        return said

    @property
    def socket_mode(self) -> bool:
        return bool(self._app_token)

    async def socket_url(self) -> str:
        """A fresh address for one Socket Mode connection. Raises RetryLater, or Rejected for a wrong app token."""
        return _text(await self.call("apps.connections.open", app_token=self._app_token), "url")

    async def upload(
        self, *, data: bytes, name: str, channel: str, thread: str = "", comment: str = "", keep: Keep
    ) -> str:
        """Share a file into a Slack channel or thread; returns its id, which ``keep`` got before it was shared.

        Raises as ``call`` does.
        """
        place = await self.call("files.getUploadURLExternal", filename=name, length=len(data))
        file = _text(place, "file_id")
        await keep(file)
        await put(self._http, _text(place, "upload_url"), data)
        await self.call(
            "files.completeUploadExternal",
            files=[{"id": file, "title": name}],
            channel_id=channel,
            thread_ts=thread or None,
            initial_comment=comment or None,
        )
        return file

    async def arrived(self, file: str, channel: str) -> bool:
        """Whether an upload that was begun came to be shared into this Slack channel. Raises RetryLater, Rejected."""
        try:
            said = await self.call("files.info", file=file)
        except Refused as refused:
            if refused.code in ("file_not_found", "file_deleted"):
                return False
            raise
        return channel in _shared_into(said.get("file"))

    async def respond(self, url: str, answer: Mapping[str, Any]) -> bool:
        """Answer a press at the address that came with it, which needs no token. False: it may not have arrived."""
        try:
            async with asyncio.timeout(CALL_SECONDS), self._http.post(url, json=answer) as said:
                return said.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def download(self, url: str, limit: int) -> Fetched:
        """What lies behind ``url_private``; at most ``limit`` bytes. Raises RetryLater or Rejected."""
        return await fetch(self._http, url, token=self._token, trusted=self._trusted, limit=limit)

    async def user(self, id: str) -> SlackUser:
        """A member, as Slack knew them at most ten minutes ago. Raises RetryLater or Rejected (Unreachable: nobody)."""
        now = asyncio.get_running_loop().time()
        known = self._users.get(id)
        if known and now - known[0] < USER_SECONDS:
            return known[1]
        said = await self.call("users.info", user=id, include_locale=True)
        found = read_user(id, said.get("user"))
        self._users[id] = (now, found)
        self._users.move_to_end(id)
        while len(self._users) > USERS_KEPT:
            self._users.popitem(last=False)
        return found

    async def _ask(self, method: str, arguments: Mapping[str, Any]) -> Any:
        # The SDK has a function per method, which knows whether its arguments go as query, form or JSON.
        ask = getattr(self.client, method.replace(".", "_"))
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await ask(**arguments)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as failure:
            raise RetryLater(SOON, f"{method}: no connection ({type(failure).__name__})") from None
        except (aiohttp.ClientError, TimeoutError) as failure:
            raise _lost(method, type(failure).__name__) from None
        except SlackApiError as failure:
            raise _meaning(method, failure.response) from None
        except AttributeError:  # the SDK takes a text/plain answer for a mapping
            raise _lost(method, "the answer is no JSON") from None


def _lost(method: str, why: str) -> Exception:
    if method.rpartition(".")[2] in REPEATABLE:
        return RetryLater(SOON, f"{method}: {why}")
    return Unconfirmed(f"{method}: {why}")


def _meaning(method: str, answer: Any) -> Exception:
    """What an answer that isn't ``ok`` tells us to do next."""
    status = int(getattr(answer, "status_code", 0) or getattr(answer, "status", 0))
    data = getattr(answer, "data", None)
    code = _text(data, "error") if isinstance(data, Mapping) else ""
    if status == 429 or code in BUSY_ERRORS:
        return RetryLater(_retry_after(answer), f"{method}: rate limit")
    if status in UNSURE_STATUS or code in UNSURE_ERRORS:
        return _lost(method, code or str(status))
    if status >= 500 or code in PASSING_ERRORS:
        return RetryLater(SOON, f"{method}: {code or status}")
    if not code:
        return _lost(method, f"the answer ({status}) is none of Slack's")
    if code in CLOSED_TO_US:
        return Unreachable(code)
    return Refused(code, method)


def _retry_after(answer: Any) -> timedelta:
    value = _header(answer, "Retry-After")
    return timedelta(seconds=min(int(value), 3600)) if value.isascii() and value.isdigit() else BUSY


def _header(answer: Any, name: str) -> str:
    """A header of an answer, whose headers the SDK types as a plain mapping, though any case may come."""
    for key, value in (getattr(answer, "headers", None) or {}).items():
        if str(key).lower() == name.lower():
            return str(value)
    return ""


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key)
    return value if isinstance(value, str) else ""


def _shared_into(file: Any) -> set[str]:
    """The Slack channels and direct chats that a file is shared into, from ``files.info``."""
    if not isinstance(file, Mapping):
        return set()
    shares = file.get("shares") or {}
    places = {channel for kind in ("public", "private") for channel in shares.get(kind) or {}}
    return places.union(*(file.get(kind) or () for kind in ("channels", "groups", "ims")))


def read_user(id: str, said: Any) -> SlackUser:
    """A member from ``users.info``'s ``user``; what is missing stays empty, a nameless one is called by the id."""
    user: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
    profile: Mapping[str, Any] = user.get("profile") or {}
    names = (
        _text(profile, "display_name"),
        _text(profile, "real_name"),
        _text(user, "real_name"),
        _text(user, "name"),
    )
    return SlackUser(
        id=id,
        name=next((name for name in names if name.strip()), id),
        email=_text(profile, "email"),
        language=_text(user, "locale"),
        is_bot=bool(user.get("is_bot")),
        deleted=bool(user.get("deleted")),
        utc_offset=_offset(user.get("tz_offset")),
    )


def _offset(seconds: Any) -> timedelta:
    """No place on earth is more than 14 hours off."""
    return (
        timedelta(seconds=seconds) if isinstance(seconds, int) and abs(seconds) <= 14 * 3600 else timedelta()
    )
