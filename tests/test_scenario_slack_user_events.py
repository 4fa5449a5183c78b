"""What Slack tells the app besides good news: shared channels, repeats, forgeries, damage, hostile people."""

import json
from pathlib import Path
from urllib.parse import urlencode

from bots.sandbox.pace import Pace
from bots.sandbox.slack.courier import FORM
from bots.sandbox.slack.workspace import GENERAL
from tests.slack_user_stories import cards, handed_off, slack, thread, until_in_thread, until_told
from tests.world import world


async def test_a_mention_in_a_shared_channel_gets_one_line_and_nothing_personal(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        lin = slack(w).customer("ULIN")
        ts = await handed_off(w, lin, "真人")
        slack(w).agent().reply(ts, "secret-of-lin")
        await until_told(w, lin, "secret-of-lin")

        general = slack(w).channel(GENERAL)
        lin.post("@Onethread 我的訂單 4711 進度如何？", channel=GENERAL)
        line = await w.sandbox.hub.until(lambda: next((one for one in general.messages if one.by_app), None))
        assert "請私訊我" in line.text
        assert "<@UBOT>" in line.text
        assert line.pings == {"@UBOT"}
        assert "林" not in line.words

        slack(w).customer("UANA").post("lunch anybody?", channel=GENERAL)
        slack(w).customer("UANA").post("@Onethread agent", channel=GENERAL)
        await w.sandbox.hub.until(lambda: len([one for one in general.messages if one.by_app]) == 2)
        assert "please write to me directly" in general.messages[-1].text
        assert len(cards(w)) == 1
        for table in ("message", "person", "identity", "quarantine", "event"):
            dump = repr(await w.rows(f"SELECT * FROM {table}"))
            assert "4711" not in dump
            assert "lunch" not in dump


async def test_a_mention_comes_as_two_events_and_is_answered_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        ana = slack(w).customer("UANA")
        general = slack(w).channel(GENERAL)
        act = ana.post("@Onethread hello", channel=GENERAL)
        assert (await act.answer()).ok
        assert {one.event["type"] for one in act.deliveries} == {"message", "app_mention"}
        for delivery in act.deliveries:
            assert (await slack(w).repeat(delivery)).ok
        await ana.post("@Onethread hello again", channel=GENERAL).answer()
        await w.sandbox.hub.until(lambda: len([one for one in general.messages if one.by_app]) == 2)
        sent = await w.rows("SELECT state FROM delivery")
        assert [row["state"] for row in sent] == ["sent", "sent"]


async def test_an_event_that_comes_again_has_no_second_effect(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        ana = slack(w).customer("UANA")
        ts = await handed_off(w, ana)
        said = ana.say("only once")
        assert (await said.answer()).ok
        again = await slack(w).repeat(said.deliveries[0])  # X-Slack-Retry-Num, the same event_id
        assert again.ok
        assert (await ana.edit(said.ts, "only once, edited").answer()).ok
        assert (await slack(w).repeat()).ok
        assert (await ana.delete(said.ts).answer()).ok
        assert (await slack(w).repeat()).ok
        ana.say("and then")
        await until_in_thread(w, ts, "and then")
        assert thread(w, ts)[0].text == "only once"
        assert len(thread(w, ts)) == 4
        assert len(cards(w)) == 1


async def test_a_retry_is_taken_in_when_the_first_delivery_failed(tmp_path: Path) -> None:
    async with world(tmp_path, Pace(slack_retries=(0.2, 0.5, 1, 2))) as w:
        ana = slack(w).customer("UANA")
        await w.stop()
        said = ana.say("How do I return something?")
        answers = said.deliveries[0].answers
        await w.sandbox.hub.until(lambda: answers)
        assert answers[0].failure == "connection_failed"
        await w.start()
        assert (await said.answer()).ok
        assert (await slack(w).repeat(said.deliveries[0])).ok
        await until_told(w, ana, "within 7 days of receiving them")
        assert len(ana.answers) == 1


async def test_forged_stale_and_damaged_requests_are_told_apart(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        stand = slack(w)
        genuine = stand.customer("UANA").say("thanks")
        assert (await genuine.answer()).ok
        body = genuine.deliveries[0].body

        assert (await stand.push(body, secret="not-the-secret")).status == 401
        assert (await stand.push(body, headers={"X-Slack-Signature": ""})).status == 401
        assert (await stand.push(body, headers={"X-Slack-Signature": "v0=zero"})).status == 401
        for timestamp in ("1700000000", "0", "yesterday", "-1", "1e9", "9" * 40):
            assert (await stand.push(body, timestamp=timestamp)).status == 401
        assert (await stand.push(b"no JSON", secret="not-the-secret")).status == 401

        assert (await stand.push(b"no JSON")).status == 400
        assert (await stand.push(b"")).status == 400
        assert (await stand.push(b"\xff\xfe")).status == 400
        assert (await stand.push(b"payload=%7Bnope", FORM)).status == 400
        assert (await stand.push(b"no form at all", FORM)).status == 400
        assert (await stand.push(b"[" * 100_000)).status == 400
        assert (await stand.push(b" " * 1_100_000)).status == 413
        assert await w.rows("SELECT id FROM quarantine") == []


async def test_what_is_not_understood_is_kept_and_acknowledged(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        event = {"type": "message", "channel": "DANA", "channel_type": "im", "user": "UANA", "ts": "1.1"}
        damaged: list[object] = [
            {"type": "event_callback", "team_id": "TSHOP", "event": {**event, "ts": "now", "text": "agent"}},
            {"type": "event_callback", "team_id": "TSHOP", "event": {**event, "user": 7, "text": "agent"}},
            {"type": "event_callback", "team_id": ["T"], "event": event},
            {"type": "event_callback", "event": "message"},
            {"type": "block_actions", "actions": []},
            {"type": "telepathy"},
            {},
            [1, 2],
            "agent",
            None,
        ]
        for body in damaged:
            assert (await slack(w).push(json.dumps(body).encode())).status == 200
        kept = await w.rows("SELECT platform, payload FROM quarantine ORDER BY id")
        assert [json.loads(row["payload"]) for row in kept] == damaged
        assert (await slack(w).push(urlencode({"payload": '{"type": "telepathy"}'}).encode(), FORM)).ok
        assert not cards(w)


async def test_slack_is_answered_when_it_checks_the_address(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        check = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
        answer = await slack(w).push(check)
        assert (answer.status, json.loads(answer.body)) == (200, {"challenge": "3eZbrw1aB"})
        assert (await slack(w).push(check, secret="not-the-secret")).status == 401


async def test_hostile_people_ping_nobody(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        name = "<!channel> @Mei *Admin*\u202e\u200b"
        stranger = slack(w).newcomer(name)
        ts = await handed_off(w, stranger)
        stranger.say("@channel @here @Mei <!here> <https://evil.example|Slack> *b* `c` & &lt;!here&gt;")
        stranger.say("\u202eevil\u202c ]]> \u200b@everyone <@UMEI>")
        await until_in_thread(w, ts, "everyone")

        posts = [cards(w)[0], *thread(w, ts)]
        assert len([line for message in thread(w, ts) for line in message.text.splitlines()]) == 2
        assert not set().union(*(message.pings for message in posts))
        for message in thread(w, ts):
            assert message.username.endswith(" · Slack")
            assert not set("<>@\u202e\u200b") & set(message.username)
            assert "<" not in message.text
        answers = [message for message in stranger.messages if message.by_app]
        assert answers
        assert not set().union(*(message.pings for message in answers))
