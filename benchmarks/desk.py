"""What the desk makes of Slack's budget: fifty live tickets in one Slack channel, all at once.

    python -m benchmarks.desk [--tickets 50] [--lines 4] [--faster 3] [--refusals 5]

Everybody writes some lines in a burst, while agents claim, answer and resolve; Slack takes one post a second (here
``--faster`` times as many, so that it doesn't take long) and refuses now and then. Beside it stands what it would cost
to post each line and edit the card at each change. Quote the ratios: machines differ, and Slack's pace doesn't.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from bots.sandbox.hub import Fault
from bots.sandbox.slack.workspace import Message
from tests.desk_play import Desk, Phone, ticket_of
from tests.waiting import until
from tests.world import World, world

ROUTING = "departments:\n  support: {undo: 0s}\n"
WAITING = "SELECT id FROM delivery WHERE state = 'due' LIMIT 1"
UNSEEN = "SELECT id FROM delivery WHERE state = 'due' AND (kind IN ('post', 'file') OR NOT desk) LIMIT 1"
PATIENCE = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Calls, changes that a card had to show, and Slack's seconds until all words arrived and until all was true."""

    lines: int
    posts: int
    changes: int
    edits: int
    words: float
    all: float
    """Both as if Slack took one post a second."""

    @property
    def alone(self) -> float:
        """Seconds, if each line were a post and each change an edit, one a second."""
        return float(self.lines + self.changes)


async def measure(tickets: int, lines: int, faster: float, refusals: int, folder: Path) -> Figures:
    (folder / "routing.yaml").write_text(ROUTING, encoding="utf-8")
    async with world(folder) as w:
        await pace(w, faster)
        desk = Desk(world=w)
        people = [await (desk.wechat() if number % 2 else desk.telegram()) for number in range(tickets)]
        await asyncio.gather(*(person.say("人工") for person in people))
        await desk.until(lambda: len(desk.cards) == tickets, PATIENCE)
        await until(lambda: none(w, WAITING), PATIENCE)
        desk.slack.post_interval = 0.9 / faster
        for method in ("chat.postMessage", "chat.update") if refusals else ():
            w.sandbox.hub.arm(
                Fault(platform="slack", method=method, fault="429", count=refusals, retry_after=1)
            )
        before, begun = dict(desk.slack.called), time.perf_counter()
        work = [*(write(person, lines) for person in people), *(handle(desk, card) for card in desk.cards)]
        await asyncio.gather(*work)
        await until(lambda: none(w, UNSEEN), PATIENCE)
        words = time.perf_counter() - begun
        await until(lambda: none(w, WAITING), PATIENCE)
        took = time.perf_counter() - begun
        called = {
            name: desk.slack.called[name] - before.get(name, 0)
            for name in ("chat.postMessage", "chat.update")
        }
        moves = "SELECT COUNT(*) AS n FROM event WHERE name IN ('ticket.claim', 'ticket.resolve', 'reply')"
        [counted] = await w.rows(moves)
        return Figures(
            lines=tickets * lines, posts=called["chat.postMessage"] - refusals, edits=called["chat.update"] - refusals,
            changes=counted["n"] + tickets * lines, words=words * faster, all=took * faster,
        )  # fmt: skip


async def pace(w: World, faster: float) -> None:
    """Let the product believe that Slack takes so many posts a second."""
    assert w.settings.slack
    slack = w.settings.slack.model_copy(update={"posts_per_second": faster})
    await w.stop()
    w.settings = w.settings.model_copy(update={"slack": slack})
    await w.start()


async def write(person: Phone, lines: int) -> None:
    for number in range(lines):
        await person.say(f"第 {number} 句")


async def handle(desk: Desk, card: Message) -> None:
    agent = desk.mei if ticket_of(card) % 2 else desk.tom
    await agent.press(card.ts, "claim").answer()
    await agent.reply(card.ts, "you are heard").answer()
    await agent.press(card.ts, "resolve").answer()


async def none(w: World, sql: str) -> bool:
    return not await w.rows(sql)


def show(found: Figures) -> None:
    """A line each."""
    print(
        f"posts per line a person wrote   {found.posts / found.lines:.2f}   ({found.posts} for {found.lines})"
    )
    print(
        f"card edits per change           {found.edits / found.changes:.2f}   ({found.edits} for {found.changes})"
    )
    for what, seconds in (
        ("until all words stood there", found.words),
        ("until every card was true", found.all),
    ):
        print(f"{what:<31} {seconds:4.0f} s of Slack's, {seconds / found.alone:.2f}× of one call for each")


async def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tickets", type=int, default=50)
    parser.add_argument("--lines", type=int, default=4)
    parser.add_argument("--faster", type=float, default=3.0)
    parser.add_argument("--refusals", type=int, default=5)
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        show(await measure(chosen.tickets, chosen.lines, chosen.faster, chosen.refusals, Path(folder)))


if __name__ == "__main__":
    asyncio.run(main())
