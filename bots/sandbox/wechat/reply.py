"""The passive reply in the answer to a push: what it says, or that it is broken."""

from xml.etree.ElementTree import Element

from bots.sandbox.config import WeChatSide
from bots.sandbox.hub import Json
from bots.sandbox.wechat import xml
from bots.sandbox.wechat.seal import Seal, Unreadable, sign
from bots.sandbox.wechat.xml import text_of


class Broken(Exception):
    """Neither empty nor a readable reply: WeChat shows the person an outage notice."""


def read_reply(body: bytes, side: WeChatSide, sender: str, receiver: str) -> Json | None:
    """The reply in the shape of a customer-service message; None if there is none. Raises Broken.

    ``sender`` is the account's original id, ``receiver`` the openid of the person who wrote.
    """
    if body.strip() in (b"", b"success"):
        return None
    try:
        root = _opened(xml.read(body), side)
    except (xml.NoXml, Unreadable) as error:
        raise Broken from error
    if (text_of(root, "FromUserName"), text_of(root, "ToUserName")) != (sender, receiver):
        raise Broken
    if not text_of(root, "CreateTime").strip().isdecimal():
        raise Broken
    return _content(root)


def _opened(root: Element, side: WeChatSide) -> Element:
    sealed = text_of(root, "Encrypt")
    if not sealed:
        if side.mode == "aes":
            raise Broken
        return root
    stamp, nonce = text_of(root, "TimeStamp"), text_of(root, "Nonce")
    signed = sign(side.token, stamp, nonce, sealed) == text_of(root, "MsgSignature")
    if side.mode == "plain" or not signed:
        raise Broken
    return xml.read(Seal(aes_key=side.aes_key, app_id=side.app_id).open(sealed))


def _content(root: Element) -> Json | None:
    kind = text_of(root, "MsgType")
    if kind == "text":
        return {"msgtype": kind, "text": {"content": text_of(root, "Content")}}
    if kind in ("image", "voice", "video"):
        tag = kind.capitalize()
        names = {"media_id": "MediaId", "title": "Title", "description": "Description"}
        return {"msgtype": kind, kind: {name: text_of(root, f"{tag}/{path}") for name, path in names.items()}}
    if kind == "music":
        return {"msgtype": kind, kind: {"title": text_of(root, "Music/Title")}}
    if kind == "news":
        return {
            "msgtype": kind,
            kind: {"articles": [_article(item) for item in root.findall("Articles/item")]},
        }
    if kind == "transfer_customer_service":
        return None
    raise Broken


def _article(item: Element) -> Json:
    return {name.lower(): text_of(item, name) for name in ("Title", "Description", "Url", "PicUrl")}
