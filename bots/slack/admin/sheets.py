"""Spreadsheets in the admins' Slack channel: dropped, looked at, published or discarded; and the FAQ as one."""

import asyncio
import hashlib
import json
from dataclasses import asdict, dataclass

import structlog

from bots.slack.admin import posts
from bots.slack.admin.asked import Dropped, Place, Pressed
from bots.slack.admin.changes import Change
from bots.slack.admin.forms import told
from bots.slack.admin.office import Office
from bots.slack.admin.posts import Message
from bots.slack.api import SlackApi
from bots.slack.kit import lines, quoted
from bots.slack.text import safe
from core.conversation.faq.sheets.grid import LARGEST
from core.conversation.faq.sheets.kinds import written
from core.conversation.faq.sheets.merging import merged
from core.conversation.faq.sheets.report import Report
from core.errors import Invalid, Rejected, RetryLater, Unconfirmed, Unreachable
from core.helpdesk.admins import DOOR, signed
from core.messages import Agent
from core.publishing import Conflict, Files

log = structlog.get_logger()

EXPORTED = "faq.xlsx"
_NOTES = 12
_TROUBLE = (RetryLater, Rejected, Unconfirmed, Unreachable)


class Changed(Exception):
    """The file isn't the one that was looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the buttons on a post say: which file was looked at, beside which revision."""

    file: str
    name: str
    digest: str
    base: int

    @classmethod
    def read(cls, value: str) -> "Sheet":
        """Raises ValueError."""
        said = json.loads(value)
        if not isinstance(said, dict):
            raise ValueError("no object")
        return cls(
            file=str(said.get("file")), name=str(said.get("name")), digest=str(said.get("digest")),
            base=int(said.get("base", 0)),
        )  # fmt: skip

    @property
    def key(self) -> str:
        """Under which it is settled once."""
        return f"sheet:{self.file}:{self.digest}:{self.base}"


