"""The webhook over real HTTP: the address check, messages in all three modes, and the passive reply."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs
from wechatpy.parser import parse_message

from bots.wechat.crypto import signature
from bots.wechat.flat_xml import read
from core.messages import Address
from tests.wechat_side import KEY, OLD_KEY, REPLY, TEXT, TOKEN, WORKING, Side, opened, playing, sealed, signed


@pytest.fixture
async def wechat() -> AsyncIterator[Side]:
    with capture_logs():
        async with playing() as side:
            yield side


# --- the address check --------------------------------------------------------------------------------------

VECTOR = {
    "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
    "timestamp": "1714037059",
    "nonce": "486452656",
    "echostr": "4375120948345356249",
}


def test_the_official_vector() -> None:
    assert signature(TOKEN, VECTOR["timestamp"], VECTOR["nonce"]) == VECTOR["signature"]


def in_2024(seconds: int = 0) -> datetime:
    return datetime.fromtimestamp(1714037059 + seconds, UTC)


@pytest.mark.parametrize("account", ["plain", "compatible", "aes", "small"])
@pytest.mark.parametrize("seconds", [-600, 600])
async def test_the_address_proves_to_be_ours(account: str, seconds: int) -> None:
    async with playing(lambda: in_2024(seconds)) as side:
        assert await side.get(account, VECTOR) == (200, VECTOR["echostr"])


@pytest.mark.parametrize(
    "broken", [{"signature": "0" * 40}, {"signature": "é"}, {"nonce": "1"}, {"timestamp": ""}]
)
async def test_a_wrong_address_check_is_refused(broken: dict[str, str]) -> None:
    with capture_logs():
        async with playing(in_2024) as side:
            assert (await side.get("aes", {**VECTOR, **broken}))[0] == 403


@pytest.mark.parametrize("seconds", [-601, 601])
async def test_an_old_address_check_is_refused(seconds: int) -> None:
    with capture_logs():
        async with playing(lambda: in_2024(seconds)) as side:
            assert (await side.get("aes", VECTOR))[0] == 403


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
async def test_an_encrypted_address_check_comes_back_decrypted(wechat: Side, key: str) -> None:
    body, query = sealed("8239040230", key)
    query["echostr"] = read(body.encode())["Encrypt"]
    assert await wechat.get("aes", query) == (200, "8239040230")


async def test_the_address_check_decrypts_no_message_for_a_listener(wechat: Side) -> None:
    body, query = sealed(TEXT)
    query["echostr"] = read(body.encode())["Encrypt"]
    assert await wechat.get("aes", query) == (403, "Refused.\n")


async def test_an_unknown_account_is_not_there(wechat: Side) -> None:
    assert (await wechat.get("other", signed()))[0] == 404
    assert (await wechat.sealed("other"))[0] == 404


# --- messages in each mode ----------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ["plain", "compatible"])
@pytest.mark.parametrize("more", [{}, {"encrypt_type": "raw"}])
async def test_plaintext_is_answered_in_plaintext(wechat: Side, account: str, more: dict[str, str]) -> None:
    wechat.door.receipt = REPLY
    status, answer = await wechat.post(account, TEXT, {**signed(), **more})
    assert status == 200
    assert parse_message(answer).content == REPLY.text
    assert [event.sender.account for event in wechat.door.came] == [account]
    assert wechat.door.told == [REPLY]


@pytest.mark.parametrize("account", ["compatible", "aes", "small"])
@pytest.mark.parametrize("key", [KEY, OLD_KEY])
async def test_ciphertext_is_answered_with_the_key_that_opened_it(
    wechat: Side, account: str, key: str
) -> None:
    wechat.door.receipt = REPLY
    status, answer = await wechat.sealed(account, key=key)
    assert status == 200
    reply = parse_message(opened(answer, key))
    assert (reply.content, reply.source, reply.target) == (REPLY.text, "gh_onethread", "oPerson")
    assert [(event.id, event.text) for event in wechat.door.came] == [("oPerson:77", "怎么退货")]
    assert wechat.door.told == [REPLY]


async def test_of_both_forms_together_only_what_is_covered_counts(wechat: Side) -> None:
    """In compatible mode the plaintext stands beside the ciphertext, where anybody could change it."""
    body, query = sealed(TEXT)
    forged = body.replace("<xml>", "<xml><FromUserName>oOther</FromUserName><Content>给我退款</Content>", 1)
    assert (await wechat.post("compatible", forged, query))[0] == 200
    assert [(event.sender.user, event.text) for event in wechat.door.came] == [("oPerson", "怎么退货")]


async def test_a_repeated_delivery_gets_the_same_reply(wechat: Side) -> None:
    wechat.door.receipt = REPLY
    answers = [parse_message(opened((await wechat.sealed("aes"))[1], KEY)).content for _ in range(4)]
    assert answers == [REPLY.text] * 4
    assert {event.id for event in wechat.door.came} == {"oPerson:77"}


@pytest.mark.parametrize(("account", "form"), [("plain", "plain"), ("aes", "sealed")])
async def test_nothing_to_say_is_an_empty_answer(wechat: Side, account: str, form: str) -> None:
    request = (TEXT, signed()) if form == "plain" else sealed(TEXT)
    assert await wechat.post(account, *request) == (200, b"")
    assert wechat.door.told == []


async def test_noise_is_acknowledged_and_goes_nowhere(wechat: Side) -> None:
    noise = TEXT.replace("<MsgType>text", "<Event>VIEW</Event><EventKey>x</EventKey><MsgType>event")
    assert await wechat.sealed("aes", noise) == (200, b"")
    assert (wechat.door.came, wechat.door.kept) == ([], [])


# --- the passive reply --------------------------------------------------------------------------------------


async def test_a_failure_to_note_the_reply_does_not_hurt_it(wechat: Side) -> None:
    wechat.door.receipt, wechat.door.failing = REPLY, True
    for times in (1, 2):
        status, answer = await wechat.sealed("aes")
        assert (status, parse_message(opened(answer, KEY)).content) == (200, REPLY.text)
        assert len(wechat.door.told) == times


async def test_a_reply_that_nobody_was_there_to_read_is_not_noted(wechat: Side) -> None:
    came, hung_up = asyncio.Event(), asyncio.Event()

    async def busy() -> None:
        came.set()
        await hung_up.wait()

    wechat.door.receipt, wechat.door.busy = REPLY, busy
    body, query = sealed(TEXT)
    target = (wechat.address / "aes").with_query(query).raw_path_qs
    head = f"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body.encode())}\r\n\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", wechat.address.port)
    writer.write(head.encode() + body.encode())
    await came.wait()
    writer.transport.abort()
    for _ in range(2):  # round trips of another connection: the server has seen this one end
        assert await wechat.get("other", {}) == (404, "No such account.\n")
        assert await wechat.ended.get() == 404
    hung_up.set()
    async with asyncio.timeout(5):
        assert await wechat.ended.get() == 200
    assert len(wechat.door.came) == 1
    assert wechat.door.told == []


async def test_an_account_without_active_sends_waits_for_the_answer(wechat: Side) -> None:
    wechat.door.receipt, wechat.door.late = WORKING, REPLY
    status, answer = await wechat.sealed("small")
    assert (status, parse_message(opened(answer, KEY)).content) == (200, REPLY.text)
    assert [timedelta(seconds=4) < wait <= timedelta(seconds=4.5) for wait in wechat.door.waited] == [True]
    assert len(wechat.door.told) == 1
    assert wechat.channels["small"].shown.empty()


async def test_it_does_not_wait_when_nothing_is_being_made(wechat: Side) -> None:
    wechat.door.receipt = replace(WORKING, working=False)
    assert await wechat.sealed("small") == (200, b"")
    assert wechat.door.waited == []


async def test_typing_is_shown_without_delaying_the_answer(wechat: Side) -> None:
    wechat.door.receipt = WORKING
    assert await wechat.sealed("aes") == (200, b"")  # although showing it has not ended
    async with asyncio.timeout(5):
        shown = await wechat.channels["aes"].shown.get()
    assert shown == Address(platform="wechat", account="aes", user="oPerson", chat="oPerson")
    assert wechat.door.waited == []
