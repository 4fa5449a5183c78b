"""People on Telegram and the bot: welcome, answers in their language, suggestions, the way to people, commands.

Some stories are told twice: with updates pushed to the webhook, and with updates that we ask for.
"""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.telegram_stories import (
    MODES,
    bot,
    buttons,
    cards,
    handed_off,
    said,
    started,
    taps,
    until_in_thread,
    until_said,
)
from tests.world import world

both_modes = pytest.mark.parametrize("mode", MODES)


@both_modes
async def test_start_welcomes_in_the_persons_language_and_keeps_the_payload(
    mode: str, tmp_path: Path
) -> None:
    async with world(tmp_path, telegram=[bot(mode=mode)]) as w:
        phone = await w.sandbox.telegram.newcomer(name="小林", language="zh-hans")
        await phone.start("summer-sale_2024")
        welcome = await until_said(w, phone, "欢迎")

        assert "怎么退货？" in buttons(welcome)
        kept = await w.rows("SELECT text FROM message WHERE by = 'person' AND kind = 'followed'")
        assert [row["text"] for row in kept] == ["summer-sale_2024"]
        assert len(said(phone)) == 1


async def test_the_faq_answers_in_three_languages(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        mainland = await started(w, "zh-hans", "小林")
        taiwan = await started(w, "zh-hant", "林小姐")
        elsewhere = await started(w, "en", "Lena")
        assert "歡迎" in said(taiwan)[0]

        mainland.say("怎么退货")
        taiwan.say("怎麼退貨？")
        elsewhere.say("How do I return something?")

        await until_said(w, mainland, "签收后 7 天内")
        await until_said(w, taiwan, "7 天鑑賞期")
        await until_said(w, elsewhere, "within 7 days of receiving them")
        assert not cards(w)


@both_modes
async def test_a_tap_on_a_suggestion_answers_and_ends_the_waiting_sign(mode: str, tmp_path: Path) -> None:
    async with world(tmp_path, telegram=[bot(mode=mode)]) as w:
        phone = await started(w, "zh-hans", "小林")
        await phone.say("退钱")
        asked_back = await until_said(w, phone, "您想问的是不是")
        offered = buttons(asked_back)

        assert list(offered)[-1] == "都不是，找真人"
        assert "怎么退货？" in offered
        assert 2 <= len(offered) <= 4
        await phone.tap(asked_back["id"], offered["怎么退货？"])
        await until_said(w, phone, "签收后 7 天内")
        await w.sandbox.hub.until(lambda: taps(w) == [True])
        assert not cards(w)


async def test_none_of_these_leads_to_people(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        await phone.say("refund my points please now")
        asked_back = await until_said(w, phone, "Did you mean")
        await phone.tap(asked_back["id"], buttons(asked_back)["None of these: a person"])

        told = await until_said(w, phone, "T-1001")
        assert "They will answer you right here" in told["plain"]
        card = await w.sandbox.hub.until(lambda: cards(w))
        assert "refund my points please now" in card[0].words
        assert "Lena Berg" in card[0].words
        assert "Telegram" in card[0].words


async def test_two_misses_lead_to_people(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        await phone.say("can you paint my roof purple")
        missed = await until_said(w, phone, "I don't know that one yet")
        assert list(buttons(missed)) == ["Ask a person"]
        assert not cards(w)

        await phone.say("and the chimney as well, in green")
        await until_said(w, phone, "T-1001")
        card = await w.sandbox.hub.until(lambda: cards(w))
        assert "paint my roof purple" in card[0].words
        assert "the chimney as well" in card[0].words


async def test_a_burst_is_one_question_and_one_miss(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w, "zh-hans", "小林")
        for fragment in ("你好", "在吗", "我想给猫咪订一个", "生日蛋糕"):
            await phone.say(fragment)
        await until_said(w, phone, "这个问题我还不会")
        await phone.say("怎么退货")
        await until_said(w, phone, "签收后 7 天内")

        assert len(said(phone)) == 3
        assert not cards(w)


async def test_commands_help_status_and_agent(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        await phone.say("/help")
        helped = await until_said(w, phone, "Just type your question, or look around")
        assert "Ask a person" in buttons(helped)
        await phone.say("/status")
        await until_said(w, phone, "You have no ticket")

        ts = await handed_off(w, phone, "/agent")
        await phone.say("/status@shop_bot")
        await until_said(w, phone, "T-1001 is waiting for a colleague")
        await phone.say("/agent")
        await until_said(w, phone, "T-1001 is waiting for a colleague", times=2)
        await phone.say("/unknown words")
        await until_in_thread(w, ts, "/unknown words")
        assert len(cards(w)) == 1


async def test_menu_publish_sets_the_commands(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        config = tmp_path / "of-the-operator.toml"
        config.write_text(
            f'database_url = "{w.settings.database_url}"\n'
            f'[[telegram]]\naccount = "shop"\ntoken = "100001:sandbox-demo-token"\n'
            f'secret = "sandbox-demo-secret"\napi_base = "{w.sandbox.url}"\n',
            encoding="utf-8",
        )
        shown = await _onethread("--config", str(config), "menu", "publish", "--yes")
        assert "telegram shop (en): + /status  My tickets" in shown
        assert "Published." in shown

        phone = await started(w)
        assert [one["command"] for one in phone.state()["commands"]] == ["help", "status", "agent"]
        chinese = await started(w, "zh-hant", "林小姐")
        assert [one["description"] for one in chinese.state()["commands"]] == ["问题", "我的工单", "人工"]
        assert "as they should be" in await _onethread("--config", str(config), "menu", "publish", "--yes")


async def _onethread(*arguments: str) -> str:
    """What the command line prints; it must end well."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bots",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()
