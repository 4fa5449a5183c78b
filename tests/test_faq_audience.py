"""Entries for agents alone: the bot never tells them, and no door shows them to people."""

from dataclasses import replace
from datetime import date

import pytest

from bots.slack.desk.knowledge import Knowledge
from core.conversation.faq import load, writing
from core.conversation.faq.book import Faq
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.examples import broken, promised
from core.conversation.faq.shelf import Shelf
from core.errors import Invalid
from tests.desk_bench import PUBLISHED
from tests.desk_workspace import NOW
from tests.letters_encoder import LettersEncoder

DAY = date(2026, 11, 25)
TOLD = Entry(id="refund", blocks={"en": Block(question="how do I get a refund", answer="Within 7 days.")})
INTERNAL = Entry(
    id="refund-limit",
    blocks={"en": Block(question="how do I get a refund above the limit", answer="Ask Eva.")},
    audience="agents",
    examples=("how do I get a refund above the limit",),
)
FAQ = Faq.of([INTERNAL, TOLD], LettersEncoder())


def knowledge() -> Knowledge:
    return Knowledge(published=lambda: replace(PUBLISHED, faq=FAQ), clock=lambda: NOW)


def test_what_is_for_agents_is_never_answered_suggested_or_listed() -> None:
    for day in (None, DAY):
        assert "refund-limit" not in FAQ.decide(INTERNAL.blocks["en"].question, day).ids
    assert Shelf.of(FAQ.entries.values(), DAY).entries.keys() == {"refund"}
    assert FAQ.popular == ("refund",)


def test_it_stands_in_no_answers_way() -> None:
    alone = Faq.of([TOLD], LettersEncoder()).decide("how do I get a refund", DAY)
    assert alone.ids == FAQ.decide("how do I get a refund", DAY).ids == ("refund",)


def test_its_examples_are_no_promises_of_the_bot() -> None:
    assert promised(FAQ) == 0
    assert broken(FAQ) == ()


async def test_agents_find_it_and_see_for_whom_it_is() -> None:
    best = await knowledge().best(INTERNAL.blocks["en"].question, "en", "wechat")
    found = await knowledge().find("limit", "en", "wechat")
    assert [(one.entry, one.internal) for one in best] == [("refund-limit", True), ("refund", False)]
    assert [(one.entry, one.internal) for one in found] == [("refund-limit", True)]


async def test_agents_get_the_platforms_own_answer_and_nothing_that_is_over() -> None:
    block = Block(question="refund", answer="Everywhere.", answers={"wechat": "Tap Refund below."})
    faq = Faq.of([
        Entry(id="old", blocks={"en": block}, valid_until=date(2020, 1, 1)), Entry(id="new", blocks={"en": block})
    ], LettersEncoder())  # fmt: skip
    reads = Knowledge(published=lambda: replace(PUBLISHED, faq=faq), clock=lambda: NOW)
    for choices in (await reads.best("refund", "en", "wechat"), await reads.find("refund", "en", "wechat")):
        assert [(one.entry, one.text) for one in choices] == [("new", "Tap Refund below.")]


def test_it_is_written_as_it_is_read() -> None:
    assert load.read_entry("entry", writing.source_from(INTERNAL)) == INTERNAL
    assert "audience" not in writing.source_from(TOLD)


def test_another_word_is_refused_with_its_place() -> None:
    with pytest.raises(Invalid) as refused:
        load.read_entry("entry", writing.source_from(INTERNAL).replace("audience: agents", "audience: agent"))
    assert refused.value.problems == ['entry:2:11: audience can\'t be "agent"; did you mean "agents"?']
