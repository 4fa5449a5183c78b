"""Slack's markup to plain text and back: tables of what Slack sends, and what no text may ever do."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.slack.text import clean, ids_in, literal, safe, to_plain

NAMES = {"U1": "Lin", "C5": "general"}

READ = [
    ("plain 你好", "plain 你好"),
    ("hi <@U1>, <@U2>, <@U3|bob> and <@W4|@eve>", "hi @Lin, @U2, @bob and @eve"),
    ("<#C1|returns> <#C5> <#C6|>", "#returns #general #C6"),
    ("<!here> <!channel> <!everyone> <!here|here>", "@here @channel @everyone here"),
    ("<!subteam^S1|@agents> <!subteam^S2>", "@agents @S2"),
    ("<!date^1392734382^{date}|Feb 18, 2014> <!date^1392734382^{date}>", "Feb 18, 2014 1392734382"),
    ("<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"),
    ("<https://x.example/a|our page>", "our page (https://x.example/a)"),
    (
        "<http://x.example|x.example> <https://x.example/|https://x.example>",
        "http://x.example https://x.example/",
    ),
    ("<mailto:a@x.example|a@x.example> <mailto:a@x.example|write us>", "a@x.example write us (a@x.example)"),
    ("<tel:+4912345|+49 123 45>", "+49 123 45 (+4912345)"),
    ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
    ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    ("&lt;@U1&gt;", "<@U1>"),
    ("*bold* _italic_ ~strike~ `code`", "*bold* _italic_ ~strike~ `code`"),
    (":smile: :+1: :thumbsup: :tada:", "😄 👍 👍 🎉"),
    ("好的:smile:", "好的😄"),
    (":wave::skin-tone-2: :+1::skin-tone-6:", "👋🏻 👍🏿"),
    (":flag-cn: :us: :simple_smile: :man-shrugging:", "🇨🇳 🇺🇸 🙂 🤷\u200d♂️"),
    (":our_logo: at 12:30:45, a:b:c", ":our_logo: at 12:30:45, a:b:c"),
    ("<https://x.example/:smile:/|:tada: here>", "🎉 here (https://x.example/:smile:/)"),
    ("a\r\nb\u2028c", "a\nb\nc"),
    ("< <> <\n>", "< <> <\n>"),
    ("", ""),
]


@pytest.mark.parametrize(("slack", "plain"), READ)
def test_read(slack: str, plain: str) -> None:
    assert to_plain(slack, NAMES) == plain


def test_whose_names_are_needed() -> None:
    assert ids_in("<@U1> <@W2|x> <@lower> &lt;@U3&gt; <#C4> @U5 <@U1>") == {"U1", "W2"}


WRITTEN = [
    ("<!channel> <@U1>", "&lt;!channel&gt; &lt;@U1&gt;"),
    ("a & b &amp; c", "a &amp; b &amp;amp; c"),
    ("<https://evil.example|bank>", "&lt;https://evil.example|bank&gt;"),
    ("@channel @Here @everyone @lin", "@\u2060channel @\u2060Here @\u2060everyone @lin"),
    ("abc\u202egnp.exe", "abcgnp.exe"),
    ("a\u200bb\ufeff\x00c\ud800", "abc"),
]


@pytest.mark.parametrize(("text", "written"), WRITTEN)
def test_written_safely(text: str, written: str) -> None:
    assert safe(text) == written


def test_our_own_mention_may_stay() -> None:
    assert safe("write to <@UBOT> <@U1>", "<@UBOT>") == "write to <@UBOT> &lt;@U1&gt;"


def test_literal_text_is_shown_as_it_is() -> None:
    assert literal("a < b & c *d*") == "a < b & c *d*"
    assert literal("<!channel> <@U1> <#C1>") == "<\u2060!channel> <\u2060@U1> <\u2060#C1>"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),  # a family is one sign
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian needs its non-joiner
        ("\u200d\u200c a\u200d\u200d\u200db \u200c", " a\u200db "),
        ("❤\ufe0f", "❤\ufe0f"),
    ],
)
def test_joiners_stay_where_they_join(text: str, kept: str) -> None:
    assert clean(text) == kept


anything = st.text(st.characters(exclude_categories=()), max_size=60) | st.lists(
    st.sampled_from(
        ["<", ">", "|", "!", "@", "#", "&lt;", "U1", ":", "smile", "\u202e", "\u200d", "\n", "*", "channel"]
    ),
    max_size=30,
).map("".join)


@given(anything)
def test_what_is_written_can_never_command(text: str) -> None:
    written = safe(text)
    assert "<" not in written
    assert ">" not in written
    assert "@channel" not in written
    for sequence in ("<!", "<@", "<#", "@channel"):
        assert sequence not in literal(text)
    written.encode()


@given(anything)
def test_what_is_written_is_read_back(text: str) -> None:
    if ":" not in text and "@" not in text:
        assert to_plain(safe(text), {}) == clean(text)


@given(anything)
def test_reading_always_ends_in_clean_text(text: str) -> None:
    plain = to_plain(text, NAMES)
    assert clean(plain) == plain


@pytest.mark.parametrize(
    "piece", ["<", "<@", "<a|", ":", ":a", "\u200d", "\u200d ", "&amp;", "@channel", "*", "\u202e", "<a"]
)
def test_long_texts_take_no_longer_than_they_are_long(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + "x"
    started = time.perf_counter()
    to_plain(text, {})
    safe(text)
    literal(text)
    assert time.perf_counter() - started < 2
