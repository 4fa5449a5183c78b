"""Tickets' cards: what each state shows; nothing that anybody said breaks Slack's limits or speaks its markup."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.slack.desk.buttons import Borne, borne
from bots.slack.desk.cards import draw
from bots.slack.lengths import cut, cut_markup, length
from core.conversation.texts import LANGUAGES
from core.desk import Card, Earlier, Line
from core.messages import Thread
from tests.desk_workspace import NOW, SUPPORT, in_language

EN = in_language("en")
STORY = (
    Line(by="person", text="怎么退货?", at=NOW),
    Line(by="bot", text="您可以在订单页申请退货。", at=NOW),
    Line(by="person", text="转人工", at=NOW, files=("photo.jpg",)),
)
CARD = Card(
    ticket=1042,
    state="open",
    person="Lin",
    platform="wechat",
    account="shop",
    language="zh-CN",
    tier="vip",
    reason="asked",
    channel=SUPPORT,
    opened_at=NOW,
    waiting_since=NOW - timedelta(minutes=5),
    story=STORY,
    earlier=tuple(Earlier(number=one, about="运费多少", state="resolved", at=NOW) for one in (1001, 1000)),
    department="support",
)
HOSTILE = "<!channel> *b* `c` &amp; <@U0MEI> @here \u202egpj.exe\u200b <https://evil.example|ok>"
MARKUP = re.compile(r"<(?!!date\^\d+\^\{date_short_pretty\} \{time\}\|[\d: -]+UTC>|@U0MEI>)")
"""Any < that begins neither one of our own dates nor the holder."""

CONTROL = re.compile("<[!@#]")

Json = Mapping[str, Any]


def objects(value: Any) -> Iterator[Json]:
    if isinstance(value, Mapping):
        yield value
        for part in value.values():
            yield from objects(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from objects(part)


def texts(blocks: Any) -> list[Json]:
    return [one for one in objects(blocks) if one.get("type") in ("mrkdwn", "plain_text")]


def buttons(blocks: Any) -> list[Json]:
    return [one for one in objects(blocks) if one.get("type") == "button"]


def menus(blocks: Any) -> list[Json]:
    return [one for one in objects(blocks) if one.get("type") == "overflow"]


def shown(card: Card) -> str:
    return "\n".join(one["text"] for one in texts(draw(card, EN).blocks))


def must_be_valid(card: Card, language: str = "en") -> None:
    """Slack's limits (its Block Kit reference), and that only we speak markup."""
    drawn = draw(card, in_language(language))
    blocks = drawn.blocks
    assert 0 < len(blocks) <= 50
    assert 0 < length(drawn.text) <= 4000
    assert all(0 < length(one["text"]) <= 3000 for one in texts(blocks))
    assert sum(length(one["text"]) for one in texts(blocks)) < 10_000
    for block in blocks:
        assert len(block.get("block_id", "")) <= 255
        assert len(block.get("fields", ())) <= 10
        assert len(block.get("elements", ())) <= (10 if block["type"] == "context" else 25)
        assert all(length(field["text"]) <= 2000 for field in block.get("fields", ()))
        assert block["type"] != "header" or length(block["text"]["text"]) <= 150
    for button in buttons(blocks):
        assert length(button["text"]["text"]) <= 75
        assert len(button["value"]) <= 2000
        assert re.fullmatch("[a-z_]{1,40}", button["action_id"])
    for menu in menus(blocks):
        assert 0 < len(menu["options"]) <= 5
        assert all(length(one["text"]["text"]) <= 75 and len(one["value"]) <= 150 for one in menu["options"])
    inert = {"mrkdwn": MARKUP, "plain_text": CONTROL}
    assert [one["text"] for one in texts(blocks) if inert[one["type"]].search(one["text"])] == []
    assert not {"<", ">"} & set(drawn.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("assignee", ["", "U0MEI", "<!here>"])
@pytest.mark.parametrize("waiting", [NOW, None])
@pytest.mark.parametrize("state", ["open", "claimed", "resolved", "<!odd>"])
def test_every_state_is_a_valid_card(state: str, waiting: Any, assignee: str, language: str) -> None:
    must_be_valid(replace(CARD, state=state, waiting_since=waiting, assignee=assignee), language)


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        ("open", "claim resolve suggest assign history : snooze transfer priority further"),
        ("claimed", "resolve release suggest assign history : take_over snooze transfer priority further"),
        ("snoozed", "unsnooze resolve suggest assign history : snooze transfer priority further"),
        ("resolved", "reopen history : further"),
        ("new-state", "claim resolve suggest assign history : snooze transfer priority further"),
    ],
)
def test_buttons_follow_the_state(state: str, verbs: str) -> None:
    blocks = draw(replace(CARD, state=state), EN).blocks
    first, further = verbs.split(" : ")
    assert [button["action_id"] for button in buttons(blocks)] == first.split()
    assert [one["value"] for menu in menus(blocks) for one in menu["options"]] == further.split()
    assert all(borne(button["value"]) == Borne() for button in buttons(blocks))
    assert [block["block_id"] for block in blocks if block["type"] == "actions"] == ["ticket:1042"]


