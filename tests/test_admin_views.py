"""The admins' pages and posts within Slack's limits whatever stands in them, and their buttons and fields read back."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bots.sandbox.slack.blocks import message_mistakes, view_mistakes
from bots.slack.admin import changes, forms, lessons, pages, past, posts, where
from bots.slack.admin.asked import Commanded, Dropped, Pressed, Submitted, read
from bots.slack.admin.changes import Against, Change
from bots.slack.admin.source import Form, Part
from bots.slack.admin.tidings import week_due
from bots.slack.admin.where import Where
from bots.slack.carried import LONGEST
from bots.slack.kit import Speech, View
from bots.slack.shapes import NotUnderstood
from core.conversation.faq.alike import Alike
from core.conversation.faq.book import Faq
from core.conversation.faq.decide import Decision
from core.conversation.faq.differences import Difference, FieldChange
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.examples import Broken
from core.conversation.faq.gaps import Gap, Near
from core.conversation.faq.preview import Changed, Lacking, Preview
from core.conversation.texts import LANGUAGES
from core.helpdesk.admins import Proposal
from core.messages import Agent
from core.publishing import Revision
from core.storage.faq_views import VariantRow
from tests.desk_workspace import NOW, in_language, shipped_texts
from tests.letters_encoder import LettersEncoder

ROOT = Path(__file__).resolve().parent.parent
EVIL = "<!channel> <@U0MEI> *bold* `code` @here & </> " * 200
HERE = Where(words="x" * 5000, entry="e", base=3, work=4, draft=5)
LONG = tuple(f"{EVIL[:200]}{number}" for number in range(300))
BLOCK = Block(question=EVIL, answer=EVIL, variants=LONG)
ENTRY = Entry(
    id="e" * 56, blocks={f"x{n}": BLOCK for n in "abcdefghijklmnopqrstuvwxyz"}, category=EVIL, keywords=LONG,
    follow_ups=LONG, escalate=EVIL, valid_until=NOW.date(),
)  # fmt: skip
DECISION = Decision(kind="suggest", ids=("one", "two"), probability=0.5)
DIFFERENCES = [
    Difference(
        id=f"{EVIL[:50]}{number}",
        kind="changed",
        fields=tuple(FieldChange(name=EVIL, before=EVIL, after=EVIL) for _ in range(30)),
    )
    for number in range(200)
]
PREVIEW = Preview(
    asked=500,
    changed=tuple(Changed(text=EVIL, before=DECISION, after=Decision(kind="nothing"), times=7) for _ in LONG),
    broken=tuple(Broken(entry="e", text=EVIL, decision=DECISION, why="other") for _ in LONG),
    alike=tuple(
        Alike(entry_a=one.id, text_a=EVIL, entry_b="b", text_b=EVIL, likeness=0.97) for one in DIFFERENCES
    ),
    lacking=tuple(Lacking(entry=one.id, language="zh-TW") for one in DIFFERENCES),
)
CHANGE = Change(differences=DIFFERENCES, preview=PREVIEW)
REVISION = Revision(number=7, base=6, at=NOW, door="slack", author=EVIL[:120], comment=EVIL, digest="d")
GAP = Gap(
    question=EVIL, language="en", people=3, asked=9, unhelpful=1, examples=dict.fromkeys(LANGUAGES, LONG[:4]),
    platforms={}, first=NOW, last=NOW, missed=(12, 11), near=Near(entry=EVIL, likeness=0.4),
)  # fmt: skip
VARIANT = VariantRow(
    id=5, entry=EVIL, language="en", text=EVIL, state="proposed", at=NOW, people=2, sources={"picked": 2},
    decided_at=None, decided_by="", revision=None,
)  # fmt: skip
PROPOSAL = Proposal(
    number=3, at=NOW, agent=Agent(id="U0TOM", name=EVIL), source="agent", entry="id: e\nen:\n  question: q\n"
    "  answer: <!channel>\n", state="open", place="", decided_at=None, decided_by="", revision=None,
)  # fmt: skip


def views(speech: Speech) -> Iterator[View]:
    faq = Faq.of([ENTRY, replace(ENTRY, id="other", blocks={"en": BLOCK})], LettersEncoder())
    yield pages.wait(HERE, speech)
    yield pages.told(EVIL.replace("<", ""), HERE, speech)
    yield pages.search(faq, 3, None, HERE, speech)
    yield pages.search(faq, 3, faq.decide("channel bold"), HERE, speech)
    yield pages.search(faq, 3, Decision(kind="nothing"), HERE, speech)
    yield pages.entry(ENTRY, HERE, speech, "done")
    parts = {code: Part(question=EVIL[:3000], variants=EVIL, answer="a") for code in "abcdefghijklmnop"}
    yield forms.form(Form(id="i", category=EVIL, parts=parts, more=EVIL), HERE, speech, LONG)
    yield forms.form(Form(parts={code: Part() for code in LANGUAGES}), Where(), speech)
    yield changes.preview(CHANGE, HERE, speech)
    empty = Preview(asked=0, changed=(), broken=(), alike=(), lacking=())
    yield changes.preview(Change(differences=(), preview=empty), HERE, speech)
    yield changes.conflict(
        Against(revision=9, author=EVIL, theirs=DIFFERENCES, mine=DIFFERENCES), HERE, speech
    )
    yield past.history([REVISION] * 11, 7, HERE, speech)
    yield past.history([], 7, HERE, speech)
    yield past.revision(REVISION, DIFFERENCES, 9, HERE, speech)
    yield lessons.gaps([GAP] * 50, HERE, speech)
    yield lessons.gaps([], HERE, speech)
    yield lessons.variants([VARIANT] * 99, [VARIANT] * 99, [VARIANT] * 99, HERE, speech, "done")


def messages(speech: Speech) -> Iterator[posts.Message]:
    decided = replace(PROPOSAL, state="approved", decided_at=NOW, decided_by=EVIL[:120], revision=8)
    yield posts.proposal(PROPOSAL, True, speech)
    yield posts.proposal(replace(PROPOSAL, entry=EVIL, source="gap"), False, speech)
    yield posts.proposal(decided, False, speech)
    yield posts.proposal(replace(decided, state="declined"), False, speech)
    yield posts.sheet(EVIL, ["1", "2"], CHANGE, json.dumps({"file": "F1"}), speech)
    yield posts.refused(LONG, speech)
    yield posts.published(REVISION, DIFFERENCES, speech)
    yield posts.gaps([replace(GAP, missed=(number,)) for number in range(20)], speech)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_and_post_is_taken_by_slack_and_pings_nobody(language: str) -> None:
    speech = Speech(in_language(language))
    shown = [*views(speech)]
    said = [*messages(speech)]
    assert len(shown) > 10
    assert len(said) > 5
    assert [(view["callback_id"], mistakes) for view in shown if (mistakes := view_mistakes(view))] == []
    assert [mistakes for one in said if (mistakes := message_mistakes(list(one.blocks)))] == []
    sizes = [len(json.dumps(list(one.blocks), ensure_ascii=False)) for one in said]
    assert [size for size in sizes if size > 11_000] == []
    told = [text for one in [*shown, *(list(one.blocks) for one in said)] for text in texts_in(one)]
    told += [one.text for one in said]
    assert len(told) > 500
    assert [text for text in told if "<!channel" in text or "<@U0MEI" in text] == []


def texts_in(node: Any) -> Iterator[str]:
    """All that Slack reads as markup or as words, so everything but what stands in fields."""
    if isinstance(node, list):
        for one in node:
            yield from texts_in(one)
    elif isinstance(node, dict):
        for name, one in node.items():
            if name == "text" and isinstance(one, str):
                yield one
            else:
                yield from texts_in(one)


def test_every_text_that_the_admins_side_names_exists() -> None:
    known = set(shipped_texts().by_name)
    named = {
        name
        for file in sorted((ROOT / "bots" / "slack" / "admin").glob("*.py"))
        for name in re.findall(r"""["'](admin(?:\.[a-z_]+)+)["']""", file.read_text(encoding="utf-8"))
    }
    assert len(named) > 60
    assert named - known == set()


