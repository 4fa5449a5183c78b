"""WeChat's webhook from outside: the three modes, repeated deliveries, both keys, forged, stale and broken requests."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp

from bots.sandbox.pushing import Pushed
from bots.sandbox.wechat import xml
from bots.sandbox.wechat.phone import WeChatPhone
from bots.sandbox.wechat.seal import sign
from tests.wechat_scenes import SHOP, UNANSWERABLE, card, count, handed, hears, later, posted, said, thread
from tests.world import World, world

ROOT = Path(__file__).resolve().parent.parent
MODES: list[Mapping[str, Any]] = [
    {**SHOP, "account": mode, "app_id": f"wx-{mode}", "mode": mode} for mode in ("plain", "compatible", "aes")
]
OLD_KEY = "b25ldGhyZWFkLXNhbmRib3gtZGVtby1hZXMta2V5LTI"
ANSWER = "签收后 7 天内"
TELLTALES = {"message": "1 = 1", "delivery": "1 = 1", "ticket": "1 = 1", "receipt": "1 = 1"}


def text_event(phone: WeChatPhone, text: str, number: int, **more: str | int) -> bytes:
    """A text message as WeChat writes it."""
    fields: dict[str, str | int] = {
        "ToUserName": phone.account.original, "FromUserName": phone.user,
        "CreateTime": int(phone.account.hub.now().timestamp()), "MsgType": "text", "Content": text,
        "MsgId": number,
    }  # fmt: skip
    return xml.write({**fields, **more})


async def effects(w: World) -> dict[str, Any]:
    """What any second effect would change."""
    counts: dict[str, Any] = {table: await count(w, table, where) for table, where in TELLTALES.items()}
    identities = await w.rows("SELECT sends_left, window_until FROM identity ORDER BY id")
    return {**counts, "identities": identities}


async def post(w: World, path: str, body: bytes = b"", **query: str) -> int:
    """The status of an unsigned request."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{w.url}{path}", params=query, data=body) as answer,
    ):
        return answer.status


async def test_an_answer_comes_as_the_passive_reply_in_every_mode(tmp_path: Path) -> None:
    async with world(tmp_path, wechat=MODES) as w:
        for mode in ("plain", "compatible", "aes"):
            phone = w.sandbox.wechat.phone(mode)
            pushed = await phone.say("怎么退货")
            assert (pushed.status, pushed.tries) == (200, 1)
            assert ANSWER in pushed.text
            assert (b"<Encrypt>" in pushed.body) == (mode != "plain")
            assert phone.quota.left(phone.account.hub.now()) == 5, "the passive reply is free"
        assert await count(w, "person") == 3, "an openid belongs to its account"


async def test_a_repeated_delivery_gets_the_same_reply_and_changes_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        for text in ("怎么退货", "人工", "等着"):
            first = await phone.say(text)
            before = await effects(w)
            again = await phone.again()
            assert (again.status, again.text) == (200, first.text)
            assert await effects(w) == before
        shown = await card(w)
        await posted(w, shown.ts, "等着")
        assert len(thread(w, shown.ts)) == 1


async def test_deliveries_of_one_message_side_by_side_are_one(tmp_path: Path, database_url: str) -> None:
    async with world(tmp_path, database_url=database_url) as w:
        phone = w.sandbox.wechat.phone("shop")
        await phone.say("怎么退货")
        event = text_event(phone, "人工", 7_000_000_001)
        replies = await asyncio.gather(*(phone.raw(event) for _ in range(4)))
        assert {(reply.status, reply.text) for reply in replies} == {(200, replies[0].text)}
        assert "T-1001" in replies[0].text
        assert await count(w, "ticket") == 1
        assert await count(w, "message", "text = '人工'") == 1


async def test_an_event_that_comes_twice_counts_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await w.sandbox.wechat.newcomer("shop")
        first = await phone.follow()
        before = await effects(w)
        assert (await phone.again()).text == first.text != ""
        assert await effects(w) == before


async def test_a_repeat_after_the_answer_has_left_by_itself_is_empty_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        assert (await phone.say(UNANSWERABLE[0])).body == b""
        await hears(w, phone, "这个问题我还不会")
        before = await effects(w)
        again = await phone.again()
        assert (again.status, again.body) == (200, b"")
        assert await effects(w) == before
        assert len(said(phone)) == 1


