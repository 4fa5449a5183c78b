"""What one message of an account says: checked as WeChat checks it, and turned into what a phone shows."""

from collections.abc import Callable, Mapping
from typing import Any

from bots.sandbox.hub import Json
from bots.sandbox.wechat.errors import Errcode
from bots.sandbox.wechat.media import MediaBox

TEXT_BYTES = 2048
MENU_LINES = 20
"""WeChat refuses longer ones with 45098, but says nowhere how long is too long: a guess."""
CARDS = frozenset({"wxcard", "miniprogrampage", "mpnews", "mpnewsarticle", "music"})


def shown(message: Json, box: MediaBox) -> Json:
    """``message`` (``msgtype`` and a part of that name) for the phone. Raises Errcode."""
    kind = message.get("msgtype")
    if not isinstance(kind, str) or (kind not in _SHOWN and kind not in CARDS):
        raise Errcode(40008)
    part = message.get(kind)
    if not isinstance(part, dict):
        raise Errcode(44004 if kind == "text" else 47001)
    if kind in CARDS:
        return {"kind": "text", "text": f"[{kind}] {part.get('title', '')}".strip()}
    return _SHOWN[kind](part, box)


def _text(part: Json, _: MediaBox) -> Json:
    text = part.get("content")
    if not isinstance(text, str) or not text:
        raise Errcode(44004)
    if len(text.encode()) > TEXT_BYTES:
        raise Errcode(45002)
    return {"kind": "text", "text": text}


def _medium(kind: str) -> Callable[[Json, MediaBox], Json]:
    def show(part: Json, box: MediaBox) -> Json:
        if not part.get("media_id"):
            raise Errcode(41006)
        file = box.get(part["media_id"], kind).file
        title = part.get("title")
        text = title if isinstance(title, str) else ""
        return {"kind": kind, "text": text, "file": file.url, "file_name": file.name}

    return show


def _news(part: Json, _: MediaBox) -> Json:
    articles = part.get("articles")
    if not isinstance(articles, list) or not articles:
        raise Errcode(44003)
    if len(articles) > 1:
        raise Errcode(45008)
    lines = [articles[0].get(name, "") for name in ("title", "description", "url")]
    return {"kind": "text", "text": "\n".join(line for line in lines if line)}


def _menu(part: Json, _: MediaBox) -> Json:
    lines = part.get("list")
    if not isinstance(lines, list) or not lines:
        raise Errcode(40035)
    if len(lines) > MENU_LINES:
        raise Errcode(45098)
    head, tail = part.get("head_content", ""), part.get("tail_content", "")
    if not (isinstance(head, str) and isinstance(tail, str)):
        raise Errcode(47001)
    choices = [[_choice(line)] for line in lines]
    return {"kind": "menu", "text": "", "choice_head": head, "choices": choices, "choice_tail": tail}


def _choice(line: Any) -> Json:
    if not isinstance(line, dict) or not all(isinstance(line.get(name), str) for name in ("id", "content")):
        raise Errcode(47001)
    return {"id": line["id"], "label": line["content"]}


_SHOWN: Mapping[str, Callable[[Json, MediaBox], Json]] = {
    "text": _text,
    "image": _medium("image"),
    "voice": _medium("voice"),
    "video": _medium("video"),
    "news": _news,
    "msgmenu": _menu,
}
