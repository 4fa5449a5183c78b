"""Publishing through the front door: a person asks, and hears what was published last, by whatever door."""

from pathlib import Path

import aiohttp

from bots import contents
from core.conversation.faq.editing import with_source, with_variant
from tests.waiting import until
from tests.wechat_scenes import hears, words
from tests.world import World, world

FAQ = """\
entries:
  # kept through all edits
  - id: opening-hours
    en:
      question: When are you open?
      variants: [opening hours, what time do you close]
      answer: We are open at {hour}.
  - id: return-goods
    en:
      question: How do I return something?
      variants: [send it back, return an item]
      answer: Within 7 days.
"""


AT_NIGHT = """\
id: opening-hours
en:
  question: When are you open?
  variants: [opening hours, what time do you close]
  answer: We sleep.
"""


def at(hour: str) -> str:
    return FAQ.format(hour=hour)


async def served(w: World, number: int) -> None:
    """Wait until the product says that it serves this revision: a second at most."""

    async def told() -> bool:
        async with aiohttp.ClientSession() as http, http.get(f"{w.url}/metrics") as answer:
            return f"onethread_revision {number}.0" in await answer.text()

    await until(told, 3)


async def test_edits_by_all_doors_reach_the_person_who_asks(tmp_path: Path) -> None:
    (tmp_path / "faq").mkdir()
    file = tmp_path / "faq" / "10.yaml"
    file.write_text(at("nine"), encoding="utf-8")
    async with world(tmp_path) as w:
        phone = w.sandbox.telegram.phone("shop")
        await phone.start()
        await phone.say("When are you open?")
        await hears(w, phone, "open at nine")
        file.write_text(at("ten"), encoding="utf-8")
        await served(w, 2)
        await phone.say("When are you open?")
        await hears(w, phone, "open at ten")
        file.write_text(at("never").replace("answer: We", "anwser: We"), encoding="utf-8")
        async with contents.published(w.settings) as beside:
            files = with_variant(beside.current.files, "opening-hours", "en", "are you there at night")
            await beside.publish(files, base=2, door="command", author="anna")
            await served(w, 3)
            await phone.say("are you there at night")
            await until(lambda: sum("open at ten" in words(one) for one in phone.messages) == 2)
            assert "anwser" in file.read_text(encoding="utf-8"), "what somebody is writing is left to them"
            await beside.rollback(1, door="command", author="anna")
            await served(w, 4)
            file.write_text(at("nine"), encoding="utf-8")
            files = with_source(beside.current.files, AT_NIGHT)
            await beside.publish(files, base=4, door="command", author="anna", comment="winter")
        await until(lambda: "We sleep." in file.read_text(encoding="utf-8"))
        assert file.read_text(encoding="utf-8") == at("nine").replace("We are open at nine.", "We sleep.")
        await w.restart()
        await served(w, 5)
        await phone.say("When are you open?")
        await hears(w, phone, "We sleep.")
        rows = await w.rows("SELECT number, door FROM revision ORDER BY number")
        assert [(row["number"], row["door"]) for row in rows] == [
            (1, "file"), (2, "file"), (3, "command"), (4, "command"), (5, "command"),
        ]  # fmt: skip
