"""WeChat's error codes: every answer is HTTP 200, and the code says what was wrong."""

import secrets

MESSAGES = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40025: "invalid sub button name size",
    40035: "invalid args",
    40053: "invalid action info",
    40066: "invalid url",
    40125: "invalid appsecret",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    44001: "empty media data",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    45002: "content size out of limit",
    45007: "playtime out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45072: "invalid command",
    45080: "can not send typing status out of 30 seconds",
    45081: "already in typing status",
    45098: "msgmenu list is too long",
    46003: "menu no exist",
    47001: "data format error",
    48001: "api unauthorized",
    48002: "user block message",
}


class Errcode(Exception):
    """An answer with this ``errcode``."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    @property
    def message(self) -> str:
        """As WeChat words it, with the request's id at the end."""
        return f"{MESSAGES.get(self.code, 'error')} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}"