# --- what comes back ----------------------------------------------------------------------------------------------


def command(text: str, user: str = "UADA") -> dict[str, str]:
    return {
        "command": "/onethread", "text": text, "user_id": user, "channel_id": "C1", "trigger_id": "t",
    }  # fmt: skip


def press(**more: Any) -> dict[str, Any]:
    action = {"action_id": "faq.open", "block_id": "x", "value": "return-goods", "type": "button"}
    view = {"id": "V1", "callback_id": "faq.search", "private_metadata": str(Where(words="hi", base=2))}
    return {"type": "block_actions", "user": {"id": "UADA"}, "trigger_id": "t", "actions": [action],
            "view": view, **more}  # fmt: skip


def message(**more: Any) -> dict[str, Any]:
    file = {"id": "F1", "name": "Faq.XLSX", "mimetype": "x/y", "url_private": "http://127.0.0.1/f", "size": 3}
    event = {
        "type": "message", "subtype": "file_share", "channel": "C0ADMINS", "channel_type": "channel",
        "user": "UADA", "ts": "1700000000.000100", "files": [{"id": "F0", "name": "a.png"}, file],
    }  # fmt: skip
    return {"type": "event_callback", "event": {**event, **more}}


def submission(values: Any) -> dict[str, Any]:
    view = {"id": "V1", "callback_id": "faq.form", "private_metadata": "", "state": {"values": values}}
    return {"type": "view_submission", "user": {"id": "UADA"}, "view": view}


