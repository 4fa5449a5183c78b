"""What an operator may write into the configuration, and what it means."""

from pathlib import Path

import pytest

from bots import settings
from bots.settings import Settings, read_settings, sandbox_settings

FULL = """
public_url = "https://bot.example.com/"
database_url = "postgresql://me:pa55word@db:5432/onethread"
redis_url = "redis://:redispass@cache:6379/0"
lost_send = "never"
[http]
host = "0.0.0.0"
port = "env:PORT"
[slack]
bot_token = "env:SLACK_BOT_TOKEN"
signing_secret = "slack-signing"
app_token = ""
support_channel = "C1"
[[telegram]]
account = "shop"
token = "100001:telegram-token"
secret = "telegram-secret"
[[telegram]]
account = "news"
token = "100002:telegram-token"
secret = "telegram-secret-2"
[[wechat]]
account = "shop"
app_id = "wx1"
app_secret = "wechat-app-secret"
token = "wechattoken"
aes_key = "b25ldGhyZWFkLXNhbmRib3gtZGVtby1hZXMta2V5LTE"
"""
ENVIRONMENT = {"PORT": "8765", "SLACK_BOT_TOKEN": "xoxb-from-environment"}


def written(folder: Path, text: str) -> Path:
    file = folder / "onethread.toml"
    file.write_text(text, encoding="utf-8")
    return file


def read(folder: Path, text: str) -> Settings:
    return read_settings(written(folder, text), ENVIRONMENT)


def test_every_key_is_read(tmp_path: Path) -> None:
    known = read(tmp_path, FULL)
    assert known.file == tmp_path / "onethread.toml"
    assert known.public_url == "https://bot.example.com"
    assert known.database_url == "postgres://me:pa55word@db:5432/onethread"
    assert (known.http.host, known.http.port) == ("0.0.0.0", 8765)
    assert known.slack is not None
    assert known.slack.support_channel == "C1"
    assert [account.account for account in known.telegram] == ["shop", "news"]
    assert known.wechat[0].app_id == "wx1"
    assert known.lost_send == "never"
    assert not known.sandbox.enabled


def test_no_secret_is_in_the_repr_and_all_are_named(tmp_path: Path) -> None:
    known = read(tmp_path, FULL)
    secrets = {
        "pa55word",
        "redispass",
        "xoxb-from-environment",
        "slack-signing",
        "100001:telegram-token",
        "telegram-secret-2",
        "wechat-app-secret",
        "wechattoken",
        "b25ldGhyZWFkLXNhbmRib3gtZGVtby1hZXMta2V5LTE",
    }
    assert secrets <= known.secrets()
    assert "" not in known.secrets()
    for shown in (repr(known), str(known)):
        assert [secret for secret in secrets if secret in shown] == []


@pytest.mark.parametrize(
    "empty", ['database_url = ""', 'redis_url = " "', "[slack]\nbot_token = ''", "[[wechat]]", "[http]"]
)
def test_an_empty_value_means_not_set(tmp_path: Path, empty: str) -> None:
    assert read(tmp_path, empty) == read(tmp_path, "")


def test_an_empty_variable_means_not_set(tmp_path: Path) -> None:
    file = written(tmp_path, 'redis_url = "env:REDIS_URL"')
    assert read_settings(file, {"REDIS_URL": ""}).redis_url == ""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", "{folder}/var/onethread.db"),
        ('database_url = "sqlite://data/my.db"', "{folder}/data/my.db"),
        ('database_url = "sqlite://../my.db?busy_timeout=1"', "{parent}/my.db?busy_timeout=1"),
        ('database_url = "sqlite:///srv/my.db"', "/srv/my.db"),
    ],
)
def test_a_sqlite_path_counts_from_the_file(tmp_path: Path, line: str, expected: str) -> None:
    path = expected.format(folder=tmp_path, parent=tmp_path.parent)
    assert read(tmp_path, line).database_url == f"sqlite://{path}"


