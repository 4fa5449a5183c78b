"""Logs on stderr: key=value lines on a terminal, JSON elsewhere; nothing secret passes.

Secrets are struck out of the finished line, so that tracebacks and other libraries' words are covered as well.
"""

import json
import logging
import re
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, TextIO
from urllib.parse import quote

import structlog

STRUCK = "[secret]"
LOOKS_SECRET = (
    r"(?<!\d)\d{5,}:[\w-]{16,}",  # a Telegram bot's token
    r"\bxox[a-z]-[\w-]+",  # Slack's tokens
    r"\bxapp-[\w-]+",
    r"(?<=access_token=)[^&\s\"']+",  # WeChat's, in the address of every call
    r"(?<=secret=)[^&\s\"']+",
    r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)",  # user and password in an address
)

SHORTEST = 4
"""Characters; anything shorter would blot out innocent words."""

Event = MutableMapping[str, Any]
Renderer = Callable[[Any, str, Event], str]


def strike(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that strikes ``secrets``, and whatever looks like one, out of a line."""
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _spellings(secret)}
    known = [re.escape(form) for form in sorted(forms, key=len, reverse=True)]
    pattern = re.compile("|".join([*known, *LOOKS_SECRET]))
    return lambda line: pattern.sub(STRUCK, line)


def _spellings(secret: str) -> tuple[str, ...]:
    """As it is, in an address, and in JSON."""
    in_json = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    return secret, quote(secret, safe=""), *in_json


def set_up(secrets: Iterable[str], stream: TextIO) -> None:
    """Send all logging of this process to ``stream``: ours from INFO, other libraries' from WARNING.

    httpx and slack_sdk name addresses with tokens in their INFO lines, so these are never even rendered.
    """
    rendering = _rendering(stream, strike(secrets))
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def _rendering(stream: TextIO, strike_out: Callable[[str], str]) -> list[structlog.typing.Processor]:
    if stream.isatty():
        console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        return [_struck(console, strike_out)]
    return [structlog.processors.format_exc_info, _struck(_json, strike_out)]


def _json(_: Any, __: str, event: Event) -> str:
    return json.dumps({"at": event.pop("timestamp", ""), **event}, ensure_ascii=False, default=str)


def _struck(render: Renderer, strike_out: Callable[[str], str]) -> Renderer:
    return lambda logger, name, event: strike_out(render(logger, name, event))
