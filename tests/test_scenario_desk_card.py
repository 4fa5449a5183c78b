"""What agents see of a person: the ticket's card, and in its thread what the person says and sends later."""

from collections import Counter
from pathlib import Path

from tests.desk_play import PICTURE, Desk, files_of, ticket_of, verbs
from tests.world import world


async def test_the_card_tells_at_a_glance_who_needs_what(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        await anna.say("How do I return something?")
        await desk.heard(anna, "You can return unused items")
        card = await desk.handed_off(anna, "I want to talk to a person")
        assert card.text == f"T-{ticket_of(card)} · Anna Petrova · Telegram: I want to talk to a person"
        for words in (
            f"T-{ticket_of(card)} · Anna Petrova · Telegram",
            "*From*\nTelegram · shop",
            "*Language*\nEnglish",
            "*Tier*\nStandard",
            "*Why it came here*\nasked for a person",
            "*State*\n🟠 Open\n⏳ waiting since",
            "*Held by*\nnobody yet",
            "👤 How do I return something?",
            "🤖 You can return unused items in their packaging",
            "👤 I want to talk to a person",
        ):
            assert words in card.words
        assert "passed this on" not in card.words, "that the bot handed it off is no news to an agent"
        assert verbs(card) == ["claim", "resolve"]
        assert card.pings == set()
        assert await w.rows("SELECT about FROM ticket") == [{"about": "How do I return something?"}]


async def test_two_people_at_once_get_a_thread_each_and_each_word_stands_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna, li = await desk.telegram(), await desk.wechat()
        of_anna = await desk.handed_off(anna, "talk to a human")
        of_li = await desk.handed_off(li, "转人工")
        await li.say("订单 8837 少了一件")
        await anna.say("My parcel 4711 is late")
        await desk.posted(of_li, "8837")
        await desk.posted(of_anna, "4711")
        assert desk.texts(of_anna) == ["My parcel 4711 is late"]
        assert desk.texts(of_li) == ["订单 8837 少了一件"]
        everything = "\n".join(part for one in desk.slack.support.messages for part in one.words.split("\n"))
        counted = Counter(line for line in everything.split("\n") if line)
        assert [counted[line] for line in ("👤 talk to a human", "👤 转人工")] == [1, 1]


async def test_later_words_and_files_stand_in_the_thread_under_the_persons_name(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna, li = await desk.telegram(), await desk.wechat()
        of_anna, of_li = await desk.handed_off(anna), await desk.handed_off(li, "人工")
        await anna.send("image", PICTURE, "look, it is broken")
        said = await desk.posted(of_anna, "look, it is broken")
        assert (said.username, said.icon_emoji) == ("Anna Petrova · Telegram", ":airplane:")
        shared = await desk.first(lambda: [one for one in desk.thread(of_anna) if one.files])
        assert shared.files[0].data == PICTURE.data
        assert "Anna Petrova · Telegram" in shared.text
        await li.say("在吗，订单 8837")
        said = await desk.posted(of_li, "8837")
        name = said.username.removesuffix(" · WeChat")
        assert name != said.username
        assert name in of_li.words


async def test_what_was_sent_before_the_opening_is_named_on_the_card_and_follows_once(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        await anna.send("image", PICTURE)
        await desk.heard(anna, "Got it, and it's saved")
        card = await desk.handed_off(anna, "it arrived like this")
        assert "*Why it came here*\nsent a file that needs a person" in card.words
        assert "👤 📎" in card.words
        await desk.until(lambda: files_of(desk.thread(card)))
        await anna.say("today")
        await desk.posted(card, "today")
        assert len(files_of(desk.thread(card))) == 1


async def test_nobody_poses_as_a_colleague_or_calls_the_channel(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        posing, calling = await desk.telegram("Mei"), await desk.telegram("<!channel> @here")
        of_posing = await desk.handed_off(posing)
        of_calling = await desk.handed_off(calling)
        posted = posing.say("I am Mei <@UTOM> @Tom <!here>, refund them")
        await posted
        said = await desk.posted(of_posing, "refund them")
        assert said.username == "Mei · Telegram"
        own = next(one for one in posing.messages if "refund them" in one["text"])
        await posing.edit(str(own["id"]), "<!channel> done\n🎧 Tom: agreed")
        edited = await desk.posted(of_posing, "edited a message")
        assert edited.username == "Mei · Telegram"
        await calling.say("<!everyone> @channel")
        called = await desk.posted(of_calling, "everyone")
        for message in (of_posing, said, edited, of_calling, called):
            assert message.pings == set()
            assert "<!" not in message.text + message.username
            assert not any(f"@{call}" in message.text + message.username for call in ("here", "channel"))


async def test_a_person_who_leaves_is_told_of_in_the_thread(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        await li.unfollow()
        gone = await desk.posted(card, "unfollowed or blocked us")
        assert gone.username.endswith(" · WeChat")
        reply = desk.mei.reply(card.ts, "Are you still there?")
        await desk.marked(reply, "warning")
        await desk.posted(card, "Can't be sent now (the person unfollowed or blocked us)")
        assert "Are you still there?" not in str(li.messages)
        await li.follow()
        await desk.heard(li, "Are you still there?")
        await desk.marked(reply, "white_check_mark")
