"""How the FAQ gets better from what people do, and what a hostile crowd does to it.

    python -m benchmarks.learning [FOLDER …] [--people 8000] [--seed 1]

Without a folder the sample shop's questions are asked. A folder holds ``faq.jsonl`` ({id, lang, question, variants,
keywords}) and ``queries.jsonl`` ({text, expected: id or null}). Half of the questions that have an entry are what
people ask, some of them often (by Zipf's law); the other half is never asked and measures. A simulated person asks one
question; what they are shown is decided by the FAQ as it is then. Of ten with an answer three say whether it helped,
and look at the next best if not. Of ten to whom the right entry is suggested eight pick it; one in twenty picks
anything that is suggested. Of ten who get nothing an agent (one of six) names the right entry for three. The hostile
crowd, one in twenty, speaks as often and always against the truth: picks a wrong suggestion, praises a wrong answer,
blames a right one. Beside it stands the same crowd saying nothing: what is missing then is these people, not the truth.
Variants are taken up by the product's own rules, with 3 confirmations, every 500 people.
"""

import argparse
import json
import multiprocessing
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Literal

from core.conversation.faq.book import Faq
from core.conversation.faq.decide import Decision
from core.conversation.faq.encoder import SentenceEncoder
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.normal import Normal
from core.conversation.faq.uptake import Proposal, alike, standing, taken_up
from core.conversation.faq.voices import Said, fit
from core.storage.vectors import KeptVectors

