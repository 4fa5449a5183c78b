"""What an armed fault does to an API call, whichever platform it is."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from bots.sandbox.hub import Fault

_CODE = re.compile(r"-?[0-9]{1,6}")
_WORD = re.compile(r"[a-z_]{1,64}")


def is_known(platform: str, fault: str) -> bool:
    """Whether ``fault`` can be played: a status or error code, ``timeout``, ``drop_answer``, any word of Slack's."""
    word = platform == "slack" and _WORD.fullmatch(fault)
    return bool(word or _CODE.fullmatch(fault)) or fault in ("timeout", "drop_answer")


def http_status(fault: Fault) -> int | None:
    """The HTTP status that ``fault`` names; None if it is a platform's own error code."""
    code = int(fault.fault)
    return code if 400 <= code <= 599 else None


async def answered(
    request: web.Request,
    fault: Fault | None,
    answer: Callable[[], Awaitable[web.StreamResponse]],
    refuse: Callable[[Fault], web.StreamResponse],
) -> web.StreamResponse:
    """``answer``'s response, or what ``fault`` makes of it.

    With ``timeout`` nothing is done and nothing comes back until the client hangs up (which cancels this);
    with ``drop_answer`` all is done and then the connection is cut.
    """
    if fault is None:
        return await answer()
    if fault.fault == "timeout":
        await asyncio.Event().wait()
    if fault.fault != "drop_answer":
        return refuse(fault)
    response = await answer()
    if request.transport is not None:
        request.transport.abort()
    return response
