"""The admins' side of Slack, put together."""

from collections.abc import Callable
from dataclasses import dataclass

from bots.slack.admin.drafts import Drafts
from bots.slack.admin.editing import Editing
from bots.slack.admin.events import AdminEvents
from bots.slack.admin.learnt import Learnt
from bots.slack.admin.looking import Looking
from bots.slack.admin.office import Office
from bots.slack.admin.screens import Screens
from bots.slack.admin.sheets import Sheets
from bots.slack.admin.tidings import Tidings
from bots.slack.api import SlackApi
from bots.slack.kit import Speech
from bots.slack.settings import SlackSettings
from core.helpdesk.admins import Admins
from core.helpdesk.learning import Learning
from core.helpdesk.lessons import Lessons
from core.messages import Say
from core.ports import Clock
from core.publishing import Publishing


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminSide:
    """``events`` is the door for what admins do, ``tidings`` the work that tells them what they should know."""

    events: AdminEvents
    tidings: Tidings

    @classmethod
    def of(
        cls,
        settings: SlackSettings,
        api: SlackApi,
        text: Callable[[Say], str],
        clock: Clock,
        *,
        publishing: Publishing,
        admins: Admins,
        learning: Learning,
        lessons: Lessons,
    ) -> "AdminSide":
        """By plain constructor calls. ``text`` renders in the desk's language."""
        office = Office(
            admins=admins, publishing=publishing, screens=Screens(api), speech=Speech(text),
            questions=lessons.questions, users=settings.admins, channel=settings.admin_channel, clock=clock,
        )  # fmt: skip
        looking = Looking(office)
        editing = Editing(office, looking)
        drafts = Drafts(office, editing)
        learnt = Learnt(office, editing, learning, lessons)
        return cls(
            events=AdminEvents(office, looking, editing, drafts, Sheets(office, api), learnt),
            tidings=Tidings(office, drafts, learnt),
        )
