"""What comes to Telegram's webhook besides good news: repeats, forgeries, damage, groups, a second bot."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.telegram_stories import (
    bot,
    buttons,
    cards,
    handed_off,
    said,
    slack,
    started,
    thread,
    until_in_thread,
    until_said,
)
from tests.world import world


async def test_an_update_that_comes_twice_has_no_second_effect(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w, "zh-hans", "小林")
        await phone.say("怎么退货")
        again = await phone.again()
        assert again.status == 200
        await until_said(w, phone, "签收后 7 天内")

        ts = await handed_off(w, phone, "人工")
        assert (await phone.again()).status == 200
        await phone.say("第一句")
        assert (await phone.again()).status == 200
        await phone.say("第二句")
        await until_in_thread(w, ts, "第二句")

        assert "\n".join(message.text for message in thread(w, ts)) == "第一句\n第二句"
        assert len(cards(w)) == 1
        assert len(said(phone)) == 3
        assert await w.rows("SELECT text, count(*) AS n FROM message GROUP BY text HAVING count(*) > 1") == []


async def test_a_tap_that_comes_twice_opens_one_ticket(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        welcome = phone.messages[-1]
        await phone.tap(welcome["id"], buttons(welcome)["Ask a person"])
        assert (await phone.again()).status == 200
        await phone.tap(welcome["id"], buttons(welcome)["Ask a person"])
        await until_said(w, phone, "T-1001 is waiting")
        await w.sandbox.hub.until(lambda: cards(w))
        assert len(await w.rows("SELECT id FROM ticket")) == 1


async def test_forged_and_damaged_requests_are_told_apart(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        update = json.dumps({"update_id": 7, "message": {"text": "agent"}}).encode()

        for secret in ("wrong", "", "sandbox-demo-secre", "sandbox-demo-secret2"):
            assert (await phone.raw(update, secret=secret)).status == 403
        assert (await phone.raw(b"not JSON at all")).status == 400
        assert (await phone.raw(b"\xff\xfe\x00")).status == 400
        assert (await phone.raw(b"")).status == 400
        assert (await phone.raw(b" " * 1_100_000)).status == 413
        assert await w.rows("SELECT id FROM quarantine") == []
        assert not cards(w)


async def test_what_is_not_understood_is_kept_and_acknowledged(tmp_path: Path) -> None:
    damaged: list[object] = [
        {"update_id": "seven"},
        {"message": {}},
        {"update_id": 7, "message": {"text": "agent"}},
        {"update_id": 7, "message": "agent"},
        {"update_id": 7, "callback_query": {"id": 3, "data": ["a"]}},
        {"update_id": 7, "my_chat_member": {"chat": None}},
        [1, 2, 3],
        "agent",
        None,
    ]
    async with world(tmp_path) as w:
        phone = await started(w)
        for update in [*damaged, damaged[0]]:
            assert (await phone.raw(json.dumps(update).encode())).status == 200
        kept = await w.rows("SELECT platform, account, payload FROM quarantine ORDER BY id")
        assert [json.loads(row["payload"]) for row in kept] == damaged
        assert {(row["platform"], row["account"]) for row in kept} == {("telegram", "shop")}
        assert not cards(w)


async def test_kinds_of_updates_that_mean_nothing_are_passed_over(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        newer = {"update_id": 8, "telepathy": {"from": phone.person, "text": "agent"}}
        assert (await phone.raw(json.dumps(newer).encode())).status == 200
        assert (await phone.raw(json.dumps({"update_id": 9}).encode())).status == 200
        assert await w.rows("SELECT id FROM quarantine") == []


async def test_an_unreadable_kind_of_message_is_kept_and_told_politely(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        await _push(phone, phone.wire, dice={"emoji": "🎲", "value": 4})
        await until_said(w, phone, "I can't read this kind of message yet")
        ts = await handed_off(w, phone)
        await _push(phone, phone.wire, dice={"emoji": "🎲", "value": 5})
        await until_in_thread(w, ts, "(dice)")


async def test_a_group_gets_one_line_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w, "zh-hans", "小林")
        ts = await handed_off(w, phone, "人工")
        slack(w).agent().reply(ts, "secret-of-lin")
        await until_said(w, phone, "secret-of-lin")

        group = w.sandbox.telegram.group()
        await phone.mention(group, "@shop_bot 进度？我的单子 4711 呢")
        await w.sandbox.hub.until(lambda: len(group.messages) == 2)
        line = group.messages[-1]
        assert line["from"] == "bot"
        assert "请私聊我" in line["plain"]
        assert "https://t.me/shop_bot" in line["plain"]
        assert "小林" not in line["plain"]

        other = await w.sandbox.telegram.newcomer(name="Omar", language="en")
        await other.mention(group, "and what about lunch?")  # nobody called the bot
        await other.mention(group, "@shop_bot agent")
        await w.sandbox.hub.until(lambda: len(group.messages) == 5)
        assert "please write to me directly" in group.messages[-1]["plain"]
        assert len(cards(w)) == 1
        assert not any("4711" in message.words for message in thread(w, ts))
        for table in ("message", "person", "identity", "quarantine", "event"):
            dump = repr(await w.rows(f"SELECT * FROM {table}"))
            assert "4711" not in dump
            assert "lunch" not in dump
            assert "Omar" not in dump


async def test_one_user_on_two_bots_is_two_people(tmp_path: Path) -> None:
    accounts = [bot("shop", number=100001), bot("outlet", mode="polling", number=100002)]
    async with world(tmp_path, telegram=accounts) as w:
        here = await started(w, "zh-hans", "小林", "shop")
        there = await w.sandbox.telegram.also(here, "outlet")
        await there.start()
        await until_said(w, there, "欢迎")
        ts = await handed_off(w, here, "人工")
        await there.say("可以开发票吗")
        await until_said(w, there, "发票")
        slack(w).agent().reply(ts, "只给 shop 的话")
        await until_said(w, here, "只给 shop 的话")

        assert not any("只给" in text for text in said(there))
        assert len(cards(w)) == 1
        assert "发票" not in cards(w)[0].words
        assert not any("发票" in message.words for message in thread(w, ts))
        people = await w.rows('SELECT account, "user", person_id FROM identity ORDER BY id')
        assert [row["account"] for row in people] == ["shop", "outlet"]
        assert {row["user"] for row in people} == {here.user}
        assert len({row["person_id"] for row in people}) == 2


async def test_a_hostile_person_pings_nobody(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        name = "<!channel> @Mei *Admin* \u202eieM"
        phone = await started(w, name=name)
        ts = await handed_off(w, phone)
        words = [
            "<!here> <@UMEI> <https://evil.example|Slack>",
            "*b* `c` > q ~s~",
            "\u202eevil\u202c &amp; ]]>",
            "x" * 4096,
        ]
        for text in words:
            await phone.say(text)
        long = await until_in_thread(w, ts, "A long message (4096 characters)")

        assert long.files[0].data == b"x" * 4096
        posts = [cards(w)[0], *thread(w, ts)]
        assert not set().union(*(message.pings for message in posts))
        assert not any("<https://evil" in message.words for message in posts)
        for message in thread(w, ts)[:-1]:
            assert message.username.endswith(" · Telegram")
            assert not set("<>\u202e") & set(message.username)
        assert "&lt;!here&gt; &lt;@UMEI&gt;" in thread(w, ts)[0].text


async def _push(phone: Any, chat: Mapping[str, Any], **content: Any) -> None:
    """A message of a kind that phones in the sandbox don't send."""
    number = 900_000_000 + len(phone.messages)
    message = {"message_id": number, "date": 1_700_000_000, "from": phone.person, "chat": chat, **content}
    pushed = await phone.raw(json.dumps({"update_id": number, "message": message}).encode())
    assert pushed.status == 200
