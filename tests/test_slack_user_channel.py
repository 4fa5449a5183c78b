"""What Onethread sends to people in Slack, how it is looked up, and what doctor says of the app."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from ruamel.yaml import YAML

from bots.slack.channel import FILE_LIMIT, SlackChannel
from bots.slack.checkup import SCOPES
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.messages import Address, Attachment, Choice, Outbound
from core.ports import Channel
from tests.slack_web import slack_at_work

LIN = Address(platform="slack", account="slack", user="U1", chat="D1")
SINCE = datetime(2026, 3, 2, tzinfo=UTC)


async def unkept(trace: str) -> None:
    raise AssertionError(f"nothing to keep: {trace}")


async def test_a_text_can_neither_ping_nor_format() -> None:
    async with slack_at_work() as (slack, api, _):
        sent = await SlackChannel(api).send(Outbound(key="d1", to=LIN, text="<!channel> *a* & b"), unkept)
        (post,) = slack.of("chat.postMessage")
        assert sent == "1700000000.000001"
        assert post == {
            "channel": "D1",
            "text": "&lt;!channel&gt; *a* &amp; b",
            "mrkdwn": False,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {"event_type": "onethread_delivery", "event_payload": {"key": "d1"}},
        }


async def test_choices_are_buttons() -> None:
    choices = (Choice(id="faq:a", label="怎么退货?"), Choice(id="person", label="<@U1> " + "长" * 100))
    async with slack_at_work() as (slack, api, _):
        await SlackChannel(api).send(
            Outbound(key="d1", to=LIN, text="Did you mean <b>?", choices=choices), unkept
        )
        (post,) = slack.of("chat.postMessage")
        section, actions = post["blocks"]
        assert section["text"] == {"type": "plain_text", "text": "Did you mean <b>?", "emoji": False}
        assert [button["value"] for button in actions["elements"]] == ["faq:a", "person"]
        assert [button["action_id"] for button in actions["elements"]] == ["choose:1", "choose:2"]
        labels = [button["text"]["text"] for button in actions["elements"]]
        assert labels[0] == "怎么退货?"
        assert len(labels[1]) == 75
        assert "<@" not in labels[1]


async def test_no_block_is_longer_than_slack_takes() -> None:
    async with slack_at_work() as (slack, api, _):
        choices = (Choice(id="a", label=""),)
        await SlackChannel(api).send(Outbound(key="d1", to=LIN, text="<@U1>" * 600, choices=choices), unkept)
        (post,) = slack.of("chat.postMessage")
        sections = [block["text"]["text"] for block in post["blocks"] if block["type"] == "section"]
        assert max(len(text) for text in sections) <= 3000
        assert len("".join(sections)) == 3600
        assert post["blocks"][-1]["elements"][0]["text"]["text"] == "…"


async def test_in_a_shared_chat_the_way_to_us_is_a_mention() -> None:
    async with slack_at_work() as (slack, api, _):
        channel = SlackChannel(api)
        text = f"Please write to {channel.home} directly, <@U1>"
        await channel.send(Outbound(key="d1", to=LIN, text=text), unkept)
        (post,) = slack.of("chat.postMessage")
        assert post["text"] == "Please write to <@UBOT> directly, &lt;@U1&gt;"


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ({"error": "channel_not_found"}, Unreachable),
        ({"error": "is_archived"}, Unreachable),
        ({"error": "cannot_dm_bot"}, Unreachable),
        ({"error": "invalid_blocks"}, Rejected),
        ({"error": "ratelimited"}, RetryLater),
        ("hang up", Unconfirmed),
    ],
)
async def test_a_send_that_fails(answer: Any, meaning: type[Exception]) -> None:
    async with slack_at_work() as (slack, api, _):
        slack.script["chat.postMessage"] = [answer]
        with pytest.raises(meaning):
            await SlackChannel(api).send(Outbound(key="d1", to=LIN, text="hi"), unkept)


async def test_a_file_goes_to_the_chat(tmp_path: Path) -> None:
    kept: list[str] = []

    async def keep(trace: str) -> None:
        kept.append(trace)

    (tmp_path / "abc").write_bytes(b"\x89PNG")
    picture = Attachment(kind="image", path=str(tmp_path / "abc"), name="票\u202e.png", mime="image/png")
    async with slack_at_work() as (slack, api, _):
        message = Outbound(key="d1", to=LIN, attachments=(picture,))
        assert await SlackChannel(api).send(message, keep) == "F9"
        assert kept == ["F9"]
        assert slack.uploads == [b"\x89PNG"]
        assert slack.of("files.getUploadURLExternal") == [{"filename": "票.png", "length": "4"}]
        slack.script["files.info"] = [{"file": {"ims": ["D1"]}}, {"file": {}}]
        assert await SlackChannel(api).find(message, "F9", SINCE) == "F9"
        assert await SlackChannel(api).find(message, "F9", SINCE) is None
        assert await SlackChannel(api).find(message, "", SINCE) is None


async def test_a_file_that_the_store_has_lost(tmp_path: Path) -> None:
    lost = Attachment(kind="image", path=str(tmp_path / "gone"))
    async with slack_at_work() as (_, api, _settings):
        with pytest.raises(Rejected):
            await SlackChannel(api).send(Outbound(key="d1", to=LIN, attachments=(lost,)), unkept)


def posted(key: str, ts: str, kind: str = "onethread_delivery") -> dict[str, Any]:
    return {"ts": ts, "metadata": {"event_type": kind, "event_payload": {"key": key}}}


async def test_a_text_is_found_by_its_key() -> None:
    async with slack_at_work() as (slack, api, _):
        first = {
            "messages": [{"ts": "1.1"}, posted("d1", "1.2", "other")],
            "response_metadata": {"next_cursor": "n"},
        }
        slack.script["conversations.history"] = [
            first,
            {"messages": [posted("d2", "1.3"), posted("d1", "1.4")]},
        ]
        assert await SlackChannel(api).find(Outbound(key="d1", to=LIN, text="hi"), "", SINCE) == "1.4"
        one, two = slack.of("conversations.history")
        assert (one["channel"], one["oldest"], one["include_all_metadata"]) == (
            "D1",
            "1772409540.000000",
            "1",
        )
        assert ("cursor" in one, two["cursor"]) == (False, "n")


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [({}, None), ({"error": "channel_not_found"}, None), ({"error": "missing_scope"}, RetryLater)],
)
async def test_a_text_that_is_not_found(answer: Mapping[str, Any], meaning: type[Exception] | None) -> None:
    async with slack_at_work() as (slack, api, _):
        slack.script["conversations.history"] = [answer]
        message = Outbound(key="d1", to=LIN, text="hi")
        if meaning is None:
            assert await SlackChannel(api).find(message, "", SINCE) is None
        else:
            with pytest.raises(meaning):
                await SlackChannel(api).find(message, "", SINCE)


async def test_who_came_by_a_command_has_a_chat_too() -> None:
    async with slack_at_work() as (slack, api, _):
        by_command = Address(platform="slack", account="slack", user="U1", chat="U1")
        await SlackChannel(api).find(Outbound(key="d1", to=by_command, text="hi"), "", SINCE)
        assert slack.of("conversations.history")[0]["channel"] == "D7"


async def test_an_attachment_is_fetched() -> None:
    async with slack_at_work() as (slack, api, _):
        slack.paths["/f/a.png"] = lambda _: web.Response(body=b"\x89PNG", content_type="image/png")
        slack.script["files.info"] = [{"file": {"url_private": f"{slack.base}/f/a.png"}}]
        for ref in (f"{slack.base}/f/a.png", "F1"):
            found = await SlackChannel(api).fetch(Attachment(kind="image", ref=ref, name="a.png"))
            assert (found.data, found.mime, found.name) == (b"\x89PNG", "image/png", "a.png")
        with pytest.raises(Rejected):
            await SlackChannel(api).fetch(Attachment(kind="file", ref="F2"))


async def test_what_it_can_do() -> None:
    async with slack_at_work() as (_, api, _settings):
        channel: Channel = SlackChannel(api)
        able = channel.capabilities
        assert (able.choices, able.choice_label_limit, able.text_limit, able.lookup) == (25, 75, 3000, True)
        assert able.media["image"].bytes == FILE_LIMIT
        await channel.typing(LIN)


# --- doctor -------------------------------------------------------------------------------------------------

CHECKS: list[tuple[str, Sequence[Any], str]] = [
    ("auth.test", [{"error": "invalid_auth"}], "xoxb-"),
    ("auth.test", [{"error": "org_login_required"}], "org_login_required"),
    ("auth.test", ["hang up", "hang up"], "status.slack.com"),
    ("apps.connections.open", [{"error": "invalid_auth"}], "xapp-"),
    ("conversations.info", [{"channel": {"is_member": False}}], "/invite @Onethread"),
    ("conversations.info", [{"channel": {"is_member": True, "is_archived": True}}], "archived"),
    ("conversations.info", [{"error": "channel_not_found"}], "support_channel"),
    ("conversations.info", [{"error": "missing_scope"}], "Reinstall"),
]


@pytest.mark.parametrize(("method", "answers", "step"), CHECKS)
async def test_doctor_names_the_next_step(method: str, answers: Sequence[Any], step: str) -> None:
    async with slack_at_work(app_token="xapp-1") as (slack, api, _):
        slack.script[method] = list(answers)
        wrong = [finding for finding in await SlackChannel(api).check() if not finding.ok]
        assert [finding for finding in wrong if step in finding.next_step], wrong


async def test_doctor_names_every_missing_scope() -> None:
    async with slack_at_work() as (_, api, _settings):
        found = await SlackChannel(api).check()
        missing = [finding.what.rpartition(" ")[2] for finding in found if "scope" in finding.what]
        assert missing == [scope for scope in SCOPES if scope not in ("chat:write", "im:write")]


async def test_doctor_finds_all_well() -> None:
    async with slack_at_work(app_token="xapp-1") as (slack, api, _):
        well = {"ok": True, "user_id": "UBOT", "team_id": "T1"}
        slack.script["auth.test"] = [web.json_response(well, headers={"X-OAuth-Scopes": ",".join(SCOPES)})]
        found = await SlackChannel(api).check()
        assert [finding.ok for finding in found] == [True, True, True]


def test_the_manifest_asks_for_what_doctor_looks_for() -> None:
    path = Path(__file__).parent.parent / "config" / "slack-manifest.yaml"
    manifest = YAML(typ="safe").load(path)
    assert sorted(manifest["oauth_config"]["scopes"]["bot"]) == sorted(SCOPES)
    settings = manifest["settings"]
    assert {"message.im", "message.channels", "app_mention", "reaction_added"} <= set(
        settings["event_subscriptions"]["bot_events"]
    )
    assert settings["interactivity"]["request_url"] == settings["event_subscriptions"]["request_url"]
    assert json.dumps(manifest)