async def test_both_keys_open_and_each_closes_what_it_opened(tmp_path: Path) -> None:
    keys = {**SHOP, "previous_aes_key": OLD_KEY}
    async with world(tmp_path, wechat=[keys]) as w:
        account = w.sandbox.wechat.account("shop")
        assert ANSWER in (await w.sandbox.wechat.phone("shop").say("怎么退货")).text
        account.side = replace(account.side, aes_key=OLD_KEY)
        before_the_change = await w.sandbox.wechat.newcomer("shop", following=True)
        assert ANSWER in (await before_the_change.say("怎么退货")).text
        account.side = replace(account.side, aes_key=OLD_KEY[::-1])
        stranger = await w.sandbox.wechat.newcomer("shop", following=True)
        assert (await stranger.raw(text_event(stranger, "怎么退货", 1))).status == 403


async def test_what_is_not_wechats_is_refused_and_leaves_no_trace(tmp_path: Path) -> None:
    async with world(tmp_path, wechat=MODES) as w:
        safe, plain = w.sandbox.wechat.phone("aes"), w.sandbox.wechat.phone("plain")
        event, open_event = text_event(safe, "怎么退货", 2), text_event(plain, "怎么退货", 3)
        refused: dict[str, Pushed] = {
            "wrong signature": await plain.raw(open_event, query={"signature": "0" * 40}),
            "no timestamp": await plain.raw(open_event, query={"timestamp": ""}),
            "wrong message signature": await safe.raw(event, query={"msg_signature": "é" * 40}),
            "another nonce": await safe.raw(event, query={"nonce": "1"}),
            "plaintext where only AES is allowed": await safe.raw(event, sealed=False),
            "AES where only plaintext is allowed": await plain.raw(open_event, query={"encrypt_type": "aes"}),
            "an unknown form": await safe.raw(event, query={"encrypt_type": "rot13"}),
        }
        assert {name: one.status for name, one in refused.items()} == dict.fromkeys(refused, 403)
        assert {one.body for one in refused.values()} == {b"Refused.\n"}
        assert await count(w, "receipt") == await count(w, "quarantine") == await count(w, "person") == 0


async def test_wechat_asks_once_whether_the_address_is_ours(tmp_path: Path) -> None:
    async with world(tmp_path, wechat=MODES) as w, aiohttp.ClientSession() as http:
        for mode in ("plain", "compatible", "aes"):
            side = w.sandbox.wechat.account(mode).side
            now = str(int(w.sandbox.hub.now().timestamp()))
            query = {"signature": sign(side.token, now, "7"), "timestamp": now, "nonce": "7", "echostr": "42"}
            async with http.get(side.webhook, params=query) as proven:
                assert (proven.status, await proven.text()) == (200, "42")
            async with http.get(side.webhook, params={**query, "nonce": "8"}) as forged:
                assert forged.status == 403


