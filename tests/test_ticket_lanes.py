"""Where an agent's words go, as a table; and that nothing which is private in any way ever becomes a reply."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escalation.commands import Command, Unknown, command_in
from core.escalation.lanes import Held, Lane, Note, Reply, lane, sent_by_hand
from core.escalation.names import COMMANDS
from core.escalation.notes import note_in
from core.escalation.routing import Department
from core.escalation.ticket import Ticket
from core.messages import Agent, AgentWords, Thread

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MEI, TOM = Agent(id="U1", name="Mei"), Agent(id="U2", name="Tom")
OPEN = Ticket(number=1001, opened_at=NOW, waiting_since=NOW)
HELD = replace(OPEN, state="claimed", holder=TOM, claimed_at=NOW)
MINE = replace(HELD, holder=MEI)
SUPPORT = Department(
    id="support", costly={"promise": frozenset({"we guarantee"}), "banned": frozenset({"白痴"})}
)
CONFIRM = replace(SUPPORT, confirm=True)
STRICT = replace(SUPPORT, claim_required=True, undo=timedelta())
UNDO = timedelta(seconds=5)


def words(text: str, mentions: bool = False) -> AgentWords:
    return AgentWords(
        id="E1", kind="said", thread=Thread(channel="C1", id="1"), post="2", agent=MEI, sent_at=NOW, text=text,
        mentions=mentions,
    )  # fmt: skip


def of(
    text: str,
    ticket: Ticket = OPEN,
    department: Department = SUPPORT,
    *,
    mentions: bool = False,
    trial: bool = False,
) -> Lane:
    return lane(words(text, mentions), ticket=ticket, agent=MEI, department=department, trial=trial)


@pytest.mark.parametrize(
    ("ticket", "department", "trial", "expected"),
    [
        (OPEN, SUPPORT, False, Reply(undo=UNDO)),
        (MINE, SUPPORT, False, Reply(undo=UNDO)),
        (OPEN, STRICT, False, Reply(undo=timedelta(), claims=True)),
        (MINE, STRICT, False, Reply(undo=timedelta())),
        (OPEN, CONFIRM, False, Held(why="confirm")),
        (OPEN, CONFIRM, True, Held(why="trial")),
        (OPEN, SUPPORT, True, Held(why="trial")),
        (OPEN, STRICT, True, Held(why="trial", claims=True)),
        (HELD, SUPPORT, False, Note(why="not_holder", text="hello")),
        (HELD, SUPPORT, True, Note(why="not_holder", text="hello")),
        (
            replace(HELD, state="snoozed", snoozed_until=NOW),
            SUPPORT,
            False,
            Note(why="not_holder", text="hello"),
        ),
        (replace(HELD, state="resolved", resolved_at=NOW), SUPPORT, False, Reply(undo=UNDO)),
    ],
)
def test_plain_words(ticket: Ticket, department: Department, trial: bool, expected: Lane) -> None:
    assert of("hello", ticket, department, trial=trial) == expected


@pytest.mark.parametrize(
    ("text", "mentions", "expected"),
    [
        ("note: hm", False, Note(why="prefix", text="hm")),
        ("note: @Tom hm", True, Note(why="prefix", text="@Tom hm")),
        ("！备注 他来过", False, Note(why="prefix", text="他来过")),
        ("!! n x", False, Note(why="prefix", text="x")),
        ("@Tom can you look?", True, Note(why="mention", text="@Tom can you look?")),
        ("!assign @Tom", True, Command(verb="assign", argument="@Tom")),
        ("!resolv", False, Unknown(word="resolv", near="resolve")),
        ("!send", False, Command(verb="send")),
        ("We guarantee it", False, Held(why="costly", kinds=("promise",))),
        ("白 痴, we guarantee", False, Held(why="costly", kinds=("promise", "banned"))),
        ("", False, Reply(undo=UNDO)),
    ],
)
def test_what_stands_in_them(text: str, mentions: bool, expected: Lane) -> None:
    assert of(text, mentions=mentions) == expected


def test_costly_words_are_named_where_a_send_is_asked_for_anyway() -> None:
    assert of("we guarantee", department=CONFIRM) == Held(why="confirm", kinds=("promise",))


@pytest.mark.parametrize(
    ("text", "department", "expected"),
    [
        ("@Tom said it is fine", SUPPORT, Reply(undo=timedelta())),
        ("@Tom said it is fine", CONFIRM, Reply(undo=timedelta())),
        ("@Tom said it is fine", STRICT, Reply(undo=timedelta(), claims=True)),
        ("@Tom: we guarantee it", SUPPORT, Held(why="costly", kinds=("promise",))),
        ("note: @Tom", SUPPORT, None),
        ("!assign @Tom", SUPPORT, None),
        ("!nonsense", SUPPORT, None),
    ],
)
def test_a_note_that_is_sent_by_a_button(
    text: str, department: Department, expected: Reply | Held | None
) -> None:
    assert sent_by_hand(words(text, mentions=True), ticket=OPEN, department=department) == expected


INVISIBLE = st.text(alphabet="\u200b\u200c\u2060\ufeff\u202e\u00ad \t\n\u3000*_`>", max_size=5)
BEGINS = st.sampled_from(
    [
        "",
        "note:",
        "Note：",
        "!note ",
        "！n ",
        ";;",
        "备注",
        "備註",
        "🔒",
        "//",
        "!",
        "！",
        "!!",
        "! ",
        "!x",
        "!转",
    ]
    + [f"！{name}" for known in COMMANDS.values() for name in known]
)
TICKETS = st.sampled_from([OPEN, HELD, MINE, replace(HELD, state="resolved", resolved_at=NOW)])
DEPARTMENTS = st.sampled_from([SUPPORT, CONFIRM, STRICT])


@given(INVISIBLE, BEGINS, st.text(max_size=40), st.booleans(), st.booleans(), TICKETS, DEPARTMENTS)
def test_whatever_is_private_in_any_way_is_no_reply(
    before: str, begins: str, rest: str, mentions: bool, trial: bool, ticket: Ticket, department: Department
) -> None:
    text = before + begins + rest
    found = of(text, ticket, department, mentions=mentions, trial=trial)
    by_hand = sent_by_hand(words(text, mentions), ticket=ticket, department=department)
    hidden = note_in(text) is not None or command_in(text) is not None
    others = ticket.state != "resolved" and ticket.holder == TOM
    if hidden:
        assert by_hand is None, "no button sends it"
    if hidden or mentions or others:
        assert not isinstance(found, Reply | Held)
    elif trial or department.confirm:
        assert isinstance(found, Held)
    assert not (note_in(text) is not None and not isinstance(found, Note)), "a note is nothing but a note"
    assert found != Command(verb="note"), "a command is never a note"
