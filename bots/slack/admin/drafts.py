"""Proposals in the admins' Slack channel: approved, edited or declined by whoever comes first."""

from collections.abc import Awaitable, Callable

from bots.slack.admin import posts
from bots.slack.admin.asked import Place, Pressed
from bots.slack.admin.editing import Editing
from bots.slack.admin.forms import told
from bots.slack.admin.office import Office
from bots.slack.kit import View
from bots.slack.text import safe
from core.errors import Invalid, Rejected, RetryLater
from core.helpdesk.admins import Decided, Gone, Proposal, is_known
from core.messages import Agent
from core.publishing import Conflict


class Drafts:
    """Presses on proposals; their message ends up saying who decided what, and when."""

    def __init__(self, office: Office, editing: Editing) -> None:
        self._office = office
        self._editing = editing

    async def edit(self, number: int, by: Agent) -> View:
        """The form with the proposal's words. Raises Gone, Decided or Invalid."""
        proposal = await self._open(number)
        return await self._editing.start_from(proposal.entry, by, number)

    async def look_at(self, number: int, by: Agent) -> View:
        """What it would do to the entry that is there. Raises Gone, Decided or Invalid."""
        return await self._editing.look_at((await self._open(number)).entry, by, number)

    async def approve(self, press: Pressed, number: int, by: Agent) -> None:
        """Publish it as it stands; where that would change an entry that is there, the presser looks first."""
        await self._settle(press, number, by, lambda: self._office.admins.approve(number, by))

    async def decline(self, press: Pressed, number: int, by: Agent) -> None:
        """Nothing comes of it."""
        await self._settle(press, number, by, lambda: self._office.admins.decline(number, by))

    async def changes_another(self, number: int) -> bool:
        """Whether approving would change an entry that is there. Raises Gone or Decided."""
        return self.changes(await self._open(number))

    async def show(self, number: int) -> None:
        """Bring its message up to date, if it has one."""
        proposal = await self._office.admins.proposal(number)
        channel, _, rest = proposal.place.partition(":")
        ts = rest.partition(":")[0]
        if not ts:
            return
        message = posts.proposal(proposal, self.changes(proposal), self._office.speech)
        await self._office.screens.replace(Place(channel=channel, ts=ts), message)
        if proposal.state != "open":
            await self._office.admins.posted(number, f"{channel}:{ts}:{proposal.state}")

    async def _settle(
        self, press: Pressed, number: int, by: Agent, decide: Callable[[], Awaitable[object]]
    ) -> None:
        speech = self._office.speech
        try:
            await decide()
        except Decided as decided:
            await self._whisper(press, speech(f"admin.draft.late.{decided.state}", name=safe(decided.by)))
        except Gone:
            await self._whisper(press, speech("admin.draft.gone"))
            return
        except Conflict as conflict:
            current = conflict.current
            told_ = speech("admin.conflict.told", author=safe(current.author), revision=current.number)
            await self._whisper(press, told_)
        except Invalid as invalid:
            await self._whisper(press, f"{speech('admin.form.refused')}\n{told(invalid.problems, speech)}")
        await self.try_to_show(number)

    async def try_to_show(self, number: int) -> None:
        """What isn't shown now is shown by the next look at decided proposals."""
        try:
            await self.show(number)
        except (RetryLater, Rejected):
            return

    async def _open(self, number: int) -> Proposal:
        proposal = await self._office.admins.proposal(number)
        if proposal.state != "open":
            raise Decided(proposal.state, proposal.decided_by)
        return proposal

    def changes(self, proposal: Proposal) -> bool:
        """Whether an entry of its id is there."""
        return is_known(self._office.now.files, _id_in(proposal.entry))

    async def _whisper(self, press: Pressed, text: str) -> None:
        if press.on:
            await self._office.screens.whisper(press.on.channel, press.user, text)


def _id_in(source: str) -> str:
    first = source.lstrip().partition("\n")[0]
    return first.removeprefix("id:").strip().strip("\"'") if first.startswith("id:") else ""