def test_files_lie_beside_the_database_unless_told(tmp_path: Path) -> None:
    assert read(tmp_path, "").files_dir == tmp_path / "var" / "files"
    assert read(tmp_path, 'files_dir = "kept"').files_dir == tmp_path / "kept"
    assert read(tmp_path, 'files_dir = "/srv/kept"').files_dir == Path("/srv/kept")


def test_content_beside_the_file_wins_and_the_shipped_serves_where_it_is_missing(tmp_path: Path) -> None:
    (tmp_path / "faq").mkdir()
    (tmp_path / "routing.yaml").touch()
    known = read(tmp_path, "")
    assert (known.faq_dir, known.routing_file) == (tmp_path / "faq", tmp_path / "routing.yaml")
    assert (known.texts_dir, known.replies_dir) == (settings.SHIPPED / "texts", settings.SHIPPED / "replies")


def test_the_environment_may_name_the_file_and_the_command_line_wins(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = (
        written(tmp_path / "one", "[http]\nport = 1111"),
        written(tmp_path / "two", "[http]\nport = 2222"),
    )
    assert read_settings(None, {"ONETHREAD_CONFIG": str(one)}).http.port == 1111
    assert read_settings(two, {"ONETHREAD_CONFIG": str(one)}).http.port == 2222


def test_with_nothing_configured_the_sandbox_plays_all_three_platforms() -> None:
    known = sandbox_settings()
    assert known.file is None
    assert known.sandbox.enabled
    assert known.sandbox.host == "127.0.0.1"
    assert known.database_url == f"sqlite://{settings.ROOT}/var/onethread.db"
    assert known.slack is not None
    addresses = {known.slack.api_base, known.telegram[0].api_base, known.wechat[0].api_base}
    assert addresses == {"http://127.0.0.1:8090"}
    assert known.slack.support_channel == "C0SUPPORT"
    assert [account.account for account in known.telegram] == ["shop"]
    assert [account.account for account in known.wechat] == ["shop"]


def test_the_sandbox_takes_what_differs(tmp_path: Path) -> None:
    known = sandbox_settings(
        {"sandbox": {"enabled": True, "port": 9999}, "database_url": f"sqlite://{tmp_path}/my.db"}
    )
    assert known.telegram[0].api_base == "http://127.0.0.1:9999"
    assert known.database_url == f"sqlite://{tmp_path}/my.db"


def test_a_file_may_turn_the_sandbox_on_and_keep_its_own_accounts(tmp_path: Path) -> None:
    own = '[[telegram]]\naccount = "mine"\ntoken = "1:t"\nsecret = "s"\n'
    known = read(tmp_path, own + "[sandbox]\nenabled = true\nexpose = true\n")
    assert [account.account for account in known.telegram] == ["mine"]
    assert known.telegram[0].api_base == known.sandbox.url
    assert [account.account for account in known.wechat] == ["shop"]
    assert known.sandbox.host == "0.0.0.0"


def test_an_address_that_is_set_stays_with_the_sandbox_on(tmp_path: Path) -> None:
    own = '[[telegram]]\naccount = "mine"\ntoken = "1:t"\nsecret = "s"\napi_base = "http://127.0.0.1:5555"\n'
    assert read(tmp_path, own + "[sandbox]\nenabled = true").telegram[0].api_base == "http://127.0.0.1:5555"


def test_the_shipped_example_is_right_once_its_variables_are_set() -> None:
    example = settings.SHIPPED / "onethread.example.toml"
    names = [part.partition('"')[0] for part in example.read_text(encoding="utf-8").split('"env:')[1:]]
    assert len(names) > 5
    keys = dict.fromkeys(names, "b25ldGhyZWFkLXNhbmRib3gtZGVtby1hZXMta2V5LTE")
    known = read_settings(example, keys)
    assert known.slack is not None
    assert (len(known.telegram), len(known.wechat)) == (1, 1)
    assert known.database_url == f"sqlite://{settings.ROOT}/var/onethread.db"
