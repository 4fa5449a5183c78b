"""The menu at the bottom of an Official Account's chat: what is set, what should be, and setting it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bots.wechat.channel import WeChatChannel
from bots.wechat.outcomes import NO_MENU_YET, Refusal, outcome

Labels = Sequence[tuple[str, str]]
"""Key and label of each button, in order."""


async def menu_difference(channel: WeChatChannel, labels: Labels) -> list[str]:
    """The menu that publishing would take away (-) and the one it would set (+); empty if they are the same.

    Raises RetryLater, Unreachable or Rejected.
    """
    wanted = [_line("click", label, key) for key, label in labels]
    with _refusals():
        now = await _current(channel)
    if now == wanted:
        return []
    lines = [*(f"- {line}" for line in now), *(f"+ {line}" for line in wanted)]
    return [f"wechat {channel.account}: {line}" for line in lines]


async def publish(channel: WeChatChannel, labels: Labels) -> None:
    """Replace the account's menu; people see it within minutes, at once when they follow anew.

    Raises RetryLater, Unreachable or Rejected.
    """
    buttons = [{"type": "click", "name": label, "key": key} for key, label in labels]
    with _refusals():
        await channel.api.change("menu/create", {"button": buttons})


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise outcome(refusal) from None


async def _current(channel: WeChatChannel) -> list[str]:
    """Asked so that a menu shows as well which somebody set on the account's website."""
    try:
        said = await channel.api.ask("get_current_selfmenu_info")
    except Refusal as refusal:
        if refusal.code != NO_MENU_YET:
            raise
        return []
    return _lines(said.get("selfmenu_info")) if said.get("is_menu_open") else []


def _lines(menu: Any) -> list[str]:
    buttons = menu.get("button") if isinstance(menu, dict) else None
    lines: list[str] = []
    for button in buttons if isinstance(buttons, list) else []:
        within = button.get("sub_button") or {}
        parts = within.get("list", []) if isinstance(within, dict) else within
        lines += [_shown(button), *(f"  {_shown(part)}" for part in parts)]
    return lines


def _shown(button: dict[str, Any]) -> str:
    target = next((button[name] for name in ("key", "url", "value") if button.get(name)), "")
    return _line(str(button.get("type", "menu")), str(button.get("name", "")), str(target))


def _line(kind: str, label: str, target: str) -> str:
    return f"{label} ({kind} {target})"
