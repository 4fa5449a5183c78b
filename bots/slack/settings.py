"""``[slack]``: the desk, and the app that people write to directly."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class SlackSettings(BaseModel):
    """With ``app_token`` events come over Socket Mode, else to the webhook, signed with ``signing_secret``.

    ``language`` is the one in which cards and notices for agents are written; ``posts_per_second`` is how many posts
    Slack lets one Slack channel have (it says about one). ``admins`` (Slack user ids) may edit the FAQ from Slack; in
    ``admin_channel`` drafts, gaps and refused files are told, and spreadsheets are taken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bot_token: SecretStr
    signing_secret: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    api_base: str = "https://slack.com"
    support_channel: str
    admin_channel: str = ""
    admins: tuple[str, ...] = ()
    language: Literal["zh-CN", "zh-TW", "en"] = Field("en")
    posts_per_second: float = Field(1.0, gt=0, le=100)

    @field_validator("support_channel", "admin_channel")
    @classmethod
    def _is_an_id(cls, value: str) -> str:
        if not value.isalnum() or not value.isupper():
            raise ValueError('write the Slack channel\'s id ("C0123456789"), not its name')
        return value

    @field_validator("admins")
    @classmethod
    def _are_ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not one.isalnum() or not one.isupper():
                raise ValueError(f'"{one}" is no Slack user id; write ids such as "U0123456789"')
        return value

    @field_validator("api_base")
    @classmethod
    def _bare(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if not self.signing_secret.get_secret_value() and not self.app_token.get_secret_value():
            raise ValueError(
                'write signing_secret = "env:SLACK_SIGNING_SECRET" (events come to the webhook)'
                ' or app_token = "env:SLACK_APP_TOKEN" (Socket Mode, no public address needed)'
            )
        return self