class Sheets:
    """Slack keeps the file; what was looked at is fetched again, and compared, when it is published."""

    def __init__(self, office: Office, api: SlackApi) -> None:
        self._office = office
        self._api = api
        self._telling = office.admins.telling

    async def is_new(self, drop: Dropped) -> bool:
        """Slack tells of a file again and again; once is enough. Raises DatabaseAway."""
        return await self._telling.claim(f"drop:{drop.id}:{drop.on.ts}") is not None

    async def take(self, drop: Dropped) -> None:
        """Answer a dropped file with a report and what it would change."""
        try:
            message = await self._looked_at(drop.id, drop.file.name)
        except _TROUBLE as failure:
            log.warning("a dropped sheet could not be fetched", why=str(failure))
            message = posts.said(self._office.speech("admin.sheet.unread", why=safe(str(failure))))
        await self._office.screens.post(drop.on.channel, message, thread=drop.on.ts)

    async def _looked_at(self, file: str, name: str) -> Message:
        speech = self._office.speech
        content = await self._fetch(file)
        base = self._office.now.revision
        try:
            files, report = await self._merged(name, content)
            change = await self._office.change(files)
        except Invalid as invalid:
            return posts.said(f"⚠️ {speech('admin.sheet.refused')}\n{told(invalid.problems, speech)}")
        sheet = Sheet(file=file, name=name, digest=_digest(content), base=base)
        return posts.sheet(
            name, self._report(report, change), change, json.dumps(asdict(sheet), ensure_ascii=False), speech
        )

    def _report(self, report: Report, change: Change) -> list[str]:
        speech = self._office.speech
        counts = {"rows": report.rows, "added": len(report.added), "changed": len(report.changed)}
        said = [speech("admin.sheet.report", **counts, same=len(report.same), skipped=len(report.skipped))]
        for name, notes in (("admin.sheet.skipped", report.skipped), ("admin.sheet.notes", report.notes)):
            if notes:
                said.append(
                    f"*{speech(name)}*\n{lines([quoted(str(one), 200) for one in notes], speech, _NOTES)}"
                )
        return said

    async def publish(self, press: Pressed, by: Agent) -> None:
        """Take it in as it was looked at; where the FAQ changed since, it is looked at once more."""
        sheet = await self._pressed(press)
        if sheet is None or press.on is None:
            return
        if await self._telling.claim(sheet.key) is None:
            await self._office.screens.whisper(
                press.on.channel, press.user, self._office.speech("admin.sheet.late")
            )
            return
        message = await self._published(sheet, by)
        await self._telling.told(sheet.key, signed(by)[:120])
        await self._replace(press.on, message)

    async def _published(self, sheet: Sheet, by: Agent) -> Message:
        speech = self._office.speech
        try:
            if self._office.now.revision != sheet.base:
                return await self._looked_at(sheet.file, sheet.name)
            content = await self._fetch(sheet.file)
            if _digest(content) != sheet.digest:
                return await self._looked_at(sheet.file, sheet.name)
            files, _ = await self._merged(sheet.name, content)
            made = await self._office.publishing.publish(
                files, base=sheet.base, door=DOOR, author=signed(by), comment=sheet.name
            )
        except Conflict:
            return await self._looked_at(sheet.file, sheet.name)
        except Invalid as invalid:
            return posts.said(f"⚠️ {speech('admin.sheet.refused')}\n{told(invalid.problems, speech)}")
        except _TROUBLE as failure:
            return posts.said(speech("admin.sheet.unread", why=safe(str(failure))))
        done = speech("admin.published", revision=made.number)
        return posts.said(f"✅ *{quoted(sheet.name, 80)}* {done} {safe(by.name)}")

    async def discard(self, press: Pressed, by: Agent) -> None:
        """Nothing comes of it."""
        sheet = await self._pressed(press)
        if sheet is None or press.on is None or await self._telling.claim(sheet.key) is None:
            return
        await self._telling.told(sheet.key, signed(by)[:120])
        said = self._office.speech("admin.sheet.discarded", name=safe(by.name), file=quoted(sheet.name, 80))
        await self._replace(press.on, posts.said(f"🗑️ {said}"))

    async def _pressed(self, press: Pressed) -> Sheet | None:
        try:
            return Sheet.read(press.value)
        except (ValueError, TypeError, RecursionError):
            log.warning("a button of no sheet")
            return None

    async def _replace(self, place: Place, message: Message) -> None:
        try:
            await self._office.screens.replace(place, message)
        except _TROUBLE as failure:
            log.warning("a sheet's post was not updated", why=str(failure))

    async def _merged(self, name: str, content: bytes) -> tuple[Files, Report]:
        return await asyncio.to_thread(merged, self._office.now.files, name, content)

    async def _fetch(self, file: str) -> bytes:
        """Raises RetryLater or Rejected."""
        said = (await self._api.call("files.info", file=file)).get("file") or {}
        return (await self._api.download(str(said.get("url_private") or ""), LARGEST)).data

    async def export(self, channel: str, user: str) -> None:
        """The whole FAQ as a spreadsheet: into the admins' Slack channel if asked there, else directly."""
        speech = self._office.speech
        try:
            data = await asyncio.to_thread(written, list(self._office.now.faq.entries.values()), "xlsx")
            place = channel if channel == self._office.channel else await self._direct(user)
            comment = speech("admin.exported", revision=self._office.now.revision)
            await self._api.upload(data=data, name=EXPORTED, channel=place, comment=comment, keep=_forget)
        except Invalid as invalid:
            await self._office.screens.whisper(channel, user, told(invalid.problems, speech))
        except _TROUBLE as failure:
            log.warning("the FAQ was not exported", why=str(failure))
            await self._office.screens.whisper(channel, user, speech("admin.failed"))

    async def _direct(self, user: str) -> str:
        opened = await self._api.call("conversations.open", users=user)
        return str((opened.get("channel") or {}).get("id", ""))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


async def _forget(file: str) -> None:
    """An export that is lost is asked for again."""
