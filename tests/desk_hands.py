"""What scenarios share of agents' hands: departments as a file says them, modals, choices and whispers."""

from pathlib import Path
from typing import Any

from bots.sandbox.slack.players import Player
from bots.sandbox.slack.workspace import BOT, Channel, Message
from tests.desk_play import Desk

BILLING = "C0BILLING"
DEPARTMENTS = """
supervisors: [UTOM]
departments:
  support:
    name: {en: Support}
    undo: 0s
  billing:
    name: {en: Billing}
    channels: [C0BILLING]
    undo: 0s
"""
"""Mei and Tom are agents, since they are in the support channel."""
REPLIES = """
replies:
  - name: hello
    title: {en: Greeting}
    text: {en: "Hello {name}, this is {agent} from {department} about {ticket}."}
  - name: courier
    title: {en: Courier contacted}
    words: [parcel]
    text: {en: We asked the courier about your parcel.}
"""


def departments(folder: Path, text: str = DEPARTMENTS) -> Path:
    """The folder of the configuration, with departments and canned replies in it."""
    (folder / "routing.yaml").write_text(text)
    (folder / "replies").mkdir()
    (folder / "replies" / "some.yaml").write_text(REPLIES)
    return folder


def with_billing(desk: Desk) -> Channel:
    """The Slack channel of the second department, where Tom works."""
    channel = Channel(id=BILLING, name="billing", members=["UTOM", BOT])
    desk.slack.workspace.channels[BILLING] = channel
    return channel


async def opened(desk: Desk, agent: Player, title: str) -> dict[str, Any]:
    """Wait for the modal of this title on top."""

    def on_top() -> list[dict[str, Any]]:
        return [one for one in agent.desktop.modals[-1:] if one["title"]["text"] == title]

    await desk.until(on_top)
    return on_top()[0]


def words_in(view: Any) -> str:
    """All that can be read in a view."""
    if isinstance(view, list):
        return "\n".join(filter(None, map(words_in, view)))
    if not isinstance(view, dict):
        return ""
    own = [view["text"]] if isinstance(view.get("text"), str) else []
    return "\n".join(filter(None, [*own, *map(words_in, view.values())]))


def fill(**values: str) -> dict[str, dict[str, str]]:
    """What was filled in, by block."""
    return {block: {"in": value} for block, value in values.items()}


async def whisper(desk: Desk, agent: Player, words: str) -> Message:
    """Wait for what only the agent sees, with these words in it."""

    def found() -> list[Message]:
        return [one for one in agent.whispers if not one.deleted and words in one.words]

    await desk.until(found)
    return found()[-1]


def verbs_of(message: Message) -> list[str]:
    return [button.action_id for button in message.buttons]
