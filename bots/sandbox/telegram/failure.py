"""How the Bot API says no."""

from bots.sandbox.hub import Json

NAMES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Failure(Exception):
    """An answer with ``error_code`` and a description that begins with the code's name."""

    def __init__(self, code: int, reason: str = "", retry_after: int = 0) -> None:
        super().__init__(reason)
        self.code = code
        self.retry_after = retry_after

    @property
    def body(self) -> Json:
        description = ": ".join(filter(None, (NAMES.get(self.code, "Error"), str(self))))
        body: Json = {"ok": False, "error_code": self.code, "description": description}
        if self.retry_after:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad(reason: str) -> Failure:
    """The most common one: 400."""
    return Failure(400, reason)
