"""Changing and taking back what people who write to the Slack app directly were sent."""

from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from bots.slack.channel import SlackChannel
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.messages import Address, Outbound
from tests.slack_web import slack_at_work

LIN = Address(platform="slack", account="slack", user="U1", chat="D1")
BY_COMMAND = Address(platform="slack", account="slack", user="U1", chat="U1")


def text(words: str, to: Address = LIN) -> Outbound:
    return Outbound(key="edit:5:0", to=to, text=words)


async def test_a_message_gets_new_words_that_call_nobody() -> None:
    async with slack_at_work() as (slack, api, _):
        channel = SlackChannel(api)
        assert (channel.capabilities.edits, channel.capabilities.deletes) == (True, True)
        await channel.edit(text("<!channel> & more"), "1.1")
        await channel.edit(text("hello", BY_COMMAND), "1.2")
        first, second = slack.of("chat.update")
        assert first == {"channel": "D1", "ts": "1.1", "text": "&lt;!channel&gt; &amp; more"}
        assert (second["channel"], second["ts"]) == ("D7", "1.2")


async def test_messages_and_files_are_taken_back() -> None:
    async with slack_at_work() as (slack, api, _):
        channel = SlackChannel(api)
        await channel.delete(LIN, "1.1")
        await channel.delete(BY_COMMAND, "1.2")
        await channel.delete(LIN, "F9")
        assert slack.of("chat.delete") == [{"channel": "D1", "ts": "1.1"}, {"channel": "D7", "ts": "1.2"}]
        assert slack.of("files.delete") == [{"file": "F9"}]


async def test_what_is_gone_already_is_well() -> None:
    async with slack_at_work() as (slack, api, _):
        slack.script["chat.delete"] = [{"error": "message_not_found"}]
        slack.script["files.delete"] = [{"error": "file_deleted"}, {"error": "file_not_found"}]
        for id in ("1.1", "F9", "F9"):
            await SlackChannel(api).delete(LIN, id)


@pytest.mark.parametrize(
    ("method", "answer", "meaning", "words"),
    [
        ("chat.update", {"error": "message_not_found"}, Rejected, "no longer in the chat"),
        ("chat.update", {"error": "cant_update_message"}, Rejected, "any more"),
        ("chat.update", {"error": "edit_window_closed"}, Rejected, "time"),
        ("chat.update", {"error": "msg_too_long"}, Rejected, "longer"),
        ("chat.update", {"error": "invalid_blocks"}, Rejected, "invalid_blocks"),
        ("chat.update", {"error": "channel_not_found"}, Unreachable, "channel_not_found"),
        ("chat.update", {"error": "ratelimited"}, RetryLater, "rate limit"),
        ("chat.update", "hang up", RetryLater, "chat.update"),
        ("chat.delete", {"error": "cant_delete_message"}, Rejected, "still sees it"),
        ("chat.delete", {"error": "is_archived"}, Unreachable, "is_archived"),
        ("chat.delete", "hang up", Unconfirmed, "chat.delete"),
        ("files.delete", {"error": "cant_delete_file"}, Rejected, "still sees it"),
    ],
)
async def test_what_answers_mean(
    method: str, answer: Mapping[str, Any] | web.StreamResponse | str, meaning: type[Exception], words: str
) -> None:
    async with slack_at_work() as (slack, api, _):
        slack.script[method] = [answer]
        channel = SlackChannel(api)
        doing = {
            "chat.update": channel.edit(text("new"), "1.1"),
            "chat.delete": channel.delete(LIN, "1.1"),
            "files.delete": channel.delete(LIN, "F9"),
        }
        with pytest.raises(meaning, match=words):
            await doing.pop(method)
        for other in doing.values():
            other.close()
