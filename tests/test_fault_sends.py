"""Sends that fail at each platform in every way: each comes to its right end, and its chat keeps its order."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from bots.sandbox.hub import Fault
from bots.sandbox.slack.players import Player
from bots.sandbox.telegram.phone import TelegramPhone
from bots.sandbox.wechat.phone import WeChatPhone
from tests.cut_line import wired
from tests.waiting import until
from tests.world import World, world

pytestmark = [pytest.mark.slow_faults, pytest.mark.timeout(150)]

Writer = WeChatPhone | TelegramPhone | Player

METHODS = {"wechat": "message/custom/send", "telegram": "sendMessage", "slack": "chat.postMessage"}
FIRST = {"wechat": "在吗", "telegram": "怎么退货", "slack": "怎么退货"}
"""On WeChat what is answered at once rides on the webhook's answer; a greeting is answered by a send, after 2 s."""
FIRST_ANSWER = {"wechat": "有什么可以帮您", "telegram": "申请售后", "slack": "申请售后"}
SECOND, SECOND_ANSWER = "运费多少钱", "99 元包邮"
TYPING = 0.2
"""Seconds between two people's greetings, so that the rests after them end, and their answers leave, in this order."""
SLOW = 25
"""Seconds: a platform's time-out is 15, then it is tried again."""

COMES = {
    ("wechat", "timeout"): 1, ("wechat", "drop_answer"): 2, ("wechat", "500"): 1, ("wechat", "-1"): 1,
    ("telegram", "timeout"): 1, ("telegram", "drop_answer"): 2, ("telegram", "500"): 1, ("telegram", "429"): 1,
    ("slack", "timeout"): 1, ("slack", "drop_answer"): 1, ("slack", "500"): 1, ("slack", "429"): 1,
}  # fmt: skip
"""How often the first answer is seen when its first send fails so; what is asked of us to wait comes last, since it
holds up the whole account."""
REPEATED = sum(fault in ("timeout", "drop_answer") for platform, fault in COMES if platform != "slack")
"""Where the platform can't be asked what became of a send."""


async def newcomer(w: World, platform: str) -> Writer:
    if platform == "slack":
        assert w.sandbox.slack
        return w.sandbox.slack.newcomer(locale="zh-CN")
    if platform == "wechat":
        return await w.sandbox.wechat.newcomer("shop", following=True)
    phone = await w.sandbox.telegram.newcomer("shop", language="zh-hans")
    await phone.start()
    await w.sandbox.hub.until(lambda: answers(phone))
    return phone


def answers(writer: Writer) -> list[str]:
    """What was said to this person, oldest first."""
    if isinstance(writer, Player):
        return writer.answers
    said = [one for one in writer.messages if one["from"] == "bot"]
    return [f"{one.get('choice_head', '')}{one['text']}" for one in said]


async def ask(writer: Writer, text: str) -> None:
    said = writer.say(text)
    taken = await (said.answer() if not isinstance(said, asyncio.Task) else said)
    assert taken.ok


def places(writer: Writer, words: str) -> list[tuple[int, int]]:
    """Where in the chat it was said; texts that wait may leave as one."""
    return [(at, text.index(words)) for at, text in enumerate(answers(writer)) if words in text]


async def used_up(w: World) -> None:
    """Wait until each fault that was armed has met its call."""
    await until(lambda: not w.sandbox.hub.faults)


async def ask_into_faults(w: World, platform: str) -> dict[str, Writer]:
    """One person for each fault, which meets the first answer; the second question comes at once."""
    faults = [fault for on, fault in COMES if on == platform]
    writers = {fault: await newcomer(w, platform) for fault in faults}
    for fault, writer in writers.items():
        await ask(writer, FIRST[platform])
        if platform == "wechat":
            await asyncio.sleep(TYPING)
        w.sandbox.hub.arm(Fault(platform=platform, method=METHODS[platform], fault=fault, retry_after=2))
        if platform != "wechat":
            await used_up(w)
    await used_up(w)
    for writer in writers.values():
        await ask(writer, SECOND)
    return writers


