"""What reaches the log, and that no secret does, whoever wrote the line."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bots import logs

SECRET = 'pass"wört+1'


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Logging is set up for the whole process, so each test puts it back."""
    root, config = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.configure(**config)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    "line",
    [
        f"wrong password: {SECRET}",
        json.dumps({"password": SECRET}),
        "GET https://api.weixin.qq.com/cgi-bin/x?password=pass%22w%C3%B6rt%2B1",
    ],
)
def test_a_known_secret_is_struck_out_in_every_spelling(line: str) -> None:
    struck = logs.strike([SECRET])(line)
    assert logs.STRUCK in struck
    assert "pass" not in struck.replace("password", "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("POST /bot100001:AAAbbbCCCdddEEEfff_-1/sendMessage", "POST /bot[secret]/sendMessage"),
        ("POST /file/bot100001:AAAbbbCCCdddEEEfff_-1/a.png", "POST /file/bot[secret]/a.png"),
        ("token xoxb-123-456-abc", "token [secret]"),
        ("token xapp-1-A1-abc", "token [secret]"),
        ("?access_token=abcDEF123&x=1", "?access_token=[secret]&x=1"),
        ("?appid=wx1&secret=abcDEF123", "?appid=wx1&secret=[secret]"),
        ("postgres://me:pw@db:5432/x", "postgres://[secret]@db:5432/x"),
        ("redis://:pw@cache:6379/0", "redis://[secret]@cache:6379/0"),
        (
            "at 2026-11-23T08:00:00 on http://127.0.0.1:8090/x",
            "at 2026-11-23T08:00:00 on http://127.0.0.1:8090/x",
        ),
    ],
)
def test_what_looks_like_a_secret_is_struck_out_though_unknown(line: str, expected: str) -> None:
    assert logs.strike([])(line) == expected


def test_a_very_short_secret_does_not_blot_out_everything() -> None:
    assert logs.strike(["a", ""])("a plain line") == "a plain line"


def test_lines_are_json_where_nobody_watches() -> None:
    stream = io.StringIO()
    logs.set_up([SECRET], stream)
    structlog.get_logger().info("sent", to="人", key=SECRET)
    line = json.loads(stream.getvalue())
    assert {name: line[name] for name in ("event", "level", "to", "key")} == {
        "event": "sent",
        "level": "info",
        "to": "人",
        "key": "[secret]",
    }
    assert line["at"].endswith("Z")


def test_lines_are_for_people_on_a_terminal() -> None:
    stream = Terminal()
    logs.set_up([SECRET], stream)
    structlog.get_logger().info("sent", key=SECRET)
    assert "sent" in stream.getvalue()
    assert SECRET not in stream.getvalue()
    assert not stream.getvalue().startswith("{")


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["json", "terminal"])
def test_tracebacks_are_told_without_secrets(stream: io.StringIO) -> None:
    logs.set_up([SECRET], stream)
    try:
        raise RuntimeError(f"could not log in with {SECRET}")
    except RuntimeError:
        structlog.get_logger().exception("failed")
        logging.getLogger("aiohttp.server").exception("Error handling request")
    assert stream.getvalue().count("RuntimeError: could not log in with [secret]") == 2
    assert SECRET not in stream.getvalue()


def test_other_libraries_are_heard_from_warning_on() -> None:
    stream = io.StringIO()
    logs.set_up([], stream)
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot1:abc/sendMessage")
    logging.getLogger("slack_sdk").warning("slow %s", "socket")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["logger"], line["event"], line["level"]) for line in lines] == [
        ("slack_sdk", "slow socket", "warning")
    ]
