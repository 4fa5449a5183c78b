"""What people taught the FAQ, and what they missed in it, for admins to decide on."""

from collections.abc import Sequence

from bots.slack.admin import lessons as drawn
from bots.slack.admin.editing import Editing
from bots.slack.admin.office import Office
from bots.slack.admin.where import Where
from bots.slack.kit import View
from bots.slack.text import safe
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.gaps import Gap
from core.conversation.faq.writing import source_from
from core.helpdesk.admins import DOOR, signed
from core.helpdesk.learning import Learning
from core.helpdesk.lessons import Lessons
from core.messages import Agent


class Learnt:
    """Each gives the page to show next."""

    def __init__(self, office: Office, editing: Editing, learning: Learning, lessons: Lessons) -> None:
        self._office = office
        self._editing = editing
        self._learning = learning
        self._lessons = lessons

    async def gaps(self, where: Where) -> View:
        """Questions that the FAQ doesn't serve, by meaning."""
        found = await self._lessons.gaps()
        return drawn.gaps(found, Where(words=where.words), self._office.speech)

    async def weekly(self) -> Sequence[Gap]:
        """What is posted on Mondays."""
        return await self._lessons.gaps()

    async def draft(self, question: int, by: Agent) -> View:
        """The form with an entry for the gap that this missed question belongs to."""
        for gap in await self._lessons.gaps():
            if question in gap.missed:
                entry = await self._lessons.drafted(gap)
                source = source_from(entry) if entry else unanswered(gap)
                return await self._editing.start_from(source, by)
        raise LookupError(question)

    async def variants(self, where: Where, said: str = "") -> View:
        """Those that wait for a yes or no, and those that are in doubt or were withdrawn."""
        proposed = [*await self._lessons.variants("doubted"), *await self._lessons.variants("proposed")]
        taken = await self._lessons.variants("taken")
        withdrawn = await self._lessons.variants("withdrawn")
        where = Where(words=where.words)
        return drawn.variants(proposed, taken, withdrawn, where, self._office.speech, said)

    async def decide(self, where: Where, variant: int, yes: bool, by: Agent) -> View:
        """Take a variant up, or decline or withdraw it; then the rest of them."""
        made = await self._learning.decide(variant, yes, signed(by), DOOR)
        done = "admin.variant.taken" if yes else "admin.variant.declined"
        said = self._office.speech(done)
        if made:
            said = f"{said} {self._office.speech('admin.published', revision=made.number)}"
        return await self.variants(where, f"✅ {safe(said)}")


def unanswered(gap: Gap) -> str:
    """A gap as an entry whose answer nobody knows yet."""
    blocks = {
        code: Block(question=texts[0], answer="", variants=tuple(texts[1:]))
        for code, texts in gap.examples.items()
        if texts
    }
    return source_from(Entry(id=f"new-{gap.missed[-1] if gap.missed else 0}", blocks=blocks))
