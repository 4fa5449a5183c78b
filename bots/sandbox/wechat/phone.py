"""A person with WeChat who follows an account: what they can do, and what their phone shows."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace

from bots.sandbox.acting import Refused, Upload
from bots.sandbox.hub import Json
from bots.sandbox.pushing import Pushed
from bots.sandbox.wechat import menu, xml
from bots.sandbox.wechat.account import Account
from bots.sandbox.wechat.content import shown
from bots.sandbox.wechat.errors import Errcode
from bots.sandbox.wechat.events import said_fields, sent_fields
from bots.sandbox.wechat.push import Envelope, Line
from bots.sandbox.wechat.quota import Quota
from bots.sandbox.wechat.reply import Broken, read_reply

OUTAGE = "该公众号提供的服务出现故障，请稍后再试"
"""WeChat's own words, shown when a push had no usable answer."""

Going = asyncio.Task[Pushed]


class WeChatPhone:
    """Each verb does at once what the screen shows, and starts the push; awaiting its result waits for the answer.

    ``pushed = await phone.say("怎么退货")`` gives the webhook's HTTP status and, as ``pushed.text``, the passive reply.
    What a phone can't do now raises Refused. ``messages`` is the chat as the page shows it, oldest first.
    ``accepts`` False: the person turned the account's messages off.
    """

    def __init__(self, account: Account, name: str, following: bool) -> None:
        self.account = account
        self.user = f"o{secrets.token_urlsafe(20)[:27]}"
        self.name = name
        self.following = following
        self.followed_at = account.hub.now()
        self.scene = ""
        self.accepts = True
        self.quota = Quota()
        self.messages: list[Json] = []
        self._line = Line(account.side, account.hub, account.pace, account.original, self.user)

    # --- what a person does -------------------------------------------------------------------------------

    def say(self, text: str) -> Going:
        """Write a text."""
        return self._write("text", text, said_fields(text))

    def tap(self, choice: str, label: str | None = None) -> Going:
        """Tap a line of a msgmenu, by its id. WeChat counts that as a click, not as a message."""
        found = [
            one["label"]
            for message in self.messages
            for row in message.get("choices", [])
            for one in row
            if one["id"] == choice
        ]
        if not found or (label is not None and label not in found):
            raise Refused("there is no such choice")
        words = label or found[-1]
        return self._write("text", words, {**said_fields(words), "bizmsgmenuid": choice}, click=True)

    def send(self, kind: str, file: Upload, recognition: str = "") -> Going:
        """Send an image, a voice message (with the words recognised in it), a video, or forward a file."""
        if not file.data:
            raise Refused("the file is empty")
        media = self.account.media.put(kind, file.data, file.name, file.mime)
        fields = sent_fields(kind, media, self.account, recognition)
        return self._write(kind, "", fields, file=media.file.url, file_name=media.file.name)

    def place(self, lat: float, lon: float, label: str) -> Going:
        """Send a location."""
        where: xml.Fields = {
            "Location_X": f"{lat:.6f}",
            "Location_Y": f"{lon:.6f}",
            "Scale": 16,
            "Label": label,
        }
        return self._write("location", label, {"MsgType": "location", **where})

    def link(self, title: str, description: str, url: str) -> Going:
        """Share a link."""
        fields = {"MsgType": "link", "Title": title, "Description": description, "Url": url}
        return self._write("text", f"{title}\n{url}", fields)

    def unknown(self, kind: str) -> Going:
        """Send a message of a type that WeChat may invent tomorrow."""
        return self._write("text", f"[{kind}]", {"MsgType": kind})

    def menu(self, key: str) -> Going:
        """Tap an entry of the service menu; the chat shows nothing of it."""
        self._must_follow()
        for entry in menu.entries(self.account.buttons):
            if entry.key == key:
                if entry.event == "CLICK":
                    self.quota.clicked(self.account.hub.now())
                return self._event(entry.event, key)
        raise Refused("there is no such menu entry")

    def follow(self, scene: str = "") -> Going:
        """Follow the account, by itself or by scanning the QR code of ``scene``."""
        if self.following:
            raise Refused("follows already")
        self.following, self.scene = True, scene
        self.followed_at = self.account.hub.now()
        self.quota.clicked(self.followed_at)
        return self._event("subscribe", f"qrscene_{scene}" if scene else "", self._ticket(scene))

    def scan(self, scene: str) -> Going:
        """Scan a QR code: a new follower follows by it."""
        if not scene:
            raise Refused("scene is empty")
        if not self.following:
            return self.follow(scene)
        self.quota.clicked(self.account.hub.now())
        return self._event("SCAN", scene, self._ticket(scene))

    def unfollow(self) -> Going:
        """Stop following: nothing can be sent here any more."""
        self._must_follow()
        self.following = False
        self.quota.close()
        return self._event("unsubscribe", "")

    # --- for tests ----------------------------------------------------------------------------------------

    async def again(self) -> Pushed:
        """The last request once more, byte for byte; the phone doesn't show what comes back."""
        if self._line.last is None:
            raise Refused("nothing was pushed yet")
        return self._read(await self._once(self._line.last))

    async def raw(
        self, event: bytes, *, query: Mapping[str, str] | None = None, sealed: bool = True
    ) -> Pushed:
        """Push ``event`` as it is, once, validly signed; ``query`` replaces parameters, so that it isn't any more.

        ``sealed`` False sends it unencrypted with the plain signature, whatever the account's mode.
        """
        envelope = self._line.sign(event)
        if not sealed:
            plain = {name: envelope.query[name] for name in ("signature", "timestamp", "nonce", "openid")}
            envelope = Envelope(query=plain, body=event)
        return self._read(await self._once(replace(envelope, query={**envelope.query, **(query or {})})))

    # --- what the platform does ---------------------------------------------------------------------------

    async def receive(self, content: Json, **more: object) -> Json:
        """Show a message of the account."""
        message = self._message("bot", content.pop("kind"), content.pop("text"), **content, **more)
        await self._publish(message)
        return message

    def state(self) -> Json:
        entries = menu.entries(self.account.buttons)
        return {
            "account": self.account.name,
            "user": self.user,
            "name": self.name,
            "following": self.following,
            "blocked": False,
            "menu": [{"name": entry.name, "key": entry.key} for entry in entries],
            "commands": [],
            "messages": self.messages,
        }

    def _write(self, kind: str, text: str, fields: xml.Fields, click: bool = False, **more: object) -> Going:
        self._must_follow()
        opened = self.quota.clicked if click else self.quota.wrote
        opened(self.account.hub.now())
        message = self._message("me", kind, text, **more)
        numbered = {**fields, "MsgId": self.account.next_number()}
        return self.account.going.start(self._push(numbered, message))

    def _event(self, event: str, key: str, ticket: str = "") -> Going:
        fields = {"MsgType": "event", "Event": event, "EventKey": key} | (
            {"Ticket": ticket} if ticket else {}
        )
        return self.account.going.start(self._push(fields, None))

    async def _push(self, fields: xml.Fields, message: Json | None) -> Pushed:
        head: xml.Fields = {
            "ToUserName": self.account.original,
            "FromUserName": self.user,
            "CreateTime": int(self.account.hub.now().timestamp()),
        }
        await self._publish(message)
        assert self.account.http is not None
        pushed = await self._line.push(self.account.http, xml.write({**head, **fields}))
        read = self._read(pushed)
        if read.reply is not None:
            self.messages.append(read.reply)
            await self._publish(read.reply)
        return read

    async def _once(self, envelope: Envelope) -> Pushed:
        assert self.account.http is not None
        return await self._line.once(self.account.http, envelope)

    def _read(self, pushed: Pushed) -> Pushed:
        """With what the phone shows of the answer: the passive reply, or WeChat's notice."""
        try:
            if pushed.status != 200:
                raise Broken
            content = read_reply(pushed.body, self.account.side, self.account.original, self.user)
            if content is None:
                return pushed
            part = shown(content, self.account.media)
        except (Broken, Errcode):
            return replace(pushed, reply=self._made("system", "text", OUTAGE)) if self.following else pushed
        self.quota.stop_typing()
        return replace(
            pushed, reply=self._made("bot", part.pop("kind"), part.pop("text"), passive=True, **part)
        )

    def _message(self, by: str, kind: str, text: str, **more: object) -> Json:
        message = self._made(by, kind, text, **more)
        self.messages.append(message)
        return message

    def _made(self, by: str, kind: str, text: str, **more: object) -> Json:
        at = self.account.hub.now().isoformat()
        return {"id": secrets.token_hex(8), "from": by, "kind": kind, "text": text, "at": at, **more}

    async def _publish(self, message: Json | None) -> None:
        event = {"what": "wechat", "account": self.account.name, "user": self.user}
        await self.account.hub.publish(event | ({"message": message} if message else {}))

    def _must_follow(self) -> None:
        if not self.following:
            raise Refused("does not follow the account")

    def _ticket(self, scene: str) -> str:
        return self.account.tickets.setdefault(scene, secrets.token_urlsafe(64)) if scene else ""
