"""The menus that people see at the foot of their chats: WeChat's buttons and Telegram's commands."""

from collections.abc import Collection, Mapping

from bots.adapters import Platforms
from bots.telegram import menu as telegram_menu
from bots.wechat import menu as wechat_menu
from core.messages import Say
from core.publishing import Publishing

KEYS = ("help", "tickets", "person")
COMMANDS = {"help": "help", "tickets": "status", "person": "agent"}
"""Telegram's command for each key of the menu."""
LANGUAGES = {"en": "en", "zh": "zh-CN"}
"""Telegram's language codes, with the language in which each is written."""


async def difference(platforms: Platforms, publishing: Publishing) -> list[str]:
    """How the menus and commands at WeChat and Telegram differ from ours."""
    lines: list[str] = []
    for official in platforms.wechat:
        lines += await wechat_menu.menu_difference(official, _labels(publishing, "zh-CN"))
    for bot in platforms.telegram:
        lines += await telegram_menu.menu_difference(bot, _commands(publishing))
    return lines


async def publish(platforms: Platforms, publishing: Publishing, only: Collection[str] | None = None) -> None:
    """Set them, for all accounts or for those in ``only`` ("wechat shop").

    Raises RetryLater, Unreachable or Rejected.
    """
    for official in platforms.wechat:
        if only is None or f"{official.platform} {official.account}" in only:
            await wechat_menu.publish(official, _labels(publishing, "zh-CN"))
    for bot in platforms.telegram:
        if only is None or f"{bot.platform} {bot.account}" in only:
            await telegram_menu.publish(bot, _commands(publishing))


def _labels(publishing: Publishing, language: str) -> list[tuple[str, str]]:
    texts = publishing.current.texts
    return [(key, texts.render(Say(name=f"menu.{key}"), language)) for key in KEYS]


def _commands(publishing: Publishing) -> Mapping[str, list[tuple[str, str]]]:
    return {
        code: [(COMMANDS[key], label) for key, label in _labels(publishing, language)]
        for code, language in LANGUAGES.items()
    }
