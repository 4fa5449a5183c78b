"""``[[telegram]]``: one bot."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class TelegramAccount(BaseModel):
    """``account`` is our own name for the bot; it stands in the address of its webhook."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    token: SecretStr
    secret: SecretStr = SecretStr("")
    mode: Literal["webhook", "polling"] = "webhook"
    api_base: str = "https://api.telegram.org"

    @field_validator("api_base")
    @classmethod
    def _bare(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if self.mode == "webhook" and not self.secret.get_secret_value():
            raise ValueError(
                'write secret = "env:TELEGRAM_SECRET" (letters, digits, _ and -, yours to invent),'
                ' or mode = "polling"'
            )
        return self
