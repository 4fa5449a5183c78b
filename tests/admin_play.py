"""What scenarios of the admins' side share: a small FAQ of one's own, and an admin who uses command and modals."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bots.demo import MADE_UP
from bots.sandbox.slack.acts import Act
from bots.sandbox.slack.players import Player
from bots.sandbox.slack.stand import SlackStand
from bots.sandbox.slack.workspace import Button, Channel, Message, pressables
from core.storage.engine import Storage
from core.storage.faq_models import Draft
from tests.world import World, world

ADMINS = "C0ADMINS"
FIRST = """\
# our first file
entries:
  - id: return-goods
    category: after-sales
    keywords: [退货, returns]
    zh-CN:
      question: 怎么退货？
      variants:
        - 我想退货  # often asked
        - 东西不想要了能退吗
      answer: 七天之内都可以退。
    en:
      question: How do I return something?
      variants: [I want to send it back]
      answer: Within seven days, free of charge.

  - id: shipping-cost
    category: shipping
    zh-CN:
      question: 运费是多少？
      answer: 满 99 元包邮。
    en:
      question: How much is shipping?
      answer: Free from 99 yuan.

  - id: opening-hours
    category: company
    en:
      question: When are you open?
      answer: From nine to six.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """One of the people listed as admins, at their screen."""

    world: World
    player: Player

    @property
    def page(self) -> Mapping[str, Any]:
        """The modal on top."""
        modal: Mapping[str, Any] = self.player.desktop.modals[-1]
        return modal

    @property
    def words(self) -> str:
        """All that can be read in it, and what stands in its fields."""
        return "\n".join([self.page["title"]["text"], *_readable(self.page["blocks"])])

    @property
    def buttons(self) -> list[Button]:
        return list(pressables(self.page["blocks"]))

    @property
    def fields(self) -> dict[str, str]:
        """What the fields hold, by block."""
        inputs = (block for block in self.page["blocks"] if block["type"] == "input")
        return {block["block_id"]: block["element"].get("initial_value", "") for block in inputs}

    @property
    def errors(self) -> dict[str, str]:
        return self.player.desktop.errors

    async def until(self, condition: Callable[[], Any], seconds: float = 15) -> Any:
        return await self.world.sandbox.hub.until(condition, seconds)

    async def shows(self, page: str, words: str = "") -> None:
        """Wait for a page that says so."""
        await self.until(lambda: self._is_on(page) and words in self.words)

    def _is_on(self, page: str) -> bool:
        return bool(self.player.desktop.modals) and self.page["callback_id"] == f"faq.{page}"

    async def command(self, words: str, page: str, says: str = "") -> None:
        answer = await self.player.post(f"/onethread faq {words}".strip(), channel=ADMINS).answer()
        assert (answer.status, answer.body) == (200, "")
        await self.shows(page, says)

    async def tap(self, verb: str, value: str = "", page: str = "", says: str = "") -> None:
        """A button of the modal, and wait for the page that it leads to."""
        button = next(one for one in self.buttons if one.action_id == verb and value in ("", one.value))
        answer = await self.player.tap(verb, block_id=button.block_id).answer()
        assert answer.status == 200
        if page:
            await self.shows(page, says)

    async def send(self, page: str = "", says: str = "", **filled: str) -> None:
        """Send the modal with these fields (``q_zh_CN`` is ``q:zh-CN``) and wait for the page that it leads to."""
        values = {_block(name): {"in": text} for name, text in filled.items()}
        answer = await self.player.submit(values).answer()
        assert answer.status == 200
        if page:
            await self.shows(page, says)

    async def edits(self, entry: str, **filled: str) -> None:
        """From the search to the preview of a changed entry."""
        await self.command(entry, "search")
        await self.tap("faq.open", entry, "entry")
        await self.tap("faq.edit", "", "form")
        await self.send(**filled)

    async def whispered(self, words: str) -> None:
        await self.until(lambda: any(words in one.text for one in self.player.whispers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A world with two admins and their Slack channel."""

    world: World
    folder: Path

    @property
    def slack(self) -> SlackStand:
        assert self.world.sandbox.slack
        return self.world.sandbox.slack

    @property
    def ada(self) -> Admin:
        return Admin(world=self.world, player=self.slack.admin("UADA"))

    @property
    def mei(self) -> Admin:
        """An agent who is an admin as well."""
        return Admin(world=self.world, player=self.slack.agent("UMEI"))

    @property
    def channel(self) -> Channel:
        return self.slack.channel(ADMINS)

    async def posted(self, words: str, seconds: float = 15) -> Message:
        """The newest of our messages in the admins' Slack channel that says so."""

        def found() -> list[Message]:
            return [one for one in self.channel.messages if one.by_app and words in one.words]

        await self.world.sandbox.hub.until(found, seconds)
        return found()[-1]

    def press(self, who: Admin, message: Message, verb: str) -> Act:
        return who.player.press(message.ts, verb)

    async def shows(self, message: Message, words: str) -> None:
        """Wait until a message says so."""
        await self.world.sandbox.hub.until(lambda: words in message.words, 15)

    async def revisions(self) -> list[dict[str, Any]]:
        return await self.world.rows("SELECT number, door, author, comment FROM revision ORDER BY number")

    async def proposed(self, entry: str, source: str = "agent") -> int:
        """As an agent's doing would store it."""
        storage = await Storage.open(self.world.settings.database_url)
        try:
            async with storage.turn() as conn:
                now = self.world.sandbox.hub.now()
                row = await Draft.create(
                    using_db=conn, at=now, agent="UTOM", agent_name="Tom", source=source, entry=entry
                )
            return row.id
        finally:
            await storage.close()


@asynccontextmanager
async def room(folder: Path, faq: str = FIRST, **slack: Any) -> AsyncIterator[Room]:
    """``slack`` are settings of the desk that differ."""
    (folder / "faq").mkdir()
    (folder / "faq" / "10-first.yaml").write_text(faq, encoding="utf-8")
    async with world(folder, slack={**MADE_UP["slack"], **slack}) as w:
        yield Room(world=w, folder=folder)


def _block(name: str) -> str:
    kind, _, code = name.partition("_")
    return f"{kind}:{code.replace('_', '-')}" if code else kind


def _readable(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _readable(one)
    elif isinstance(node, dict):
        for name, one in node.items():
            if name in ("text", "initial_value") and isinstance(one, str):
                yield one
            else:
                yield from _readable(one)