@pytest.mark.parametrize(
    "words",
    [
        "T-1042 · Lin · WeChat",
        "WeChat · shop",
        "Chinese (simplified)",
        "*Tier*\nvip",
        "asked for a person",
        "🟠 Open\n⏳ waiting since <!date^1772366100^{date_short_pretty} {time}|2026-03-01 11:55 UTC>",
        "nobody yet",
        "👤 怎么退货?\n🤖 您可以在订单页申请退货。\n👤 转人工 📎 photo.jpg",
        "Earlier tickets:\nT-1001 · ✅ Resolved · <!date^",
        " · 运费多少\nT-1000 · ✅ Resolved · ",
        "*Department*\nsupport",
        "*Priority*\nNormal",
        "Opened <!date^1772366400^",
    ],
)
def test_the_card_says(words: str) -> None:
    assert words in shown(CARD)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"assignee": "U0MEI", "state": "claimed"}, "*Held by*\n<@U0MEI>"),
        ({"waiting_since": None}, "🟠 Open\n💬 answered, their turn"),
        ({"state": "resolved"}, "*State*\n✅ Resolved"),
        ({"language": ""}, "*Language*\nunknown"),
        ({"language": "pt-BR"}, "*Language*\npt-BR"),
        ({"tier": ""}, "*Tier*\n–"),
        ({"reason": "timed-out"}, "*Why it came here*\ntimed-out"),
        ({"person": "\u200b"}, "T-1042 · WeChat"),
        ({"platform": "line", "person": "Ann"}, "*From*\nLine · shop"),
        ({"story": ()}, "Nothing yet."),
        ({"priority": "urgent"}, "🚨 T-1042 · Lin"),
        ({"priority": "urgent"}, "*Priority*\n🚨 Urgent"),
        ({"state": "snoozed", "snoozed_until": NOW}, "💤 Snoozed\n💤 until <!date^1772366400^"),
        ({"due": NOW}, "🎯 promised by <!date^1772366400^"),
        ({"assignee": "U0MEI", "claimed_since": NOW}, "<@U0MEI>\nsince <!date^1772366400^"),
        ({"sends_left": 3, "window_until": NOW}, "WeChat · shop\n✉️ 3 sends left, until <!date^1772366400^"),
        ({"sends_left": 0, "window_until": NOW}, "no sends left; replies wait until they write"),
        ({"tags": ("refund", "vip")}, "*Tags*\n#refund, #vip"),
        ({"state": "resolved", "resolution": "defect"}, "*It was about*\nDefect"),
        ({"repeated": 2}, "🔁 came back 2 ×"),
        ({"standing": "muted", "muted_until": NOW}, "🔇 The person is muted until <!date^1772366400^"),
        ({"standing": "blocked"}, "⛔ The person is blocked"),
    ],
)
def test_the_card_follows_the_truth(changed: dict[str, Any], words: str) -> None:
    card = replace(CARD, **changed)
    assert words in shown(card)
    must_be_valid(card)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", ["asked", "misses", "file", "unsolved"])
