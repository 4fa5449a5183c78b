"""Slack as the desk, over real HTTP against a small workspace: posts, files, marks, look-ups, members."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.sandbox.slack.blocks import message_mistakes
from bots.slack.api import SlackApi
from bots.slack.desk.bylines import byline, unformatted
from bots.slack.desk.desk import SlackDesk
from bots.slack.lengths import length
from bots.slack.lookup import PAGES
from bots.slack.text import safe
from core.desk import Button, Card, Line, Mark, Post, Whisper
from core.errors import Closed, Rejected, RetryLater, Unconfirmed
from core.messages import Attachment, Say, Thread
from tests.desk_workspace import NOW, SUPPORT, Workspace, in_language, open_workspace

CARD = Card(
    ticket=1042,
    state="open",
    person="Lin",
    platform="wechat",
    account="shop",
    language="zh-CN",
    tier="standard",
    reason="misses",
    channel=SUPPORT,
    opened_at=NOW,
    waiting_since=NOW,
    story=(Line(by="person", text="发票抬头能改吗", at=NOW),),
)
SINCE = NOW - timedelta(minutes=1)


@pytest.fixture
async def slack() -> AsyncIterator[tuple[Workspace, SlackApi]]:
    async with open_workspace() as opened:
        yield opened


@pytest.fixture
def workspace(slack: tuple[Workspace, SlackApi]) -> Workspace:
    return slack[0]


@pytest.fixture
def desk(slack: tuple[Workspace, SlackApi]) -> SlackDesk:
    return SlackDesk(slack[1], in_language("en"))


class Kept(list[str]):
    """What a send made durable before its last step."""

    async def __call__(self, trace: str) -> None:
        self.append(trace)


async def opened(desk: SlackDesk) -> Thread:
    return await desk.open("open:1042", CARD)


# --- cards --------------------------------------------------------------------------------------------------


async def test_a_card_opens_the_thread_and_bears_its_key(workspace: Workspace, desk: SlackDesk) -> None:
    thread = await opened(desk)
    posted = workspace.messages[thread.id]
    assert thread.channel == SUPPORT
    assert posted["metadata"] == {"event_type": "onethread_delivery", "event_payload": {"key": "open:1042"}}
    assert posted["blocks"][0]["text"]["text"] == "🟠 T-1042 · Lin · WeChat"
    assert "username" not in posted


async def test_a_card_is_edited_in_place(workspace: Workspace, desk: SlackDesk) -> None:
    thread = await opened(desk)
    await desk.update(thread, CARD)
    assert len(workspace.messages) == 1
    assert [said["ts"] for said in workspace.called("chat.update")] == [thread.id]


async def test_a_card_that_was_deleted_is_refused_in_words(desk: SlackDesk) -> None:
    with pytest.raises(Rejected, match="deleted in Slack"):
        await desk.update(Thread(channel=SUPPORT, id="1.000000"), CARD)


# --- posts --------------------------------------------------------------------------------------------------


async def test_words_stand_under_the_persons_name(workspace: Workspace, desk: SlackDesk) -> None:
    thread = await opened(desk)
    post = Post(text="*hi* <!channel> & @here", author="<!channel> Lin\u202e", platform="wechat")
    id = await desk.post("post:7", thread, post, Kept())
    said = workspace.messages[id]
    assert said["username"] == "‹!channel› Lin · WeChat"
    assert said["icon_emoji"] == ":speech_balloon:"
    assert said["thread_ts"] == thread.id
    assert said["metadata"]["event_payload"] == {"key": "post:7"}
    assert (said["mrkdwn"], said["link_names"], said["unfurl_links"], said["unfurl_media"]) == (False,) * 4
    assert said["text"].startswith("*hi* &lt;!channel&gt; &amp; @")
    assert "@here" not in said["text"]


@pytest.mark.parametrize("words", ["字" * 5000, "&" * 5000, "<!channel> " * 600])
async def test_what_can_be_pressed_is_never_lost_in_a_file(
    workspace: Workspace, desk: SlackDesk, words: str
) -> None:
    send = Button(verb="send", label="button.send", about="#7", values={"argument": words})
    id = await desk.post(
        "unsent:7", await opened(desk), Post(text=words, buttons=(send,), ticket=1042), Kept()
    )
    said = workspace.messages[id]
    assert message_mistakes(said["blocks"]) == []
    assert length(said["text"]) <= 4000
    assert [block["type"] for block in said["blocks"]] == ["section", "actions"]
    assert not workspace.shared


async def test_a_long_whisper_is_cut(workspace: Workspace, desk: SlackDesk) -> None:
    long = Whisper(say=Say(name="desk.held_costly", params={"kinds": "", "text": "&" * 4000}), ticket=1042)
    pressed = replace(
        long, buttons=(Button(verb="find", label="button.find", values={"argument": '"' * 4000}),)
    )
    for whisper in (long, pressed):
        await desk.whisper(Thread(channel=SUPPORT, id="1.000001"), "U0MEI", whisper)
    plain, drawn = workspace.called("chat.postEphemeral")
    assert all(length(said["text"]) <= 4000 and said["text"].endswith("…") for said in (plain, drawn))
    assert message_mistakes(drawn["blocks"]) == []


async def test_a_notice_stands_under_the_apps_own_name(workspace: Workspace, desk: SlackDesk) -> None:
    id = await desk.post("post:8", await opened(desk), Post(text="Lin unfollowed us"), Kept())
    assert not {"username", "icon_emoji"} & set(workspace.messages[id])


@pytest.mark.parametrize("blank", ["", " \n", "\u200b\u2060", "\u202e"])
async def test_invisible_words_are_shown_to_be_so(workspace: Workspace, desk: SlackDesk, blank: str) -> None:
    post = Post(text=blank, author="Lin", platform="telegram")
    id = await desk.post("post:9", await opened(desk), post, Kept())
    assert workspace.messages[id]["text"] == "(an empty message)"


@pytest.mark.parametrize("text", ["退货" * 17_000, "&" * 801, "😀" * 2001])
async def test_very_long_words_arrive_whole_as_a_text_file(
    workspace: Workspace, desk: SlackDesk, text: str
) -> None:
    kept = Kept()
    post = Post(text=text, author="Lin *", platform="wechat")
    id = await desk.post("post:1", await opened(desk), post, kept)
    assert kept == [id]
    assert workspace.files[id].decode() == text
    assert workspace.called("files.getUploadURLExternal")[0]["filename"] == "message.txt"
    assert workspace.shared[id]["initial_comment"].startswith("*Lin ＊ · WeChat*\n📄 A long message")
    assert len(workspace.called("chat.postMessage")) == 1, "the card alone"


@pytest.mark.parametrize("text", ["a" * 4000, "&" * 800, "😀" * 2000])
async def test_what_fits_stays_a_message(workspace: Workspace, desk: SlackDesk, text: str) -> None:
    id = await desk.post(
        "post:1", await opened(desk), Post(text=text, author="Lin", platform="wechat"), Kept()
    )
    assert workspace.messages[id]["text"] == safe(text)


@given(text=st.text(), name=st.text())
def test_nothing_that_a_person_writes_is_markup(text: str, name: str) -> None:
    for shown in (safe(text), unformatted(text), byline(name, "wechat")):
        assert not {"<", ">"} & set(shown)
    assert not {"*", "_", "~", "`", "\n"} & set(unformatted(text))
    assert byline(name, "wechat").endswith("WeChat")


async def test_a_post_into_a_thread_that_is_gone_is_taken_back(workspace: Workspace, desk: SlackDesk) -> None:
    """Slack posts it into the Slack channel instead, and calls that well."""
    workspace.unthread = True
    with pytest.raises(Rejected, match="deleted in Slack"):
        await desk.post("post:1", Thread(channel=SUPPORT, id="1.000000"), Post(text="hi"), Kept())
    assert workspace.messages == {}


@pytest.mark.parametrize("look", [{}, 503])
async def test_an_answer_that_names_no_thread_is_no_proof(
    workspace: Workspace, desk: SlackDesk, look: dict[str, str] | int
) -> None:
    thread = await opened(desk)
    workspace.unthread = True
    workspace.fail["conversations.replies"] = [look]
    id = await desk.post("post:1", thread, Post(text="hi"), Kept())
    assert id in workspace.messages


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("thread_not_found", "deleted in Slack"),
        ("not_in_channel", "/invite"),
        ("channel_not_found", "/invite"),
        ("token_revoked", "bot_token"),
        ("is_archived", "archived"),
        ("missing_scope", "manifest"),
        ("something_new", r"Slack refused it \(something_new\)"),
        ("user_not_found", r"Slack refused it \(user_not_found\)"),
    ],
)
async def test_refusals_are_told_in_words(
    workspace: Workspace, desk: SlackDesk, code: str, words: str
) -> None:
    workspace.fail["chat.postMessage"] = [{"ok": False, "error": code}]
    with pytest.raises((Rejected, Closed), match=words):
        await desk.post("post:1", Thread(channel=SUPPORT, id="1.000000"), Post(text="hi"), Kept())


async def test_slack_busy_is_a_matter_of_time(workspace: Workspace, desk: SlackDesk) -> None:
    workspace.fail["chat.postMessage"] = [429]
    with pytest.raises(RetryLater) as raised:
        await opened(desk)
    assert raised.value.after == timedelta(seconds=7)


# --- files --------------------------------------------------------------------------------------------------


@pytest.fixture
def voice(tmp_path: Path) -> Attachment:
    (tmp_path / "0af3").write_bytes(b"voice")
    transcript = "退货 *怎么* <!here>\n办"
    return Attachment(kind="voice", path=str(tmp_path / "0af3"), name="a\u202eb.mp3", transcript=transcript)


async def test_a_file_says_whose_it_is_and_what_was_heard(
    workspace: Workspace, desk: SlackDesk, voice: Attachment
) -> None:
    kept, thread = Kept(), await opened(desk)
    post = Post(text="", author="Lin", platform="telegram", attachments=(voice,))
    id = await desk.post("file:1", thread, post, kept)
    shared = workspace.shared[id]
    assert (kept, workspace.files[id]) == ([id], b"voice")
    assert (shared["channel_id"], shared["thread_ts"]) == (thread.channel, thread.id)
    assert shared["files"] == [{"id": id, "title": "ab.mp3"}]
    heard = "🎤 Recognised speech: 退货 ＊怎么＊ &lt;!here&gt; 办"
    assert shared["initial_comment"] == f"*Lin · Telegram*\n{heard}"


async def test_a_file_that_is_missing_is_refused(desk: SlackDesk, voice: Attachment) -> None:
    gone = replace(voice, path=f"{voice.path}.gone")
    post = Post(text="", author="Lin", platform="wechat", attachments=(gone,))
    with pytest.raises(Rejected, match="no longer on the server"):
        await desk.post("file:1", Thread(channel=SUPPORT, id="1.000000"), post, Kept())


async def test_a_lost_upload_is_found_by_its_trace(
    workspace: Workspace, desk: SlackDesk, voice: Attachment
) -> None:
    kept, thread = Kept(), await opened(desk)
    workspace.lose.append("files.completeUploadExternal")
    post = Post(text="", author="Lin", platform="wechat", attachments=(voice,))
    with pytest.raises(Unconfirmed):
        await desk.post("file:1", thread, post, kept)
    assert await desk.find("file:1", kept[0], SUPPORT, thread, SINCE) == kept[0]
    workspace.shared.clear()
    assert await desk.find("file:1", kept[0], SUPPORT, thread, SINCE) is None


@pytest.mark.parametrize("by_id", [True, False])
async def test_a_file_of_an_agent_is_fetched(workspace: Workspace, desk: SlackDesk, by_id: bool) -> None:
    workspace.files["F9"] = b"png"
    ref = "F9" if by_id else f"{workspace.url}/get/F9"
    found = await desk.fetch(Attachment(kind="image", ref=ref, name="x.png"))
    assert (found.data, found.name, found.mime) == (b"png", "x.png", "image/png")


async def test_a_file_without_an_address_is_refused(desk: SlackDesk) -> None:
    with pytest.raises(Rejected):
        await desk.fetch(Attachment(kind="file", ref="F404"))


# --- look-ups -----------------------------------------------------------------------------------------------


async def test_a_post_whose_answer_was_lost_is_found(workspace: Workspace, desk: SlackDesk) -> None:
    thread = await opened(desk)
    workspace.page = 2
    for n in range(3):
        await desk.post(f"post:{n}", thread, Post(text="before"), Kept())
    workspace.lose.append("chat.postMessage")
    with pytest.raises(Unconfirmed):
        await desk.post("post:7", thread, Post(text="lost"), Kept())
    found = await desk.find("post:7", "", SUPPORT, thread, SINCE)
    assert found
    assert workspace.messages[found]["text"] == "lost"
    assert await desk.find("post:8", "", SUPPORT, thread, SINCE) is None


async def test_a_card_whose_answer_was_lost_is_found(workspace: Workspace, desk: SlackDesk) -> None:
    workspace.lose.append("chat.postMessage")
    with pytest.raises(Unconfirmed):
        await opened(desk)
    assert await desk.find("open:1042", "", SUPPORT, None, SINCE) == next(iter(workspace.messages))
    assert float(workspace.called("conversations.history")[0]["oldest"]) < SINCE.timestamp()


async def test_a_look_up_is_bounded(workspace: Workspace, desk: SlackDesk) -> None:
    workspace.page = 1
    for n in range(PAGES + 2):
        await desk.open(f"open:{n}", CARD)
    assert await desk.find("open:none", "", SUPPORT, None, SINCE) is None
    assert len(workspace.called("conversations.history")) == PAGES


async def test_nothing_arrived_in_a_thread_that_is_gone(desk: SlackDesk) -> None:
    thread = Thread(channel=SUPPORT, id="1.000000")
    assert await desk.find("post:1", "", SUPPORT, thread, SINCE) is None


# --- marks and whispers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "before", "calls", "left"),
    [
        ("sent", None, ["reactions.add"], {"white_check_mark"}),
        ("waiting", None, ["reactions.add"], {"hourglass_flowing_sand"}),
        ("failed", None, ["reactions.add"], {"warning"}),
        ("sent", "waiting", ["reactions.add", "reactions.remove"], {"white_check_mark"}),
        ("sent", "sent", ["reactions.add"], {"white_check_mark"}),
    ],
)
async def test_marks(
    workspace: Workspace, desk: SlackDesk, mark: Mark, before: Mark | None, calls: list[str], left: set[str]
) -> None:
    thread = Thread(channel=SUPPORT, id="1.000000")
    if before:
        await desk.mark(thread, "5.000000", before, None)
        workspace.calls.clear()
    await desk.mark(thread, "5.000000", mark, before)
    assert workspace.methods() == calls
    assert {name for _, name in workspace.reactions} == left


@pytest.mark.parametrize("code", ["already_reacted", "no_reaction", "message_not_found"])
async def test_a_mark_with_nothing_left_to_do_is_well(
    workspace: Workspace, desk: SlackDesk, code: str
) -> None:
    workspace.fail = {name: [{"ok": False, "error": code}] for name in ("reactions.add", "reactions.remove")}
    await desk.mark(Thread(channel=SUPPORT, id="1.000000"), "5.000000", "sent", "waiting")
    assert workspace.methods() == ["reactions.add", "reactions.remove"]


async def test_a_mark_that_is_refused_says_so(workspace: Workspace, desk: SlackDesk) -> None:
    workspace.fail["reactions.add"] = [{"ok": False, "error": "too_many_reactions"}]
    with pytest.raises(Rejected, match="too_many_reactions"):
        await desk.mark(Thread(channel=SUPPORT, id="1.000000"), "5.000000", "sent", None)


async def test_a_whisper_is_for_one_agent_and_inert(workspace: Workspace, desk: SlackDesk) -> None:
    say = Say(name="desk.already_claimed", params={"number": 1042, "agent": "<!here>"})
    await desk.whisper(Thread(channel=SUPPORT, id="1.000000"), "U0MEI", Whisper(say=say))
    assert workspace.called("chat.postEphemeral") == [
        {
            "channel": SUPPORT,
            "user": "U0MEI",
            "thread_ts": "1.000000",
            "text": "&lt;!here&gt; already holds T-1042.",
        }
    ]


async def test_who_is_not_in_the_channel_reads_a_whisper_directly(
    workspace: Workspace, desk: SlackDesk
) -> None:
    workspace.fail["chat.postEphemeral"] = [{"ok": False, "error": "user_not_in_channel"}]
    await desk.whisper(
        Thread(channel=SUPPORT, id="1.000000"), "U0PAT", Whisper(say=Say(name="desk.not_an_agent"))
    )
    [told] = workspace.called("chat.postMessage")
    assert told["channel"] == "U0PAT"
    assert told["text"].startswith("Not sent, because you're not in the support channel.")


@pytest.mark.parametrize("wrong", [{"ok": False, "error": "messages_tab_disabled"}, 503, 429, 200])
async def test_a_whisper_may_be_lost(
    workspace: Workspace, desk: SlackDesk, wrong: dict[str, object] | int
) -> None:
    workspace.fail["chat.postEphemeral"] = [wrong]
    await desk.whisper(Thread(channel=SUPPORT, id=""), "U0MEI", Whisper(say=Say(name="desk.nothing_to_send")))
    assert "thread_ts" not in workspace.called("chat.postEphemeral")[0]
