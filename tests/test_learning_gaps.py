"""What the FAQ misses is grouped by meaning, and an entry is drafted from what agents answered."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation.faq.drafts import VARIANTS, Answered, drafted
from core.conversation.faq.encoder import Vectors, unit
from core.conversation.faq.gaps import ALIKE, EXAMPLES, Gap, Missed, grouped
from core.conversation.faq.normal import Normal
from tests.letters_encoder import LettersEncoder

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NORMAL = Normal()
ENCODER = LettersEncoder()


def missed(number: int, text: str, *, person: int = 0, language: str = "en", minutes: int = 0) -> Missed:
    return Missed(
        id=number, person=person or number, text=text, language=language, platform="telegram",
        at=NOW + timedelta(minutes=minutes or number), why="unanswered",
    )  # fmt: skip


def towards(*directions: int) -> Vectors:
    """A meaning for each: those of one direction are alike."""
    rows = np.zeros((len(directions), 8), np.float32)
    for row, direction in zip(rows, directions, strict=True):
        row[direction] = 1
    return rows


def test_questions_of_one_meaning_are_one_gap_told_in_all_languages() -> None:
    asked = [
        missed(1, "do you ship to Mars", person=7),
        missed(2, "能送到火星吗", language="zh-CN"),
        missed(3, "do you ship to Mars", person=7),
        missed(4, "gift wrap?", person=9),
        missed(5, "shipping to Mars for order 123456789", person=8),
    ]
    first, second = grouped(asked, towards(0, 0, 0, 1, 0))
    assert (first.people, first.asked, first.unhelpful) == (3, 4, 0)
    assert first.examples == {
        "en": ("do you ship to Mars", "shipping to Mars for order …"),
        "zh-CN": ("能送到火星吗",),
    }
    assert (first.first, first.last) == (asked[0].at, asked[4].at)
    assert first.missed == (5, 3, 2, 1)
    assert (second.question, second.people) == ("gift wrap?", 1)


def test_the_question_shown_is_the_most_central() -> None:
    meanings = unit(np.array([[1, 0.4, 0], [1, 0, 0], [1, -0.4, 0]], np.float32))
    (gap,) = grouped([missed(1, "left"), missed(2, "middle"), missed(3, "right")], meanings)
    assert gap.question == "middle"


def test_nothing_missed_is_no_gap() -> None:
    assert grouped([], np.empty((0, 4), np.float32)) == []


@given(st.lists(st.integers(0, 7), min_size=1, max_size=300))
def test_every_question_is_in_one_gap_and_only_with_its_like(directions: list[int]) -> None:
    asked = [missed(at + 1, f"about {direction}") for at, direction in enumerate(directions)]
    gaps = grouped(asked, towards(*directions))
    assert sorted(number for gap in gaps for number in gap.missed) == [one.id for one in asked]
    assert len(gaps) == len(set(directions))
    assert [gap.people for gap in gaps] == sorted((gap.people for gap in gaps), reverse=True)


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_whatever_the_meanings_nobody_is_lost(seed: int, count: int) -> None:
    meanings = unit(np.random.default_rng(seed).normal(size=(count, 3)).astype(np.float32))
    gaps = grouped([missed(at + 1, str(at)) for at in range(count)], meanings)
    assert sum(gap.asked for gap in gaps) == count


def test_thousands_are_grouped_quickly() -> None:
    meanings = unit(np.random.default_rng(1).normal(size=(4000, 64)).astype(np.float32))
    gaps = grouped([missed(at + 1, "x") for at in range(4000)], meanings, ALIKE)
    assert sum(gap.asked for gap in gaps) == 4000


# --- drafts -----------------------------------------------------------------------------------------------------


def gap(question: str = "do you ship to Mars", **examples: tuple[str, ...]) -> Gap:
    told = {code.replace("_", "-"): texts for code, texts in examples.items()}
    return Gap(
        question=question, language=next(iter(told)), people=3, asked=3, unhelpful=0, examples=told,
        platforms={}, first=NOW, last=NOW, missed=(1, 2, 3),
    )  # fmt: skip


def draft(found: Gap, *answers: tuple[str, str]) -> object:
    return drafted(
        found, [Answered(language=code, text=text) for code, text in answers], ENCODER.encode, NORMAL.of
    )


def test_without_an_agents_answer_there_is_no_draft() -> None:
    assert draft(gap(en=("do you ship to Mars",))) is None
    assert draft(gap(en=("do you ship to Mars",)), ("en", "  ")) is None


def test_a_draft_asks_in_peoples_words_and_answers_in_the_agents() -> None:
    found = gap(
        en=("do you ship to Mars", "shipping to Mars", "Do you ship to Mars?", "hi", "mars for order …"),
        zh_CN=("能送到火星吗",),
        fr=("livrez-vous sur Mars",),
    )
    entry = drafted(
        found,
        [
            Answered(language="en", text="We ship to Mars every day."),
            Answered(language="en", text="We ship to Mars every day, Ann: see order 20260301998."),
            Answered(language="zh-CN", text="每天都发往火星。"),
            Answered(language="de", text="Ja."),
        ],
        ENCODER.encode,
        NORMAL.of,
    )
    assert entry is not None
    english, chinese = entry.blocks["en"], entry.blocks["zh-CN"]
    assert (english.question, english.variants) == (
        "do you ship to Mars",
        ("shipping to Mars", "livrez-vous sur Mars"),
    )
    assert english.answer.startswith("We ship to Mars every day")
    assert "20260301998" not in english.answer
    assert (chinese.question, chinese.answer) == ("能送到火星吗", "每天都发往火星。")
    assert set(entry.blocks) == {"en", "zh-CN"}


def test_who_was_answered_in_another_language_still_gives_a_draft() -> None:
    entry = drafted(
        gap(fr=("livrez-vous sur Mars",)), [Answered(language="en", text="Yes.")], ENCODER.encode, NORMAL.of
    )
    assert entry is not None
    assert (entry.blocks["en"].question, entry.blocks["en"].answer) == ("livrez-vous sur Mars", "Yes.")


@pytest.mark.parametrize("question", ["ship to Mars for order …", "do you ship to Mars"])
def test_a_draft_never_shows_what_had_to_be_hidden_and_is_not_longer_than_needed(question: str) -> None:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "any", "odd", "even")
    texts = tuple(f"do you ship to Mars on {day}" for day in days)
    found = gap(question, en=(question, *texts)[:EXAMPLES])
    entry = drafted(found, [Answered(language="en", text="Yes.")], ENCODER.encode, NORMAL.of)
    assert entry is not None
    block = entry.blocks["en"]
    assert [text for text in (block.question, *block.variants) if "…" in text] == []
    assert len(block.variants) <= VARIANTS
    assert block.question not in block.variants