async def test_every_failure_on_sending_comes_to_its_right_end_in_order(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        platforms = list(METHODS)
        asked = await asyncio.gather(*(ask_into_faults(w, platform) for platform in platforms))
        for platform, writers in zip(platforms, asked, strict=True):
            for fault, writer in writers.items():
                await w.sandbox.hub.until(partial(places, writer, SECOND_ANSWER), SLOW)
                firsts, seconds = places(writer, FIRST_ANSWER[platform]), places(writer, SECOND_ANSWER)
                assert (len(firsts), len(seconds)) == (COMES[platform, fault], 1), (platform, fault)
                assert max(firsts) < seconds[0], (platform, fault)
        repeated = await w.rows("SELECT id FROM event WHERE name = 'delivery.repeated'")
        assert len(repeated) >= REPEATED  # a busy machine may lose an answer more
        assert await w.rows("SELECT id FROM delivery WHERE state <> 'sent'") == []


async def test_platforms_that_refuse_every_connection_get_it_later_once(tmp_path: Path) -> None:
    async with wired(tmp_path) as (w, line):
        writers = {platform: await newcomer(w, platform) for platform in METHODS}
        await line.cut()
        for platform, writer in writers.items():
            await ask(writer, FIRST[platform])
        await until(lambda: all_were_tried(w))
        for writer in writers.values():
            await ask(writer, SECOND)
        await line.open()
        for platform, writer in writers.items():
            await w.sandbox.hub.until(partial(places, writer, SECOND_ANSWER))
            assert len(places(writer, FIRST_ANSWER[platform])) == len(places(writer, SECOND_ANSWER)) == 1
            assert places(writer, FIRST_ANSWER[platform]) < places(writer, SECOND_ANSWER)


async def all_were_tried(w: World) -> bool:
    """A send to each of the three has failed."""
    return len(await w.rows("SELECT id FROM delivery WHERE attempts > 0")) == len(METHODS)


DESK_FAULTS = ("429", "drop_answer", "502")


async def test_what_fails_on_the_way_to_the_thread_arrives_there_once_in_order(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        hub, phone, desk = w.sandbox.hub, w.sandbox.telegram.phone("shop"), w.sandbox.slack
        assert desk
        await phone.start()
        hub.arm(Fault(platform="slack", method="chat.postMessage", fault="drop_answer"))
        assert (await phone.say("agent")).ok
        for number, fault in enumerate(DESK_FAULTS):
            await used_up(w)
            hub.arm(Fault(platform="slack", method="chat.postMessage", fault=fault))
            assert (await phone.say(f"no. {number}")).ok
        await phone.say("last")

        def posted() -> list[str]:
            posts = [one.text for one in desk.support.messages if one.by_app and one.thread]
            return [line for text in posts for line in text.splitlines()]

        await hub.until(lambda: "last" in posted(), SLOW)
        assert posted() == [*(f"no. {number}" for number in range(len(DESK_FAULTS))), "last"]
        assert len([one for one in desk.support.messages if one.by_app and not one.thread]) == 1


async def is_lost(w: World) -> bool:
    """A send whose answer was lost is due again."""
    asked = (
        "SELECT id FROM delivery WHERE state = 'due' AND unconfirmed AND lease_until IS NULL AND due_at <= $1"
    )
    return bool(await w.rows(asked, w.sandbox.hub.now()))


async def test_what_may_have_arrived_never_rides_on_a_passive_reply_uncounted(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        w.sandbox.hub.arm(Fault(platform="wechat", method=METHODS["wechat"], fault="drop_answer"))
        await ask(phone, FIRST["wechat"])
        await w.sandbox.hub.until(partial(places, phone, FIRST_ANSWER["wechat"]))
        await w.stop()
        await w.start(frozenset({"web"}))
        await until(lambda: is_lost(w))
        assert (await phone.say(SECOND)).text == ""
        await w.stop()
        await w.start()
        await w.sandbox.hub.until(partial(places, phone, SECOND_ANSWER))
        assert len(places(phone, FIRST_ANSWER["wechat"])) == 2
        assert len(await w.rows("SELECT id FROM event WHERE name = 'delivery.repeated'")) == 1
