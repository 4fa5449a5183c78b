"""What ``onethread doctor`` says of one Telegram bot, with the next step for each thing that is wrong."""

from collections.abc import Sequence

from telegram import WebhookInfo

from bots.telegram.api import BotApi, asking
from core.errors import Rejected, RetryLater
from core.ports import Finding

MANY = 100
"""Updates that wait, beyond which something is slow or stuck."""


async def check(api: BotApi, *, what: str, mode: str, webhook: str) -> Sequence[Finding]:
    """``webhook`` is the address that should be set, "" without a public_url. Never raises."""
    try:
        with asking():
            me = await api.bot.get_me()
            info = await api.bot.get_webhook_info()
    except Rejected as refusal:
        step = "copy the token from @BotFather (/mybots → API Token) into token under [[telegram]]"
        return [Finding(what=f"{what}: {refusal}", ok=False, next_step=step)]
    except RetryLater as away:
        step = "see that this machine reaches api_base (network, proxy, firewall), then run doctor again"
        return [Finding(what=f"{what}: {away}", ok=False, next_step=step)]
    known = Finding(what=f"{what}: the token is @{me.username}'s", ok=True)
    return [known, *(_polling(what, info) if mode == "polling" else _webhook(what, info, webhook))]


def _polling(what: str, info: WebhookInfo) -> list[Finding]:
    if not info.url:
        return [Finding(what=f"{what}: polls, {info.pending_update_count} updates wait", ok=True)]
    step = (
        "start `onethread run`, which deletes the webhook and keeps what waits;"
        ' if another program needs it, make a bot of its own, or write mode = "webhook"'
    )
    return [
        Finding(what=f"{what}: polling is refused (409) while a webhook is set", ok=False, next_step=step)
    ]


def _webhook(what: str, info: WebhookInfo, webhook: str) -> list[Finding]:
    if not webhook:
        step = 'write public_url = "https://…", where Telegram reaches this machine, or mode = "polling"'
        return [Finding(what=f"{what}: no address for the webhook", ok=False, next_step=step)]
    if info.url != webhook:
        step = f"start `onethread run`, which sets it to {webhook}"
        return [Finding(what=f"{what}: the webhook is {_shown(info.url)}", ok=False, next_step=step)]
    return [_delivered(what, info, webhook)]


def _delivered(what: str, info: WebhookInfo, webhook: str) -> Finding:
    """Telegram keeps its last error for ever: it matters only while updates wait."""
    waiting, error = info.pending_update_count, info.last_error_message or ""
    if waiting and error:
        return Finding(
            what=f"{what}: {waiting} updates wait, Telegram says: {error}",
            ok=False,
            next_step=_mend(error, webhook),
        )
    if waiting > MANY:
        step = "see that `onethread run` (or web) runs, and whether /readyz and the log name what is slow"
        return Finding(what=f"{what}: {waiting} updates wait", ok=False, next_step=step)
    return Finding(what=f"{what}: the webhook is set, {waiting} updates wait", ok=True)


def _mend(error: str, webhook: str) -> str:
    said = error.lower()
    if "403" in said:
        return "the secret was changed: restart `onethread run`, which sets the webhook anew"
    if "404" in said:
        return f"see that the proxy hands {webhook} on unchanged, and that the account's name is the same"
    if any(code in said for code in ("500", "502", "503", "504")):
        return "see that `onethread run` runs behind the proxy and reaches its database: /readyz says what is missing"
    if any(word in said for word in ("ssl", "certificate", "tls")):
        return f"give {webhook} a certificate that browsers trust, with its whole chain"
    return f"see that {webhook} can be reached from the internet on port 443, 80, 88 or 8443"


def _shown(url: str) -> str:
    """Another program's address may hold a token behind the ``?``."""
    return url.partition("?")[0] or "not set"
