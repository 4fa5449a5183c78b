"""Texts by name and language, and the names of people, hostile ones included."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation import texts
from core.conversation.people import LONGEST_NAME, clean_name, made_up_name
from core.conversation.texts import LANGUAGES
from core.errors import Invalid
from core.messages import Say

SHIPPED = {
    path.name: path.read_bytes()
    for path in (Path(__file__).parent.parent / "config" / "texts").glob("*.yaml")
}
TEXTS = texts.read(SHIPPED)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", "找真人"),
        ("zh-TW", "找真人"),
        ("zh-HK", "找真人"),
        ("en", "Ask a person"),
        ("fr", "Ask a person"),
        ("", "Ask a person"),
    ],
)
def test_a_text_in_the_nearest_language(language: str, said: str) -> None:
    assert TEXTS.render(Say(name="choice.person"), language) == said


def test_parameters_are_put_in_as_they_are() -> None:
    hostile = Say(name="agent.signed", params={"agent": "{text}", "text": "\\1 {agent} {number} %s <b>"})
    assert TEXTS.render(hostile, "en") == "{text}: \\1 {agent} {number} %s <b>"
    assert TEXTS.render(Say(name="ticket.opened", params={"number": 1042}), "zh-CN").startswith(
        "已为您转给真人同事，工单号 T-1042。"
    )
    assert TEXTS.render(Say(name="agent.here"), "en") == "This is ."


def test_an_unknown_text_is_our_mistake() -> None:
    with pytest.raises(KeyError, match="no\\.such"):
        TEXTS.render(Say(name="no.such"), "en")


def test_what_a_file_leaves_out_is_served_by_the_shipped() -> None:
    mine = texts.read({"m": "welcome: {zh-CN: 来啦, zh-TW: 來啦, en: Hey}".encode()}, instead_of=TEXTS)
    assert mine.render(Say(name="welcome"), "zh-TW") == "來啦"
    assert mine.render(Say(name="thanks"), "en") == TEXTS.render(Say(name="thanks"), "en")
    assert (mine.words, mine.names) == (TEXTS.words, TEXTS.names)
    assert texts.read({}, instead_of=TEXTS) == TEXTS


def test_operators_name_the_categories_of_their_own_faq() -> None:
    mine = texts.read({"m": "category.tea: {zh-CN: 茶, zh-TW: 茶, en: Tea}".encode()}, instead_of=TEXTS)
    assert mine.render(Say(name="category.tea"), "en") == "Tea"


def test_no_texts_at_all_are_legal() -> None:
    nothing = texts.read({})
    assert nothing.by_name == {}
    assert not nothing.words.wants_person("人工")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe", "f:1:1: not UTF-8; save the file as UTF-8"),
        (b"a: [", "f:1:5: "),
        (b"- a", "f:1:1: the file must hold names with a text per language"),
        (b"a: text", "f:1:4: a: must hold a text for each of zh-CN, zh-TW, en"),
        (b"a: {zh-CN: x, zh-TW: ' ', en: 3}", "f:1:4: a: has no text for zh-TW, en; write one"),
        (
            b"a: {zh-CN: '{n}', zh-TW: '{m}', en: '{n}'}",
            "f:1:26: a: zh-TW uses a parameter that is not among ['n']",
        ),
    ],
)
def test_mistakes_are_told(content: bytes, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        texts.read({"f": content})
    assert told in str(refused.value)


def test_every_problem_of_every_file_is_told() -> None:
    with pytest.raises(Invalid) as refused:
        texts.read({"a": b"x: 1\ny: 2", "b": b"\xff"})
    assert [line.split(":")[0] for line in refused.value.problems] == ["a", "a", "b"]


@pytest.mark.parametrize(("code", "charset"), [("zh-CN", "gb2312"), ("zh-TW", "big5")])
def test_each_chinese_is_written_in_its_own_signs(code: str, charset: str) -> None:
    han = {sign for told in TEXTS.by_name.values() for sign in told[code] if "\u4e00" <= sign <= "\u9fff"}
    assert len(han) > 100
    assert [sign for sign in han if not sign.encode(charset, "ignore")] == []


MAINLAND = (
    "信息",
    "视频",
    "視頻",
    "消息",
    "网络",
    "網絡",
    "帐号",
    "賬號",
    "链接",
    "鏈接",
    "短信",
    "質量",
    "默認",
    "用戶",
    "發送",
)


def test_taiwan_reads_its_own_words() -> None:
    assert len(TEXTS.by_name) > 20
    found = [
        (name, word) for name, told in TEXTS.by_name.items() for word in MAINLAND if word in told["zh-TW"]
    ]
    assert found == []


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Zoë 王小明", "Zoë 王小明"),
        ("  a \t b\r\nc ", "a b c"),
        ("\u202eevil\u202c", "evil"),
        ("a\u200bb\u2060c\ufeff", "a b c"),
        ("line\u2028break", "line break"),
        ("\x00\x1b[31mred", "[31mred"),
        ("\ue000private", "private"),
        ("e\u0301", "é"),
        ("王" * 99, "王" * LONGEST_NAME),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("😀", "😀"),
        ("\u200b\u200d\ufeff", ""),
        ("...", ""),
        ("\u0301\u0301", ""),
        ("\u2066\u2069", ""),
        ("", ""),
    ],
)
def test_names_are_made_harmless(raw: str, shown: str) -> None:
    assert clean_name(raw) == shown


@given(st.text(max_size=120))
def test_no_name_hides_anything(raw: str) -> None:
    shown = clean_name(raw)
    assert len(shown) <= LONGEST_NAME
    assert [
        sign for sign in shown if unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
    ] == []
    assert clean_name(shown) == shown


@pytest.mark.parametrize("language", [*LANGUAGES, "zh-HK", "ja"])
def test_a_made_up_name_is_friendly_stable_and_clean(language: str) -> None:
    names = [made_up_name(f"wechat:shop:{user}", TEXTS, language) for user in range(500)]
    assert names == [made_up_name(f"wechat:shop:{user}", TEXTS, language) for user in range(500)]
    assert all(clean_name(name) == name for name in names)
    assert len(set(names)) > 490


def test_the_two_chinese_make_up_the_same_number_of_names() -> None:
    sizes = {tuple(map(len, TEXTS.names[code])) for code in LANGUAGES}
    assert sizes == {(16, 16)}
