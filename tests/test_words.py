"""Words that mean something by themselves, as the shipped lists have them."""

from pathlib import Path

import pytest

from core.conversation import texts
from core.conversation.words import fold, is_emoji

SHIPPED = {
    path.name: path.read_bytes()
    for path in (Path(__file__).parent.parent / "config" / "texts").glob("*.yaml")
}
WORDS = texts.read(SHIPPED).words


@pytest.mark.parametrize(
    "text",
    ["人工", "轉人工！", "我要转人工", "真人客服在哪", "ＡＧＥＮＴ", "agent!!", " Human. ", "can I talk to a person",
     "找客服", "請找專人服務", "I want to speak to a human please", "人工 人工"],
)  # fmt: skip
def test_wishes_for_a_person(text: str) -> None:
    assert WORDS.wants_person(text)


@pytest.mark.parametrize(
    "text",
    ["人工智能是什么", "这是手工的吗", "不要人工", "真人秀好看吗", "the agent at the airport lost my bag",
     "human rights", "", "怎么退货", "I don't need a person",
     "你们的产品是不是用人工合成的材料做的呀我想问一下", "専人"],
)  # fmt: skip
def test_what_is_no_wish_for_a_person(text: str) -> None:
    assert not WORDS.wants_person(text)


@pytest.mark.parametrize(
    ("meaning", "yes", "no"),
    [
        ("wants_status", ["进度", "查進度？", "Status", "我的工单"], ["进度条怎么做", "工单系统多少钱", ""]),
        ("wants_help", ["帮助", "選單", "help", "FAQ"], ["help me return this", ""]),
        ("asks_anyone", ["有人吗？", "人呢", "is anyone there?"], ["有人吗我想退货", ""]),
        (
            "is_greeting",
            ["你好", "你好，在吗", "Hello there!", "hi，你好", "在吗"],
            ["你好我想退货", "!!", ""],
        ),
        (
            "is_thanks",
            ["谢谢", "好的，謝謝", "ok thanks!", "thx", "嗯嗯"],
            ["谢谢你上次的帮助但还是不行", "", "。"],
        ),
    ],
)
def test_other_meanings(meaning: str, yes: list[str], no: list[str]) -> None:
    means = getattr(WORDS, meaning)
    assert [text for text in yes if not means(text)] == []
    assert [text for text in no if means(text)] == []


@pytest.mark.parametrize("text", ["👍", "😀😀 ❤️", "[OK]", "[微笑][玫瑰]", "/:rose", "!!!", "…"])
def test_emoji_say_nothing(text: str) -> None:
    assert is_emoji(text)


@pytest.mark.parametrize("text", ["👍 ok", "1", "", "  ", "[this is a longer text]", "好"])
def test_words_and_numbers_are_no_emoji(text: str) -> None:
    assert not is_emoji(text)


def test_folding() -> None:
    assert fold("  ＨＥＬＬＯ，\n\t there！？ ") == "hello, there"
    assert fold("…。") == ""


def test_every_meaning_has_words_in_every_language() -> None:
    for meaning in ("person", "not_person", "status", "anyone", "thanks", "greeting", "help"):
        assert len(getattr(WORDS, meaning)) > 5
    assert all(WORDS.wants_person(text) for text in ("人工", "真人", "轉人工", "转人工", "agent", "human"))
