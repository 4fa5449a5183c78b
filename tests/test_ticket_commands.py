"""Which words in a thread are a command, which are a mistyped one, and which are said to the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escalation.commands import Command, Unknown, command_in
from core.escalation.names import COMMANDS, PRIORITY_NAMES, RESOLUTION_NAMES, priority_named, resolution_named


@pytest.mark.parametrize(
    ("text", "verb", "argument"),
    [
        ("!assign @Tom", "assign", "@Tom"),
        ("！assign @Tom", "assign", "@Tom"),
        ("！转派 @小王", "assign", "@小王"),
        ("!轉派給@小王", "assign", "@小王"),
        ("  *!Snooze 2h*", "snooze", "2h"),
        ("`!snooze 2h`", "snooze", "2h"),
        ("!稍后30分钟", "snooze", "30分钟"),
        ("!稍后：明天9点", "snooze", "明天9点"),
        ("!\u200bsn\u200booze 1d", "snooze", "1d"),
        ("!transfer after-sales", "transfer", "after-sales"),
        ("!转到售后", "transfer", "售后"),
        ("！优先级 紧急", "priority", "紧急"),
        ("！優先順序 緊急", "priority", "緊急"),
        ("!收回", "undo", ""),
        ("!priority: urgent", "priority", "urgent"),
        ("!tag refund", "tag", "refund"),
        ("!标签 退款", "tag", "退款"),
        ("!resolve", "resolve", ""),
        ("!resolve defect", "resolve", "defect"),
        ("!解决", "resolve", ""),
        ("!结案 政策", "resolve", "政策"),
        ("!reopen!", "reopen", ""),
        ("!send", "send", ""),
        ("!SEND.", "send", ""),
        ("！发送", "send", ""),
        ("!!send", "send", ""),
        ("! send", "send", ""),
        ("!r hello", "canned", "hello"),
        ("!r", "canned", ""),
        ("!find 退款\n规则", "find", "退款\n规则"),
        ("!ask payments was it paid?\nOrder 17", "side_question", "payments was it paid?\nOrder 17"),
        ("!n x", "note", "x"),
        ("!note", "note", ""),
        ("!note _so_\nand so", "note", "so_\nand so"),
        ("!备注他来过", "note", "他来过"),
        ("! note x", "note", "x"),
        ("!! 备注 x", "note", "x"),
        ("！help", "help", ""),
        ("!帮助", "help", ""),
    ],
)
def test_commands(text: str, verb: str, argument: str) -> None:
    assert command_in(text) == Command(verb=verb, argument=argument)


@pytest.mark.parametrize(
    ("text", "word", "near"),
    [
        ("!important: we close at six", "important", ""),
        ("!resolv", "resolv", "resolve"),
        ("!next", "next", ""),
        ("！重要通知", "重要通知", ""),
        ("!发送失败了请重试", "发送失败了请重试", ""),
        ("!解决了", "解决了", "解决"),
        ("!!!好的", "好的", ""),
        ("!" + "a" * 500, "a" * 24, ""),
        ("!привет", "привет", ""),
    ],
)
def test_what_looks_like_a_command_is_refused(text: str, word: str, near: str) -> None:
    assert command_in(text) == Unknown(word=word, near=near)


@pytest.mark.parametrize(
    "text",
    [
        "!send now please",
        "!warn him",
        "!resolve\nThank you for waiting",
        "!claim @Tom",
        "!发送 好的",
        "!tag refund\nHello",
        "! send it tomorrow",
    ],
)
def test_words_that_would_be_lost_are_not(text: str) -> None:
    found = command_in(text)
    assert isinstance(found, Unknown)
    assert found.alone


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "!!",
        "！！！",
        "!?",
        "! 您好",
        "! hello there",
        "!100 off",
        "Hi!",
        "hello !assign",
        "太好了！assign",
        "¡Hola!",
        "‼️",
        "\u200b",
    ],
)
def test_words_for_the_person(text: str) -> None:
    assert command_in(text) is None


def test_no_name_means_two_things() -> None:
    names = [name for known in COMMANDS.values() for name in known]
    assert len(names) == len(set(names)) > 60
    for verb, known in COMMANDS.items():
        assert [command_in(f"！{name}") for name in known] == [Command(verb=verb)] * len(known)


@pytest.mark.parametrize("names", [PRIORITY_NAMES, RESOLUTION_NAMES])
def test_no_word_means_two_priorities_or_resolutions(names: dict[str, tuple[str, ...]]) -> None:
    words = [word for known in names.values() for word in known]
    assert len(words) == len(set(words)) > 10


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Urgent", "urgent"),
        (" 紧急！", "urgent"),
        ("ＨＩＧＨ", "high"),
        ("低", "low"),
        ("soon", None),
        ("", None),
    ],
)
def test_priorities(typed: str, meant: str | None) -> None:
    assert priority_named(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"), [("Bug", "defect"), ("政策", "policy"), ("how-to", "how-to"), ("?", None)]
)
def test_resolutions(typed: str, meant: str | None) -> None:
    assert resolution_named(typed) == meant


@given(
    st.text(alphabet="!！", min_size=1, max_size=4),
    st.from_regex(r"[a-z一-龥][a-z一-龥]{0,11}", fullmatch=True),
    st.text(max_size=30),
)
def test_whatever_begins_like_a_command_is_never_for_the_person(marks: str, word: str, rest: str) -> None:
    assert command_in(marks + word + rest) is not None


@given(st.text(max_size=120))
def test_any_text_is_judged(text: str) -> None:
    found = command_in(text)
    assert (
        found is None
        or "!" in text
        or "！" in text
        or "\ufe57" in text
        or "\ufe15" in text
        or "‼" in text
        or "⁈" in text
        or "⁉" in text
    )
