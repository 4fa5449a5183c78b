"""What the sandbox has to know of the configuration: which accounts to play, and where the webhooks are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WeChatSide:
    """One Official Account; ``mode`` is plain, compatible or aes, ``webhook`` the address that it calls.

    ``customer_service`` False: WeChat did not grant it the customer-service API (48001).
    """

    account: str
    app_id: str
    app_secret: str
    token: str
    aes_key: str
    mode: str
    webhook: str
    customer_service: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramSide:
    """One bot. Where it is called, it says itself (``setWebhook``), or it polls."""

    account: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSide:
    """One workspace with the app in it; ``webhook`` takes events, interactivity and commands.

    ``admin_channel`` ("": there is none) is the Slack channel of those who steer the FAQ, ``admins`` its members.
    """

    bot_token: str
    signing_secret: str
    app_token: str
    support_channel: str
    webhook: str
    admin_channel: str = ""
    admins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """``port`` 0 takes any free one."""

    host: str
    port: int
    wechat: tuple[WeChatSide, ...] = ()
    telegram: tuple[TelegramSide, ...] = ()
    slack: SlackSide | None = None
