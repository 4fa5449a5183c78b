"""What an admin looks at: the search, an entry, the history; and the way back to an older revision."""

import asyncio
from dataclasses import replace

from bots.slack.admin import pages, past
from bots.slack.admin.office import Office
from bots.slack.admin.where import Where
from bots.slack.kit import Button, View
from bots.slack.text import safe
from core.helpdesk.admins import DOOR, signed
from core.messages import Agent
from core.publishing import Revision


class Looking:
    """Each gives the page to show."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def search(self, where: Where) -> View:
        """What the bot makes of ``where.words``; nothing: what there is."""
        now = self._office.now
        where = Where(words=where.words)
        decision = await asyncio.to_thread(now.faq.decide, where.words) if where.words else None
        return pages.search(now.faq, now.revision, decision, where, self._office.speech)

    async def entry(self, where: Where, id: str, said: str = "") -> View:
        """One that is gone is told as such."""
        found = self._office.now.faq.entries.get(id)
        where = Where(words=where.words, entry=id)
        if found is None:
            return self.told("admin.entry.gone", where, id=safe(id))
        return pages.entry(found, where, self._office.speech, said)

    async def history(self, where: Where, before: int = 0) -> View:
        """A page of revisions, newest first."""
        revisions = await self._office.publishing.history(past.SHOWN + 1, before)
        return past.history(revisions, self._office.now.revision, where, self._office.speech)

    async def revision(self, where: Where, number: int) -> View:
        """One of them, with what it changed."""
        one = await self.find(number)
        if one is None:
            return self.told("admin.revision.gone", where, number=number)
        found = await self._office.changed_by(one)
        return past.revision(one, found, self._office.now.revision, where, self._office.speech)

    async def roll_back(self, where: Where, number: int, by: Agent) -> View:
        """Publish that revision's files anew."""
        made = await self._office.publishing.rollback(number, door=DOOR, author=signed(by))
        return self.told("admin.rollback.done", where, number=number, revision=made.number)

    async def find(self, number: int) -> Revision | None:
        """A revision by its number."""
        found = await self._office.publishing.history(1, number + 1)
        return found[0] if found and found[0].number == number else None

    def told(self, name: str, where: Where, **params: str | int) -> View:
        """Words, with the way to the history and to the search."""
        speech = self._office.speech
        history = Button(verb="faq.history", label=speech("admin.history"))
        return pages.told(speech(name, **params), replace(where, work=0, draft=0), speech, history)
