"""``POST /telegram/{account}``: verify, take in, and only then answer. Telegram comes again for anything but a 2xx."""

import hmac
from collections.abc import Sequence

from aiohttp import web

from bots.telegram import codec
from bots.telegram.channel import TelegramChannel
from core.ports import UserDoor

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


def routes(channels: Sequence[TelegramChannel], door: UserDoor) -> list[web.RouteDef]:
    """One address for each account."""
    by_account = {channel.account: channel for channel in channels}

    async def received(request: web.Request) -> web.Response:
        channel = by_account.get(request.match_info["account"])
        if channel is None:
            return web.Response(status=404)
        if not _is_telegram(request.headers.get(SECRET_HEADER, ""), channel.secret):
            return web.Response(status=403)
        try:
            await take(await request.read(), channel, door)
        except codec.NotJson:
            return web.Response(status=400)
        return web.Response()

    return [web.post("/telegram/{account}", received)]


def _is_telegram(given: str, secret: str) -> bool:
    """An account without a secret (one that polls) takes nothing here."""
    return bool(secret) and hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())


async def take(update_json: bytes, channel: TelegramChannel, door: UserDoor) -> None:
    """Take in one verified update, pushed or polled; returns only after it is durable.

    Raises DatabaseAway, and NotJson when it is none.
    """
    try:
        update = codec.parse(update_json)
        event, query = codec.event(update, channel.account, channel.username), codec.query(update)
    except codec.NotJson:
        raise
    except codec.NotUnderstood as reason:
        await door.quarantine(channel.platform, channel.account, update_json, str(reason))
        return
    receipt = await door.said(event) if event else None
    if query:
        channel.in_background(channel.tapped(query))
    if event and receipt and receipt.working:
        channel.in_background(channel.typing(event.sender))
