"""The sandbox's page in a real browser, against a small server that serves rich and hostile content."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bots.sandbox import faulty
from tests.page_side import FakeSandbox, Visit, chromium_open, served, visiting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ROOT_TS = "1772442100.000100"
WECHAT = {"what": "wechat", "account": "shop", "user": "oWx1"}
TELEGRAM = {"what": "telegram", "account": "shop_bot", "user": "501"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_open(chromium) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    sandbox = FakeSandbox()
    async with served(sandbox) as address, visiting(browser, address) as seen:
        seen.sandbox = sandbox
        await ready(seen)
        yield seen


async def ready(visit: Visit) -> None:
    await expect(visit["connection"]).to_have_text("已连接")
    await expect(visit["slack-card"]).not_to_have_count(0)


def said(text: str = "", **more: Any) -> dict[str, Any]:
    """A message on a phone."""
    now = datetime.now(UTC).isoformat()
    return {"id": f"new-{text[:20]}", "from": "bot", "kind": "text", "text": text, "at": now, **more}


def posted(text: str, ts: str, **more: Any) -> dict[str, Any]:
    """A message in Slack's support channel."""
    empty: dict[str, Any] = {"username": "", "blocks": None, "files": [], "reactions": [], "thread_ts": None}
    flags = {"is_bot": True, "mrkdwn": True, "edited": False, "deleted": False, "ephemeral_to": None}
    head = {"ts": ts, "channel": "CSUP", "user": "UBOT", "text": text, "at": "2026-03-02T09:05:00Z"}
    return {**empty, **flags, **head, **more}


async def open_thread(visit: Visit) -> Any:
    await visit["slack-card"].first.get_by_test_id("open-thread").click()
    await expect(visit["slack-thread"]).to_be_visible()
    return visit["slack-thread"]


# --- what is shown ------------------------------------------------------------------------------------------------


async def test_the_wechat_phone_shows_texts_choices_pictures_and_voice(visit: Visit) -> None:
    phone = visit["wechat-phone"]
    await expect(phone.get_by_test_id("msg")).to_have_count(9)
    await expect(phone.get_by_text("签收后 7 天内可以无理由退货")).to_be_visible()
    await expect(phone.locator(".bubble[title=被动回复]")).to_have_count(1)
    await expect(phone.get_by_test_id("choice")).to_have_text(
        ["怎么修改收货地址？", "运费由谁承担？", "都不是，转人工"]
    )
    await expect(phone.locator("[data-from=system]")).to_have_text("该公众号提供的服务出现故障，请稍后再试")
    await expect(phone.get_by_test_id("voice")).to_contain_text("2″")
    await expect(phone.get_by_role("button", name="我的工单")).to_be_visible()
    await expect(phone.locator(".picture img")).to_have_js_property("naturalWidth", 320)
    assert await phone.locator(".run[lang=zh-Hans]").count() > 1


async def test_the_telegram_phone_shows_html_buttons_edits_and_files(visit: Visit) -> None:
    phone = visit["telegram-phone"]
    await expect(phone.get_by_test_id("msg")).to_have_count(7)
    await expect(phone.locator("b").first).to_have_text("Welcome")
    await expect(phone.locator("code")).to_have_text("ORDER-7")
    await expect(phone.get_by_role("link", name="help page")).to_have_attribute(
        "href", "https://shop.example/help"
    )
    await expect(phone.locator("[data-id='3'] .foot")).to_contain_text("已编辑")
    await expect(phone.get_by_test_id("choice")).to_have_count(3)
    await expect(phone.get_by_text("This is how it came")).to_be_visible()
    await expect(phone.locator(".picture img")).to_have_js_property("naturalWidth", 320)
    await expect(phone.get_by_role("link", name="invoice-2026-03.pdf")).to_have_attribute(
        "download", "invoice-2026-03.pdf"
    )
    await expect(phone.get_by_text("never shown")).to_have_count(0)
    await visit["telegram-commands"].click()
    await expect(visit["telegram-command-ticket"]).to_contain_text("/ticket")


async def test_the_support_channel_shows_cards_as_slack_would(visit: Visit) -> None:
    card = visit["slack-card"].first
    await expect(card.locator("h3")).to_have_text("🎫 T-1042 · 沉静的白鹭")
    await expect(card.locator(".kit-field-text")).to_have_count(4)
    await expect(card.locator("blockquote")).to_have_text("箱子裂了，@channel <b>帮我</b> & 快点")
    await expect(card.locator(".mention").last).to_have_text("@Mei")
    await expect(card.get_by_role("link", name="order 7")).to_have_attribute(
        "href", "https://shop.example/o/7"
    )
    await expect(card.get_by_test_id("slack-button")).to_have_text(["Claim", "Resolve", "History"])
    await expect(card.get_by_test_id("reaction")).to_have_text("👀1")
    await expect(card.get_by_test_id("open-thread")).to_contain_text("4 条回复")
    newest = visit["slack-card"].last
    await expect(newest.locator(".rich-text")).to_contain_text("Telegram asks ✈️@Tom")
    await expect(newest.locator("li")).to_have_text("two suggestions shown")
    await expect(newest.locator(".kit-image img")).to_have_js_property("naturalWidth", 320)
    await expect(newest.get_by_text("未知的块：from_the_future")).to_be_visible()


