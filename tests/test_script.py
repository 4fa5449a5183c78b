"""One Chinese for readers of the other: which answer is converted, and into which words."""

import pytest

from core.conversation.faq.entries import Block, Entry
from core.conversation.script import Scripts

SCRIPTS = Scripts()
SAID = {
    "zh-CN": Block(
        question="网络订单？", answer="请看短信里的链接。", answers={"wechat": "请看微信里的链接。"}
    ),
    "zh-TW": Block(question="網路訂單？", answer="請看簡訊裡的連結。"),
    "zh-HK": Block(question="網上訂單？", answer="請看短訊。"),
    "zh": Block(question="订单？", answer="请看短信。"),
    "en": Block(question="Orders?", answer="See the text message."),
}


def entry(*codes: str) -> Entry:
    return Entry(id="x", blocks={code: SAID[code] for code in codes})


@pytest.mark.parametrize(
    ("codes", "reader", "platform", "told", "question"),
    [
        (("zh-CN", "zh-TW", "en"), "zh-TW", "", ("請看簡訊裡的連結。", False), "網路訂單？"),
        (("zh-CN", "en"), "zh-TW", "", ("請看簡訊裡的連結。", True), "網路訂單？"),
        (("zh-CN", "en"), "zh-TW", "wechat", ("請看微信裡的連結。", True), "網路訂單？"),
        (("zh-TW", "en"), "zh-CN", "", ("请看短信里的链接。", True), "网络订单？"),
        (("zh-TW", "en"), "zh-CN", "wechat", ("请看短信里的链接。", True), "网络订单？"),
        (("zh-HK", "en"), "zh-TW", "", ("請看短訊。", False), "網上訂單？"),
        (("zh-HK", "en"), "zh-CN", "", ("请看短讯。", True), "网上订单？"),
        (("zh", "en"), "zh-TW", "", ("請看簡訊。", True), "訂單？"),
        (("zh", "en"), "zh-CN", "", ("请看短信。", False), "订单？"),
        (("en",), "zh-TW", "", ("See the text message.", False), "Orders?"),
        (("zh-CN",), "en", "", ("请看短信里的链接。", False), "网络订单？"),
        (("zh-CN", "en"), "en", "wechat", ("See the text message.", False), "Orders?"),
    ],
)
def test_what_a_reader_gets(
    codes: tuple[str, ...], reader: str, platform: str, told: tuple[str, bool], question: str
) -> None:
    assert SCRIPTS.answer(entry(*codes), reader, platform) == told
    assert SCRIPTS.question(entry(*codes), reader) == question
