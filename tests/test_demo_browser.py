"""The demonstration as somebody new would play it: the product as it is started, its page in a real browser.

``ONETHREAD_SCREENSHOT=docs/sandbox.png`` saves what the page looks like in the middle of the first story.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from tests.kept import kept
from tests.page_side import Visit, chromium_open, visiting
from tests.servers import free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(150),
]

LOADED = "(image) => image.complete && image.naturalWidth > 0"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with chromium_open(chromium) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The page's address as `onethread run` prints it."""
    folder = tmp_path_factory.mktemp("demo")
    config = folder / "onethread.toml"
    config.write_text(
        f'database_url = "sqlite://{folder}/demo.db"\nfiles_dir = "{folder}/files"\nkept_dir = "{kept()}"\n'
        f"[http]\nport = {free_port()}\n[sandbox]\nenabled = true\nport = {free_port()}\n"
    )
    onethread = Path(sys.executable).parent / "onethread"
    with (folder / "log").open("wb") as log:
        running = await asyncio.create_subprocess_exec(
            onethread, "run", "--config", config, stdout=PIPE, stderr=log
        )
        assert running.stdout is not None
        try:
            async with asyncio.timeout(30):
                said = (await running.stdout.readline()).decode()
            assert "sandbox is at http://127.0.0.1:" in said, (folder / "log").read_text()
            yield said.split()[-1] + "/"
        finally:
            running.terminate()
            assert await running.wait() == 0, (folder / "log").read_text()
    assert '"level": "error"' not in (folder / "log").read_text()


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, address: str) -> AsyncIterator[Visit]:
    size = {"width": 1600, "height": 1000}
    async with visiting(browser, address, viewport=size) as seen:
        await expect(seen["connection"]).to_have_text("已连接")
        yield seen


async def seen(place: Locator, text: str) -> Locator:
    """Wait for the newest message there that says so."""
    message = place.get_by_test_id("msg").filter(has_text=text).last
    await expect(message).to_be_in_viewport()
    return message


async def loaded(pictures: Locator, count: int) -> None:
    """Wait until there are so many pictures, each really loaded."""
    await expect(pictures).to_have_count(count)
    for picture in await pictures.all():
        await expect(picture).to_have_js_property("complete", True)
        assert await picture.evaluate(LOADED)


async def card(visit: Visit, words: str) -> Locator:
    """Go to the support channel as Mei, find the ticket's card by what it says, and open its thread."""
    await visit["slack-user-UMEI"].click()
    found = visit["slack-card"].filter(has_text=words)
    await expect(found).to_have_count(1)
    await found.get_by_test_id("open-thread").click()
    await expect(visit["slack-thread"]).to_be_visible()
    return found


async def answer(visit: Visit, place: Locator, text: str) -> None:
    """Answer in the thread; it arrives at the person's place, and the thread says so."""
    await visit.write("thread", text)
    await seen(place, text)
    sent = visit["slack-thread"].get_by_test_id("msg").filter(has_text=text).last
    await expect(sent.get_by_test_id("reaction")).to_have_text("✅1")


async def keep_a_note(visit: Visit, place: Locator) -> None:
    """What is noted stays here: what is said after it arrives, the note doesn't."""
    await visit.write("thread", "note: 仓库第三次漏检了")
    await answer(visit, place, "补发的包裹明天到")
    assert "漏检" not in await place.inner_text()
    note = visit["slack-thread"].get_by_test_id("msg").filter(has_text="漏检")
    await expect(note.get_by_test_id("reaction").filter(has_text="✅")).to_have_count(0)


async def send_a_photo_back(visit: Visit, place: Locator, before: int) -> None:
    """A photo from the thread arrives where the person is, where ``before`` were seen so far."""
    await visit.attach("thread", "sample-photo")
    await visit["thread-send"].click()
    await loaded(place.locator(".picture img"), before + 1)
    await loaded(visit["slack-thread"].locator(".picture img"), before + 1)


