"""One frozen Settings: the only reader of the configuration file and of the environment.

Every value may be ``"env:NAME"``; an empty one means not set. What is wrong is refused all at once, with key,
file and what to write instead. A field that hides itself from the repr is a secret, here and in the platforms'
parts.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from bots.demo import MADE_UP
from bots.refusals import Place, explain, place
from bots.slack.settings import SlackSettings
from bots.telegram.settings import TelegramAccount
from bots.wechat.settings import WeChatAccount
from core.errors import Invalid

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "config"
DEFAULT_FILE = SHIPPED / "onethread.toml"


class Http(BaseModel):
    """Where the platforms' webhooks, health and metrics are served; a proxy with TLS stands in front."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65535)


class Sandbox(BaseModel):
    """The local stand-ins for the three platforms; seen from other machines only with ``expose``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = False
    port: int = Field(8090, ge=1, le=65535)
    expose: bool = False

    @property
    def host(self) -> str:
        return "0.0.0.0" if self.expose else "127.0.0.1"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Faq(BaseModel):
    """How sure the bot must be before it answers, and how many people teach it another way to ask."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    caution: Literal["careful", "balanced", "bold"] = "balanced"
    confirmations: int = Field(3, ge=2, le=100)
    """Different people who must confirm a variant before it is taken up by itself."""


class Settings(BaseModel):
    """All that an operator can set, checked and with every path absolute."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    _file: Path | None = None
    public_url: str = ""
    database_url: str = Field(repr=False)
    redis_url: str = Field("", repr=False)
    files_dir: Path
    kept_dir: Path
    """What is quicker read than made again: the encoder's weights unpacked, vectors of phrasings. May be deleted."""
    lost_send: Literal["repeat", "never"] = "repeat"
    """What becomes of a send whose answer was lost, where the platform can't look it up."""
    http: Http = Http()
    sandbox: Sandbox = Sandbox()
    faq: Faq = Faq()
    slack: SlackSettings | None = None
    telegram: tuple[TelegramAccount, ...] = ()
    wechat: tuple[WeChatAccount, ...] = ()

    def model_post_init(self, context: Path | None, /) -> None:
        self._file = context

    @property
    def file(self) -> Path | None:
        """The file that all this was read from; None: nothing is configured, the sandbox runs."""
        return self._file

    @property
    def faq_dir(self) -> Path:
        return self._beside("faq")

    @property
    def routing_file(self) -> Path:
        return self._beside("routing.yaml")

    @property
    def texts_dir(self) -> Path:
        return self._beside("texts")

    @property
    def replies_dir(self) -> Path:
        return self._beside("replies")

    def _beside(self, name: str) -> Path:
        own = (self._file.parent if self._file else SHIPPED) / name
        return own if own.exists() else SHIPPED / name

    @property
    def local_url(self) -> str:
        """Where this machine reaches our own webhooks."""
        host = "127.0.0.1" if self.http.host in ("", "0.0.0.0") else self.http.host
        return f"http://{host}:{self.http.port}"

    def public_for(self, api_base: str) -> str:
        """Where a platform reaches our webhooks: the sandbox does so on this machine."""
        played = self.sandbox.enabled and api_base == self.sandbox.url
        return self.local_url if played else self.public_url

    @property
    def played(self) -> frozenset[str]:
        """The accounts that the sandbox plays, as "platform account"."""
        if not self.sandbox.enabled:
            return frozenset()
        accounts = [("telegram", one) for one in self.telegram] + [("wechat", one) for one in self.wechat]
        names = {f"{name} {one.account}" for name, one in accounts if one.api_base == self.sandbox.url}
        slack = self.slack is not None and self.slack.api_base == self.sandbox.url
        return frozenset(names | ({"slack slack"} if slack else set()))

    def secrets(self) -> frozenset[str]:
        """All that must never be seen in a log."""
        return frozenset(filter(None, _secrets(self)))

    @field_validator("public_url")
    @classmethod
    def _is_public(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError('write the address that the platforms reach, like "https://bot.example.com"')
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str) -> str:
        scheme, _, rest = value.partition("://")
        if scheme not in ("sqlite", "postgres", "postgresql") or rest.partition("?")[0] in ("", ":memory:"):
            raise ValueError(
                'write "sqlite://onethread.db" (a file) or "postgres://user:password@host:5432/onethread"'
            )
        return value if scheme == "sqlite" else f"postgres://{rest}"

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("redis", "rediss", "unix"):
            raise ValueError('write "redis://host:6379/0", or leave it out to run without Redis')
        return value

    @field_validator("telegram", "wechat")
    @classmethod
    def _differ(cls, accounts: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [account.account for account in accounts]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f'account "{name}" is there twice: give each one its own name')
        return accounts

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        if self.sandbox.enabled and self.http.port == self.sandbox.port:
            raise ValueError(f"[http] port and [sandbox] port are both {self.http.port}: give each its own")
        return self


