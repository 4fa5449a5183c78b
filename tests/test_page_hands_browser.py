"""The sandbox's page in a real browser, in people's hands: sending, editing, keyboard, long talks, small screens."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.page_side import AT_END, NAMELESS, OVERFLOW, FakeSandbox, Visit, chromium_open, served, visiting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ROOT_TS = "1772442100.000100"
DEVICES = {
    "wechat": "wechat/shop/oWx1",
    "telegram": "telegram/shop_bot/501",
    "slack": "slack/UMEI",
    "thread": "slack/UMEI",
}
PNG, WAV = b"\x89PNG\r\n\x1a\n", b"RIFF"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_open(chromium) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox() -> FakeSandbox:
    return FakeSandbox()


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, sandbox: FakeSandbox) -> AsyncIterator[Visit]:
    async with served(sandbox) as address, visiting(browser, address) as seen:
        seen.sandbox = sandbox
        await expect(seen["connection"]).to_have_text("已连接")
        await expect(seen["slack-card"]).not_to_have_count(0)
        await seen["slack-card"].first.get_by_test_id("open-thread").click()
        await expect(seen["slack-thread"]).to_be_visible()
        yield seen


def message(number: int, text: str) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(minutes=1000 - number)
    who = "me" if number % 2 else "bot"
    return {"id": f"m{number}", "from": who, "kind": "text", "text": text, "at": at.isoformat()}


def tell(sandbox: FakeSandbox, text: str, number: int = 999, **more: Any) -> None:
    """Something new on the WeChat phone."""
    sandbox.send(what="wechat", account="shop", user="oWx1", message={**message(number, text), **more})


LOGS = ("[data-testid=wechat-phone] .log", "[data-testid=telegram-phone] .log", ".slack-log", ".thread-log")


async def at_end(visit: Visit, log: str) -> None:
    """Wait until the newest is in sight."""
    await visit.page.wait_for_function(AT_END, arg=[log])


# --- sending ------------------------------------------------------------------------------------------------------


async def test_words_leave_every_device(visit: Visit, sandbox: FakeSandbox) -> None:
    for device in ("wechat", "telegram"):
        await visit.write(device, " 你好 <b> ")
        assert await sandbox.action() == (f"{DEVICES[device]}/say", {"text": "你好 <b>"})
    await visit.write("slack", "all fine?")
    assert await sandbox.action() == ("slack/UMEI/post", {"channel": "CSUP", "text": "all fine?"})
    await visit["thread-input"].fill("马上补发")
    await visit["thread-send"].click()
    reply = {"channel": "CSUP", "thread_ts": ROOT_TS, "text": "马上补发"}
    assert await sandbox.action() == ("slack/UMEI/post", reply)
    await visit["slack-user-ULIN"].click()
    await visit.write("slack", "運費？")
    assert await sandbox.action() == ("slack/ULIN/dm", {"text": "運費？"})
    await expect(visit["slack-input"]).to_have_value("")


async def test_pictures_and_voice_leave_every_device(visit: Visit, sandbox: FakeSandbox) -> None:
    for device, path in DEVICES.items():
        phone = device in ("wechat", "telegram")
        for what, kind, head in (("photo", "image", PNG), ("voice", "voice", WAV)):
            await visit.attach(device, f"sample-{what}")
            if not phone:
                await visit[f"{device}-send"].click()
            verb, sent = await sandbox.action()
            assert verb == f"{path}/{'send' if phone else 'upload'}"
            assert sent["file"]["head"].startswith(head), (device, what)
            assert sent.get("kind") == (kind if phone else None)
            assert sent.get("thread_ts") == (ROOT_TS if device == "thread" else None)
    await visit["slack-user-ULIN"].click()
    await visit.attach("slack", "sample-photo")
    await visit.write("slack", "壞了")
    verb, sent = await sandbox.action()
    assert (verb, sent["text"], sent["file"]["name"]) == ("slack/ULIN/dm_upload", "壞了", "parcel.png")


async def test_files_come_by_choice_and_can_be_taken_back(visit: Visit, sandbox: FakeSandbox) -> None:
    files: Any = [
        {"name": "发票.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"},
        {"name": "b.txt", "mimeType": "text/plain", "buffer": b"b"},
    ]
    await visit["thread-file"].set_input_files(files)
    await visit["slack-thread"].get_by_role("button", name="移除 b.txt").click()
    await visit.write("thread", "您的发票")
    verb, sent = await sandbox.action()
    assert (verb, sent["text"], sent["file"]["type"]) == ("slack/UMEI/upload", "您的发票", "application/pdf")
    assert sent["file"]["name"] == "发票.pdf"
    await visit["telegram-file"].set_input_files(files[0])
    verb, sent = await sandbox.action()
    assert (verb, sent["kind"]) == ("telegram/shop_bot/501/send", "file")
    assert sandbox.actions == []


async def test_what_was_refused_is_said_and_stays_in_the_field(visit: Visit, sandbox: FakeSandbox) -> None:
    sandbox.refusal = "the account <i>sleeps</i>"
    await visit.write("wechat", "你好")
    await expect(visit.page.get_by_role("alert")).to_contain_text("没有成功：the account <i>sleeps</i>")
    await expect(visit["wechat-input"]).to_have_value("你好")


async def test_what_was_begun_stays_with_whom_it_was_meant_for(visit: Visit) -> None:
    await visit["thread-input"].fill("给第一位")
    await visit["slack-card"].last.get_by_test_id("open-thread").click()
    await expect(visit["thread-input"]).to_have_value("")
    await visit["slack-card"].first.get_by_test_id("open-thread").click()
    await expect(visit["thread-input"]).to_have_value("给第一位")


async def test_choices_menus_and_buttons_do_what_they_say(visit: Visit, sandbox: FakeSandbox) -> None:
    await visit["wechat-phone"].get_by_test_id("choice").first.click()
    assert (await sandbox.action())[1] == {"id": "faq:1", "label": "怎么修改收货地址？"}
    await visit["wechat-menu-tickets"].click()
    assert await sandbox.action() == ("wechat/shop/oWx1/menu", {"key": "tickets"})
    await visit["telegram-phone"].get_by_test_id("choice").last.click()
    assert (await sandbox.action())[1] == {"message": "4", "data": "person"}
    await visit["telegram-commands"].click()
    await visit["telegram-command-person"].click()
    assert await sandbox.action() == ("telegram/shop_bot/501/say", {"text": "/person"})
    await visit["slack-card"].first.locator("[data-action=claim]").click()
    pressed = {
        "channel": "CSUP", "ts": ROOT_TS, "action_id": "claim", "block_id": "ticket:1042", "value": "1042",
    }  # fmt: skip
    assert await sandbox.action() == ("slack/UMEI/press", pressed)
    await visit["try-return"].click()
    assert await sandbox.action() == ("wechat/shop/oWx1/say", {"text": "怎么退货"})


async def test_own_words_in_slack_are_edited_and_deleted(visit: Visit, sandbox: FakeSandbox) -> None:
    mine = visit["slack-thread"].locator("[data-from=me]")
    await expect(mine).to_have_count(1)
    await mine.hover()
    await mine.get_by_test_id("msg-edit").click()
    await visit["edit-input"].fill("明天补发")
    await visit["edit-input"].press("Enter")
    place = {"channel": "CSUP", "ts": "1772442120.000100"}
    assert await sandbox.action() == ("slack/UMEI/edit", {**place, "text": "明天补发"})
    await expect(visit["edit-input"]).to_have_count(0)
    await mine.hover()
    await mine.get_by_test_id("msg-delete").click()
    assert await sandbox.action() == ("slack/UMEI/delete", place)
    root = sandbox.state["channels"][0]["messages"]
    gone = next(one for one in root if one["ts"] == place["ts"])
    sandbox.send(what="channel", channel="CSUP", message={**gone, "deleted": True})
    await expect(mine).to_have_count(0)


async def test_a_mark_that_comes_meanwhile_disturbs_nobody(visit: Visit, sandbox: FakeSandbox) -> None:
    mine = visit["slack-thread"].locator("[data-from=me]")
    message = next(
        one for one in sandbox.state["channels"][0]["messages"] if one["ts"] == "1772442120.000100"
    )
    await mine.hover()
    await mine.get_by_test_id("msg-edit").click()
    await visit["edit-input"].fill("half a sen")
    marked = [{"name": "warning", "count": 1, "users": ["UBOT"]}]
    sandbox.send(what="channel", channel="CSUP", message={**message, "reactions": marked})
    tell(sandbox, "a sign that the mark has arrived too")
    await expect(visit["wechat-phone"].get_by_text("a sign that")).to_be_visible()
    await expect(visit["edit-input"]).to_have_value("half a sen")
    await visit["edit-input"].press("Escape")
    await expect(mine.get_by_test_id("reaction")).to_have_text("⚠️1")
    claim = visit["slack-card"].first.locator("[data-action=claim]")
    await claim.focus()
    root = next(one for one in sandbox.state["channels"][0]["messages"] if one["ts"] == ROOT_TS)
    sandbox.send(what="channel", channel="CSUP", message={**root, "reactions": marked})
    await expect(visit["slack-card"].first.get_by_test_id("reaction")).to_have_text("⚠️1")
    await expect(claim).to_be_focused()


# --- without a mouse ----------------------------------------------------------------------------------------------


async def test_the_keyboard_reaches_everything(visit: Visit, sandbox: FakeSandbox) -> None:
    keyboard, focused = visit.page.keyboard, visit.page.locator(":focus")
    await expect(visit["thread-input"]).to_be_focused()
    await keyboard.type("第一行")
    await keyboard.press("Shift+Enter")
    await keyboard.type("第二行")
    await keyboard.press("Enter")
    assert (await sandbox.action())[1]["text"] == "第一行\n第二行"
    await visit["thread-attach"].focus()
    await keyboard.press("Enter")
    await expect(focused).to_have_attribute("data-testid", "thread-choose")
    await keyboard.press("ArrowDown")
    await expect(focused).to_have_attribute("data-testid", "thread-sample-photo")
    await keyboard.press("Escape")
    await expect(visit["thread-attach"]).to_be_focused()
    await visit["slack-thread"].get_by_test_id("msg-edit").focus()
    await keyboard.press("Enter")
    await expect(visit["edit-input"]).to_be_focused()
    await keyboard.press("Escape")
    await expect(visit["edit-input"]).to_have_count(0)
    await expect(visit["slack-thread"]).to_be_visible()
    await visit["thread-input"].press("Escape")
    await expect(visit["slack-thread"]).to_be_hidden()
    await expect(visit["slack-card"].first.get_by_test_id("open-thread")).to_be_focused()
    await visit["wechat-phone"].locator(".picture").press("Enter")
    await expect(visit.page.get_by_role("dialog")).to_be_visible()
    await keyboard.press("Escape")
    await expect(visit.page.get_by_role("dialog")).to_have_count(0)


async def test_everything_has_a_name_and_the_page_an_icon(visit: Visit) -> None:
    assert await visit.measure(NAMELESS) == []
    await visit["slack-user-ULIN"].click()
    assert await visit.measure(NAMELESS) == []
    icon = await visit.page.locator("link[rel=icon]").get_attribute("href")
    answer = await visit.page.request.get(f"{visit.page.url}{icon}")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")


# --- long talks and small screens ---------------------------------------------------------------------------------


async def test_the_newest_stays_in_sight_unless_one_reads_what_was_before(
    visit: Visit, sandbox: FakeSandbox
) -> None:
    for log in LOGS:
        await at_end(visit, log)
    await visit["language-en"].click()
    await visit.page.set_viewport_size({"width": 1366, "height": 768})
    tell(sandbox, "", kind="image", file="/sample/photo.svg", file_name="p.png")
    for log in LOGS:
        await at_end(visit, log)
    phone = visit["wechat-phone"]
    await phone.locator(".log").hover()
    await visit.page.mouse.wheel(0, -4000)
    await expect(phone.get_by_text("怎么退货", exact=True)).to_be_in_viewport()
    tell(sandbox, "something new", 998)
    await expect(phone.get_by_text("something new")).to_have_count(1)
    await expect(phone.get_by_text("something new")).not_to_be_in_viewport()
    tell(sandbox, "my own words", 997)
    await expect(phone.get_by_text("my own words")).to_be_in_viewport()


async def test_nothing_is_cut_off_on_a_laptop(visit: Visit) -> None:
    fields = [f"{device}-input" for device in DEVICES]
    for width, height in ((1280, 800), (1366, 768), (1600, 1000), (1920, 1080)):
        await visit.page.set_viewport_size({"width": width, "height": height})
        for language in ("en", "zh-CN"):
            await visit[f"language-{language}"].click()
            await expect(visit["slack-card"].first).to_be_attached()
            assert await visit.measure(OVERFLOW) == [], (width, language)
        for name in (*fields, "wechat-menu-person", "telegram-commands", "faults", "connection"):
            await expect(visit[name]).to_be_in_viewport(ratio=1)


async def test_a_hundred_thousand_letters_break_nothing(visit: Visit, sandbox: FakeSandbox) -> None:
    for text in ("W" * 100_000, "*a _b ~c `d <" * 8_000, "退货 " * 33_000, "x\n" * 50_000):
        tell(sandbox, text)
        slack = {**sandbox.state["channels"][0]["messages"][2], "text": f"long: {text}"}
        sandbox.send(what="channel", channel="CSUP", message=slack)
        sandbox.send(
            what="telegram", account="shop_bot", user="501", message=message(998, text) | {"html": True}
        )
        tell(sandbox, "and then?", 997)
        await expect(visit["wechat-phone"].get_by_text("and then?")).to_be_visible(timeout=10_000)
        await expect(visit["slack-thread"].get_by_test_id("msg").nth(2)).to_contain_text("long:")
        assert await visit.measure(OVERFLOW) == []


async def test_five_hundred_messages_are_still_quick(visit: Visit, sandbox: FakeSandbox) -> None:
    sandbox.state["wechat"][0]["messages"] = [message(number, f"第 {number} 条") for number in range(500)]
    one = sandbox.state["channels"][0]["messages"][2]
    sandbox.state["channels"][0]["messages"] += [
        {**one, "ts": f"1772443{number:03}.000100", "text": f"reply {number}"} for number in range(500)
    ]
    sandbox.send(what="reset")
    await expect(visit["wechat-phone"].get_by_text("第 499 条")).to_be_in_viewport()
    await expect(visit["slack-thread"].get_by_text("reply 499")).to_be_in_viewport()
    quick = """async () => { const from = performance.now();
      for (let n = 0; n < 10; n += 1) {
        document.querySelector("[data-testid=slack-user-UTOM]").click();
        await new Promise((done) => setTimeout(done, 20));
        document.querySelector("[data-testid=slack-user-UMEI]").click();
        await new Promise((done) => setTimeout(done, 20)); }
      return (performance.now() - from - 400) / 20; }"""
    assert await visit.measure(quick) < 500, "milliseconds to draw once"
