"""What is refused at start: always with the file, the key, and what to write instead; never with a value."""

from pathlib import Path

import pytest

from bots.settings import read_settings
from core.errors import Invalid

SLACK = '[slack]\nbot_token = "xoxb-hidden"\nsigning_secret = "s"\nsupport_channel = "C1"\n'
TELEGRAM = '[[telegram]]\naccount = "shop"\ntoken = "1:hidden"\nsecret = "s"\n'


def refused(folder: Path, text: str) -> str:
    file = folder / "onethread.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as error:
        read_settings(file, {})
    assert error.value.problems
    assert all(problem.startswith(f"{file}: ") for problem in error.value.problems)
    return "\n".join(problem.removeprefix(f"{file}: ") for problem in error.value.problems)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('publik_url = "https://x"', 'publik_url: there is no such key; did you mean "public_url"?'),
        ("[telegrm]\nx = 1", 'telegrm: there is no such key; did you mean "telegram"?'),
        ("[http]\nprot = 1", '[http] prot: there is no such key; did you mean "port"?'),
        ("[http]\nzzz = 1", "[http] zzz: there is no such key (known are: host, port)."),
        (
            '[http]\nredis_url = "redis://x"',
            "[http] redis_url: there is no such key here: it belongs at the top",
        ),
        ('file = "x"', "file: there is no such key"),
        ("[http]\nport = 99999", "[http] port: should be less than or equal to 65535"),
        ('[http]\nport = "many"', "[http] port: should be a valid integer"),
        ("http = 3", "http: is a section. Write [http]"),
        ('telegram = "x"', "telegram: is a list. Write [[telegram]] with two brackets"),
        ('[telegram]\naccount = "x"', "telegram: is a list. Write [[telegram]] with two brackets"),
        ('[[slack]]\nbot_token = "x"', "slack: is a section. Write [slack]"),
        ('lost_send = "maybe"', "lost_send: should be 'repeat' or 'never'"),
        ('public_url = "bot.example.com"', "public_url: write the address that the platforms reach"),
        ('database_url = "mysql://x/y"', 'database_url: write "sqlite://onethread.db"'),
        ('database_url = "sqlite://"', 'database_url: write "sqlite://onethread.db"'),
        ('database_url = "sqlite://:memory:"', 'database_url: write "sqlite://onethread.db"'),
        ('redis_url = "cache:6379"', 'redis_url: write "redis://host:6379/0"'),
        ("sandbox = true", "sandbox: is a section. Write [sandbox]"),
        ("[http]\nport = 8090\n[sandbox]\nenabled = true", "[http] port and [sandbox] port are both 8090"),
        ('redis_url = "env:REDIS_URL"', "redis_url: the environment variable REDIS_URL is not set."),
        ('redis_url = "env:"', "redis_url: names no environment variable."),
        (
            SLACK.replace("xoxb-hidden", "env:SLACK"),
            "[slack] bot_token: the environment variable SLACK is not set",
        ),
        (
            '[slack]\nsupport_channel = "C1"',
            '[slack] bot_token: is missing. Write: bot_token = "env:SLACK_BOT_TOKEN"',
        ),
        (
            TELEGRAM.replace("1:hidden", ""),
            '[[telegram]] token: is missing. Write: token = "env:TELEGRAM_TOKEN"',
        ),
        (TELEGRAM.replace("shop", ""), '[[telegram]] account: is missing. Write: account = "…"'),
        (TELEGRAM + TELEGRAM, 'telegram: account "shop" is there twice'),
        (
            TELEGRAM + TELEGRAM.replace("secret", "sekret"),
            "[[telegram]] (no. 2) sekret: there is no such key",
        ),
        ("a = = 3", "is no TOML:"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    said = refused(tmp_path, text)
    assert told in said
    assert "hidden" not in said


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    said = refused(tmp_path, "[http]\nport = 0\nhots = 1\n" + TELEGRAM.replace("shop", ""))
    assert [word in said for word in ("port", "hots", "account")] == [True] * 3


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(
        Invalid, match=r"nothing\.toml: can't be read .* Copy config/onethread\.example\.toml"
    ):
        read_settings(tmp_path / "nothing.toml", {})
    with pytest.raises(Invalid, match=r"other\.toml: can't be read"):
        read_settings(None, {"ONETHREAD_CONFIG": str(tmp_path / "other.toml")})
