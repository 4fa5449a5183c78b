"""Which words are a private note: a table, and that no disguise of a prefix lets it through to a person."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escalation.notes import note_in


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("note: call the warehouse", "call the warehouse"),
        ("NOTE： full width", "full width"),
        ("!note check", "check"),
        ("！note check", "check"),
        ("!n check", "check"),
        ("!N", ""),
        (";; hm", "hm"),
        ("；；全角", "全角"),
        ("备注 他昨天也来过", "他昨天也来过"),
        ("備註：客訴", "客訴"),
        ("🔒 secret", "secret"),
        ("  \u200b note: hidden start", "hidden start"),
        ("\u202enote: direction mark", "direction mark"),
        ("// aside", "aside"),
        ("*note:* in bold", "in bold"),
        ("> note: quoted", "quoted"),
        ("```;; as code```", "as code```"),
        ("• _备注_：列表里", "列表里"),
        ("no\u200bte: parted", "parted"),
        ("!n\next line", "ext line"),
        ("note: नमस्ते 👩\u200d👧", "नमस्ते 👩\u200d👧"),
    ],
)
def test_notes(text: str, note: str) -> None:
    assert note_in(text) == note


@pytest.mark.parametrize(
    "text",
    [
        "Please note: it ships on Monday",
        "!next",
        "!nothing",
        "Notebook: 49 euros",
        "你好，备注已收到",
        "; fine",
        "",
    ],
)
def test_words_for_the_person(text: str) -> None:
    assert note_in(text) is None


INVISIBLE = st.text(alphabet="\u200b\u200c\u200d\u2060\ufeff\u202e\u202a \t\n\u3000", max_size=6)
PREFIXES = ["note:", "Note：", "!note ", "！n ", ";;", "；；", "备注", "備註", "🔒"]


@given(INVISIBLE, st.sampled_from(PREFIXES), st.text(max_size=50))
def test_no_disguise_lets_a_note_through(before: str, prefix: str, words: str) -> None:
    assert note_in(before + prefix + words) is not None


@given(st.text(max_size=80))
def test_any_text_is_judged_the_same_after_normalising(text: str) -> None:
    again = note_in(unicodedata.normalize("NFKC", text))
    assert (note_in(text) is None) == (again is None)
