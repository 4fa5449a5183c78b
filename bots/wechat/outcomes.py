"""WeChat's error codes, and what each means for a send, in one table.

Source: "global return codes" in the Official Accounts manual. A code that stands in no table is Rejected.
"""

from collections.abc import Mapping
from datetime import timedelta

from core.errors import Rejected, RetryLater, Unreachable

DEAD_TOKEN = frozenset({40001, 40014, 42001})
MENUS_FORBIDDEN = 40200
MENU_TOO_LONG = 45098
NO_MENU_YET = 46003
IP_NOT_LISTED = 40164
WRONG_APP_ID = frozenset({40013, 41002})
WRONG_SECRET = frozenset({40125, 41004})

SOON = timedelta(seconds=5)
MINUTE = timedelta(minutes=1)
MENDED = timedelta(minutes=5)
"""How often to look whether an operator has mended a setting; nothing sent meanwhile is given up."""
DAILY = timedelta(hours=1)
"""A daily quota comes back at midnight in Beijing, or earlier when somebody clears it."""

LATER: Mapping[int, timedelta] = {
    -1: SOON,
    45011: MINUTE,
    45009: DAILY,
    **dict.fromkeys(DEAD_TOKEN, MINUTE),
    **dict.fromkeys({IP_NOT_LISTED, *WRONG_APP_ID, *WRONG_SECRET}, MENDED),
}
UNREACHABLE: Mapping[int, str] = {
    40003: "no such person on this account",
    43004: "they do not follow the account",
    45015: "they have not written for too long",
    45047: "no more messages may be sent until they write again",
    48002: "they take no messages from the account",
}
HINTS: Mapping[int, str] = {
    40005: "WeChat doesn't take files of this type",
    40006: "the file is larger than WeChat takes",
    45002: "too long",
    45007: "a voice message of more than 60 seconds",
    48001: "this account has no customer-service API: set customer_service = false",
}


class Refusal(Exception):
    """WeChat answered with an error code."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words[:120]}")
        self.code = code
        self.words = words


def outcome(refusal: Refusal) -> RetryLater | Unreachable | Rejected:
    """What to do about a refused send."""
    code = refusal.code
    if code in LATER:
        return RetryLater(LATER[code], str(refusal))
    if code in UNREACHABLE:
        return Unreachable(f"{UNREACHABLE[code]} ({code})")
    return Rejected(f"{HINTS[code]} ({code})" if code in HINTS else str(refusal))
