"""A person with Telegram who may talk to a bot: what they can do, and what their phone shows."""

import asyncio
import re
import secrets
from collections.abc import Sequence

from bots.sandbox.acting import Refused, Upload
from bots.sandbox.hub import Json
from bots.sandbox.pushing import Pushed
from bots.sandbox.telegram.bot import Bot
from bots.sandbox.telegram.chats import Group, Message
from bots.sandbox.telegram.failure import Failure, bad
from bots.sandbox.telegram.files import TINY_WEBP, Sent
from bots.sandbox.telegram.texts import commands_in
from bots.sandbox.telegram.updates import CALLBACK_LIFE

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
KINDS = {"image": "photo", "voice": "voice", "video": "video", "file": "document", "audio": "audio"}

Going = asyncio.Task[Pushed]


class TelegramPhone:
    """Each verb does at once what the screen shows and queues the update; awaiting it waits until it was taken.

    ``pushed = await phone.say("hello")`` gives the webhook's HTTP status; with polling it comes back when getUpdates
    has confirmed the update. What a phone can't do now raises Refused. ``messages`` is the chat as the page shows
    it, oldest first; ``text`` of a bot's HTML message is its source, ``plain`` what people read.
    """

    def __init__(self, bot: Bot, name: str, language: str, id: int = 0) -> None:
        self.bot = bot
        self.id = id or 10**9 + secrets.randbelow(8 * 10**9)
        self.name = name
        self.language = language
        self.started = False
        self.blocked = False
        self.deactivated = False
        self.messages: list[Json] = []
        self.posted: dict[int, Message] = {}
        bot.chats[self.id] = self

    @property
    def user(self) -> str:
        return str(self.id)

    @property
    def person(self) -> Json:
        """The Bot API's User."""
        first, _, last = self.name.partition(" ")
        names = {"first_name": first} | ({"last_name": last} if last else {})
        return {"id": self.id, "is_bot": False, **names, "language_code": self.language}

    @property
    def wire(self) -> Json:
        names = {name: value for name, value in self.person.items() if name.endswith("_name")}
        return {"id": self.id, **names, "type": "private"}

    @property
    def place(self) -> Json:
        return {"what": "telegram", "account": self.bot.name, "user": self.user}

    def refusal(self) -> Failure | None:
        if self.deactivated:
            return Failure(403, "user is deactivated")
        if self.blocked:
            return Failure(403, "bot was blocked by the user")
        return None if self.started else bad("chat not found")

    # --- what a person does -------------------------------------------------------------------------------

    def start(self, payload: str = "") -> Going:
        """Press START, or come by a deep link with ``payload``; a blocked bot is unblocked by it."""
        if not PAYLOAD.fullmatch(payload):
            raise Refused("a payload has at most 64 letters, digits, _ and -")
        if self.blocked:
            self.unblock()
        if not self.started:
            self.started = True
            self.bot.going.start(self.bot.hub.publish({"what": "phone"}))
        return self._write({"text": f"/start {payload}".strip()}, {"text": f"/start {payload}".strip()})

    def say(self, text: str) -> Going:
        """Write a text."""
        if not text.strip():
            raise Refused("the text is empty")
        return self._write({"text": text.strip()}, {"text": text.strip()})

    def edit(self, message: str, text: str) -> Going:
        """Change what was written before; ``message`` is the id in ``messages``."""
        edited = self._own(message)
        name = "text" if "text" in edited.wire else "caption"
        if not text.strip() or edited.wire.get(name) == text.strip():
            raise Refused("nothing was changed")
        edited.wire |= {name: text.strip(), "edit_date": int(self.bot.hub.now().timestamp())}
        edited.shown |= {"text": text.strip(), "edited": True}
        return self._queue("edited_message", edited)

    def tap(self, message: str, data: str) -> Going:
        """Press the button with ``data`` under a message of the bot."""
        self._may_write()
        pressed = self.posted.get(int(message)) if message.isdecimal() else None
        rows = pressed.shown.get("choices", []) if pressed and not pressed.shown.get("deleted") else []
        if pressed is None or not data or not any(one["id"] == data for row in rows for one in row):
            raise Refused("there is no such button")
        number = self.bot.next_query()
        self.bot.queries[number] = {"until": self.bot.hub.now() + CALLBACK_LIFE, "user": self.id}
        query = {
            "id": number,
            "from": self.person,
            "message": {**pressed.wire},
            "chat_instance": str(self.id * 7),
            "data": data,
        }
        return self.bot.going.start(self._taken("callback_query", query, f"query {self.id}", None))

    def send(self, kind: str, file: Upload, caption: str = "") -> Going:
        """Send an image, voice, video, audio or file with a caption."""
        wire, shown = self._sent(kind, file, caption)
        return self._write(wire, shown)

    def album(self, files: Sequence[tuple[str, Upload]], caption: str = "") -> list[Going]:
        """Send several at once: messages of their own with one media_group_id, the caption on the first."""
        album = str(secrets.randbelow(10**17))
        going = []
        for number, (kind, file) in enumerate(files):
            wire, shown = self._sent(kind, file, "" if number else caption)
            going.append(self._write({**wire, "media_group_id": album}, shown))
        return going

    def sticker(self, emoji: str = "😺") -> Going:
        """Send a sticker."""
        sent = self.bot.files.put("sticker", Upload(data=TINY_WEBP, name="sticker.webp", mime="image/webp"))
        return self._write(self.bot.files.wire(sent, emoji), {"kind": "sticker", "text": emoji})

    def location(self, lat: float, lon: float, label: str = "") -> Going:
        """Send a place; with a label it is a venue."""
        where = {"latitude": lat, "longitude": lon}
        wire: Json = {"location": where}
        if label:
            wire["venue"] = {"location": where, "title": label, "address": ""}
        return self._write(wire, {"kind": "location", "text": label or f"{lat}, {lon}"})

    def contact(self, name: str, number: str) -> Going:
        """Share a contact."""
        wire = {"contact": {"phone_number": number, "first_name": name}}
        return self._write(wire, {"text": f"{name} {number}"})

    def block(self) -> Going:
        """Block the bot: it can't write here any more."""
        if self.blocked:
            raise Refused("is blocked already")
        self.blocked = True
        return self._member("member", "kicked")

    def unblock(self) -> Going:
        """Let the bot write again."""
        if not self.blocked:
            raise Refused("is not blocked")
        self.blocked = False
        return self._member("kicked", "member")

    # --- for tests ----------------------------------------------------------------------------------------

    def mention(self, group: Group, text: str) -> Going:
        """Write ``text`` in a group; name the bot in it (``@…``) to call it."""
        name = f"@{self.bot.user['username']}"
        at = text.find(name)
        entities = [{"type": "mention", "offset": at, "length": len(name)}] if at >= 0 else []
        wire = {"text": text} | ({"entities": entities} if entities else {})
        message = self.bot.make(group, self.person, wire, {"text": text})
        return self.bot.going.start(self._taken("message", message.wire, f"chat {group.id}", None))

    async def again(self) -> Pushed:
        """The bot's last update once more, byte for byte."""
        return await self.bot.updates.push(self.bot.updates.last)

    async def raw(self, body: bytes, *, secret: str | None = None) -> Pushed:
        """Push ``body`` as it is, once, with the right secret or with ``secret``."""
        return await self.bot.updates.push(body, secret)

    # --- what the platform does ---------------------------------------------------------------------------

    def state(self) -> Json:
        return {
            "account": self.bot.name,
            "user": self.user,
            "name": self.name,
            "following": self.started,
            "blocked": self.blocked,
            "menu": [],
            "commands": self.bot.commands_for(self.id, self.language),
            "messages": self.messages,
        }

    def _sent(self, kind: str, file: Upload, caption: str) -> tuple[Json, Json]:
        if kind not in KINDS or not file.data:
            raise Refused("there is no such kind of file" if file.data else "the file is empty")
        sent: Sent = self.bot.files.put(KINDS[kind], file)
        wire = self.bot.files.wire(sent) | ({"caption": caption} if caption else {})
        return wire, {**sent.shown, "text": caption}

    def _write(self, wire: Json, shown: Json) -> Going:
        self._may_write()
        entities = commands_in(wire.get("text", ""))
        message = self.bot.make(self, self.person, wire | ({"entities": entities} if entities else {}), shown)
        return self._queue("message", message)

    def _queue(self, kind: str, message: Message) -> Going:
        return self.bot.going.start(self._taken(kind, {**message.wire}, f"chat {self.id}", message))

    def _member(self, before: str, after: str) -> Going:
        def member(status: str) -> Json:
            return {"user": self.bot.user, "status": status} | (
                {"until_date": 0} if status == "kicked" else {}
            )

        change = {
            "chat": self.wire,
            "from": self.person,
            "date": int(self.bot.hub.now().timestamp()),
            "old_chat_member": member(before),
            "new_chat_member": member(after),
        }
        return self.bot.going.start(self._taken("my_chat_member", change, f"chat {self.id}", None))

    async def _taken(self, kind: str, content: Json, lane: str, message: Message | None) -> Pushed:
        done = self.bot.updates.add(kind, content, lane)
        await self.bot.hub.publish(self.place | ({"message": message.shown} if message else {}))
        return await done

    def _own(self, message: str) -> Message:
        own = self.posted.get(int(message)) if message.isdecimal() else None
        if own is None or own.by_bot or not {"text", "caption"} & set(own.wire):
            raise Refused("there is nothing to edit")
        self._may_write()
        return own

    def _may_write(self) -> None:
        if self.blocked:
            raise Refused("the bot is blocked")
        if not self.started:
            raise Refused("press START first")