async def test_a_thread_shows_who_said_what_and_what_became_of_it(visit: Visit) -> None:
    thread = await open_thread(visit)
    await expect(thread.get_by_test_id("msg")).to_have_count(6)
    await expect(thread.locator(".author").nth(1)).to_have_text("沉静的白鹭 · WeChat")
    await expect(thread.get_by_text("马上补发")).to_be_visible()
    marks = thread.get_by_test_id("reaction")
    await expect(marks).to_have_text(["👀1", "✅1", "🔒1", "⏳1", "⚠️1"])
    await expect(thread.get_by_test_id("voice")).to_contain_text("2″")
    await expect(thread.get_by_text("订单.pdf")).to_be_visible()
    await expect(thread.locator(".edited")).to_have_count(2)


async def test_hostile_content_stays_text(visit: Visit) -> None:
    await open_thread(visit)
    await visit["slack-user-ULIN"].click()
    await expect(visit["slack-window"].get_by_text("運費多少？")).to_be_visible()
    await visit["slack-user-UMEI"].click()
    await expect(visit.page.get_by_text("window.hacked=1")).not_to_have_count(0)
    assert await visit.measure("() => window.hacked ?? null") is None
    assert (
        await visit.page.locator("#app :is(script, iframe, object, style, [onerror], [src=x])").count() == 0
    )
    assert await visit.page.locator("a:not([href^='https:']):not([download])").count() == 0
    assert await visit.page.locator("option").all_text_contents() == ["沉静的白鹭", "oWx2", "Anna Petrova"]


async def test_a_date_is_told_in_the_readers_own_words(visit: Visit) -> None:
    seconds = int(datetime.now(UTC).timestamp())
    token = f"<!date^{seconds}^{{date_short_pretty}} {{time}}|some time UTC>"
    visit.sandbox.send(what="channel", channel="CSUP", message=posted(f"since {token}", "1772449000.000100"))
    await expect(visit["slack-window"].get_by_text("since 今天 ")).to_be_visible()
    await visit["language-en"].click()
    await expect(visit["slack-window"].get_by_text("since today ")).to_be_visible()
    odd = f"<!date^{seconds}^{{century}}|some time UTC>"
    visit.sandbox.send(what="channel", channel="CSUP", message=posted(f"until {odd}", "1772449001.000100"))
    await expect(visit["slack-window"].get_by_text("until some time UTC")).to_be_visible()


# --- what happens while one looks ---------------------------------------------------------------------------------


async def test_events_are_shown_as_they_come(visit: Visit) -> None:
    sandbox = visit.sandbox
    sandbox.send(**TELEGRAM | {"what": "typing"})
    await expect(visit["telegram-phone"].locator(".chat-status")).to_have_text("正在输入…")
    sandbox.send(**TELEGRAM, message=said("Your parcel is in Ulm"))
    await expect(visit["telegram-phone"].get_by_text("Your parcel is in Ulm")).to_be_visible()
    await expect(visit["telegram-phone"].locator(".chat-status")).to_have_text("机器人")
    sandbox.send(
        **TELEGRAM, message=said("Your parcel is in Ulm") | {"text": "It is in Köln", "edited": True}
    )
    await expect(visit["telegram-phone"].get_by_text("It is in Köln")).to_be_visible()
    await expect(visit["telegram-phone"].get_by_text("Your parcel is in Ulm")).to_have_count(0)
    thread = await open_thread(visit)
    reply = posted("在路上", "1772442150.000100", thread_ts=ROOT_TS, user="UTOM", is_bot=False)
    sandbox.send(what="channel", channel="CSUP", message=reply)
    sent = {"name": "white_check_mark", "count": 1, "users": ["UBOT"]}
    sandbox.send(what="channel", channel="CSUP", message={**reply, "reactions": [sent]})
    await expect(thread.get_by_test_id("msg").last).to_contain_text("在路上✅1")
    await expect(visit["slack-card"].first.get_by_test_id("open-thread")).to_contain_text("5 条回复")


