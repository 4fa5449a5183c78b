"""A wrong answer of the FAQ, from the agent who sees it to the people who read the right one."""

from pathlib import Path

from bots.sandbox.slack.players import Player
from bots.sandbox.slack.workspace import Message
from tests.desk_hands import departments, fill, opened, verbs_of, whisper, words_in
from tests.desk_play import Desk, heard_on
from tests.world import world

ASKED, WRONG = "How do I return something?", "You can return unused items"
RIGHT = "You may send it back within 30 days, whatever the box looks like."


PROMISE = "We guarantee that you may send it back."
CAREFUL = """
agents: [UMEI, {id: UTOM, trial: true}]
costly:
  promise: {en: [we guarantee]}
departments:
  support: {name: {en: Support}, undo: 0s}
"""


async def puts_right(desk: Desk, agent: Player, card: Message, right: str = RIGHT) -> None:
    """The agent says on the card that the answer is wrong, and what is right."""
    await agent.press(card.ts, "wrong_answer").answer()
    told = await whisper(desk, agent, "is hidden")
    assert verbs_of(told) == ["put_right"]
    agent.press(told.ts, "put_right")
    view = await opened(desk, agent, "Put it right")
    assert "return-goods" in words_in(view["blocks"])
    await agent.submit(fill(text=right)).answer()


async def test_a_wrong_answer_is_hidden_at_once_and_both_who_read_it_get_the_right_one_once(
    tmp_path: Path,
) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna, li = await desk.telegram("Anna Petrova"), await desk.wechat()
        await anna.say(ASKED)
        await desk.heard(anna, WRONG)
        await li.say("怎么退货？")
        await desk.heard(li, "申请售后")
        card = await desk.handed_off(anna)
        await desk.mei.press(card.ts, "wrong_answer").answer()
        told = await whisper(desk, desk.mei, "is hidden")
        [person] = await w.rows("SELECT p.name FROM person p JOIN identity i ON i.person_id = p.id"
                                " WHERE i.platform = 'wechat'")  # fmt: skip
        assert "2 people were given it" in told.text
        assert all(name in told.text for name in ("Anna Petrova", person["name"]))
        # from now on nobody reads it
        boris = await desk.telegram("Boris")
        before = len(heard_on(boris))
        await boris.say(ASKED)
        await desk.until(lambda: len(heard_on(boris)) > before)
        assert not any(WRONG in text for text in heard_on(boris))
        # and whoever read it hears what is right
        await puts_right(desk, desk.mei, card)
        assert "An answer that we gave you was wrong" in await desk.heard(anna, RIGHT)
        assert "之前给您的答案有误" in await desk.heard(li, RIGHT)
        await whisper(desk, desk.mei, "The right answer is on its way to 2 people")
        await desk.posted(card, "The right answer went to 2 people")
        # a colleague says the same later, after a restart: they have read it
        await w.restart()
        await puts_right(desk, desk.tom, card)
        await whisper(desk, desk.tom, "has this one already")
        await desk.mei.reply(card.ts, "Anything else?").answer()
        await desk.heard(anna, "Anything else?")
        for phone in (anna, li):
            assert sum(RIGHT in text for text in heard_on(phone)) == 1
        assert not any(RIGHT in text for text in heard_on(boris))


async def test_what_goes_to_many_is_asked_about_if_it_costs_and_is_not_for_trial_agents(
    tmp_path: Path,
) -> None:
    async with world(departments(tmp_path, CAREFUL)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        await anna.say(ASKED)
        await desk.heard(anna, WRONG)
        card = await desk.handed_off(anna)
        await puts_right(desk, desk.tom, card)
        await whisper(desk, desk.tom, "Nothing was sent, because this goes to many people at once")
        await puts_right(desk, desk.mei, card, PROMISE)
        asked = await whisper(
            desk, desk.mei, "1 people would get it, and it holds words to be careful with (a promise)"
        )
        assert PROMISE in asked.words
        assert not any("guarantee" in text or RIGHT in text for text in heard_on(anna))
        await desk.mei.press(asked.ts, "put_right").answer()
        await desk.heard(anna, PROMISE)
        await desk.posted(card, "The right answer went to 1 people")
        assert sum(PROMISE in text for text in heard_on(anna)) == 1
