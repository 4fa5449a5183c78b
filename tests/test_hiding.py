"""A wrong answer is taken out of what is published at once, and can be brought back."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bots.desk_side import proposing
from bots.settings import parse
from bots.slack.desk.filled import Drafted
from core.conversation.faq.load import read_entry
from core.errors import Rejected
from core.helpdesk.admins import Admins
from core.helpdesk.hiding import hide
from core.messages import Agent
from core.publishing import Publishing
from core.storage.engine import Storage
from core.storage.migrate import migrate
from tests.publishing_world import publishing_of

MEI = Agent(id="UMEI", name="Mei")
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
FILE = """\
entries:
  - id: one  # the first
    en: {question: What is one, answer: Two.}
  - id: new
    valid_from: 2026-11-25
    en: {question: What is new, answer: Old.}
"""


def clock() -> datetime:
    return NOON


async def opened(folder: Path) -> tuple[Storage, Publishing]:
    (folder / "faq").mkdir()
    (folder / "faq" / "10.yaml").write_text(FILE, encoding="utf-8")
    url = f"sqlite://{folder / 'test.db'}"
    await migrate(url)
    storage = await Storage.open(url)
    publishing = publishing_of(storage, folder, own=True)
    await publishing.load()
    return storage, publishing


async def test_a_hidden_entry_serves_nobody_and_stays_in_its_file(tmp_path: Path) -> None:
    storage, publishing = await opened(tmp_path)
    try:
        for _ in range(2):
            await hide(publishing, clock, "one", MEI)
        entry = publishing.current.faq.entries["one"]
        assert (entry.serves(NOON.date()), entry.valid_until) == (False, date(2026, 11, 24))
        newest, first = await publishing.history()
        assert (newest.door, newest.author, newest.comment) == ("slack", "Mei (UMEI)", "wrong answer: one")
        written = (tmp_path / "faq" / "10.yaml").read_text(encoding="utf-8")
        assert "# the first" in written
        assert 'valid_until: "2026-11-24"' in written
        await publishing.rollback(first.number, door="slack", author="anna")
        assert publishing.current.faq.entries["one"].serves(NOON.date())
    finally:
        await storage.close()


async def test_an_entry_of_today_can_be_hidden_too(tmp_path: Path) -> None:
    storage, publishing = await opened(tmp_path)
    try:
        await hide(publishing, clock, "new", MEI)
        assert not publishing.current.faq.entries["new"].serves(NOON.date())
        await hide(publishing, clock, "unknown", MEI)
        assert publishing.current.revision == 2
    finally:
        await storage.close()


async def test_what_an_agent_proposes_comes_before_the_admins_who_are_listed(tmp_path: Path) -> None:
    storage, publishing = await opened(tmp_path)
    told = Drafted(
        question="Do you ship?", answer="We do.", variants=("shipping", "Do you ship?"), language="en"
    )
    try:
        admins = Admins(storage=storage, publishing=publishing, clock=clock)
        slack = {"bot_token": "xoxb-1", "signing_secret": "s", "support_channel": "C0000001"}
        for listed in ([], ["U00000001"]):
            settings = parse({"slack": {**slack, "admins": listed}}, tmp_path / "onethread.toml", {})
            propose = proposing(settings, admins)
            if listed:
                await propose(told, MEI)
            else:
                with pytest.raises(Rejected):
                    await propose(told, MEI)
        (proposal,) = await admins.unposted()
        entry = read_entry("entry", proposal.entry)
        assert (entry.blocks["en"].question, entry.blocks["en"].variants) == ("Do you ship?", ("shipping",))
        assert (proposal.agent.name, proposal.source) == ("Mei", "agent")
    finally:
        await storage.close()
