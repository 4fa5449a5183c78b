"""The help centre: every page leads on and back, and fits into a message."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation import flow
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.shelf import Shelf
from core.conversation.situation import Answer, Conversation, Situation, Step, Tell
from tests.test_flow import NOW, WORDS, event

TODAY = NOW.date()


def shelf(topics: int, each: int, name: str = "t{}") -> Shelf:
    return Shelf.of(
        [entry(f"e{at}-{one}", name.format(at)) for at in range(topics) for one in range(each)], TODAY
    )


def entry(name: str, category: str = "", **columns: Any) -> Entry:
    return Entry(
        id=name, category=category, blocks={"en": Block(question=f"{name}?", answer=f"{name}.")}, **columns
    )


def situation(**changed: Any) -> Situation:
    base = Situation(now=NOW, conversation=Conversation(), words=WORDS, shelf=shelf(2, 9))
    return replace(base, **changed)


def tap(s: Situation, option: str) -> Step:
    return flow.step(s, event(kind="chose", choice=option))


def options(step: Step) -> tuple[str, ...]:
    return next(one.options for one in step.effects if isinstance(one, Answer | Tell))


@pytest.mark.parametrize("text", ["帮助", "幫助", "常见问题", "常見問題", "FAQ", "/help", "help!"])
def test_words_open_it(text: str) -> None:
    s = situation(top=("e1-3", "gone"))
    step = flow.step(s, event(text))
    first, second = (f"topic:{topic.key}" for topic in s.shelf.topics)
    assert options(step) == ("top", first, second, "person")
    assert options(tap(s, "menu:help")) == options(step)


def test_from_a_topic_to_an_answer_and_back() -> None:
    s = situation()
    key = s.shelf.topics[1].key
    first = tap(s, f"topic:{key}")
    assert options(first)[:2] == ("faq:e1-0", "faq:e1-1")
    assert options(first)[7:] == (f"more:1:{key}", "back", "person")
    second = tap(replace(s, conversation=first.conversation), f"more:1:{key}")
    assert options(second) == ("faq:e1-7", "faq:e1-8", "back", "person")
    answer = tap(replace(s, conversation=second.conversation), "faq:e1-8")
    assert options(answer)[-1] == f"back:1:{key}"
    assert options(tap(s, options(answer)[-1])) == options(second)
    assert options(tap(s, "back")) == options(tap(s, "menu:help"))


def test_the_way_back_is_forgotten_with_the_next_question() -> None:
    s = situation()
    inside = tap(s, f"topic:{s.shelf.topics[0].key}")
    assert inside.conversation.place
    missed = flow.step(replace(s, conversation=inside.conversation), event("what is this"))
    answered = tap(replace(s, conversation=replace(missed.conversation, place="")), "faq:e0-0")
    assert options(answered) == ("helped", "unhelped", "person")


def test_the_weeks_questions() -> None:
    s = situation(top=("e1-3", "gone", "e0-1"))
    assert options(tap(s, "top")) == ("faq:e1-3", "faq:e0-1", "back", "person")
    assert options(tap(s, "back:0:top")) == options(tap(s, "top"))
    assert "top" not in options(tap(situation(), "menu:help"))


def test_a_faq_without_categories_shows_its_questions_at_once() -> None:
    s = situation(shelf=Shelf.of([entry(f"e{at}") for at in range(9)], TODAY))
    key = s.shelf.topics[0].key
    front = options(tap(s, "menu:help"))
    assert front == (*(f"faq:e{at}" for at in range(7)), f"more:1:{key}", "person")
    assert options(tap(s, f"more:1:{key}")) == ("faq:e7", "faq:e8", f"back:0:{key}", "person")
    assert options(tap(s, f"back:0:{key}")) == front


def test_many_topics_have_pages() -> None:
    assert options(tap(situation(shelf=shelf(8, 1)), "menu:help"))[7:] == (
        f"topic:{shelf(8, 1).topics[7].key}", "person",
    )  # fmt: skip
    s = situation(shelf=shelf(9, 1))
    assert options(tap(s, "menu:help"))[7:] == ("topics:1", "person")
    assert options(tap(s, "topics:1"))[2:] == ("back", "person")


def test_an_empty_faq_offers_a_person() -> None:
    assert options(tap(situation(shelf=Shelf()), "menu:help")) == ("person",)


def test_only_what_serves_today_stands_on_the_shelf() -> None:
    entries = [
        entry("over", "x", valid_until=date(2026, 2, 28)),
        entry("last", "y", valid_until=TODAY),
        entry("next", "y", valid_from=date(2026, 3, 2)),
        entry("first", "z", valid_from=TODAY),
        entry("none"),
    ]
    found = Shelf.of(entries, TODAY)
    assert list(found.entries) == ["last", "first", "none"]
    assert [(topic.category, topic.entries) for topic in found.topics] == [
        ("y", ("last",)), ("z", ("first",)), ("", ("none",)),
    ]  # fmt: skip
    assert found.popular == ("last", "first", "none")


pages = st.one_of(
    st.sampled_from(
        ["topics:1", "topics:99999", "topics:x", "top", "back", "more::", "back:0:gone", "topic:gone"]
    ),
    st.builds(
        "{}:{}:{}".format, st.sampled_from(["more", "back"]), st.integers(-2, 9), st.sampled_from("0123")
    ),
    st.text(max_size=20).map("topic:{}".format),
)


@given(
    pages,
    st.integers(0, 20),
    st.integers(1, 30),
    st.sampled_from(["t{}", "分类" * 20 + "{}", ""]),
    st.booleans(),
)
def test_every_page_fits_everywhere(page: str, topics: int, each: int, name: str, top: bool) -> None:
    full = shelf(topics, each, name)
    for key in [*(topic.key for topic in full.topics[:2]), ""]:
        s = situation(shelf=full, top=tuple(full.entries)[:9] if top else ())
        shown = options(tap(s, page.replace(":0", f":{key}") if key else page))
        assert 1 <= len(shown) <= 10
        assert len(set(shown)) == len(shown)
        assert all(len(option.encode()) <= 60 for option in shown)
        assert shown[-1] == "person"