def read_settings(named: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings in the file ``named``, else in ``ONETHREAD_CONFIG``, else in config/onethread.toml.

    With no file at all it is the sandbox's. Raises Invalid.
    """
    wanted = named or environ.get("ONETHREAD_CONFIG")
    if wanted:
        return _parse_file(Path(wanted).absolute(), environ)
    if DEFAULT_FILE.is_file():
        return _parse_file(DEFAULT_FILE, environ)
    return sandbox_settings()


def sandbox_settings(given: Mapping[str, Any] | None = None) -> Settings:
    """What serves when nothing is configured; ``given`` are keys, as in a file, that shall differ."""
    return parse({"sandbox": {"enabled": True}, **(given or {})}, None, {})


def parse(raw: Mapping[str, Any], file: Path | None, environ: Mapping[str, str]) -> Settings:
    """Settings from what a file says. Raises Invalid with every problem that was found."""
    name = str(file or "the sandbox")
    problems: list[str] = []
    known = _set(_resolved(raw, (), environ, problems)) or {}
    if problems:
        raise Invalid([f"{name}: {problem}" for problem in problems])
    try:
        return Settings.model_validate(_placed(_played(known), file), context=file)
    except ValidationError as error:
        raise Invalid(explain(error, Settings, name)) from None


def _parse_file(file: Path, environ: Mapping[str, str]) -> Settings:
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        hint = "Copy config/onethread.example.toml there and fill it in."
        raise Invalid([f"{file}: can't be read ({error.strerror}). {hint}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid([f"{file}: is no TOML: {error}. Compare config/onethread.example.toml."]) from None
    return parse(raw, file, environ)


def _resolved(value: Any, where: Place, environ: Mapping[str, str], problems: list[str]) -> Any:
    """``value`` with each "env:NAME" replaced by what that variable holds."""
    if isinstance(value, Mapping):
        return {key: _resolved(part, (*where, key), environ, problems) for key, part in value.items()}
    if isinstance(value, list):
        return [_resolved(part, (*where, at), environ, problems) for at, part in enumerate(value)]
    if not isinstance(value, str) or not value.startswith("env:"):
        return value
    name = value.removeprefix("env:").strip()
    if name not in environ:
        what = f"the environment variable {name} is not set" if name else "names no environment variable"
        problems.append(f"{place(where)}: {what}. Write: export {name or 'NAME'}=… before starting.")
    return environ.get(name, "")


def _set(value: Any) -> Any:
    """``value`` without what is empty, in tables and lists alike; None when nothing is left."""
    if isinstance(value, Mapping):
        return {key: kept for key, part in value.items() if (kept := _set(part)) is not None} or None
    if isinstance(value, list):
        return [kept for part in value if (kept := _set(part)) is not None] or None
    return None if isinstance(value, str) and not value.strip() else value


def _played(known: Mapping[str, Any]) -> dict[str, Any]:
    """With the sandbox on: platforms that are not named are made up, addresses that are not set are its own."""
    try:
        sandbox = Sandbox.model_validate(known.get("sandbox", {}))
    except ValidationError:
        return dict(known)  # refused with the rest
    if not sandbox.enabled:
        return dict(known)
    return {
        **known,
        **{name: _pointed(known.get(name, made_up), sandbox.url) for name, made_up in MADE_UP.items()},
    }


def _pointed(part: Any, address: str) -> Any:
    if isinstance(part, list):
        return [_pointed(account, address) for account in part]
    return {"api_base": address, **part} if isinstance(part, Mapping) else part


def _placed(known: Mapping[str, Any], file: Path | None) -> dict[str, Any]:
    """Paths made absolute: what the file says counts from its folder; what it leaves out lies under var/."""
    folder = file.parent if file else ROOT
    var = (ROOT if folder == SHIPPED else folder) / "var"
    database = known.get("database_url")
    if not database:
        database = f"sqlite://{var / 'onethread.db'}"
    elif isinstance(database, str) and database.startswith("sqlite://"):
        path, mark, options = database.removeprefix("sqlite://").partition("?")
        if path and path != ":memory:":
            database = f"sqlite://{(folder / path).resolve()}{mark}{options}"
    given = {name: known.get(f"{name}_dir") or var / name for name in ("files", "kept")}
    lie = {f"{key}_dir": (folder / to).resolve() if isinstance(to, str) else to for key, to in given.items()}
    return {**known, "database_url": database, **lie}


def _secrets(part: BaseModel) -> Iterator[str]:
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, BaseModel):
                yield from _secrets(item)
            elif isinstance(item, SecretStr):
                yield item.get_secret_value()
            elif isinstance(item, str) and not field.repr:
                yield urlsplit(item).password or "" if "://" in item else item
