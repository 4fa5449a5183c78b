"""What scenarios at the desk share: a person who needs people, the card that comes of it, what its thread shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bots.sandbox.acting import Upload
from bots.sandbox.slack.acts import Act
from bots.sandbox.slack.players import Player
from bots.sandbox.slack.stand import SlackStand
from bots.sandbox.slack.workspace import BOT, Message
from bots.sandbox.telegram.phone import TelegramPhone
from bots.sandbox.wechat.phone import WeChatPhone
from tests.world import World

Phone = TelegramPhone | WeChatPhone
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000004000000040802000000269309290000001049444154789c633860a0"
    "00470cc47100c443110127e0c5e70000000049454e44ae426082"
)
PICTURE = Upload(data=PNG, name="broken.png", mime="image/png")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The agents' side of a world."""

    world: World

    @property
    def slack(self) -> SlackStand:
        assert self.world.sandbox.slack
        return self.world.sandbox.slack

    @property
    def mei(self) -> Player:
        return self.slack.agent("UMEI")

    @property
    def tom(self) -> Player:
        return self.slack.agent("UTOM")

    async def until(self, condition: Callable[[], Any], seconds: float = 10) -> Any:
        return await self.world.sandbox.hub.until(condition, seconds)

    async def first(self, found: Callable[[], list[Message]], seconds: float = 10) -> Message:
        """Wait for one."""
        await self.until(found, seconds)
        return found()[0]

    # --- people -----------------------------------------------------------------------------------------------

    async def telegram(self, name: str = "Anna Petrova") -> TelegramPhone:
        """A person who has started the bot."""
        phone = await self.world.sandbox.telegram.newcomer("shop", name=name, language="en")
        await phone.start()
        return phone

    async def wechat(self) -> WeChatPhone:
        """A follower of the account."""
        return await self.world.sandbox.wechat.newcomer("shop", following=True)

    async def handed_off(self, phone: Phone, words: str = "agent") -> Message:
        """The card of the ticket that is opened by these words."""
        before = {card.ts for card in self.cards}
        await phone.say(words)
        return await self.first(lambda: [card for card in self.cards if card.ts not in before])

    async def heard(self, phone: Phone, words: str, seconds: float = 10) -> str:
        """What the phone shows, whole, of the message of ours that holds these words."""
        await self.until(lambda: any(words in text for text in heard_on(phone)), seconds)
        return next(text for text in heard_on(phone) if words in text)

    # --- the Slack channel ------------------------------------------------------------------------------------

    @property
    def cards(self) -> list[Message]:
        """The tickets' cards, oldest first."""
        top = (one for one in self.slack.support.messages if one.by_app and not one.thread)
        return [one for one in top if ticket_of(one)]

    def thread(self, card: Message) -> list[Message]:
        """What hangs on the card, oldest first."""
        return self.slack.support.replies(card.ts)

    def texts(self, card: Message) -> list[str]:
        return [message.text for message in self.thread(card)]

    async def posted(self, card: Message, words: str, seconds: float = 10) -> Message:
        """The message in the thread that holds these words."""
        return await self.first(lambda: [one for one in self.thread(card) if words in one.text], seconds)

    async def shows(self, card: Message, words: str, seconds: float = 10) -> None:
        """Wait until the card says so."""
        await self.until(lambda: words in card.words, seconds)

    async def whispered(self, agent: Player, words: str) -> None:
        """Wait until the agent alone is told so."""
        await self.until(lambda: any(words in one.text for one in agent.whispers))

    def marks(self, ts: str) -> list[str]:
        """Our marks on a message."""
        return [name for name, users in self.slack.workspace.find(ts).reactions.items() if BOT in users]

    async def marked(self, act: Act, mark: str, seconds: float = 10) -> None:
        """Wait until what an agent wrote bears this mark of ours and no other."""
        await self.until(lambda: self.marks(act.ts) == [mark], seconds)


def heard_on(phone: Phone) -> list[str]:
    """All that the person can read of us, oldest first."""
    ours = (one for one in phone.messages if one["from"] == "bot")
    return [str(one.get("plain") or one["text"] or one.get("choice_head", "")) for one in ours]


MOVES = frozenset({"claim", "release", "resolve", "reopen", "unsnooze"})


def verbs(card: Message) -> list[str]:
    """The buttons that move the ticket to another state."""
    return [button.action_id for button in card.buttons if button.action_id in MOVES]


def ticket_of(card: Message) -> int:
    """The ticket's number; 0 for a message that is no card."""
    blocks = (block.get("block_id", "") for block in card.blocks)
    numbers = (block.split(":")[1] for block in blocks if block.startswith("ticket:"))
    return next(map(int, numbers), 0)


def files_of(messages: Iterable[Message]) -> list[str]:
    return [file.name for message in messages for file in message.files]
