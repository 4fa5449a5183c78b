"""The commands that Telegram offers beside the text field, a list for each language."""

import difflib
from collections.abc import Mapping, Sequence

from telegram import BotCommand

from bots.telegram.api import asking
from bots.telegram.channel import TelegramChannel

Commands = Mapping[str, Sequence[tuple[str, str]]]
"""Two-letter language -> (command without the slash, what it does); ``en`` serves everybody who has no own list."""

DEFAULT = "en"


async def menu_difference(channel: TelegramChannel, commands: Commands) -> list[str]:
    """What ``publish`` would change, a line each; empty if nothing. Raises RetryLater or Rejected."""
    return [
        f"telegram {channel.account} ({language}): {line}"
        for language, wanted in commands.items()
        for line in await _changes(channel, language, wanted)
    ]


async def publish(channel: TelegramChannel, commands: Commands) -> None:
    """Set the lists that differ. Raises RetryLater or Rejected."""
    for language, wanted in commands.items():
        if await _changes(channel, language, wanted):
            with asking():
                await channel.api.bot.set_my_commands(
                    [BotCommand(command, what) for command, what in wanted], language_code=_code(language)
                )


async def _changes(channel: TelegramChannel, language: str, wanted: Sequence[tuple[str, str]]) -> list[str]:
    with asking():
        now = await channel.api.bot.get_my_commands(language_code=_code(language))
    before = [_line(command.command, command.description) for command in now]
    after = [_line(command, what) for command, what in wanted]
    return [line for line in difflib.ndiff(before, after) if line.startswith(("- ", "+ "))]


def _line(command: str, what: str) -> str:
    return f"/{command}  {what}"


def _code(language: str) -> str | None:
    """Telegram's default list is the one without a language."""
    return None if language == DEFAULT else language
