"""How an admin changes an entry: a form, what it would do, its publication; nothing is overwritten unseen."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bots.slack.admin import changes, forms, pages
from bots.slack.admin.asked import Submitted
from bots.slack.admin.changes import Against
from bots.slack.admin.looking import Looking
from bots.slack.admin.office import Office
from bots.slack.admin.source import MORE, Form, Part, filled, form_of, lacking, mistakes, source_with
from bots.slack.admin.where import Where
from bots.slack.kit import Button, View
from core.conversation.faq import editing
from core.conversation.faq.differences import Difference, differences
from core.conversation.faq.entries import Entry
from core.conversation.faq.sheets.merging import entries_of
from core.conversation.texts import LANGUAGES
from core.errors import Invalid
from core.helpdesk.admins import Kept, is_known
from core.messages import Agent
from core.publishing import Conflict, Files

EMPTY = Form(parts={code: Part() for code in LANGUAGES})


class Wrong(Exception):
    """What was filled in can't be taken; ``fields`` says why, field by field."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields)
        self.fields = fields


class Editing:
    """Each gives the page to show next. Words that aren't published yet are kept under ``where.work``."""

    def __init__(self, office: Office, looking: Looking) -> None:
        self._office = office
        self._looking = looking

    # --- the form -------------------------------------------------------------------------------------------

    async def edit(self, where: Where, id: str) -> View:
        """The form of an entry as it is now."""
        now = self._office.now
        if id not in now.faq.entries:
            return await self._looking.entry(where, id)
        where = Where(words=where.words, entry=id, base=now.revision)
        return forms.form(form_of(editing.source_of(now.files, id)), where, self._office.speech)

    async def add(self, where: Where) -> View:
        """An empty form, with what was searched for as the first question."""
        language = self._office.speech("admin.language")
        parts = {**EMPTY.parts, language: Part(question=where.words)}
        where = Where(words=where.words, base=self._office.now.revision)
        return forms.form(replace(EMPTY, parts=parts), where, self._office.speech)

    async def start_from(self, source: str, by: Agent, draft: int = 0) -> View:
        """The form with somebody's proposal in it; publishing it settles the proposal ``draft``."""
        return await self.back_to_form(await self._begin(source, by, draft), by)

    async def look_at(self, source: str, by: Agent, draft: int) -> View:
        """What a proposal would do, before it is published as it stands."""
        return await self.preview(await self._begin(source, by, draft), by)

    async def _begin(self, source: str, by: Agent, draft: int) -> Where:
        now, id = self._office.now, form_of(source).id
        work = await self._office.admins.keep(Kept(entry=source, removes=False), by)
        entry = id if is_known(now.files, id) else ""
        return Where(entry=entry, base=now.revision, work=work, draft=draft)

    async def back_to_form(self, where: Where, by: Agent, problems: Sequence[str] = ()) -> View:
        """The form with the words that were kept."""
        kept = await self._office.admins.kept(where.work, by)
        if kept.removes:
            return await self._looking.entry(where, kept.entry)
        return forms.form(form_of(kept.entry), where, self._office.speech, problems)

    async def leave(self, where: Where) -> View:
        """Away from the form: nothing is kept."""
        if where.work:
            await self._office.admins.forget(where.work)
        if where.entry:
            return await self._looking.entry(where, where.entry)
        return await self._looking.search(where)

    async def remove(self, where: Where, id: str, by: Agent) -> View:
        """What it would do if the entry went."""
        kept = Kept(entry=id, removes=True)
        work = await self._office.admins.keep(kept, by)
        where = Where(words=where.words, entry=id, base=self._office.now.revision, work=work)
        return await self.preview(where, by)

    async def take(self, sent: Submitted, by: Agent) -> Where:
        """Keep what was filled in. Raises Wrong, by fields that stand in the modal."""
        before = await self._before(sent.where, by)
        form = filled(form_of(before) if before else EMPTY, sent.values)
        if empty := lacking(form):
            raise Wrong(
                forms.shown(sent.values, dict.fromkeys(empty, self._office.speech("admin.form.empty")))
            )
        try:
            source = source_with(before, form)
        except Invalid as invalid:
            words = "; ".join(problem.split(":", 3)[-1].strip() for problem in invalid.problems)
            raise Wrong(forms.shown(sent.values, {MORE: words})) from invalid
        if wrong := mistakes(source) or self._taken(sent.where, source):
            raise Wrong(forms.shown(sent.values, wrong))
        work = await self._office.admins.keep(Kept(entry=source, removes=False), by, sent.where.work)
        return replace(sent.where, work=work)

    async def _before(self, where: Where, by: Agent) -> str:
        """What the form was made from."""
        if where.work:
            return (await self._office.admins.kept(where.work, by)).entry
        if not where.entry:
            return ""
        return editing.source_of(await self._office.publishing.files_of(where.base), where.entry)

    def _taken(self, where: Where, source: str) -> dict[str, str]:
        """A new entry must not take the place of another."""
        id = form_of(source).id
        if where.entry or not is_known(self._office.now.files, id):
            return {}
        return {"id": self._office.speech("admin.form.taken", id=id)}

    # --- what it would do -----------------------------------------------------------------------------------

    async def preview(self, where: Where, by: Agent) -> View:
        """What the kept words would do; what stands against them, if anything does."""
        now = self._office.now
        kept = await self._office.admins.kept(where.work, by)
        if where.base != now.revision and await self._is_changed(where, kept):
            return await self._conflict(where, kept)
        try:
            change = await self._office.change(kept.into(now.files))
        except Invalid as invalid:
            return await self._refused(where, by, invalid)
        if not change.differences:
            return self._same(where)
        return changes.preview(change, replace(where, base=now.revision), self._office.speech)

    def _same(self, where: Where) -> View:
        speech = self._office.speech
        back = Button(verb="faq.form", label=speech("admin.back"))
        return pages.told(speech("admin.difference.none"), where, speech, back)

    async def _refused(self, where: Where, by: Agent, invalid: Invalid) -> View:
        kept = await self._office.admins.kept(where.work, by)
        if kept.removes:
            told = forms.told(invalid.problems, self._office.speech)
            return await self._looking.entry(where, kept.entry, f"⚠️ {told}")
        return await self.back_to_form(where, by, invalid.problems)

    async def publish(self, where: Where, by: Agent, comment: str) -> View:
        """Make it serve. Raises Decided where a proposal was settled by somebody else meanwhile."""
        kept = await self._office.admins.kept(where.work, by)
        try:
            made = await self._office.admins.publish(
                where.work, by, base=where.base, comment=comment, draft=where.draft
            )
        except Conflict:
            return await self._conflict(where, kept)
        except Invalid as invalid:
            return await self._refused(where, by, invalid)
        done = self._office.speech("admin.published", revision=made.number)
        if kept.removes:
            return pages.told(f"✅ {done}", Where(words=where.words), self._office.speech)
        return await self._looking.entry(where, _id(kept), f"✅ {done}")

    # --- two at once ----------------------------------------------------------------------------------------

    async def _is_changed(self, where: Where, kept: Kept) -> bool:
        before = await self._office.publishing.files_of(where.base)
        return _source(before, _id(kept)) != _source(self._office.now.files, _id(kept))

    async def _conflict(self, where: Where, kept: Kept) -> View:
        """Asked of the newest revision: this process may not serve it yet."""
        newest = (await self._office.publishing.history(1))[0]
        files = await self._office.publishing.files_of(newest.number)
        before, now = await self._office.entries(where.base), await self._office.entries(newest.number)
        mine = await asyncio.to_thread(_mine, now, kept, files)
        against = Against(
            revision=newest.number,
            author=newest.author,
            theirs=_of(_id(kept), differences(before, now)),
            mine=_of(_id(kept), mine),
        )
        entry = _id(kept) if is_known(files, _id(kept)) else ""
        where = replace(where, base=newest.number, entry=entry)
        return changes.conflict(against, where, self._office.speech)

    async def take_theirs(self, where: Where, by: Agent) -> View:
        """One's own words go."""
        kept = await self._office.admins.kept(where.work, by)
        await self._office.admins.forget(where.work)
        return await self._looking.entry(where, _id(kept))


def _id(kept: Kept) -> str:
    return kept.entry if kept.removes else form_of(kept.entry).id


def _source(files: Files, id: str) -> str:
    return editing.source_of(files, id) if is_known(files, id) else ""


def _of(id: str, found: Sequence[Difference]) -> list[Difference]:
    return [one for one in found if one.id == id]


def _mine(now: Sequence[Entry], kept: Kept, files: Files) -> Sequence[Difference]:
    return differences(now, entries_of(kept.into(files)))
