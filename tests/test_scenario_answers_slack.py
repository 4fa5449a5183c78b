"""Answers to people who write to the Slack app: verdicts as buttons, its own answers, the help centre, files."""

from pathlib import Path

from tests.answers_shop import PICTURE, open_shop, questions
from tests.slack_user_stories import cards, labels, slack, until_told
from tests.world import world


async def test_verdicts_the_next_best_and_a_person(tmp_path: Path) -> None:
    async with world(open_shop(tmp_path)) as w:
        ana = slack(w).customer("UANA")
        ana.say("I want to return this")
        answer = await until_told(w, ana, "On Slack we say: return it within 7 days.")
        assert labels(answer) == [
            "Who pays the postage of a return?", "That helped", "Didn't help", "Ask a person",
        ]  # fmt: skip
        assert (await ana.choose("Didn't help").answer()).ok
        instead = await until_told(w, ana, "Is it one of these instead?")
        assert labels(instead)[-1] == "None of these: a person"
        ana.choose("None of these: a person")
        await until_told(w, ana, "T-1001")
        card = await w.sandbox.hub.until(lambda: cards(w))
        assert "On Slack we say" in card[0].words
        assert [row[3] for row in await questions(w)] == ["unhelped", "person"]


async def test_the_help_centre_a_file_and_thanks(tmp_path: Path) -> None:
    async with world(open_shop(tmp_path)) as w:
        ana = slack(w).customer("UANA")
        ana.post("/onethread help", channel="CGENERAL")
        front = await until_told(w, ana, "look around below")
        assert labels(front) == ["Returns and repairs", "parcels", "paying", "goods", "Ask a person"]
        ana.choose("goods")
        await until_told(w, ana, "goods: what people ask")
        ana.choose("Which size shall I take?")
        answer = await until_told(w, ana, "See this chart.")
        assert labels(answer) == ["That helped", "Didn't help", "Ask a person", "Back"]
        shared = await w.sandbox.hub.until(
            lambda: next((one for one in ana.messages if one.by_app and one.files), None)
        )
        assert [file.data for file in shared.files] == [PICTURE]
        ana.choose("That helped")
        await until_told(w, ana, "glad that helped")
        assert await questions(w) == [("opened", "sizes", "sizes", "helped")]
        ana.say("What does delivery cost?")
        await until_told(w, ana, "free from $49")
        assert not cards(w)
