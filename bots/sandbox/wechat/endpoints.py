"""What the Official Account API does, call by call."""

import secrets
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bots.sandbox.hub import Json
from bots.sandbox.wechat import menu
from bots.sandbox.wechat.calls import Call
from bots.sandbox.wechat.content import shown
from bots.sandbox.wechat.errors import Errcode
from bots.sandbox.wechat.media import LIMITS, check_upload
from bots.sandbox.wechat.phone import WeChatPhone

DONE: Mapping[str, object] = {"errcode": 0, "errmsg": "ok"}
QR_SECONDS, QR_MOST_SECONDS = 60, 30 * 24 * 60 * 60
SCENE_LENGTH = 64
TEMPORARY, LASTING = (
    frozenset({"QR_SCENE", "QR_STR_SCENE"}),
    frozenset({"QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"}),
)

Endpoint = Callable[[Call], Awaitable[Json | web.StreamResponse]]


async def send(call: Call) -> Json:
    """message/custom/send"""
    body = await call.json()
    phone = _recipient(call, body)
    content = shown(body, call.account.media)
    now = call.account.hub.now()
    phone.quota.check(now)
    phone.quota.spend(now)
    await phone.receive(content)
    return {**DONE}


def _recipient(call: Call, body: Json) -> WeChatPhone:
    if not call.account.customer_service:
        raise Errcode(48001)
    phone = call.phone(body.get("touser"))
    if not phone.following:
        raise Errcode(43004)
    if not phone.accepts:
        raise Errcode(48002)
    return phone


async def typing(call: Call) -> Json:
    """message/custom/typing"""
    body = await call.json()
    phone = _recipient(call, body)
    if body.get("command") == "CancelTyping":
        phone.quota.stop_typing()
        return {**DONE}
    if body.get("command") != "Typing":
        raise Errcode(45072)
    phone.quota.type(call.account.hub.now())
    await call.account.hub.publish({"what": "typing", "account": call.account.name, "user": phone.user})
    return {**DONE}


async def upload(call: Call) -> Json:
    """media/upload"""
    kind = call.request.query.get("type", "")
    if kind not in LIMITS:
        raise Errcode(40004)
    if call.request.content_type != "multipart/form-data":
        raise Errcode(41005)
    try:
        part = (await call.request.post()).get("media")
    except ValueError:
        raise Errcode(41005) from None
    if not isinstance(part, web.FileField) or not part.filename:
        raise Errcode(41005)
    data = part.file.read()
    check_upload(kind, data)
    media = call.account.media.put(kind, data, part.filename)
    name = "thumb_media_id" if kind == "thumb" else "media_id"
    return {"type": kind, name: media.id, "created_at": int(call.account.hub.now().timestamp())}


async def download(call: Call) -> Json | web.StreamResponse:
    """media/get: the bytes, but for a video only the address where they are."""
    if not call.request.query.get("media_id"):
        raise Errcode(41006)
    media = call.account.media.get(call.request.query["media_id"])
    if media.kind == "file":
        raise Errcode(40007)
    if media.kind == "video":
        return {"video_url": f"{call.account.base}{media.file.url}"}
    ending = media.file.mime.rpartition("/")[2].replace("jpeg", "jpg")
    headers = {
        "Content-Type": media.file.mime,
        "Content-Disposition": f'attachment; filename="{media.id}.{ending}"',
    }
    return web.Response(body=media.file.data, headers=headers)


async def create_menu(call: Call) -> Json:
    """menu/create"""
    call.account.buttons = menu.check(await call.json())
    await call.account.hub.publish({"what": "phone"})
    return {**DONE}


async def get_menu(call: Call) -> Json:
    """menu/get"""
    if not call.account.buttons:
        raise Errcode(46003)
    return {"menu": {"button": [{"sub_button": [], **button} for button in call.account.buttons]}}


async def delete_menu(call: Call) -> Json:
    """menu/delete"""
    call.account.buttons = []
    await call.account.hub.publish({"what": "phone"})
    return {**DONE}


async def current_menu(call: Call) -> Json:
    """get_current_selfmenu_info"""
    buttons = call.account.buttons
    return {"is_menu_open": int(bool(buttons)), "selfmenu_info": {"button": menu.as_current(buttons)}}


async def current_auto_replies(call: Call) -> Json:
    """get_current_autoreply_info"""
    on = int(call.account.auto_replies)
    return {"is_add_friend_reply_open": on, "is_autoreply_open": on}


async def user_info(call: Call) -> Json:
    """user/info: no name and no picture any more, since 2021-12-27."""
    phone = call.phone(call.request.query.get("openid"))
    if not phone.following:
        return {"subscribe": 0, "openid": phone.user, "tagid_list": []}
    return {
        "subscribe": 1,
        "openid": phone.user,
        "nickname": "",
        "sex": 0,
        "language": "zh_CN",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": int(phone.followed_at.timestamp()),
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE" if phone.scene else "ADD_SCENE_SEARCH",
        "qr_scene": 0,
        "qr_scene_str": phone.scene,
    }


async def create_qr(call: Call) -> Json:
    """qrcode/create"""
    if not call.account.customer_service:
        raise Errcode(48001)
    body = await call.json()
    action = body.get("action_name")
    ticket = call.account.tickets.setdefault(_scene(body), secrets.token_urlsafe(64))
    made: Json = {"ticket": ticket, "url": f"http://weixin.qq.com/q/{ticket[:22]}"}
    if action in LASTING:
        return made
    seconds = body.get("expire_seconds", QR_SECONDS)
    if not isinstance(seconds, int) or not 0 < seconds <= QR_MOST_SECONDS:
        raise Errcode(40035)
    return {**made, "expire_seconds": seconds}


def _scene(body: Json) -> str:
    """What a scan of the code will say."""
    info, action = body.get("action_info"), body.get("action_name")
    scene = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(scene, dict) or action not in TEMPORARY | LASTING:
        raise Errcode(40053)
    if "STR" in str(action):
        text = scene.get("scene_str")
        if not isinstance(text, str) or not 1 <= len(text) <= SCENE_LENGTH:
            raise Errcode(40053)
        return text
    number = scene.get("scene_id")
    if not isinstance(number, int) or number <= 0:
        raise Errcode(40053)
    return str(number)


ENDPOINTS: Mapping[str, tuple[str, Endpoint]] = {
    "message/custom/send": ("POST", send),
    "message/custom/typing": ("POST", typing),
    "media/upload": ("POST", upload),
    "media/get": ("GET", download),
    "menu/create": ("POST", create_menu),
    "menu/get": ("GET", get_menu),
    "menu/delete": ("GET", delete_menu),
    "get_current_selfmenu_info": ("GET", current_menu),
    "get_current_autoreply_info": ("GET", current_auto_replies),
    "user/info": ("GET", user_info),
    "qrcode/create": ("POST", create_qr),
}
