"""People who write to the Slack app directly: answers, suggestions, hand-off, words and files both ways, edits."""

from pathlib import Path

from tests.slack_user_stories import (
    cards,
    handed_off,
    labels,
    slack,
    thread,
    until_file,
    until_in_thread,
    until_marked,
    until_told,
)
from tests.telegram_stories import png
from tests.world import world


async def test_the_faq_answers_directly_in_the_persons_language(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        lin, ana = slack(w).customer("ULIN"), slack(w).customer("UANA")
        assert (await lin.say("怎麼退貨？").answer()).ok
        assert (await ana.say("How do I return something?").answer()).ok
        await until_told(w, lin, "7 天鑑賞期")
        await until_told(w, ana, "within 7 days of receiving them")

        assert len(lin.answers) == len(ana.answers) == 1
        assert not slack(w).support.messages


async def test_suggestions_are_buttons_and_a_press_answers(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        lin = slack(w).customer("ULIN")
        lin.say("退錢")
        asked_back = await until_told(w, lin, "您想問的是不是")
        assert labels(asked_back)[-1] == "都不是，找真人"
        assert "怎麼退貨？" in labels(asked_back)
        act = lin.choose("怎麼退貨？")
        assert (await act.answer()).ok
        await until_told(w, lin, "7 天鑑賞期")

        assert (await slack(w).repeat(act.deliveries[0])).ok
        lin.say("運費多少？")
        await until_told(w, lin, "運費")
        assert len([one for one in lin.answers if "7 天鑑賞期" in one]) == 1
        assert not slack(w).support.messages


async def test_none_of_these_and_two_misses_lead_to_people(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        lin, ana = slack(w).customer("ULIN"), slack(w).customer("UANA")
        lin.say("退錢")
        ana.say("can you paint my roof purple")
        await until_told(w, lin, "您想問的是不是")
        lin.choose("都不是，找真人")
        await until_told(w, ana, "I don't know that one yet")
        ana.say("and the chimney as well, in green")
        await until_told(w, lin, "T-10")
        await until_told(w, ana, "T-10")

        await w.sandbox.hub.until(lambda: len(cards(w)) == 2)
        of_lin, of_ana = sorted(cards(w), key=lambda card: "chimney" in card.words)
        assert "退錢" in of_lin.words
        assert "林小姐" in of_lin.words
        assert "paint my roof purple" in of_ana.words


async def test_people_and_agents_talk_through_the_thread(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        ana, mei = slack(w).customer("UANA"), slack(w).agent("UMEI")
        ts = await handed_off(w, ana)
        ana.say("my order is *4711* & <b>late</b> @Tom")
        words = await until_in_thread(w, ts, "4711")
        assert words.username == "Ana · Slack"
        assert not words.pings

        note = mei.reply(ts, "note: fraud?")
        act = mei.reply(ts, "I look :eyes: into it <now> & here")
        await until_told(w, ana, "Mei: I look 👀 into it")
        await until_marked(w, act.ts)
        assert not any("fraud" in answer for answer in ana.answers)
        assert not slack(w).workspace.find(note.ts).reactions
        assert not set().union(*(message.pings for message in ana.messages if message.by_app))

        await mei.press(ts, "resolve").answer()
        await until_told(w, ana, "has been marked as solved")
        ana.choose("Not solved")
        await until_told(w, ana, "is open again")
        assert len(cards(w)) == 1


async def test_files_go_both_ways(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        ana, mei = slack(w).customer("UANA"), slack(w).agent("UMEI")
        ana.upload(("broken <!here>.png", png(20)))
        await until_told(w, ana, "What is it about?")
        ts = await handed_off(w, ana, "The vase came broken.")
        shared = await until_file(w, ts)
        assert shared.files[0].data == png(20)
        assert "Ana · Slack" in shared.text
        assert not shared.pings

        act = mei.upload(("manual.pdf", b"%PDF-1.4 glue"), text="Try this:", thread=ts)
        await until_marked(w, act.ts)
        got = [message for message in ana.messages if message.by_app][-2:]
        assert "Mei: Try this:" in got[0].text
        assert [file.data for file in got[1].files] == [b"%PDF-1.4 glue"]


async def test_edits_and_deletions_appear_and_rewrite_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        ana = slack(w).customer("UANA")
        ts = await handed_off(w, ana)
        said = ana.say("my order is 4711 https://shop.example/a")
        first = await until_in_thread(w, ts, "4711")
        slack(w).unfurl(said.ts)
        ana.edit(said.ts, "my order is 4712 <!channel>")
        version = await until_in_thread(w, ts, "edited a message")
        assert "4712" in version.words
        assert not version.pings
        assert (await ana.delete(said.ts).answer()).ok
        await until_in_thread(w, ts, "deleted a message")

        assert "4711" in first.words
        assert len(thread(w, ts)) == 3
        kept = await w.rows("SELECT kind, version_of FROM message WHERE version_of IS NOT NULL ORDER BY id")
        assert [row["kind"] for row in kept] == ["edited", "deleted"]


async def test_a_customer_in_a_tickets_thread_is_told_so_and_nothing_is_recorded(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        ana, pat = slack(w).customer("UANA"), slack(w).colleague("UPAT")
        ts = await handed_off(w, ana)
        before = await w.rows("SELECT count(*) AS n FROM message")
        assert (await pat.reply(ts, "I know better: 4711").answer()).ok
        assert (await pat.press(ts, "claim").answer()).ok
        assert (await slack(w).customer("ULIN").reply(ts, "me too").answer()).ok

        lin = slack(w).customer("ULIN")
        assert [message.by_app for message in pat.messages] == [True, True]
        assert "Not sent, because you're not in the support channel" in pat.answers[0]
        assert "Nothing was done" in pat.answers[1]
        assert "Not sent" in lin.answers[0]
        tom = slack(w).agent("UTOM")
        assert not any(message.whispered_to for message in tom.seen("C0SUPPORT"))
        assert await w.rows("SELECT count(*) AS n FROM message") == before
        assert (await w.rows("SELECT state FROM ticket"))[0]["state"] == "open"
        assert not any("4711" in answer for answer in ana.answers)


async def test_a_command_counts_as_words_said_directly(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        ana = slack(w).customer("UANA")
        ana.post("/onethread How do I return something?", channel="CGENERAL")
        await until_told(w, ana, "within 7 days of receiving them")
        assert not slack(w).channel("CGENERAL").messages
        ana.post("/onethread agent", channel="CGENERAL")
        await until_told(w, ana, "T-1001")
        await w.sandbox.hub.until(lambda: cards(w))