async def test_what_was_missed_while_the_stream_was_away_is_shown(visit: Visit) -> None:
    visit.sandbox.away = True
    visit.sandbox.hang_up()
    await expect(visit["connection"]).to_have_text("重新连接中…")
    loads = visit.sandbox.loads
    visit.sandbox.state["wechat"][0]["messages"].append(said("断线时的消息"))
    visit.sandbox.away = False
    await expect(visit["connection"]).to_have_text("已连接")
    await expect(visit["wechat-phone"].get_by_text("断线时的消息")).to_be_visible()
    assert visit.sandbox.loads == loads + 1


async def test_what_somebody_else_got_is_marked_unread(visit: Visit) -> None:
    other = {**WECHAT, "user": "oWx2"}
    visit.sandbox.send(**other, message=said("你好"))
    await expect(visit["wechat-person"].locator("option").last).to_have_text("● oWx2")
    await visit["wechat-person"].select_option("shop/oWx2")
    await expect(visit["wechat-person"].locator("option").last).to_have_text("oWx2")
    visit.sandbox.send(what="dm", user="ULIN", message=posted("請稍候", "1772443000.000100", channel="DLIN"))
    await expect(visit["slack-user-ULIN"].get_by_label("未读")).to_be_visible()
    news = posted("hello", "1772443001.000100", channel="CADM")
    visit.sandbox.send(what="channel", channel="CADM", message=news)
    await expect(visit["slack-channel-CADM"]).to_have_class(re.compile("unread"))
    await visit["slack-channel-CADM"].click()
    await expect(visit["slack-channel-CADM"]).not_to_have_class(re.compile("unread"))
    await visit["slack-user-ULIN"].click()
    await expect(visit["slack-window"].get_by_text("請稍候")).to_be_visible()
    await expect(visit["slack-user-ULIN"].get_by_label("未读")).to_have_count(0)


async def test_only_its_reader_sees_what_was_whispered(visit: Visit) -> None:
    thread = await open_thread(visit)
    whispered = thread.get_by_text("Only Mei reads this")
    await expect(whispered).to_be_visible()
    await expect(thread.get_by_text("只有你能看到")).to_be_visible()
    await visit["slack-user-UTOM"].click()
    await open_thread(visit)
    await expect(thread.get_by_text("马上补发")).to_be_visible()
    await expect(whispered).to_have_count(0)


# --- the bar ------------------------------------------------------------------------------------------------------


async def test_the_page_speaks_three_languages_and_remembers_which(visit: Visit) -> None:
    said_in = {
        "zh-TW": ("新顧客", "回覆顧客…", "Onethread · 沙盒", "4 則回覆"),
        "en": ("New customer", "Reply to the customer…", "Onethread · sandbox", "4 replies"),
        "zh-CN": ("新顾客", "回复顾客…", "Onethread · 沙盒", "4 条回复"),
    }
    await open_thread(visit)
    for language, (button, hint, title, replies) in said_in.items():
        await visit[f"language-{language}"].click()
        await expect(visit["new-customer"]).to_have_text(button)
        await expect(visit["thread-input"]).to_have_attribute("placeholder", hint)
        await expect(visit.page).to_have_title(title)
        await expect(visit["slack-card"].first.get_by_test_id("open-thread")).to_contain_text(replies)
        assert await visit.page.locator("html").get_attribute("lang") == language
        await expect(visit["wechat-phone"].get_by_text("怎么退货", exact=True)).to_be_visible()
    await visit["language-en"].click()
    await visit.page.reload()
    await expect(visit["connection"]).to_have_text("Live")


async def test_a_new_customer_is_the_one_being_played(visit: Visit) -> None:
    newcomer = {**visit.sandbox.state["wechat"][0], "user": "oWx3", "name": "新来的", "following": False}
    visit.sandbox.state["wechat"].append({**newcomer, "messages": []})
    await visit["new-customer"].click()
    await visit["new-wechat"].click()
    assert await visit.sandbox.action() == ("people/wechat", {})
    await expect(visit["wechat-person"]).to_have_value("shop/oWx3")
    await expect(visit["wechat-input"]).to_be_hidden()
    await visit["wechat-follow"].click()
    assert await visit.sandbox.action() == ("wechat/shop/oWx3/follow", {})


async def test_every_fault_on_offer_is_one_that_the_sandbox_knows(visit: Visit) -> None:
    await visit["faults"].click()
    offered = await visit.page.locator("[data-testid^=fault-]").all()
    assert len(offered) > 6
    names = [await one.get_attribute("data-testid") for one in offered]
    await visit.page.keyboard.press("Escape")
    for name in names:
        assert name is not None
        await visit["faults"].click()
        await visit[name].click()
        path, body = await visit.sandbox.action()
        assert path == "faults"
        assert faulty.is_known(body["platform"], body["fault"]), name
        assert body["method"]
        assert body["count"] > 0
