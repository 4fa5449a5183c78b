"""What the sandbox's page lets Slack's users do: ``/sandbox/slack/{user}/{verb}`` and ``/sandbox/people/slack``.

Each is answered as soon as it is done in the workspace; telling the app goes on in the background.
"""

import json
import mimetypes
from collections.abc import Callable, Mapping

from aiohttp import BodyPartReader, web

from bots.sandbox.hub import File, Hub, Json
from bots.sandbox.slack.acts import Acts
from bots.sandbox.slack.calls import Args
from bots.sandbox.slack.interactions import Interactions
from bots.sandbox.slack.workspace import Refused, Workspace

FILES = ("upload", "dm_upload")


class PageActions:
    def __init__(self, workspace: Workspace, acts: Acts, interactions: Interactions, hub: Hub) -> None:
        self._workspace = workspace
        self._acts = acts
        self._interactions = interactions
        self._hub = hub
        self._verbs: Mapping[str, Callable[[str, Args], None]] = {
            "post": self._post,
            "dm": self._dm,
            "press": self._press,
            "edit": self._edit,
            "delete": self._delete,
            "open_home": self._open_home,
            "home_press": self._home_press,
            "shortcut": self._shortcut,
            "modal_press": self._modal_press,
            "modal_submit": self._modal_submit,
            "modal_close": lambda user, _: self._interactions.close(user),
        }

    async def act(self, request: web.Request) -> web.Response:
        user, verb = request.match_info["user"], request.match_info["verb"]
        try:
            self._workspace.user(user)
            if verb in FILES:
                args, file = await self._form(request)
                self._share(user, verb, args, file)
            elif verb in self._verbs:
                self._verbs[verb](user, await _args(request))
            else:
                raise Refused("unknown action")
        except Refused as refused:
            return web.json_response({"ok": False, "error": refused.error})
        return web.json_response({"ok": True})

    async def newcomer(self, request: web.Request) -> web.Response:
        """Another customer."""
        try:
            args = await _args(request)
        except Refused as refused:
            return web.json_response({"ok": False, "error": refused.error})
        user = self._workspace.newcomer(args.text("name"))
        await self._hub.publish({"what": "phone", "platform": "slack", "user": user.id})
        return web.json_response({"ok": True, "user": user.id, "name": user.name})

    def _post(self, user: str, args: Args) -> None:
        self._write(user, args.text("channel"), args)

    def _dm(self, user: str, args: Args) -> None:
        """Whoever writes for the first time has opened the app to do so."""
        dm = self._workspace.dm(user)
        if not dm.posts:
            self._acts.open_app(user, "messages")
        self._write(user, dm.id, args)

    def _write(self, user: str, channel: str, args: Args) -> None:
        text, thread = args.text("text"), args.text("thread_ts")
        if text.startswith("/"):
            self._interactions.command(user, channel, text, thread)
        else:
            self._acts.post(user, channel, text, thread=thread)

    def _share(self, user: str, verb: str, args: Args, file: File) -> None:
        """What stands beside a file is never a command."""
        channel = self._workspace.dm(user).id if verb == "dm_upload" else args.text("channel")
        words = args.text("text") or args.text("caption")
        self._acts.post(user, channel, words, thread=args.text("thread_ts"), files=[file])

    def _press(self, user: str, args: Args) -> None:
        where = (args.text("channel"), args.text("ts"), args.text("action_id"))
        self._interactions.press(user, *where, value=args.text("value"), block_id=args.text("block_id"))

    def _edit(self, user: str, args: Args) -> None:
        self._acts.edit(user, args.text("channel"), args.text("ts"), args.text("text"))

    def _delete(self, user: str, args: Args) -> None:
        self._acts.delete(user, args.text("channel"), args.text("ts"))

    def _open_home(self, user: str, _: Args) -> None:
        self._acts.open_app(user, "home")

    def _home_press(self, user: str, args: Args) -> None:
        pressed = {name: args.text(name) for name in ("value", "block_id")}
        self._interactions.press_at_home(user, args.text("action_id"), **pressed)

    def _shortcut(self, user: str, args: Args) -> None:
        where = (args.text("channel"), args.text("ts"))
        self._interactions.shortcut(user, *where, args.text("callback_id"))

    def _modal_press(self, user: str, args: Args) -> None:
        self._interactions.press_in_modal(
            user,
            args.text("action_id"),
            value=args.text("value"),
            block_id=args.text("block_id"),
            values=_values(args),
        )

    def _modal_submit(self, user: str, args: Args) -> None:
        self._interactions.submit(user, _values(args))

    async def _form(self, request: web.Request) -> tuple[Args, File]:
        """Fields and the file after them, read as a stream. Raises Refused."""
        if request.content_type != "multipart/form-data":
            raise Refused("no file")
        args = Args()
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename:
                return args, await self._kept(part, part.filename)
            if isinstance(part, BodyPartReader) and part.name:
                args[part.name] = await part.text()
        raise Refused("no file")

    async def _kept(self, part: BodyPartReader, name: str) -> File:
        given = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        mime = given or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return self._hub.keep(bytes(await part.read()), name, mime)


def _values(args: Args) -> Json:
    """What was filled in, by block_id and action_id. Raises Refused."""
    values = args.get("values", {})
    if not isinstance(values, dict) or not all(isinstance(one, dict) for one in values.values()):
        raise Refused("values must be objects")
    return values


async def _args(request: web.Request) -> Args:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise Refused("not JSON") from None
    if not isinstance(body, dict):
        raise Refused("not JSON")
    return Args(body)
