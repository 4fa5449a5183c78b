"""Under which name and picture a person's words stand at the desk, so that nobody can pose as a colleague."""

from dataclasses import dataclass

from bots.slack.text import safe
from core.conversation.people import clean_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """How one platform is called and which of Slack's own emoji stands for it."""

    title: str
    icon: str


FACES = {
    "wechat": Face(title="WeChat", icon=":speech_balloon:"),
    "telegram": Face(title="Telegram", icon=":airplane:"),
    "slack": Face(title="Slack", icon=":large_blue_circle:"),
}
_LOOKALIKES = str.maketrans({"<": "‹", ">": "›", "&": "＆", "@": "＠"})
_MARKS = str.maketrans({"*": "＊", "_": "＿", "~": "～", "`": "｀"})


def face(platform: str) -> Face:
    """A platform that is not listed is called by its own name."""
    return FACES.get(platform) or Face(title=shown_name(platform.capitalize()), icon=":bust_in_silhouette:")


def shown_name(name: str) -> str:
    """A name for a place where it isn't documented whether Slack reads escapes: signs that need one are replaced."""
    return clean_name(name).translate(_LOOKALIKES)


def byline(author: str, platform: str) -> str:
    """``Mei · WeChat``."""
    name, title = shown_name(author), face(platform).title
    return f"{name} · {title}" if name else title


def unformatted(text: str) -> str:
    """Somebody's words on one line of mrkdwn that can't be told to be plain: marks become their full-width twins."""
    return safe(" ".join(text.split())).translate(_MARKS)