def test_every_reason_of_ours_is_told_in_words(reason: str, language: str) -> None:
    said = [one["text"] for one in texts(draw(replace(CARD, reason=reason), in_language(language)).blocks)]
    assert [text for text in said if text.endswith(f"\n{reason}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_words_are_inert(language: str) -> None:
    lines = tuple(
        Line(by=by, text=HOSTILE, at=NOW, name=HOSTILE, files=(HOSTILE,))
        for by in ("person", "bot", "agent", "note")
    )
    card = replace(
        CARD,
        person=HOSTILE,
        account=HOSTILE,
        tier=HOSTILE,
        reason=HOSTILE,
        language=HOSTILE,
        platform=HOSTILE,
        story=lines,
    )
    must_be_valid(card, language)
    said = [one["text"] for one in texts(draw(card, EN).blocks)]
    assert [text for text in said if "<!channel" in text or "@here" in text or "\u202e" in text] == []


def test_what_people_said_stands_in_plain_text() -> None:
    story = [one for one in texts(draw(CARD, EN).blocks) if "怎么退货" in one["text"]]
    assert [(one["type"], one["emoji"]) for one in story] == [("plain_text", False)]


def test_nobody_can_write_a_line_in_somebody_elses_name() -> None:
    forged = Line(by="person", text="hello\n🤖 We refund you 1000.\n\n\n🎧 Mei: yes", at=NOW)
    rows = shown(replace(CARD, story=(forged,))).split("\n")
    assert [row for row in rows if row.startswith(("🤖", "🎧"))] == []
    assert "\u2003\u2003🤖 We refund you 1000." in rows


@pytest.mark.parametrize("sign", ["a", "字", "😀", "<", "&", "\n", "a\n", "<!channel>", "\u0301"])
def test_a_long_story_keeps_the_newest_and_says_what_is_missing(sign: str) -> None:
    long = tuple(Line(by="person", text=f"{n} {sign * 100_000}", at=NOW) for n in range(30))
    newest = Line(by="person", text="the newest", at=NOW)
    card = replace(CARD, story=(*long, newest))
    must_be_valid(card)
    assert "the newest" in shown(card)
    if sign.isprintable():
        assert "earlier lines are not shown" in shown(card)
        assert f"{2 + 100_000 * len(sign)} characters in all" in shown(replace(CARD, story=long[:1]))


def test_an_answer_of_the_faq_says_how_sure_it_was_and_can_be_called_wrong() -> None:
    answers = tuple(
        Line(by="bot", text=f"answer {n}", at=NOW, id=n, entry=f"entry-{n}", sure=0.874) for n in range(1, 8)
    )
    card = replace(CARD, story=(*STORY, *answers))
    must_be_valid(card)
    assert "🤖 answer 7 (87% sure)" in shown(card)
    wrong = [one for one in buttons(draw(card, EN).blocks) if one["action_id"] == "wrong_answer"]
    assert [json.loads(one["value"])["about"] for one in wrong] == ["#3", "#4", "#5", "#6", "#7"]


def test_a_card_left_behind_leads_to_the_new_thread_and_has_nothing_to_press() -> None:
    card = replace(CARD, moved_to=Thread(channel="C0BILL", id="1772366499.000100"), department="billing")
    drawn = draw(card, EN, {"billing": "Billing"}.__getitem__)
    said = "\n".join(one["text"] for one in texts(drawn.blocks))
    link = "<https://slack.com/archives/C0BILL/p1772366499000100|Open its new thread>"
    assert f"This ticket went to Billing. Go on there. {link}" in said
    assert buttons(drawn.blocks) + menus(drawn.blocks) == []


def test_many_short_lines_are_packed() -> None:
    card = replace(CARD, story=tuple(Line(by="bot", text=f"line {n}", at=NOW) for n in range(400)))
    must_be_valid(card)
    assert "line 399" in shown(card)
    assert "line 0\n" in shown(card)


def test_many_files_are_a_few() -> None:
    must_be_valid(replace(CARD, story=(Line(by="person", text="x" * 2000, at=NOW, files=("y" * 90,) * 200),)))


def test_long_names_and_values() -> None:
    must_be_valid(
        replace(CARD, person="长" * 500, account="&" * 500, tier="t" * 500, earlier=CARD.earlier * 50)
    )


def test_notifications_say_who_and_what() -> None:
    assert draw(CARD, EN).text == "T-1042 · Lin · WeChat: 转人工"
    silent = replace(CARD, story=(Line(by="bot", text="hi", at=NOW),), reason="file")
    assert draw(silent, EN).text == "T-1042 · Lin · WeChat: sent a file that needs a person"


@given(
    person=st.text(max_size=60),
    said=st.lists(st.text(max_size=300), max_size=6),
    files=st.lists(st.text(max_size=30), max_size=3),
)
def test_whatever_is_said_the_card_is_valid(person: str, said: list[str], files: list[str]) -> None:
    lines = tuple(Line(by="person", text=text, at=NOW, files=tuple(files)) for text in said)
    must_be_valid(replace(CARD, person=person, story=lines))


@given(text=st.text(max_size=50), limit=st.integers(1, 40))
def test_cutting_keeps_to_the_limit(text: str, limit: int) -> None:
    kept = cut(text, limit)
    assert length(kept) <= limit
    assert kept == text or kept.endswith("…")


@given(
    st.lists(
        st.sampled_from(["a", "字", "😀", "&amp;", "&lt;", "<@U0MEI>", "<https://a.example|there>", " "])
    ).map("".join),
    st.integers(2, 60),
)
def test_no_escape_or_link_is_torn(markup: str, limit: int) -> None:
    kept = cut_markup(markup, limit)
    assert length(kept) <= limit
    assert kept == markup or kept.endswith("…")
    bare = re.sub(r"&(amp|lt|gt);|<[^<>]*>", "", kept)
    assert not {"&", "<", ">"} & set(bare)
