"""FAQ files: what is read from them, and that each mistake is told with its place and what to write instead."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation.faq import load, tree
from core.conversation.faq.entries import Block, Entry
from core.errors import Invalid

GOOD = """\
entries:
  - id: return-goods
    category: after-sales
    keywords: [退货, return]
    zh-CN:
      question: 怎么退货？
      variants:
        - 东西不想要了能退吗
        - "退货: 流程"
      answer: |
        签收后 7 天内。
        第二行。
    en: {question: How do I return something?, answer: Within 7 days.}
  - id: 运费
    pt-BR: {question: Frete?, answer: R$ 9}
"""


def one(text: str) -> list[str]:
    """What is told about a file ``f`` with this text."""
    with pytest.raises(Invalid) as refused:
        load.read({"f": text.encode()})
    return refused.value.problems


def block(text: str) -> str:
    return f"entries:\n  - id: a\n    en:\n{text}"


def more(keys: str) -> str:
    return f"entries:\n  - id: a\n    en: {{question: q, answer: a}}\n    {keys}\n"


def test_everything_is_read_in_the_order_of_the_files() -> None:
    first, second, third = load.read(
        {"b.yaml": GOOD.encode(), "a.yaml": b"entries: [{id: x, en: {question: q, answer: a}}]"}
    )
    assert first == Entry(
        id="return-goods",
        category="after-sales",
        keywords=("退货", "return"),
        blocks={
            "zh-CN": Block(
                question="怎么退货？",
                variants=("东西不想要了能退吗", "退货: 流程"),
                answer="签收后 7 天内。\n第二行。",
            ),
            "en": Block(question="How do I return something?", answer="Within 7 days."),
        },
    )
    assert (second.id, list(second.blocks)) == ("运费", ["pt-BR"])
    assert third.id == "x"


@pytest.mark.parametrize(
    "text",
    [
        "entries: []",
        "entries:\n",
        "\ufeffentries: []\r\n",
        "%YAML 1.2\n---\nentries: []\n...\n",
        "entries:\n# - all of it is commented out\n",
    ],
)
def test_no_entries_are_legal(text: str) -> None:
    assert load.read({"f": text.encode()}) == []


def test_no_files_are_legal() -> None:
    assert load.read({}) == []


@pytest.mark.parametrize("words", ["'yes'", '"12:30"', "n", "ok", "7 days", "v1.2.3", "2026", "双11"])
def test_quoted_and_unmistakable_words_are_texts(words: str) -> None:
    text = block(f"      question: {words}\n      answer: a\n")
    if words == "2026":
        assert one(text) == ['f:4:17: question: 2026 without quotes means a number; write "2026"']
    else:
        assert load.read({"f": text.encode()})[0].blocks["en"].question == words.strip("'\"")


@pytest.mark.parametrize("key", ["category:", "keywords:", "keywords: []"])
def test_optional_keys_may_stand_there_empty(key: str) -> None:
    text = f"entries:\n  - id: a\n    {key}\n    en: {{question: q, variants: , answer: a}}\n"
    assert load.read({"f": text.encode()})[0] == Entry(id="a", blocks={"en": Block(question="q", answer="a")})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "f:1:1: the file is empty; write `entries:`"),
        ("# only a comment\n", "f:1:1: the file is empty"),
        ("[]", "f:1:1: the file must begin with `entries:`"),
        ("hello", "f:1:1: the file must begin with `entries:`"),
        ("entries: all", "f:1:10: entries must be a list"),
        ("entries: []\nentries: []", "f:2:1: entries stands here for the second time"),
        ("entries: []\n---\nentries: []", "f:2:1: a second document begins here"),
        ("entries:\n  - text", "f:2:5: an entry must hold `id: …`"),
        ("entries:\n  - en: {question: q, answer: a}", "f:2:5: `id:` is missing"),
        ("entries:\n  - id: a", "f:2:5: this entry has no language; write zh-CN, zh-TW or en"),
        ("entries:\n  - id: a b\n    en: {question: q, answer: a}", "f:2:9: this id can't be used"),
        (f"entries:\n  - id: {'退' * 20}\n    en: {{question: q, answer: a}}", "f:2:9: this id can't be used"),
        ("entries:\n  - id: [a]\n    en: {question: q, answer: a}", "f:2:9: id must be a text"),
        ("entries:\n  - id: 7\n    en: {question: q, answer: a}", 'f:2:9: id: 7 without quotes means a number'),
        ("entries:\n  - id: a\n    catgory: b\n    en: {question: q, answer: a}", 'did you mean "category"?'),
        ("entries:\n  - id: a\n    zh_TW: {question: q, answer: a}", 'f:3:5: there is no key "zh_TW" here; a lang'),
        ("entries:\n  - id: a\n    EN: {question: q, answer: a}", 'a language is written "en"'),
        ("entries:\n  - id: a\n    zh-hant-tw: {question: q, answer: a}", 'a language is written "zh-Hant-TW"'),
        ("entries:\n  - id: a\n    de-1996: {question: q, answer: a}\n    zhcn: {}", 'did you mean "zh-CN"?'),
        ("entries:\n  - id: a\n    something: 1\n    en: {question: q, answer: a}", "known are id, category, keywords"),
        ("entries:\n  - id: a\n    en: text", "f:3:9: en must hold `question: …` and `answer: …`"),
        (block("      question: q\n"), "f:4:7: en has no answer; write `answer:`"),
        (block("      answer: a\n"), "f:4:7: en has no question"),
        (block("      question: q\n      answer:\n"), "answer is empty; write a text"),
        (block('      question: " "\n      answer: a\n'), "f:4:17: question is empty"),
        (block("      question: [q]\n      answer: a\n"), "f:4:17: question must be a text"),
        (block("      question: q\n      anwser: a\n"), 'f:5:7: there is no key "anwser" here; did you mean "answer"?'),
        (block("      question: q\n      question: r\n      answer: a\n"), "f:5:7: question stands here for the"),
        (block("      question: q\n      variants: one\n      answer: a\n"), "f:5:17: variants must be a list"),
        (block("      question: q\n      variants: {a: b}\n      answer: a\n"), "f:5:17: variants must be a list"),
        (block("      question: q\n      variants: [[a]]\n      answer: a\n"), "f:5:18: one of variants must be"),
        (block("      question: yes\n      answer: a\n"), 'yes without quotes means yes or no; write "yes"'),
        (block("      question: q\n      answer: No\n"), "means yes or no"),
        (block("      question: 12:30\n      answer: a\n"), '12:30 without quotes means a time of day; write "12:30"'),
        (block("      question: 2026-11-11\n      answer: a\n"), "without quotes means a date"),
        (block("      question: 1.5e3\n      answer: a\n"), "without quotes means a number"),
        (block("      question: ~\n      answer: a\n"), "question: ~ without quotes means nothing; write a text"),
        ("entries:\n\t- id: a\n", "f:2:1: a tab stands where blanks must; indent with blanks only"),
        ("entries:\n  - id: a\n b: c\n", "f:3:2: the indentation does not fit"),
        (block("      question: a: b\n"), "f:4:18: a second colon, or a line that stands too far right"),
        (block("      question: @me\n"), "f:4:17: no text may begin with this sign; put the text in quotes"),
        (block('      question: "a\n      answer: b\n'), "f:4:17: this quoted text has no end"),
        (block('      question: "a\\q"\n'), "a backslash in double quotes that means nothing"),
        (block('      question: "a" b\n'), "a text where a key should stand"),
        (block("      question: q\n      answer: |x\n"), "nothing may follow | or > on its line"),
        (block("      question: q\n      answer\n      variants: []\n"), "a colon is missing after a key"),
        ("entries: [a, b\nc: d\n", "a list in brackets is not closed"),
        ("? [a]\n: b\n", "a key must be a plain word"),
        ("entries:\n%a\n", "this sign has a meaning of its own in YAML"),
        (block("      question: !!python/object/new:os.system [x]\n"), "is a tag, which has no meaning here"),
        (block("      question: !x!y z\n"), "this sign has a meaning of its own"),
        (block("      question: a: b\n"), 'put a text with a colon in quotes: question: "a: b", or mend'),
        (block('      variants:\n        - b: "c": d\n'), "a second colon"),
        (block("      question: @me\n"), 'put the text in quotes: question: "@me"'),
        (block("      question: q\n      answers: text\n      answer: a\n"), "f:5:16: answers must hold a text per"),
        (block("      question: q\n      answers: {WeChat: t}\n      answer: a\n"), 'a platform is written "wechat"'),
        (block("      question: q\n      answers: {wechat: }\n      answer: a\n"), "answers: wechat is empty"),
        (more("valid_from: soon"), "f:4:17: valid_from must be a day; write year-month-day, such as 2026-11-30"),
        (more("valid_from: 2026-02-30"), "f:4:17: valid_from must be a day"),
        (more("valid_from: 2026-2-3"), "f:4:17: valid_from: a day is written 2026-02-03"),
        (more("valid_until: '2026年2月3日'"), "valid_until: a day is written 2026-02-03"),
        (more("valid_from: 2026-03-01\n    valid_until: 2026-02-01"), "f:5:18: valid_until is before valid_from"),
        (more("escalate: [billing]"), "f:4:15: escalate must be a text"),
        (more("escalate: ask them"), "f:4:15: escalate must be one word"),
        (more("follow_ups: [a]"), "f:4:18: an entry can't follow itself"),
        (more("follow_ups:\n      - B"), 'f:5:9: no entry has the id "B"; write the id of another entry'),
        (more("follow_ups: b"), "f:4:17: follow_ups must be a list"),
        (more("attachments: [files/a.exe]"), "files/a.exe: only .png, .jpg, .jpeg, .gif, .pdf can be sent"),
        (more("attachments: [a.png]"), "a.png: files to attach lie in faq/files/; put it there and write files/a.png"),
        (more("attachments: [files/../../a.png]"), "lie in faq/files/; put it there and write files/a.png"),
        (more("attachments: [/etc/a.png]"), "put it there and write files/a.png"),
        (more("examples: one"), "f:4:15: examples must be a list"),
        (more("not_fro: [x]"), 'f:4:5: there is no key "not_fro" here; did you mean "not_for"?'),
        (more("not-for: [x]"), 'f:4:5: there is no key "not-for" here; did you mean "not_for"?'),
        ("entries: []\rentries: []", "f:1:12: an invisible control character (U+000D)"),
        ("entries: '\u2028'", "f:1:11: an invisible control character (U+2028)"),
        ("entries: \ufeff[]", "f:1:10: an invisible control character (U+FEFF)"),
        ("entries: \x07[]", "f:1:10: an invisible control character (U+0007)"),
        ("entries: " + "[" * 1000, "nested too deep"),
        ("entries: " + "{a: " * 1000, "nested too deep"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place_and_the_way_out(text: str, words: str) -> None:
    assert words in "\n".join(one(text))


def test_a_yaml_bomb_is_refused_at_its_first_alias() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nentries: [*c]\n"
    assert one(bomb) == ["f:2:8: an alias (*) stands here; write the text itself, or put it in quotes"]


@pytest.mark.parametrize("content", ["entries: 退".encode("gbk"), "entries: []".encode("utf-16")])
def test_another_encoding_is_told_with_its_place(content: bytes) -> None:
    with pytest.raises(Invalid, match=r"^f:1:\d+: not UTF-8; save the file as UTF-8$"):
        load.read({"f": content})


def test_a_file_that_is_too_large_is_not_even_looked_at() -> None:
    with pytest.raises(Invalid, match="larger than 8 MB; split it into several files"):
        load.read({"f": b"\xff" * (tree.LARGEST + 1)})


def test_every_problem_of_every_file_is_told_in_order() -> None:
    wrong = "entries:\n  - id: return-goods\n    en: {question: q}\n  - id: b\n    something: 1\n"
    with pytest.raises(Invalid) as refused:
        load.read({"a.yaml": wrong.encode(), "b.yaml": b"\t", "c.yaml": GOOD.encode()})
    assert [line.rsplit(";", 1)[0] for line in refused.value.problems] == [
        "a.yaml:3:9: en has no answer",
        "a.yaml:4:5: this entry has no language",
        'a.yaml:5:5: there is no key "something" here',
        "b.yaml:1:1: a tab stands where blanks must",
        'c.yaml:2:9: the id "return-goods" stands also at a.yaml:2:9',
    ]


def test_what_goes_with_an_answer_is_read() -> None:
    text = block(
        "      question: q\n      answer: a\n      answers: {wechat: short, slack: '*bold*'}\n"
        "    valid_from: 2026-11-01\n    valid_until: '2026-11-30'\n    escalate: billing\n    follow_ups: [b, c.d]\n"
        "    attachments:\n      - files/sizes.PNG\n    examples: [how, why]\n    not_for: [what]\n"
        "  - {id: b, valid_from: , attachments: , en: {question: q, answers: , answer: a}}\n"
        "  - {id: c.d, en: {question: q, answer: a}}\n"
    )
    first, second, _ = load.read({"f": text.encode()})
    assert first.blocks["en"].answers == {"wechat": "short", "slack": "*bold*"}
    assert (first.valid_from, first.valid_until) == (date(2026, 11, 1), date(2026, 11, 30))
    assert (first.escalate, first.follow_ups, first.attachments) == (
        "billing",
        ("b", "c.d"),
        ("files/sizes.PNG",),
    )
    assert (first.examples, first.not_for) == (("how", "why"), ("what",))
    assert second == Entry(id="b", blocks={"en": Block(question="q", answer="a")})


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ({"files/a.png": 1}, None),
        ({"files/b.png": 1}, 'f:4:19: there is no file faq/files/a.png; did you mean "files/b.png"?'),
        ({}, "f:4:19: there is no file faq/files/a.png; put it there"),
        ({"files/a.png": 0}, "f:4:19: faq/files/a.png is empty; a file to attach has at most 10 MB"),
        (
            {"files/a.png": 12_345_678},
            "f:4:19: faq/files/a.png is 12.3 MB; a file to attach has at most 10 MB",
        ),
        (None, None),
    ],
)
def test_files_to_attach_must_be_there(sizes: dict[str, int] | None, told: str | None) -> None:
    files = [load.read_file("f", more("attachments: [files/a.png]"))]
    if told is None:
        assert load.together(files, sizes)[0].attachments == ("files/a.png",)
        return
    with pytest.raises(Invalid) as refused:
        load.together(files, sizes)
    assert refused.value.problems == [told]


def test_follow_ups_may_lead_into_other_files() -> None:
    other = b"entries: [{id: b, en: {question: q, answer: a}}]"
    assert len(load.read({"f": more("follow_ups: [b]").encode(), "g": other})) == 2
    assert one(more("follow_ups: [bb]") + "  - {id: b, en: {question: q, answer: a}}\n") == [
        'f:4:18: no entry has the id "bb"; did you mean "b"?'
    ]


def test_one_id_twice_names_both_places() -> None:
    twice = "entries:\n  - {id: a, en: {question: q, answer: a}}\n  - {id: a, en: {question: r, answer: b}}\n"
    assert one(twice) == ['f:3:10: the id "a" stands also at f:2:10; give one of the two another id']


def told(content: bytes) -> list[str]:
    try:
        load.read({"f": content})
    except Invalid as refused:
        return refused.problems
    return []


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    refusals = told(text.encode("utf-8", "surrogatepass"))
    assert [line for line in refusals if not re.match(r"f:\d+:\d+: \S", line)] == []


YAMLISH = st.lists(
    st.sampled_from(
        ["entries:", "- id: a", "en:", "question: q", "answer: |", "  ", "\n", "\t", "- ", "[", "]", "{", "}", ":", ",",
         "'", '"', "&a", "*a", "!t", "#", "?", "---", "...", "%YAML 1.1", "\\", "退货", "|", ">", "<<: "]
    ),
    max_size=30,
)  # fmt: skip


@given(YAMLISH)
def test_broken_yaml_of_any_kind_is_refused_in_words(parts: list[str]) -> None:
    assert [line for line in told("".join(parts).encode()) if not re.match(r"f:\d+:\d+: ", line)] == []
