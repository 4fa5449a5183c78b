"""Steps that stories about people who write to the Slack app directly share."""

from collections.abc import Mapping

from bots.sandbox.slack.players import Player
from bots.sandbox.slack.stand import SlackStand
from bots.sandbox.slack.workspace import Message
from tests.world import World

OVER_SOCKET: Mapping[str, str] = {
    "bot_token": "xoxb-sandbox-demo",
    "app_token": "xapp-sandbox-demo",
    "support_channel": "C0SUPPORT",
}
"""A ``[slack]`` section for Socket Mode alone."""


def slack(w: World) -> SlackStand:
    assert w.sandbox.slack
    return w.sandbox.slack


def cards(w: World) -> list[Message]:
    """What stands in the support channel itself."""
    return [message for message in slack(w).support.messages if not message.thread]


def thread(w: World, ts: str) -> list[Message]:
    """All that stands in a ticket's thread below its card."""
    return slack(w).thread(ts)[1:]


def labels(message: Message) -> list[str]:
    return [button.label for button in message.buttons]


async def until_told(w: World, person: Player, words: str, times: int = 1) -> Message:
    """Wait until the app has said ``words`` directly to the person so often; the newest such message."""

    def found() -> Message | None:
        them = [one for one in person.messages if one.by_app and words in one.words]
        return them[-1] if len(them) >= times else None

    try:
        message: Message = await w.sandbox.hub.until(found)
    except TimeoutError:
        raise AssertionError(f"{words!r} was not said, but {person.answers}") from None
    return message


async def until_in_thread(w: World, ts: str, words: str) -> Message:
    """Wait until somebody wrote ``words`` in the thread."""

    def found() -> Message | None:
        return next((message for message in thread(w, ts) if words in message.words), None)

    try:
        message: Message = await w.sandbox.hub.until(found)
    except TimeoutError:
        stands = [message.words for message in thread(w, ts)]
        raise AssertionError(f"{words!r} is not in the thread, but {stands}") from None
    return message


async def until_marked(w: World, ts: str, mark: str = "white_check_mark") -> None:
    """Wait until an agent's message bears a mark."""
    await w.sandbox.hub.until(lambda: mark in slack(w).workspace.find(ts).reactions)


async def until_file(w: World, ts: str) -> Message:
    """Wait until a file stands in the thread."""
    message: Message = await w.sandbox.hub.until(
        lambda: next((one for one in thread(w, ts) if one.files), None)
    )
    return message


async def handed_off(w: World, person: Player, words: str = "agent") -> str:
    """The person asks for people; the ts of the ticket's card, whose thread is the ticket's."""
    before = len(cards(w))
    assert (await person.say(words).answer()).ok
    await w.sandbox.hub.until(lambda: len(cards(w)) > before)
    await until_told(w, person, "T-10")
    return cards(w)[-1].ts
