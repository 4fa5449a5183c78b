"""Warned, silenced, blocked, and back; and what of a flood reaches the thread."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escalation.abuse import (
    FLOOD,
    LONGEST_MUTE,
    Act,
    Block,
    Mute,
    Standing,
    Stands,
    Undo,
    Warn,
    posting,
    step,
)
from core.escalation.ticket import IllegalMove
from core.messages import Agent

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MEI = Agent(id="U1", name="Mei")
EVA = Agent(id="U3", name="Eva", role="supervisor")
MUTED = Standing(warned_at=NOW, muted_until=NOW + HOUR)
BLOCKED = Standing(warned_at=NOW, blocked_at=NOW)


@pytest.mark.parametrize(
    ("before", "act", "then", "told"),
    [
        (Standing(), Warn(agent=MEI), Standing(warned_at=NOW), "abuse.warned"),
        (Standing(warned_at=NOW), Mute(agent=MEI, until=NOW + HOUR), MUTED, "abuse.muted"),
        (Standing(), Mute(agent=EVA, until=NOW + HOUR), Standing(muted_until=NOW + HOUR), "abuse.muted"),
        (Standing(warned_at=NOW), Block(agent=EVA), BLOCKED, "abuse.blocked"),
        (BLOCKED, Undo(agent=EVA), Standing(warned_at=NOW), "abuse.heard_again"),
        (
            Standing(muted_until=NOW + HOUR, blocked_at=NOW),
            Undo(agent=EVA),
            Standing(muted_until=NOW + HOUR),
            "",
        ),
        (MUTED, Undo(agent=MEI), Standing(warned_at=NOW), "abuse.heard_again"),
        (Standing(warned_at=NOW, muted_until=NOW), Undo(agent=MEI), Standing(muted_until=NOW), ""),
    ],
)
def test_steps(before: Standing, act: Act, then: Standing, told: str) -> None:
    outcome = step(before, act, NOW)
    assert isinstance(outcome, Stands)
    assert outcome.standing == then
    assert (outcome.tell.name if outcome.tell else "") == told
    assert outcome.ends == isinstance(act, Block)


@pytest.mark.parametrize(
    ("before", "act", "whisper"),
    [
        (Standing(), Mute(agent=MEI, until=NOW + HOUR), "desk.abuse_warn_first"),
        (Standing(warned_at=NOW), Mute(agent=MEI, until=NOW), "desk.abuse_mute_span"),
        (Standing(), Mute(agent=EVA, until=NOW + LONGEST_MUTE + HOUR), "desk.abuse_mute_span"),
        (Standing(warned_at=NOW), Block(agent=MEI), "desk.supervisors_only"),
        (BLOCKED, Undo(agent=MEI), "desk.abuse_blocked"),
        (BLOCKED, Warn(agent=EVA), "desk.abuse_blocked"),
        (Standing(), Undo(agent=EVA), "desk.abuse_nothing"),
    ],
)
def test_refusals(before: Standing, act: Act, whisper: str) -> None:
    outcome = step(before, act, NOW)
    assert isinstance(outcome, IllegalMove)
    assert outcome.whisper.name == whisper


def test_the_person_hears_for_how_long() -> None:
    outcome = step(Standing(warned_at=NOW), Mute(agent=MEI, until=NOW + timedelta(seconds=61)), NOW)
    assert isinstance(outcome, Stands)
    assert outcome.tell
    assert outcome.tell.params == {"minutes": 2}


@pytest.mark.parametrize(
    ("standing", "at", "lately", "expected"),
    [
        (Standing(), NOW, [], "posted"),
        (Standing(warned_at=NOW), NOW, [NOW] * (FLOOD - 1), "posted"),
        (Standing(), NOW, [NOW] * FLOOD, "gathered"),
        (Standing(), NOW + timedelta(minutes=1), [NOW] * FLOOD, "posted"),
        (MUTED, NOW, [], "recorded"),
        (MUTED, NOW + HOUR, [], "posted"),
        (BLOCKED, NOW + 1000 * HOUR, [NOW] * 50, "recorded"),
    ],
)
def test_what_reaches_the_thread(
    standing: Standing, at: datetime, lately: list[datetime], expected: str
) -> None:
    assert posting(standing, lately, at) == expected


acts = st.one_of(
    st.builds(Warn, agent=st.sampled_from([MEI, EVA])),
    st.builds(Block, agent=st.sampled_from([MEI, EVA])),
    st.builds(
        Mute, agent=st.sampled_from([MEI, EVA]), until=st.integers(-5, 50).map(lambda h: NOW + h * HOUR)
    ),
    st.builds(Undo, agent=st.sampled_from([MEI, EVA])),
)


@given(st.lists(acts, max_size=20))
def test_a_supervisor_can_always_bring_somebody_back(sequence: list[Act]) -> None:
    standing = Standing()
    for act in sequence:
        before = standing
        outcome = step(standing, act, NOW)
        standing = outcome.standing if isinstance(outcome, Stands) else standing
        assert not (standing.blocked_at and not before.blocked_at) or act.agent == EVA, (
            "only supervisors block"
        )
    for _ in range(2):
        outcome = step(standing, Undo(agent=EVA), NOW)
        standing = outcome.standing if isinstance(outcome, Stands) else standing
    assert not standing.is_muted(NOW)