SHOP = Path(__file__).with_name("sets") / "shop_zhfaq"
CONFIRMATIONS = 3
EVERY = 500
"""People between two looks; a deployment looks every half a minute."""
AGENTS = 6
CROWD = 0.05
"""Share of people who are hostile."""
Crowd = Literal["is honest", "is silent", "lies"]
CROWDS: tuple[Crowd, ...] = ("is honest", "is silent", "lies")
SHOWN_AT = (500, 1000, 2000, 4000, 8000, 16_000, 32_000)
ZIPF = 0.7
SAYS, PICKS, NAMED, ERRS = 0.3, 0.8, 0.3, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question, with the entry that it means."""

    text: str
    expected: str


@dataclass(slots=True)
class Town:
    """A FAQ, those who ask it, and what they have said so far; ``crowd`` is what one in twenty of them does."""

    entries: dict[str, Entry]
    kept: KeptVectors
    encoder: SentenceEncoder
    crowd: Crowd
    normal: Normal = field(default_factory=Normal)
    said: list[Said] = field(default_factory=list)
    proposals: dict[tuple[str, str], Proposal] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    meant: dict[str, str] = field(default_factory=dict)
    taken: int = 0
    wrong: int = 0

    def faq(self) -> Faq:
        """As it is published now."""
        return Faq.of(list(self.entries.values()), self.encoder, embed=self.kept.embed)

    def hear(self, person: int, query: Query, decision: Decision, seed: int) -> None:
        """What one person does about what they were shown."""
        luck = Random(f"{seed} {person}")  # the same person is as lucky in every town
        hostile, mood, errs = luck.random() < CROWD, luck.random(), luck.random() < ERRS
        lies = hostile and self.crowd == "lies"
        if hostile and self.crowd == "is silent":
            return
        shown = list(decision.ids)
        voice = f"person:{person}"
        if decision.kind == "answer":
            right = shown[0] == query.expected
            if mood < SAYS:
                self.vote(query, shown[0], voice, helped=right != lies)
            if right or lies or mood >= SAYS:
                return
            shown = [hit.id for hit in decision.candidates[1:4]]
        agent = f"agent:{luck.randrange(AGENTS)}"
        if not shown and not lies and mood < NAMED:
            self.vote(query, query.expected, agent)
        elif shown and (entry := _picked(query, shown, lies, errs, luck)):
            self.vote(query, entry, voice)

    def vote(self, query: Query, entry: str, voice: str, *, helped: bool = True) -> None:
        """One voice, as the product would count it."""
        words = self.normal.of(query.text)
        text = fit(query.text, words)
        if not text:
            return
        self.texts.setdefault(words, query.text)
        self.meant[words] = query.expected
        self.said.append(Said(entry=entry, words=words, voice=voice, helped=helped))
        if helped and (entry, words) not in self.proposals:
            language = next(iter(self.entries[entry].blocks))
            proposal = Proposal(
                id=len(self.proposals), entry=entry, language=language, text=text, folded=words
            )
            self.proposals[(entry, words)] = proposal

    def look(self, faq: Faq) -> Faq:
        """Take up what is ready; the FAQ that serves then."""
        words = list(self.texts)
        meanings = self.kept.embed([self.normal.sentence(self.texts[one]) for one in words])
        agreed = taken_up(
            list(self.proposals.values()),
            self.said,
            standing(self.entries.values(), self.normal.of),
            CONFIRMATIONS,
            alike(words, meanings),
        )
        heard = {(one.proposal.entry, one.proposal.folded) for one in agreed}
        self.said = [
            replace(one, spent=True) if (one.entry, one.words) in heard else one for one in self.said
        ]
        for proposal in (one.proposal for one in agreed):
            entry = self.entries[proposal.entry]
            block = entry.blocks[proposal.language]
            more = replace(block, variants=(*block.variants, proposal.text))
            self.entries[entry.id] = replace(entry, blocks={**entry.blocks, proposal.language: more})
            self.taken += 1
            self.wrong += self.meant[proposal.folded] != proposal.entry
        return self.faq() if agreed else faq


def _picked(query: Query, shown: Sequence[str], lies: bool, errs: bool, luck: Random) -> str:
    """Which suggestion; "" for none."""
    if errs:
        return luck.choice(shown)
    if query.expected not in shown or luck.random() >= PICKS:
        return ""
    others = [one for one in shown if one != query.expected]
    return query.expected if not lies else luck.choice(others) if others else ""


def main() -> None:
    """Print how the figures climb, without and with the hostile crowd."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("folders", nargs="*", type=Path, default=[SHOP])
    options.add_argument("--people", type=int, default=8000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    print("set              the crowd     people   top-1  top-3  answered  wrong  taken  of these wrong")
    for folder in chosen.folders:
        for crowd in CROWDS:
            with multiprocessing.get_context("spawn").Pool(1) as alone:
                for line in alone.apply(simulated, (folder, crowd, chosen.people, chosen.seed)):
                    print(f"{folder.name:16} {crowd:12} {line}", flush=True)


def simulated(folder: Path, crowd: Crowd, people: int, seed: int) -> list[str]:
    """A line for each stage of the traffic."""
    encoder = SentenceEncoder()
    town = Town(_entries(folder), KeptVectors(Path("var/learning-vectors"), encoder), encoder, crowd)
    asked, held_out = _halves(folder, seed)
    luck = Random(seed)
    weights = [1 / (rank + 1) ** ZIPF for rank in range(len(asked))]
    faq = town.faq()
    lines = [_line(0, town, faq, held_out)]
    for first in range(0, people, EVERY):
        queries = luck.choices(asked, weights, k=EVERY)
        decisions = faq.decide_all([query.text for query in queries])
        for person, (query, decision) in enumerate(zip(queries, decisions, strict=True), first):
            town.hear(person, query, decision, seed)
        faq = town.look(faq)
        if first + EVERY in SHOWN_AT:
            lines.append(_line(first + EVERY, town, faq, held_out))
    return lines


def _line(people: int, town: Town, faq: Faq, held_out: Sequence[Query]) -> str:
    decisions = faq.decide_all([query.text for query in held_out])
    pairs = [(one, query.expected) for one, query in zip(decisions, held_out, strict=True)]
    count = len(pairs)
    first = sum(expected in [hit.id for hit in one.candidates[:1]] for one, expected in pairs) / count
    three = sum(expected in [hit.id for hit in one.candidates[:3]] for one, expected in pairs) / count
    answered = [(one.ids[0], expected) for one, expected in pairs if one.kind == "answer"]
    wrong = sum(entry != expected for entry, expected in answered) / count
    share = len(answered) / count
    return f"{people:7}  {first:6.3f} {three:6.3f} {share:9.3f} {wrong:6.3f} {town.taken:6} {town.wrong:15}"


def _halves(folder: Path, seed: int) -> tuple[list[Query], list[Query]]:
    """What people ask, and what measures."""
    rows = (json.loads(line) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines())
    queries = [Query(text=row["text"], expected=row["expected"]) for row in rows if row["expected"]]
    Random(seed).shuffle(queries)
    return queries[: len(queries) // 2], queries[len(queries) // 2 :]


def _entries(folder: Path) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for line in (folder / "faq.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        block = Block(question=row["question"], answer="-", variants=tuple(row.get("variants", ())))
        found[row["id"]] = Entry(
            id=row["id"], blocks={row["lang"]: block}, keywords=tuple(row.get("keywords", ()))
        )
    return found


if __name__ == "__main__":
    main()