async def test_the_whole_demonstration_with_wechat(visit: Visit) -> None:
    phone, thread = visit["wechat-phone"], visit["slack-thread"]
    await expect(phone.get_by_role("navigation").get_by_role("button")).to_contain_text(
        ["问题", "我的工单", "人工"]
    )
    await visit.write("wechat", "怎么退货")
    await seen(phone, "签收后 7 天内")
    await visit.write("wechat", "你们的猫会弹钢琴吗")
    await seen(phone, "这个问题我还不会")
    await visit.write("wechat", "箱子裂开了，里面的杯子碎了一个")
    await seen(phone, "48 小时内")
    await visit.write("wechat", "转人工")
    await seen(phone, "工单号 T-1001")
    ticket = await card(visit, "T-1001")
    for words in ("怎么退货", "你们的猫会弹钢琴吗", "杯子碎了一个", "WeChat", "Open"):
        await expect(ticket).to_contain_text(words)

    await visit.attach("wechat", "sample-photo")
    await loaded(phone.locator(".picture img"), 1)
    await loaded(thread.locator(".picture img"), 1)
    await ticket.get_by_role("button", name="Claim").click()
    await expect(ticket.locator(".mention")).to_have_text("@Mei")
    await answer(visit, phone, "您好，我是 Mei。照片收到了，马上给您补发 📦")
    await send_a_photo_back(visit, phone, 1)
    await visit.attach("wechat", "sample-voice")
    await expect(thread.get_by_test_id("voice")).to_contain_text("3″")
    await keep_a_note(visit, phone)
    if name := os.environ.get("ONETHREAD_SCREENSHOT"):
        await take_picture(visit, Path(name))

    await ticket.get_by_role("button", name="Resolve").click()
    solved = await seen(phone, "T-1001 已标记为解决")
    await expect(ticket).to_contain_text("Resolved")
    await solved.get_by_role("button", name="还没解决").click()
    await seen(phone, "T-1001 已重新打开")
    await expect(ticket).not_to_contain_text("Resolved")


async def take_picture(visit: Visit, file: Path) -> None:
    await visit["language-en"].click()
    await visit["telegram-start"].click()
    await seen(visit["telegram-phone"], "Hello and welcome")
    await visit.write("telegram", "how do I return something?")
    await seen(visit["telegram-phone"], "within 7 days")
    await visit.page.locator("h1").click()
    await visit.page.screenshot(path=file)


async def test_the_demonstration_with_telegram(visit: Visit) -> None:
    phone, thread = visit["telegram-phone"], visit["slack-thread"]
    await visit["telegram-person"].select_option(label="陳美玲")
    await visit["telegram-start"].click()
    welcome = await seen(phone, "您好，歡迎")
    await welcome.get_by_role("button", name="怎麼退貨").click()
    await seen(phone, "7 天鑑賞期")
    await visit["telegram-commands"].click()
    await visit["telegram-command-agent"].click()
    await seen(phone, "工單編號 T-")
    ticket = await card(visit, "陳美玲")
    await expect(ticket).to_contain_text("Telegram")

    await answer(visit, phone, "您好，我是 Mei，請問需要什麼幫助？")
    await visit.attach("telegram", "sample-photo")
    await loaded(phone.locator(".picture img"), 1)
    await loaded(thread.locator(".picture img"), 1)
    await send_a_photo_back(visit, phone, 1)
    await visit.attach("telegram", "sample-voice")
    await expect(thread.get_by_test_id("voice")).to_contain_text("3″")
    await keep_a_note(visit, phone)
    await ticket.get_by_role("button", name="Resolve").click()
    solved = await seen(phone, "已標記為解決")
    await solved.get_by_role("button", name="還沒解決").click()
    await seen(phone, "已重新開啟")


async def test_the_demonstration_with_a_customer_in_slack(visit: Visit) -> None:
    window, thread = visit["slack-window"], visit["slack-thread"]
    await visit["slack-user-ULIN"].click()
    await visit.write("slack", "怎麼退貨")
    await seen(window, "7 天鑑賞期")
    await visit.write("slack", "我要找真人")
    await seen(window, "工單編號 T-")
    await visit.attach("slack", "sample-photo")
    await visit["slack-send"].click()
    await loaded(window.locator(".slack-log .picture img"), 1)

    ticket = await card(visit, "林小姐")
    await loaded(thread.locator(".picture img"), 1)
    await visit.write("thread", "note: 老顧客")
    await visit.write("thread", "您好，我是 Mei，馬上幫您處理")
    sent = await seen(thread, "馬上幫您處理")
    await expect(sent.get_by_test_id("reaction")).to_have_text("✅1")
    await visit.attach("thread", "sample-photo")
    await visit["thread-send"].click()
    await loaded(thread.locator(".picture img"), 2)
    await ticket.get_by_role("button", name="Resolve").click()
    await expect(ticket).to_contain_text("Resolved")

    await visit["slack-user-ULIN"].click()
    await expect(window.locator(".slack-log").get_by_text("馬上幫您處理")).to_be_visible()
    assert "老顧客" not in await window.locator(".slack-log").inner_text()
    await loaded(window.locator(".slack-log .picture img"), 2)
    solved = await seen(window, "已標記為解決")
    await solved.get_by_role("button", name="還沒解決").click()
    await seen(window, "已重新開啟")
