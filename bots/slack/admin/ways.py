"""Which page a word of the command or a button leads to."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from bots.slack.admin.asked import Pressed
from bots.slack.admin.drafts import Drafts
from bots.slack.admin.editing import Editing
from bots.slack.admin.learnt import Learnt
from bots.slack.admin.looking import Looking
from bots.slack.admin.office import Office
from bots.slack.admin.where import Where
from bots.slack.kit import View
from core.messages import Agent

Page = Coroutine[Any, Any, View]
Way = Callable[[], Page]

SLOW = frozenset({"faq.rollback", "faq.remove", "faq.mine", "faq.gaps", "faq.gap", "faq.take", "faq.decline"})
"""Buttons whose page takes long enough that waiting is shown."""


class Ways:
    """A way is walked once, after Slack was answered."""

    def __init__(
        self, office: Office, looking: Looking, editing: Editing, drafts: Drafts, learnt: Learnt
    ) -> None:
        self._office = office
        self._looking = looking
        self._editing = editing
        self._drafts = drafts
        self._learnt = learnt

    def from_words(self, words: str) -> Way:
        """``/onethread faq WORDS``: a page's name, or what is searched for."""
        first, _, rest = words.partition(" ")
        known: Mapping[str, Way] = {
            "gaps": lambda: self._learnt.gaps(Where()),
            "variants": lambda: self._learnt.variants(Where()),
            "history": lambda: self._looking.history(Where()),
            "add": lambda: self._editing.add(Where(words=rest)),
        }
        return known.get(first.casefold(), lambda: self._looking.search(Where(words=words)))

    def from_modal(self, what: Pressed) -> Way | None:
        """A button of a modal; None: there is no such button."""
        return self._looks(what).get(what.verb) or self._changes(what).get(what.verb)

    def _looks(self, what: Pressed) -> Mapping[str, Way]:
        where, number, looking = what.where, number_in(what.value), self._looking
        return {
            "faq.home": lambda: looking.search(where),
            "faq.open": lambda: looking.entry(where, what.value),
            "faq.history": lambda: looking.history(where),
            "faq.earlier": lambda: looking.history(where, number),
            "faq.revision": lambda: looking.revision(where, number),
            "faq.gaps": lambda: self._learnt.gaps(where),
            "faq.variants": lambda: self._learnt.variants(where),
        }

    def _changes(self, what: Pressed) -> Mapping[str, Way]:
        where, value, number = what.where, what.value, number_in(what.value)
        editing, learnt = self._editing, self._learnt
        return {
            "faq.add": lambda: editing.add(where),
            "faq.edit": lambda: editing.edit(where, value),
            "faq.back": lambda: editing.leave(where),
            "faq.theirs": self._by(what, lambda by: editing.take_theirs(where, by)),
            "faq.form": self._by(what, lambda by: editing.back_to_form(where, by)),
            "faq.mine": self._by(what, lambda by: editing.preview(where, by)),
            "faq.remove": self._by(what, lambda by: editing.remove(where, value, by)),
            "faq.rollback": self._by(what, lambda by: self._looking.roll_back(where, number, by)),
            "faq.gap": self._by(what, lambda by: learnt.draft(number, by)),
            "faq.take": self._by(what, lambda by: learnt.decide(where, number, True, by)),
            "faq.decline": self._by(what, lambda by: learnt.decide(where, number, False, by)),
        }

    def from_post(self, what: Pressed) -> Way | None:
        """A button of a post that opens a modal; None: it opens none."""
        number = number_in(what.value)
        known: Mapping[str, Way] = {
            "draft.edit": self._by(what, lambda by: self._drafts.edit(number, by)),
            "revision.look": lambda: self._looking.revision(Where(), number),
            "revision.undo": self._by(what, lambda by: self._undo(number, by)),
            "faq.gap": self._by(what, lambda by: self._learnt.draft(number, by)),
        }
        return known.get(what.verb)

    async def _undo(self, number: int, by: Agent) -> View:
        """Back to the one before, unless others came after it."""
        if self._office.now.revision != number:
            return await self._looking.history(Where())
        return await self._looking.roll_back(Where(), number - 1, by)

    def _by(self, what: Pressed, page: Callable[[Agent], Page]) -> Way:
        async def walked() -> View:
            return await page(await self._office.screens.agent(what.user))

        return walked


def number_in(value: str) -> int:
    """0 for what is no number of ours."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0
