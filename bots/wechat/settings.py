"""``[[wechat]]``: one Official Account."""

import re
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


class WeChatAccount(BaseModel):
    """``mode`` says which form of message is allowed; ``account`` stands in the server address at WeChat."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    app_id: str
    app_secret: SecretStr
    token: SecretStr
    aes_key: SecretStr = SecretStr("")
    previous_aes_key: SecretStr = SecretStr("")
    mode: Literal["plain", "compatible", "aes"] = "aes"
    customer_service: bool = True
    api_base: str = "https://api.weixin.qq.com"

    @field_validator("api_base")
    @classmethod
    def _bare(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("aes_key", "previous_aes_key")
    @classmethod
    def _is_aes_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not _AES_KEY.fullmatch(value.get_secret_value()):
            raise ValueError("write the 43 letters and digits of EncodingAESKey")
        return value

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.mode != "plain" and not self.aes_key.get_secret_value():
            raise ValueError(
                f'mode = "{self.mode}" needs aes_key = "env:WECHAT_AES_KEY" (43 characters), or write mode = "plain"'
            )
        return self
