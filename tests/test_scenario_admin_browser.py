"""The admins' modals on the sandbox's page: opened, filled in, complained about, published, in Chinese and English.

``ONETHREAD_ADMIN_SCREENSHOTS=folder`` saves what they look like.
"""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.admin_play import room
from tests.page_side import NAMELESS, Visit, chromium_open, visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]


async def shot(visit: Visit, name: str) -> None:
    if folder := os.environ.get("ONETHREAD_ADMIN_SCREENSHOTS"):
        await visit.page.screenshot(path=Path(folder) / f"{name}.png")


async def say(visit: Visit, words: str) -> None:
    await visit["slack-user-UADA"].click()
    await visit["slack-channel-C0ADMINS"].click()
    await visit.write("slack", words)


@pytest.mark.parametrize(
    ("language", "locale", "edit", "preview", "publish", "published"),
    [
        ("zh-CN", "zh-CN", "修改", "预览", "发布", "已发布为第 2 版"),
        ("en", "en-US", "Edit", "Preview", "Publish", "Published as revision 2"),
    ],
)
async def test_an_entry_is_edited_by_hand(
    tmp_path: Path, chromium: str, language: str, locale: str, edit: str, preview: str, publish: str, published: str
) -> None:  # fmt: skip
    async with (
        chromium_open(chromium) as browser,
        room(tmp_path, language=language) as r,
        visiting(
            browser, f"{r.world.sandbox.url}/", locale=locale, viewport={"width": 1500, "height": 900}
        ) as visit,
    ):
        modal, submit = visit["slack-modal"], visit["modal-submit"]
        await say(visit, "/onethread faq send it back")
        await expect(modal.locator("[data-action='faq.open']").first).to_be_visible()
        await shot(visit, f"{language}-search")
        await modal.locator("[data-action='faq.open']").first.click()
        await modal.get_by_role("button", name=edit, exact=True).click()
        answer = modal.locator("[data-block='a:en'] textarea")
        await expect(answer).to_have_value("Within seven days, free of charge.")
        await answer.fill("")
        await shot(visit, f"{language}-form")
        assert await visit.measure(NAMELESS) == []
        await expect(submit).to_have_text(preview)
        await submit.click()
        await expect(modal.locator("[data-block='a:en'] .kit-error")).to_be_in_viewport()
        await shot(visit, f"{language}-error")
        await answer.fill("Within thirty days.")
        await submit.click()
        await expect(modal).to_contain_text("→ Within thirty days.")
        await shot(visit, f"{language}-preview")
        await expect(submit).to_have_text(publish)
        await submit.click()
        await expect(modal).to_contain_text(published)
        await visit["modal-close"].click()
        await expect(modal).to_have_count(0)
        assert r.ada.player.desktop.modals == []
        await say(visit, "/onethread faq history")
        await expect(modal).to_contain_text("Ada (UADA)")
        await shot(visit, f"{language}-history")
        await visit.page.keyboard.press("Escape")
        await expect(modal).to_have_count(0)