def asked(body: dict[str, Any]) -> Any:
    return read(body, "C0ADMINS", ("UADA",))


def test_commands_presses_fields_and_files_are_read() -> None:
    assert asked(command("FAQ  怎么 退货 ")) == Commanded(
        user="UADA", channel="C1", trigger="t", words="怎么 退货"
    )
    assert asked(command("help")).words == "help"
    pressed = asked(press())
    assert isinstance(pressed, Pressed)
    assert (pressed.verb, pressed.value, pressed.view, pressed.where) == (
        "faq.open", "return-goods", "V1", Where(words="hi", base=2),
    )  # fmt: skip
    action = {"action_id": "draft.approve", "block_id": "faq.draft:3", "value": "3"}
    on = asked(
        press(view=None, actions=[action], container={"channel_id": "C1", "message_ts": "1700000000.000100"})
    )
    assert str(on.on) == "C1:1700000000.000100"
    sent = asked(submission({"q:en": {"in": {"value": " a\r\nb "}}, "v:en": {"in": {"value": None}}}))
    assert isinstance(sent, Submitted)
    assert sent.values == {"q:en": "a\nb", "v:en": ""}
    dropped = asked(message())
    assert isinstance(dropped, Dropped)
    assert (dropped.id, dropped.file.name) == ("F1", "Faq.XLSX")


@pytest.mark.parametrize(
    "body",
    [
        {},
        command("退货怎么办"),
        command("help", user="ULIN"),
        command("faqs"),
        {"command": "/other", "text": "faq"},
        press(view={"id": "V1", "callback_id": "history"}),
        press(view=None, actions=[{"action_id": "claim", "block_id": "ticket:1001"}]),
        press(actions=[]),
        {"type": "view_submission", "view": {"callback_id": "other"}},
        message(channel="C0OTHER"),
        message(bot_id="B1"),
        message(files=[]),
        message(files=[{"id": "F1", "name": "photo.png"}]),
        message(subtype="message_changed"),
        {"type": "event_callback", "event": "x"},
    ],
)
def test_what_is_no_matter_of_the_admins_is_left_alone(body: dict[str, Any]) -> None:
    assert asked(body) is None


@pytest.mark.parametrize(
    "body",
    [
        {"command": "/onethread", "text": "faq"},
        press(user={}),
        press(view={"callback_id": "faq.search", "private_metadata": "{"}),
        press(view={"callback_id": "faq.search", "private_metadata": '{"base": "x"}'}),
        press(view={"callback_id": "faq.search", "private_metadata": "[]"}),
        press(view=None, actions=[{"block_id": "faq.draft:1"}]),
        submission([]),
        submission({"a": "b"}),
        message(ts="no"),
    ],
)
def test_what_is_ours_but_makes_no_sense_is_told(body: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        asked(body)


def test_where_travels_and_never_outgrows_slack() -> None:
    here = Where(words="退货" * 2000, entry="é" * 56, base=2**31, work=7, draft=8)
    assert len(str(here)) <= LONGEST
    there = where.read(str(here))
    assert (there.entry, there.base, there.work, there.draft) == (
        here.entry,
        here.base,
        here.work,
        here.draft,
    )
    assert where.read("") == Where()


@pytest.mark.parametrize(
    ("local", "key"),
    [
        ("2026-03-02T08:59", ""),
        ("2026-03-02T09:00", "gaps:2026-10"),
        ("2026-03-02T20:59", "gaps:2026-10"),
        ("2026-03-02T21:00", ""),
        ("2026-03-03T09:00", ""),
        ("2026-03-01T09:00", ""),
        ("2027-01-04T09:00", "gaps:2027-01"),
    ],
)
def test_gaps_are_due_on_mondays(local: str, key: str) -> None:
    assert week_due(datetime.fromisoformat(local).replace(tzinfo=UTC)) == key
