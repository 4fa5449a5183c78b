"""The desk's modals, choices and home tab: within Slack's limits whatever stands in them; what comes back of them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.sandbox.slack.blocks import message_mistakes, view_mistakes
from bots.slack.carried import LONGEST
from bots.slack.desk import answer_forms, away, forms, history, suggestions, where
from bots.slack.desk.actions import InModal, Sent
from bots.slack.desk.buttons import Borne, borne, row
from bots.slack.desk.filled import Around, Wanted, Wrong, drafted, wanted
from bots.slack.desk.home import Drawing, stranger
from bots.slack.desk.pages import opens
from bots.slack.desk.suggestions import Choice
from bots.slack.desk.where import Where
from bots.slack.fields import filled
from bots.slack.kit import Speech
from bots.slack.shapes import NotUnderstood
from core.conversation.texts import LANGUAGES
from core.desk import Button, Line
from core.escalation.routing import Department
from core.storage.desk_views import Counts, Held, Home, Load, Numbers
from tests.desk_bench import CARD
from tests.desk_workspace import NOW, SUPPORT, in_language

EN = Speech(in_language("en"))
HERE = Where(ticket=1042, channel=SUPPORT, thread="1772366400.000100")
HOSTILE = "<!channel> *b* `c` &amp; <@U0MEI> @here \u202egpj.exe\u200b <https://evil.example|ok>"
OTHERS = [("after-sales", "After-sales"), ("billing", HOSTILE)]
SUPPORTS = Department(id="support")
AROUND = Around(now=NOW, department=SUPPORTS, offered="As it was")
CHOICE = Choice(title="Where is it?", text="On its way.", language="en", entry="where")


def views(speech: Speech, words: str) -> Mapping[str, Any]:
    """One of each, with these words wherever somebody's words stand."""
    at = replace(HERE, words=words[:200], entry=words[:100], about="1.000001")
    lines = [Line(by="person", text=words, at=NOW, id=n, name=words, files=(words,)) for n in range(20)]
    pictures = {3: [("F0PIC", words), ("https://files.slack.com/x.png", "")]}
    shown = history.Shown(person=words, lines=lines, older=7, pictures=pictures)
    choices = [replace(CHOICE, title=words, text=words)] * suggestions.LISTED
    return {
        "assign": forms.assign(at, speech),
        "snooze": forms.snooze(at, speech),
        "transfer": forms.transfer(at, OTHERS, speech),
        "alone": forms.transfer(at, [], speech),
        "priority": forms.priority(at, "high", speech),
        "side_question": forms.side_question(at, OTHERS, speech),
        "tag": forms.tag(at, ["refund", words[:32] or "x"], speech),
        "person": forms.person(at, "muted", speech),
        "told": forms.told(speech("desk.done"), at, speech),
        "reply": answer_forms.reply(at, words, speech),
        "put_right": answer_forms.put_right(at, speech),
        "propose": answer_forms.propose(at, words, words, "fr", speech),
        "history": history.page(shown, replace(at, trail=(40,)), speech),
        "nothing": history.page(replace(shown, lines=(), older=0), at, speech),
        "replies": suggestions.replies(choices, at, speech),
        "no_replies": suggestions.replies([], at, speech),
        **{
            f"further {state}": forms.further(at, replace(CARD, state=state), speech)
            for state in ("open", "claimed", "snoozed", "resolved", "odd")
        },
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", ["", "Where is it?", HOSTILE, "字" * 5000, "&" * 5000, "😀\n" * 3000])
def test_every_modal_keeps_to_slacks_limits(language: str, words: str) -> None:
    for name, view in views(Speech(in_language(language)), words).items():
        assert view_mistakes(view) == [], name
        assert where.read(view["private_metadata"]).ticket == 1042
        assert_inert(view["blocks"])


@pytest.mark.parametrize("words", ["Where?", HOSTILE, "字" * 5000])
def test_choices_for_one_agent_keep_to_slacks_limits(words: str) -> None:
    choices = [replace(CHOICE, title=words, text=words)] * 3
    for shown in (
        suggestions.ephemeral(1042, words, choices, EN),
        suggestions.ephemeral(1042, words, [], EN),
        suggestions.found(1042, words, choices, EN),
        suggestions.found(1042, words, [], EN),
    ):
        assert message_mistakes(list(shown.blocks)) == []
        assert_inert(shown.blocks)
        assert shown.text


def assert_inert(blocks: Any) -> None:
    """Nobody's words speak markup: only our dates and links begin with a sign of Slack's."""
    for text in marked_up(json.loads(json.dumps(blocks))):
        assert "<!channel" not in text
        assert "<@U0MEI" not in text
        assert "|ok>" not in text


def marked_up(node: Any) -> list[str]:
    if isinstance(node, list):
        return [text for one in node for text in marked_up(one)]
    if not isinstance(node, dict):
        return []
    own = [node["text"]] if node.get("type") == "mrkdwn" else []
    return [*own, *(text for one in node.values() for text in marked_up(one))]


# --- what was filled in -------------------------------------------------------------------------------------


def state(**values: dict[str, Any]) -> dict[str, Any]:
    return {"state": {"values": {name: {"in": element} for name, element in values.items()}}}


def test_what_stands_in_each_field() -> None:
    view = state(
        text={"type": "plain_text_input", "value": " a\r\nb "},
        to={"type": "static_select", "selected_option": {"value": "billing"}},
        who={"type": "users_select", "selected_user": "U0MEI"},
        nothing={"type": "radio_buttons", "selected_option": None},
        empty={"type": "plain_text_input", "value": None},
    )
    assert filled(view) == {"text": "a\nb", "to": "billing", "who": "U0MEI", "nothing": "", "empty": ""}


@pytest.mark.parametrize("broken", [{}, {"state": {}}, {"state": {"values": {"a": 1}}}])
def test_fields_of_no_shape_of_slacks(broken: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        filled(broken)


def sent(page: str, values: Mapping[str, str], at: Where = HERE) -> Sent:
    return Sent(page=page, view="V1", user="U0MEI", where=at, values=values)


TOMORROW = datetime(2026, 3, 2, 9, tzinfo=UTC).isoformat()


@pytest.mark.parametrize(
    ("page", "values", "acts"),
    [
        ("desk.assign", {"to": "U0TOM"}, [("assign", {"to": "U0TOM"})]),
        ("desk.snooze", {"span": "1h"}, [("snooze", {"until": (NOW + timedelta(hours=1)).isoformat()})]),
        ("desk.snooze", {"span": "tomorrow"}, [("snooze", {"until": TOMORROW})]),
        ("desk.snooze", {"span": "monday"}, [("snooze", {"until": TOMORROW})]),
        ("desk.snooze", {"span": "1h", "until": "明天9点"}, [("snooze", {"until": TOMORROW})]),
        ("desk.transfer", {"to": "billing"}, [("transfer", {"to": "billing", "reason": ""})]),
        ("desk.priority", {"chosen": "urgent"}, [("priority", {"priority": "urgent"})]),
        (
            "desk.side_question",
            {"to": "billing", "text": "Refunded?", "minutes": "60"},
            [("side_question", {"to": "billing", "text": "Refunded?", "minutes": "60"})],
        ),
        ("desk.tag", {}, []),
        ("desk.tag", {"add": "vip", "remove": "new"}, [("untag", {"tag": "new"}), ("tag", {"tag": "vip"})]),
        ("desk.person", {"chosen": "warn"}, [("warn", {})]),
        ("desk.person", {"chosen": "unblock"}, [("unblock", {})]),
        ("desk.person", {"chosen": "mute:1d"}, [("mute", {"until": (NOW + timedelta(days=1)).isoformat()})]),
        ("desk.person", {}, []),
        ("desk.reply", {"text": "As it was"}, [("reply", {"text": "As it was", "how": "used"})]),
        ("desk.reply", {"text": "Better"}, [("reply", {"text": "Better", "how": "edited"})]),
        ("desk.unknown", {"text": "x"}, []),
    ],
)  # fmt: skip
def test_a_modal_that_was_sent_means_acts(
    page: str, values: Mapping[str, str], acts: list[tuple[str, Mapping[str, str]]]
) -> None:
    assert wanted(sent(page, values), AROUND) == tuple(Wanted(verb=verb, values=said) for verb, said in acts)


def test_an_answer_of_the_faq_is_known_by_its_entry() -> None:
    at = replace(HERE, entry="where", language="en")
    (reply,) = wanted(sent("desk.reply", {"text": "As it was"}, at), AROUND)
    assert reply.values == {"text": "As it was", "entry": "where", "how": "used"}
    (right,) = wanted(sent("desk.put_right", {"text": "The right one"}, at), AROUND)
    assert right == Wanted(verb="put_right", values={"entry": "where", "text": "The right one"})


@pytest.mark.parametrize("values", [{}, {"until": "someday"}, {"until": "2020-01-01"}])
def test_a_time_that_cannot_be_read_is_told_at_its_field(values: Mapping[str, str]) -> None:
    with pytest.raises(Wrong) as wrong:
        wanted(sent("desk.snooze", values), AROUND)
    assert {block: say.name for block, say in wrong.value.fields.items()} == {"until": "desk.snooze_when"}


def test_what_is_proposed_for_the_faq() -> None:
    values = {"question": "Where\nis it?", "answer": "Here.", "variants": "a\n\n b \na", "language": "en"}
    found = drafted(sent("desk.propose", values))
    assert (found.question, found.answer, found.variants) == ("Where is it?", "Here.", ("a", "b"))


# --- history ------------------------------------------------------------------------------------------------


def test_turning_the_pages_of_a_history() -> None:
    def pressed(verb: str, at: Where, **values: str) -> InModal:
        return InModal(verb=verb, view="V1", user="U0MEI", at=NOW, where=at, borne=Borne(values=values))

    second = history.turned(pressed("older", HERE, before="81"))
    third = history.turned(pressed("older", second, before="61"))
    assert [history.before(at) for at in (HERE, second, third)] == [0, 81, 61]
    assert history.turned(pressed("newer", third)) == second
    assert history.turned(pressed("newer", second)) == HERE
    assert history.before(history.turned(pressed("older", HERE, before="x"))) == 0
    assert history.searched(third, {"words": "refund"}) == replace(HERE, words="refund")


def test_a_history_says_who_said_what_and_marks_notes() -> None:
    lines = [
        Line(by="note", text="be careful", at=NOW, id=3, name="Mei"),
        Line(by="agent", text="On its way", at=NOW, id=2, name="Mei"),
        Line(by="person", text="Where?", at=NOW, id=1, files=("a.png",)),
    ]
    view = history.page(
        history.Shown(person="Lin", lines=lines, older=1, pictures={1: [("F0PIC", "a.png")]}), HERE, EN
    )
    said = [one["text"]["text"] for one in view["blocks"] if one["type"] == "section"]
    assert said == ["🔒 Mei: be careful", "🎧 Mei: On its way", "👤 Where? 📎 a.png"]
    (picture,) = [one for one in view["blocks"] if one["type"] == "image"]
    assert picture["slack_file"] == {"id": "F0PIC"}
    (turns,) = [one for one in view["blocks"] if one["type"] == "actions"]
    assert [(one["action_id"], borne(one["value"]).values) for one in turns["elements"]] == [
        ("older", {"before": "1"})
    ]


@given(text=st.text(max_size=40), trail=st.lists(st.integers(0, 10**9), max_size=200))
def test_where_a_modal_is_comes_back_as_it_went(text: str, trail: list[int]) -> None:
    at = Where(ticket=1, channel="C1", thread="1.1", about=text, words=text, trail=tuple(trail))
    assert where.read(str(at)) == replace(at, trail=tuple(trail[-100:]))


@pytest.mark.parametrize("text", ["nonsense", "[]", '{"ticket": "1"}', '{"trail": ["a"]}', '{"trail": 3}'])
def test_a_foreign_whereabouts_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        where.read(text)


# --- buttons ------------------------------------------------------------------------------------------------


def test_several_buttons_of_one_verb_are_told_apart() -> None:
    reasons = [Button(verb="resolve", label="button.send", values={"reason": str(n)}) for n in range(5)]
    block = row(1042, reasons, in_language("en"))
    assert [one["action_id"] for one in block["elements"]] == [
        "resolve", "resolve:2", "resolve:3", "resolve:4", "resolve:5",
    ]  # fmt: skip
    assert [borne(one["value"]).values for one in block["elements"]] == [{"reason": str(n)} for n in range(5)]


@pytest.mark.parametrize(
    ("verb", "values", "expected"),
    [
        ("assign", {}, True),
        ("assign", {"to": "U0TOM"}, False),
        ("snooze", {}, True),
        ("put_right", {"entry": "where"}, True),
        ("put_right", {"entry": "where", "text": "x"}, False),
        ("history", {}, True),
        ("edit_reply", {"entry": "where"}, True),
        ("claim", {}, False),
        ("reply", {"entry": "where"}, False),
        ("suggest", {}, False),
    ],
)
def test_a_modal_opens_where_something_is_missing(verb: str, values: dict[str, str], expected: bool) -> None:
    assert opens(verb, Borne(values=values)) is expected


# --- the home tab and the command ---------------------------------------------------------------------------


def held(number: int, **more: Any) -> Held:
    known: dict[str, Any] = {
        "number": number, "state": "claimed", "person": HOSTILE, "about": HOSTILE, "department": "support",
        "priority": "urgent",
        "channel": SUPPORT, "thread": "1.000100", "assignee": "U0TOM", "assignee_name": "Mei", "opened_at": NOW,
        "waiting_since": NOW, "snoozed_until": None,
    }  # fmt: skip
    return Held(**{**known, **more})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [0, 1, 50])
def test_a_home_tab_keeps_to_slacks_limits(language: str, count: int) -> None:
    tickets = [held(1001 + n) for n in range(count)]
    snoozed = [held(2001 + n, state="snoozed", snoozed_until=NOW, waiting_since=None) for n in range(count)]
    loads = [
        Load(agent="U0MEI", name=HOSTILE, open=3, waiting=2, oldest=NOW, away=n % 2 == 0)
        for n in range(count)
    ]
    home = Home(
        mine=tickets, unclaimed=tickets, snoozed=snoozed, numbers=Numbers(replied=1, resolved=2, claimed=3),
        away=True, loads=loads, silent=tickets, questions=count,
        counts=Counts(mine=count, unclaimed=count, snoozed=count, silent=count),
    )  # fmt: skip
    speech = Speech(in_language(language))
    view = Drawing(speech=speech, department=str, supervises=True).view(home, "a notice")
    assert view_mistakes(view) == []
    assert view_mistakes(stranger(speech)) == []
    assert_inert(view["blocks"])


def test_a_home_tab_shows_the_team_to_supervisors_alone() -> None:
    home = Home(
        mine=[held(1001)], unclaimed=[held(1002, thread="")], snoozed=(),
        numbers=Numbers(replied=3, resolved=2, claimed=1), away=False, silent=[held(1003)],
        counts=Counts(mine=1, unclaimed=70, silent=1),
    )  # fmt: skip
    shown = {
        supervises: "\n".join(texts(Drawing(speech=EN, department=str, supervises=supervises).view(home)))
        for supervises in (True, False)
    }
    for text in shown.values():
        assert "Today: 3 replies, 2 resolved, 1 claimed" in text
        assert f"🚨 *<https://slack.com/archives/{SUPPORT}/p1000100|T-1001>*" in text
        assert "🚨 *T-1002*" in text
        assert "Unclaimed (70)" in text
    assert "T-1003" in shown[True]
    assert "T-1003" not in shown[False]


def texts(view: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for block in view["blocks"]:
        parts = [block["text"]] if "text" in block else block.get("elements", [])
        found += [part["text"] for part in parts if isinstance(part.get("text"), str)]
    return found


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("away", "away"), (" AWAY ", "away"), ("离开", "away"), ("離開", "away"), ("back", "back"), ("回来", "back"),
        ("home", "home"), ("首頁", "home"), ("", None), ("faq", None), ("away from home", None), ("how are you", None),
    ],
)  # fmt: skip
def test_what_the_command_asks_for(text: str, what: str | None) -> None:
    assert away.asked(text) == what


@given(st.text(max_size=600), st.lists(st.integers(0, 2**63), max_size=150), st.text(max_size=60))
def test_what_a_modal_carries_is_never_torn(words: str, trail: list[int], about: str) -> None:
    at = replace(HERE, words=words, trail=tuple(trail), about=about)
    there = where.read(str(at))
    assert (there.ticket, there.place, there.about) == (at.ticket, at.place, about)
    assert words.startswith(there.words)
    assert there.trail == tuple(trail[-len(there.trail) :] if there.trail else ())


def test_what_a_modal_carries_keeps_to_slacks_limit() -> None:
    long = "字" * 5000
    trail = tuple(range(10**9, 10**9 + 500))
    at = Where(
        ticket=10**8, channel=long, thread=long, about=long, entry=long, canned=long, words=long, trail=trail
    )
    assert len(str(at)) <= LONGEST
