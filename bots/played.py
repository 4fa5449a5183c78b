"""What the sandbox plays of the settings: every account whose API is the sandbox's."""

from bots.sandbox.config import SandboxConfig, SlackSide, TelegramSide, WeChatSide
from bots.settings import Settings
from bots.slack.settings import SlackSettings
from bots.telegram.settings import TelegramAccount
from bots.wechat.settings import WeChatAccount


def sandbox_config(settings: Settings) -> SandboxConfig:
    """The sandbox's side of each such account."""
    here, webhooks = settings.sandbox.url, settings.local_url
    slack = settings.slack if settings.slack and settings.slack.api_base == here else None
    return SandboxConfig(
        host=settings.sandbox.host,
        port=settings.sandbox.port,
        wechat=tuple(_wechat(one, webhooks) for one in settings.wechat if one.api_base == here),
        telegram=tuple(_telegram(one) for one in settings.telegram if one.api_base == here),
        slack=_slack(slack, webhooks) if slack else None,
    )


def _wechat(account: WeChatAccount, webhooks: str) -> WeChatSide:
    return WeChatSide(
        account=account.account,
        app_id=account.app_id,
        app_secret=account.app_secret.get_secret_value(),
        token=account.token.get_secret_value(),
        aes_key=account.aes_key.get_secret_value(),
        mode=account.mode,
        customer_service=account.customer_service,
        webhook=f"{webhooks}/wechat/{account.account}",
    )


def _telegram(account: TelegramAccount) -> TelegramSide:
    return TelegramSide(account=account.account, token=account.token.get_secret_value())


def _slack(slack: SlackSettings, webhooks: str) -> SlackSide:
    return SlackSide(
        bot_token=slack.bot_token.get_secret_value(),
        signing_secret=slack.signing_secret.get_secret_value(),
        app_token=slack.app_token.get_secret_value(),
        support_channel=slack.support_channel,
        webhook=f"{webhooks}/slack/events",
        admin_channel=slack.admin_channel,
        admins=slack.admins,
    )
