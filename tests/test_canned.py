"""Canned replies: read with file, line and mend, found by name and words, filled in per language."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation.desk.canned import read
from core.errors import Invalid
from core.escalation.canned import BLANK, BLANKS, Canned, called, render, search

REPLIES = Path(__file__).parent.parent / "config" / "replies"


@pytest.fixture(scope="module")
def shipped() -> tuple[Canned, ...]:
    return read({path.name: path.read_bytes() for path in sorted(REPLIES.glob("*.yaml"))})


def problems(**files: str) -> list[str]:
    with pytest.raises(Invalid) as caught:
        read({f"{name}.yaml": dedent(text) for name, text in files.items()})
    return caught.value.problems


def test_replies_are_read_in_the_files_order() -> None:
    found = read(
        {
            "a.yaml": "replies: [{name: 你好, title: 问候, text: {en: 'Hi {name}'}}]",
            "b.yaml": "replies:\n- {name: bye, title: {zh-CN: 再见}, words: [end], text: {zh-CN: 再见, en: Bye}}",
            "c.yaml": "replies: []",
        }
    )
    assert found == (
        Canned(name="你好", titles={"en": "问候"}, texts={"en": "Hi {name}"}),
        Canned(name="bye", titles={"zh-CN": "再见"}, words=("end",), texts={"zh-CN": "再见", "en": "Bye"}),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1:1: the file is empty; write `replies:`"),
        ("- x", "1:1: the file must hold replies"),
        ("{}", "1:1: `replies:` is missing; write it"),
        ("reply: []", '1:1: there is no key "reply" here; did you mean "replies"?'),
        ("replies: {name: x}", "1:10: replies must be a list"),
        ("replies: [hello]", "1:11: a reply must hold name, title, words, text"),
        ("replies: [{text: {en: Hi}}]", "1:11: `name:` is missing"),
        ("replies: [{name: x}]", "1:11: `text:` is missing"),
        ("replies: [{name: x, text: }]", "1:11: `text:` is missing"),
        ("replies: [{name: x, text: Hi}]", "1:27: text must hold a text per language, such as `en: …`"),
        ("replies: [{name: x, text: {English: Hi}}]", '1:28: there is no key "English" here; '),
        ("replies: [{name: x, text: {en: ''}}]", "1:32: text: en is empty"),
        ("replies: [{name: 'a b', text: {en: Hi}}]", '1:18: "a b" can\'t be typed after !r'),
        ("replies: [{name: [a], text: {en: Hi}}]", "1:18: name must be a text"),
        (
            "replies: [{name: x, titel: y, text: {en: Hi}}]",
            '1:21: there is no key "titel" here; did you mean "title"?',
        ),
        (
            "replies: [{name: x, text: {en: 'Hi {nane}'}}]",
            "1:32: nothing can be filled in for {nane}; did you mean {name}?",
        ),
        (
            "replies: [{name: x, text: {en: 'Hi {}'}}]",
            "1:32: nothing can be filled in for {}; known are {name}, {ticket}",
        ),
        ("replies: [{name: x, text: {en: Hi, en: Ho}}]", "1:36: en stands here for the second time"),
        ('replies: "', "1:10: "),
    ],
)
def test_mistakes_are_told_with_place_reason_and_mend(text: str, told: str) -> None:
    found = problems(a=text)
    assert found[0].startswith(f"a.yaml:{told}"), found


def test_all_files_are_told_of_at_once_and_no_name_stands_twice() -> None:
    good = "replies: [{name: Hello, text: {en: Hi}}]"
    assert problems(a=good, b="x: 1", c=good.replace("Hello", "hello")) == [
        'b.yaml:1:1: there is no key "x" here; known are replies',
        'c.yaml:1:18: the name "hello" stands also at a.yaml:1:18; give one of the two another name',
    ]


@given(st.text(max_size=120))
def test_any_file_is_read_or_refused(text: str) -> None:
    try:
        found = read({"a.yaml": text.encode("utf-8", "surrogatepass")})
    except Invalid as invalid:
        told = invalid.problems
    else:
        told = [f"a.yaml:{one.name}" for one in found]
    assert all(one.startswith("a.yaml:") for one in told)
    assert told or "replies" in text


BOTH = Canned(name="x", texts={"en": "Hi {name}, {ticket}", "zh-TW": "您好 {name}", "zh-CN": "你好 {name}"})


@pytest.mark.parametrize(
    ("language", "code", "text"),
    [
        ("en", "en", "Hi Mei {agent}, T-1"),
        ("de", "en", "Hi Mei {agent}, T-1"),
        ("en-GB", "en", "Hi Mei {agent}, T-1"),
        ("zh-TW", "zh-TW", "您好 Mei {agent}"),
        ("zh-HK", "zh-TW", "您好 Mei {agent}"),
        ("zh-Hant", "zh-TW", "您好 Mei {agent}"),
        ("zh-SG", "zh-CN", "你好 Mei {agent}"),
        ("zh", "zh-CN", "你好 Mei {agent}"),
    ],
)
def test_the_nearest_language_is_filled_in_and_values_are_no_patterns(
    language: str, code: str, text: str
) -> None:
    assert render(BOTH, language, {"name": "Mei {agent}", "ticket": "T-1"}) == (code, text)


def test_whatever_there_is_serves_and_a_missing_value_is_nothing() -> None:
    assert render(Canned(name="x", texts={"fr": "Salut {name}!"}), "zh-CN", {}) == ("fr", "Salut !")
    assert Canned(name="x", texts={"en": "Hi"}).title_in("en") == "x"


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("refund", ["refund-started"]),
        ("退款", ["refund-started"]),
        ("ＰＨＯＴＯ", ["photo"]),
        ("order", ["order-number", "exchange"]),
        ("order exchange", ["exchange"]),
        ("物流", ["courier"]),
        ("no such reply", []),
    ],
)
def test_replies_are_found_by_words(shipped: tuple[Canned, ...], typed: str, names: list[str]) -> None:
    assert [one.name for one in search(shipped, typed)] == names


def test_nothing_typed_finds_all_and_a_name_finds_one(shipped: tuple[Canned, ...]) -> None:
    assert search(shipped, " ") == shipped
    assert len(search(shipped, "", most=3)) == 3
    found = called(shipped, "HELLO")
    assert found is not None
    assert found.title_in("zh-TW") == "問候"
    assert called(shipped, "hell") is None


def test_the_shipped_replies_speak_three_languages_alike(shipped: tuple[Canned, ...]) -> None:
    assert len(shipped) >= 12
    for one in shipped:
        assert set(one.titles) == set(one.texts) == {"zh-CN", "zh-TW", "en"}, one.name
        blanks = {code: set(BLANK.findall(text)) for code, text in one.texts.items()}
        assert len(set(map(frozenset, blanks.values()))) == 1, one.name
        _, text = render(one, "en", dict.fromkeys(BLANKS, "x"))
        assert "{" not in text
