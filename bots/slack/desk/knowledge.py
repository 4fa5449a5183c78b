"""What an agent can say by one press: the FAQ's answers and canned replies, in the person's language."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bots.slack.desk.bylines import face
from bots.slack.desk.suggestions import LISTED, MOST, Choice
from core.conversation.faq.entries import Entry
from core.desk import Card
from core.escalation.canned import called, render, search
from core.escalation.finding import folded
from core.helpdesk.library import day_of
from core.messages import Agent
from core.ports import Clock
from core.publishing import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Reads what is published at this moment."""

    published: Callable[[], Published]
    clock: Clock

    async def best(self, question: str, language: str, platform: str) -> Sequence[Choice]:
        """The three entries that are nearest to a question, those for agents among them."""
        if not question.strip():
            return []
        faq = self.published().faq
        found = await asyncio.to_thread(faq.ranked, question, day_of(self.clock()), MOST)
        return [_choice(entry, language, platform) for entry in found]

    def asked(self, said: str) -> str:
        """Of what a person said, the question: without the wish for a person, greetings and thanks around it."""
        words = self.published().texts.words
        lines = [line for line in said.split("\n") if line.strip()]
        asking = [
            line
            for line in lines
            if not (words.wants_person(line) or words.is_greeting(line) or words.is_thanks(line))
        ]
        return "\n".join(asking or lines)

    async def find(self, words: str, language: str, platform: str) -> Sequence[Choice]:
        """Entries that hold all the words, then those that the bot would answer with or suggest."""
        faq, day = self.published().faq, day_of(self.clock())
        wanted = folded(words).split()
        if not wanted:
            return []
        holding = [one.id for one in faq.entries.values() if one.holds(day) and _holds(one, wanted)]
        near = (await asyncio.to_thread(faq.decide, words, day)).ids
        found = list(dict.fromkeys([*holding, *near]))[:LISTED]
        return [_choice(faq.entries[id], language, platform) for id in found]

    async def replies(self, words: str, card: Card, agent: Agent) -> Sequence[Choice]:
        """Canned replies by words (nothing typed: all), then entries of the FAQ."""
        published = self.published()
        canned = search(published.replies, words, LISTED)
        choices = [
            Choice(
                title=f"{one.name} · {one.title_in(published.desk_language)}",
                text=self.canned(one.name, card, agent),
                language=card.language,
                canned=one.name,
            )
            for one in canned
        ]
        entries = await self.find(words, card.language, card.platform) if words else ()
        return [*choices, *entries][:LISTED]

    def text(self, values: Mapping[str, str], card: Card, agent: Agent) -> str:
        """What a button about an entry or a canned reply means; "" if it is gone, or hidden since it was shown."""
        if name := values.get("canned", ""):
            return self.canned(name, card, agent)
        entry = self.published().faq.entries.get(values.get("entry", ""))
        language = values.get("language", "") or card.language
        holds = entry is not None and entry.holds(day_of(self.clock()))
        return entry.answer_in(language, card.platform)[1] if entry and holds else ""

    def canned(self, name: str, card: Card, agent: Agent) -> str:
        """A canned reply, filled in; "" if there is none of this name."""
        published = self.published()
        one = called(published.replies, name)
        if one is None:
            return ""
        blanks: dict[str, str | int] = {
            "name": card.person,
            "ticket": f"T-{card.ticket}",
            "agent": agent.name,
            "department": published.routing.department(card.department).name_in(card.language),
            "platform": face(card.platform).title,
        }
        return render(one, card.language, blanks)[1]


def _choice(entry: Entry, language: str, platform: str) -> Choice:
    code, answer = entry.answer_in(language, platform)
    return Choice(
        title=entry.question_in(language), text=answer, language=code, entry=entry.id,
        internal=entry.audience == "agents",
    )  # fmt: skip


def _holds(entry: Entry, wanted: Sequence[str]) -> bool:
    """Whether each word stands somewhere in the entry."""
    blocks = entry.blocks.values()
    texts = [entry.id, *entry.keywords, *entry.phrasings(), *(block.answer for block in blocks)]
    whole = folded("\n".join(texts))
    return all(word in whole for word in wanted)
