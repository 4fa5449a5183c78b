"""Which modal a verb opens, made of what is true at the moment."""

from collections.abc import Callable, Mapping, Sequence

from bots.slack.desk import answer_forms, forms, history, suggestions
from bots.slack.desk.bench import Bench
from bots.slack.desk.buttons import Borne
from bots.slack.desk.history import Shown
from bots.slack.desk.where import Where
from bots.slack.kit import Speech, View
from core.messages import Agent

NEEDS = {
    "assign": "to", "snooze": "until", "transfer": "to", "priority": "priority", "side_question": "to",
    "tag": "tag", "put_right": "text",
}  # fmt: skip
"""Verbs that a modal asks for what they need, where the button doesn't bear it already."""

ALWAYS = frozenset({"history", "further", "person", "edit_reply", "replies", "canned", "faq"})

_SIMPLE: Mapping[str, Callable[[Where, Speech], View]] = {
    "assign": forms.assign, "snooze": forms.snooze, "put_right": answer_forms.put_right,
}  # fmt: skip


def opens(verb: str, borne: Borne) -> bool:
    """Whether a press opens a modal."""
    return verb in ALWAYS or (verb in NEEDS and not borne.values.get(NEEDS[verb]))


class Pages:
    """Reads only; the ticket must be there."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def page(self, verb: str, where: Where, borne: Borne, agent: Agent) -> View:
        """The modal for a verb."""
        speech = self._bench.speech
        match verb:
            case "assign" | "snooze" | "put_right":
                return _SIMPLE[verb](where, speech)
            case "history":
                return await self.history(where)
            case "edit_reply":
                return answer_forms.reply(where, await self.offered(where, agent), speech)
            case "replies" | "canned":
                return await self.replies(where, agent)
        return await (self._propose(where, borne) if verb == "faq" else self._of_card(verb, where))

    async def _of_card(self, verb: str, where: Where) -> View:
        """Of those that depend on how the ticket is."""
        speech, card = self._bench.speech, await self._bench.reads.card(where.ticket)
        match verb:
            case "transfer" | "side_question":
                others = self._bench.departments(but=card.department)
                made = forms.transfer if verb == "transfer" else forms.side_question
                return made(where, others, speech)
            case "priority":
                return forms.priority(where, card.priority, speech)
            case "tag":
                return forms.tag(where, card.tags, speech)
            case "person":
                return forms.person(where, card.standing, speech)
        return forms.further(where, card, speech)

    async def history(self, where: Where, *, pictures: bool = False) -> View:
        """One page; with ``pictures`` also those that Slack has."""
        before = history.before(where)
        found = await self._bench.reads.history(
            where.ticket, before=before, search=where.words, limit=history.LINES
        )
        if found is None:
            return forms.told(
                self._bench.speech("desk.no_such_ticket", number=where.ticket), where, self._bench.speech
            )
        lines = [line for line in found.lines if line.text.strip() or line.files]
        by_line: Mapping[int, Sequence[tuple[str, str]]] = {}
        if pictures:
            files = await self._bench.reads.pictures([line.id for line in found.lines])
            by_line = {id: [(one.ref, one.name) for one in some] for id, some in files.items()}
        shown = Shown(person=found.person, lines=lines, older=found.older, pictures=by_line)
        return history.page(shown, where, self._bench.speech)

    async def replies(self, where: Where, agent: Agent) -> View:
        """Canned replies and answers by words."""
        card = await self._bench.reads.card(where.ticket)
        choices = await self._bench.knowledge.replies(where.words, card, agent)
        return suggestions.replies(choices, where, self._bench.speech)

    async def offered(self, where: Where, agent: Agent) -> str:
        """The text that a form for an answer begins with."""
        values = {"entry": where.entry, "canned": where.canned, "language": where.language}
        return self._bench.knowledge.text(values, await self._bench.reads.card(where.ticket), agent)

    async def _propose(self, where: Where, borne: Borne) -> View:
        """From an answer that was given here, the latest if none is named."""
        speech = self._bench.speech
        answered = await self._bench.reads.answered(where.ticket, where.about)
        if answered is None:
            return forms.told(speech("modal.propose.no_answer"), where, speech)
        question = borne.values.get("argument", "") or self._bench.knowledge.asked(answered.question)
        return answer_forms.propose(where, question, answered.answer, answered.language, speech)