async def test_a_replay_after_ten_minutes_is_refused(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        await phone.say("怎么退货")
        with later(minutes=9):
            assert (await phone.again()).status == 200
        with later(minutes=11):
            assert (await phone.again()).status == 403
        with later(minutes=-11):
            assert (await phone.again()).status == 403


async def test_bodies_that_wechat_never_sends(tmp_path: Path) -> None:
    async with world(tmp_path, wechat=MODES) as w:
        plain = w.sandbox.wechat.phone("plain")
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Content>&a;</Content></xml>'
        for body in (b'{"MsgType": "text"}', b"", b"<xml>", b"\x00\xff\xfe", b"[" * 90_000, bomb):
            assert (await plain.raw(body)).status == 400, body[:20]
        assert await post(w, "/wechat/aes", b'{"a": 1}', encrypt_type="aes", timestamp="1") in (400, 403)
        assert (await plain.raw(b"<xml>" + b" " * (2 << 20) + b"</xml>")).status == 413
        assert (await w.sandbox.wechat.phone("aes").raw(b"<xml>" + b" " * (2 << 20))).status == 413
        assert await post(w, "/wechat/nobody", b"<xml/>") == 404
        assert await post(w, "/wechat/") == 404
        assert ANSWER in (await plain.say("怎么退货")).text, "and it goes on"


async def test_signed_but_not_understood_is_kept_for_an_operator(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        odd = b"<xml><MsgType><![CDATA[text]]></MsgType><ToUserName>gh_1</ToUserName></xml>"
        assert [(await phone.raw(odd)).status for _ in range(2)] == [200, 200]
        assert (await phone.raw(b'{"MsgType": "text"}')).status == 200
        listed = await onethread(w, tmp_path, "quarantine", "list")
        assert listed.returncode == 0, listed.stderr
        assert listed.stdout.count("wechat shop") == 2, "the same one is kept once"
        assert "MsgId is missing" in listed.stdout
        tried = await onethread(w, tmp_path, "quarantine", "retry", "1")
        assert tried.returncode != 0
        assert "It can't be taken in yet" in tried.stderr
        assert "Traceback" not in tried.stderr


async def test_a_poisoned_message_blocks_nothing_and_can_be_taken_in_later(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        await poison(w, "CREATE TRIGGER poison BEFORE INSERT ON message WHEN NEW.text = '怎么退货'"
                  " BEGIN SELECT RAISE(ABORT, 'poisoned'); END")  # fmt: skip
        poisoned = await phone.say("怎么退货")
        assert (poisoned.status, poisoned.body) == (200, b""), "acknowledged, since it is kept"
        assert (await phone.say("运费")).text != ""
        await poison(w, "DROP TRIGGER poison")
        retried = await onethread(w, tmp_path, "quarantine", "retry", "1")
        assert (retried.returncode, retried.stdout) == (0, "Number 1 was taken in.\n"), retried.stderr
        await hears(w, phone, ANSWER)
        empty = await onethread(w, tmp_path, "quarantine", "list")
        assert empty.stdout == "The quarantine is empty.\n"
        before = await effects(w)
        assert (await onethread(w, tmp_path, "quarantine", "retry", "1")).returncode == 0
        assert await effects(w) == before, "what was taken in before has no second effect"


async def test_a_reply_that_nobody_read_leaves_by_itself(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        await phone.say("等着")
        await hang_up_on_the_answer(w, phone, text_event(phone, "进度", 7_000_000_002))
        await w.sandbox.hub.until(lambda: any("进度" in line for line in thread(w, shown.ts)))
        with later(seconds=21):
            await hears(w, phone, "正在排队")


async def hang_up_on_the_answer(w: World, phone: WeChatPhone, event: bytes) -> None:
    """Post it as WeChat does, but be gone before the answer."""
    envelope = phone._line.sign(event)
    query = "&".join(f"{name}={value}" for name, value in envelope.query.items())
    _, writer = await asyncio.open_connection("127.0.0.1", w.settings.http.port)
    head = f"POST /wechat/shop?{query.replace('+', '%2B')} HTTP/1.1\r\nHost: x\r\n"
    writer.write(f"{head}Content-Length: {len(envelope.body)}\r\n\r\n".encode() + envelope.body)
    await writer.drain()
    writer.transport.abort()


async def poison(w: World, sql: str) -> None:
    """What a defect would do to one turn."""

    def change() -> None:
        with closing(sqlite3.connect(w.settings.database_url.removeprefix("sqlite://"))) as database:
            database.execute(sql)
            database.commit()

    await asyncio.to_thread(change)


async def onethread(w: World, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command line beside the running product."""
    file = folder / "onethread.toml"
    account = "\n".join(f'{key} = "{value}"' for key, value in as_in_a_file(w).items())
    file.write_text(f'database_url = "{w.settings.database_url}"\n[[wechat]]\n{account}\n', encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "200"}
    command = [sys.executable, "-m", "bots", *arguments, "--config", str(file)]
    return await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def as_in_a_file(w: World) -> dict[str, str]:
    account = w.settings.wechat[0]
    secret = {name: getattr(account, name).get_secret_value() for name in ("app_secret", "token", "aes_key")}
    return {"account": account.account, "app_id": account.app_id, "api_base": account.api_base, **secret}
