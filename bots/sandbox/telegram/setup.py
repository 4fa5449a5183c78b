"""How a bot is set up: its webhook or polling, its commands, its menu button."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bots.sandbox.guard import is_loopback
from bots.sandbox.hub import Json
from bots.sandbox.telegram.bot import Bot, scope_key
from bots.sandbox.telegram.failure import Failure, bad
from bots.sandbox.telegram.params import Params
from bots.sandbox.telegram.sends import Method
from bots.sandbox.telegram.updates import Webhook

LIMIT, LONGEST_POLL = 100, 50
COMMANDS, DESCRIPTION = 100, 256
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


async def get_me(bot: Bot, _: Params) -> Json:
    return {
        **bot.user,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def set_webhook(bot: Bot, params: Params) -> bool:
    url, secret = params.text("url").strip(), params.text("secret_token")
    if not url:
        return await delete_webhook(bot, params)
    _check_url(url)
    if not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    connections = params.number("max_connections", 40)
    if not 1 <= connections <= LIMIT:
        raise bad("max_connections must be between 1 and 100")
    _allow(bot, params)
    if params.flag("drop_pending_updates"):
        bot.updates.drop()
    bot.updates.move(Webhook(url=url, secret=secret, max_connections=connections))
    await bot.hub.publish({"what": "telegram_webhook"})
    return True


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise bad("bad webhook: invalid webhook URL specified") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if not host:
        raise bad("bad webhook: invalid webhook URL specified")


def _allow(bot: Bot, params: Params) -> None:
    allowed = params.object("allowed_updates")
    if allowed is None:
        return
    if not isinstance(allowed, list) or not all(isinstance(kind, str) for kind in allowed):
        raise bad("can't parse allowed updates: expected an Array of String")
    bot.updates.allowed = tuple(allowed)


async def delete_webhook(bot: Bot, params: Params) -> bool:
    if params.flag("drop_pending_updates"):
        bot.updates.drop()
    bot.updates.move(None)
    await bot.hub.publish({"what": "telegram_webhook"})
    return True


async def webhook_info(bot: Bot, _: Params) -> Json:
    webhook, trouble = bot.updates.webhook, bot.updates.trouble
    info: Json = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(bot.updates.pending),
    }
    if webhook:
        info |= {"max_connections": webhook.max_connections, "ip_address": "127.0.0.1"}
    if trouble:
        info |= {"last_error_date": int(trouble.at.timestamp()), "last_error_message": trouble.why}
    if bot.updates.allowed:
        info["allowed_updates"] = list(bot.updates.allowed)
    return info


async def get_updates(bot: Bot, params: Params) -> list[Json]:
    if bot.updates.webhook is not None:
        raise Failure(409, ACTIVE)
    _allow(bot, params)
    limit = min(max(params.number("limit", LIMIT), 1), LIMIT)
    seconds = min(max(params.number("timeout"), 0), LONGEST_POLL)
    return await bot.updates.poll(params.number("offset"), limit, seconds)


async def set_commands(bot: Bot, params: Params) -> bool:
    commands = params.object("commands")
    if not isinstance(commands, list) or not all(isinstance(command, dict) for command in commands):
        raise bad("can't parse commands: expected an Array of BotCommand")
    if len(commands) > COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    bot.commands[_list(params)] = [_command(command) for command in commands]
    await bot.hub.publish({"what": "phone"})
    return True


def _list(params: Params) -> tuple[str, str]:
    """Which list of commands is meant: by scope and language."""
    language = params.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad("invalid language code specified")
    return scope_key(params.object("scope")), language


def _command(command: Json) -> Json:
    name, description = command.get("command"), command.get("description")
    if not isinstance(name, str) or not _COMMAND.fullmatch(name.removeprefix("/")):
        raise bad("BOT_COMMAND_INVALID")
    if not isinstance(description, str) or not 1 <= len(description) <= DESCRIPTION:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name.removeprefix("/"), "description": description}


async def get_commands(bot: Bot, params: Params) -> list[Json]:
    return bot.commands.get(_list(params), [])


async def delete_commands(bot: Bot, params: Params) -> bool:
    bot.commands.pop(_list(params), None)
    await bot.hub.publish({"what": "phone"})
    return True


async def set_menu_button(bot: Bot, params: Params) -> bool:
    button = params.object("menu_button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("default", "commands", "web_app"):
        raise bad("can't parse menu button: unsupported type specified")
    bot.menu_buttons[params.text("chat_id")] = button
    return True


async def get_menu_button(bot: Bot, params: Params) -> Any:
    return bot.menu_buttons.get(params.text("chat_id"), {"type": "default"})


SETUP: Mapping[str, Method] = {
    "getme": get_me,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": webhook_info,
    "getupdates": get_updates,
    "setmycommands": set_commands,
    "getmycommands": get_commands,
    "deletemycommands": delete_commands,
    "setchatmenubutton": set_menu_button,
    "getchatmenubutton": get_menu_button,
}
