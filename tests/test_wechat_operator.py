"""Typing, what the doctor says of an account, and its menu."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bots.wechat.channel import WeChatChannel
from bots.wechat.menu import menu_difference, publish
from core.errors import Rejected
from tests.wechat_api import PERSON, SAY, TYPE, FakeWeChat, Reply, api, error, lost, says


@pytest.fixture
async def wechat() -> AsyncIterator[FakeWeChat]:
    async with api() as fake:
        yield fake


@pytest.fixture
def channel(wechat: FakeWeChat) -> WeChatChannel:
    return wechat.channel()


async def test_typing_is_shown(channel: WeChatChannel, wechat: FakeWeChat) -> None:
    await channel.typing(PERSON)
    assert wechat.to(TYPE)[0].json == {"touser": "oPerson", "command": "Typing"}


@pytest.mark.parametrize("reply", [error(45081), error(45015), lost, lambda _: web.Response(status=404)])
async def test_typing_may_be_lost(channel: WeChatChannel, wechat: FakeWeChat, reply: Reply) -> None:
    wechat.will(TYPE, reply)
    await channel.typing(PERSON)
    assert len(wechat.to(TYPE)) == 1


async def test_nothing_is_ever_found_at_wechat(channel: WeChatChannel) -> None:
    assert await channel.find(SAY, "trace", datetime.now(UTC)) is None
    assert not channel.capabilities.lookup


@pytest.mark.parametrize(
    ("reply", "step"),
    [
        (error(40164, "invalid ip 1.2.3.4, not in whitelist"), "whitelist"),
        (error(40013, "invalid appid"), "app_id"),
        (error(40125, "invalid appsecret"), "app_secret"),
        (error(50004, "forbid"), "50004"),
        (lambda _: web.Response(status=404), "api_base"),
        (lost, "api_base"),
    ],
)
async def test_doctor_says_what_to_do_about_bad_credentials(
    channel: WeChatChannel, wechat: FakeWeChat, reply: Reply, step: str
) -> None:
    wechat.will("stable_token", reply)
    (finding,) = await channel.check()
    assert not finding.ok
    assert step in finding.next_step
    assert "a-secret" not in finding.next_step


@pytest.mark.parametrize(
    ("reply", "warns"),
    [
        (says(is_add_friend_reply_open=1, is_autoreply_open=0), True),
        (says(is_add_friend_reply_open=0, is_autoreply_open=0, keyword_autoreply_info={"list": [{}]}), True),
        (says(is_add_friend_reply_open=0, is_autoreply_open=0), False),
        (error(48001), False),
    ],
)
async def test_doctor_warns_of_the_accounts_own_replies(
    channel: WeChatChannel, wechat: FakeWeChat, reply: Reply, warns: bool
) -> None:
    wechat.will("get_current_autoreply_info", reply)
    token, replies = await channel.check()
    assert (token.ok, replies.ok) == (True, True)
    assert ("server mode" in replies.next_step) is warns


LABELS = [("help", "问题"), ("tickets", "我的工单"), ("person", "人工")]
OURS = [{"type": "click", "name": label, "key": key} for key, label in LABELS]
SHOP = {
    "name": "商店",
    "sub_button": {"list": [{"type": "view", "name": "官网", "url": "https://shop.example/"}]},
}


def menu(*buttons: object) -> Reply:
    return says(is_menu_open=1, selfmenu_info={"button": list(buttons)})


ADDED = ["+ 问题 (click help)", "+ 我的工单 (click tickets)", "+ 人工 (click person)"]
TAKEN_AWAY = ["- 问题 (click help)", "- 商店 (menu )", "-   官网 (view https://shop.example/)"]


@pytest.mark.parametrize(
    ("reply", "difference"),
    [
        (menu(*OURS), []),
        (error(46003, "menu no exist"), ADDED),
        (says(is_menu_open=0, selfmenu_info={"button": OURS}), ADDED),
        (menu(OURS[0], SHOP), [*TAKEN_AWAY, *ADDED]),
    ],
)
async def test_the_menu_shows_what_would_change(
    channel: WeChatChannel, wechat: FakeWeChat, reply: Reply, difference: list[str]
) -> None:
    wechat.will("get_current_selfmenu_info", reply)
    assert await menu_difference(channel, LABELS) == [f"wechat shop: {line}" for line in difference]


async def test_publishing_sets_the_menu(channel: WeChatChannel, wechat: FakeWeChat) -> None:
    await publish(channel, LABELS)
    assert wechat.to("menu/create")[0].json == {"button": OURS}
    assert "我的工单" in wechat.to("menu/create")[0].body.decode()


async def test_a_refused_menu_says_why(channel: WeChatChannel, wechat: FakeWeChat) -> None:
    wechat.will("menu/create", error(40018, "invalid button name size"))
    with pytest.raises(Rejected, match="40018"):
        await publish(channel, LABELS)
    wechat.will("get_current_selfmenu_info", error(48001))
    with pytest.raises(Rejected, match="48001"):
        await menu_difference(channel, LABELS)
