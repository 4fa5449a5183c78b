"""Sending texts and choices over real HTTP: the token, and what every way of failing means for a send."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from bots.wechat.channel import ONLY_PASSIVE, WeChatChannel
from bots.wechat.outcomes import LATER, UNREACHABLE, Refusal, outcome
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from tests.servers import free_port
from tests.wechat_api import ASK, SAY, SEND, FakeWeChat, Reply, api, error, keep, lost, says


@pytest.fixture
async def wechat() -> AsyncIterator[FakeWeChat]:
    async with api() as fake:
        yield fake


@pytest.fixture
def channel(wechat: FakeWeChat) -> WeChatChannel:
    return wechat.channel()


# --- words and choices --------------------------------------------------------------------------------------


async def test_a_text_is_sent_as_it_is_in_utf8(channel: WeChatChannel, wechat: FakeWeChat) -> None:
    assert await channel.send(SAY, keep) == ""
    (call,) = wechat.to(SEND)
    assert call.json == {"touser": "oPerson", "msgtype": "text", "text": {"content": SAY.text}}
    assert "您好 😄" in call.body.decode()
    assert call.query == {"access_token": "token-1"}


async def test_choices_are_sent_as_a_menu(channel: WeChatChannel, wechat: FakeWeChat) -> None:
    await channel.send(ASK, keep)
    (call,) = wechat.to(SEND)
    lines = [{"id": "faq:return-goods", "content": "怎么退货"}, {"id": "none", "content": "都不是，找真人"}]
    menu = {"head_content": "您想问的是", "list": lines, "tail_content": ""}
    assert call.json == {"touser": "oPerson", "msgtype": "msgmenu", "msgmenu": menu}


@pytest.mark.parametrize(("code", "menus_of_the_next"), [(40200, 0), (45098, 1)])
async def test_what_can_be_no_menu_is_sent_with_numbers(
    channel: WeChatChannel, wechat: FakeWeChat, code: int, menus_of_the_next: int
) -> None:
    wechat.will(SEND, error(code))
    await channel.send(ASK, keep)
    numbered = {"touser": "oPerson", "msgtype": "text", "text": {"content": ASK.numbered}}
    assert wechat.to(SEND)[-1].json == numbered
    wechat.calls.clear()
    await channel.send(ASK, keep)
    assert [b"msgmenu" in call.body for call in wechat.to(SEND)] == [bool(menus_of_the_next)]


async def test_a_menu_that_fails_otherwise_is_no_text(channel: WeChatChannel, wechat: FakeWeChat) -> None:
    wechat.will(SEND, error(45015))
    with pytest.raises(Unreachable):
        await channel.send(ASK, keep)
    assert len(wechat.to(SEND)) == 1


async def test_an_account_without_active_sends_calls_nobody(wechat: FakeWeChat) -> None:
    passive = wechat.channel(customer_service=False)
    assert passive.capabilities == ONLY_PASSIVE
    with pytest.raises(Unreachable):
        await passive.send(SAY, keep)
    assert wechat.calls == []


# --- the token ----------------------------------------------------------------------------------------------


async def test_the_token_is_asked_for_once(channel: WeChatChannel, wechat: FakeWeChat) -> None:
    await channel.send(SAY, keep)
    await channel.send(SAY, keep)
    (asked,) = wechat.to("stable_token")
    assert asked.json == {"grant_type": "client_credential", "appid": "wx1", "secret": "a-secret"}


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_dead_token_is_renewed_within_the_same_send(
    channel: WeChatChannel, wechat: FakeWeChat, code: int
) -> None:
    await channel.send(SAY, keep)
    wechat.tokens = 2
    wechat.will(SEND, error(code))
    await channel.send(SAY, keep)
    assert [call.query["access_token"] for call in wechat.to(SEND)] == ["token-1", "token-1", "token-2"]


async def test_a_token_that_stays_dead_is_tried_once_more_and_no_further(
    channel: WeChatChannel, wechat: FakeWeChat
) -> None:
    wechat.dead.add("token-1")
    with pytest.raises(RetryLater):
        await channel.send(SAY, keep)
    assert [call.path for call in wechat.calls] == ["stable_token", SEND, "stable_token", SEND]


@pytest.mark.parametrize("reply", [says(), says(access_token="x"), says(access_token=1, expires_in=1), lost])
async def test_without_a_token_nothing_was_sent(
    channel: WeChatChannel, wechat: FakeWeChat, reply: Reply
) -> None:
    wechat.will("stable_token", reply)
    with pytest.raises(RetryLater):
        await channel.send(SAY, keep)
    assert wechat.to(SEND) == []


# --- what a send can come back with -------------------------------------------------------------------------

MEANT = {
    **dict.fromkeys((-1, 45009, 45011, 40013, 40125, 40164), RetryLater),
    **dict.fromkeys((40003, 43004, 45015, 45047, 48002), Unreachable),
    **dict.fromkeys((45002, 48001, 40007, 999999), Rejected),
}


@pytest.mark.parametrize("code", MEANT)
async def test_what_an_error_code_means_for_a_send(
    channel: WeChatChannel, wechat: FakeWeChat, code: int
) -> None:
    wechat.will(SEND, error(code))
    with pytest.raises(MEANT[code]) as raised:
        await channel.send(SAY, keep)
    assert str(code) in str(raised.value)
    assert len(wechat.to(SEND)) == 1


def test_quotas_come_back_later_than_a_busy_moment() -> None:
    assert LATER[-1] < LATER[45011] == timedelta(minutes=1) < LATER[45009]
    assert not LATER.keys() & UNREACHABLE.keys()
    later = outcome(Refusal(45009, "reach max api daily quota limit"))
    assert isinstance(later, RetryLater)
    assert later.after == LATER[45009]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (lost, Unconfirmed),
        (lambda _: web.Response(text="<html>proxy</html>"), Unconfirmed),
        (lambda _: web.Response(body=b'{"errcode":'), Unconfirmed),
        (lambda _: web.Response(status=502), RetryLater),
        (lambda _: web.Response(status=429), RetryLater),
        (lambda _: web.Response(status=404), Rejected),
        (lambda _: web.Response(status=302, headers={"Location": "/elsewhere"}), Rejected),
        (says(errcode="many", errmsg="?"), RetryLater),
        (lambda _: web.Response(body=b'{"errcode":45015,"errmsg":"\xff\x07"}'), Unreachable),
    ],
)
async def test_what_an_odd_answer_means_for_a_send(
    channel: WeChatChannel, wechat: FakeWeChat, reply: Reply, expected: type[Exception]
) -> None:
    wechat.will(SEND, reply)
    with pytest.raises(expected):
        await channel.send(SAY, keep)
    assert len(wechat.to(SEND)) == 1


async def test_where_nobody_answers_nothing_was_sent(wechat: FakeWeChat) -> None:
    with pytest.raises(RetryLater):
        await wechat.channel(api_base=f"http://127.0.0.1:{free_port()}").send(SAY, keep)


async def test_no_error_names_the_token(channel: WeChatChannel, wechat: FakeWeChat) -> None:
    wechat.will(SEND, lost)
    with pytest.raises(Unconfirmed) as raised:
        await channel.send(SAY, keep)
    assert "token-1" not in repr(raised.value)
    assert raised.value.__cause__ is None
