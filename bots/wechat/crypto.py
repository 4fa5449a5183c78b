"""Who may post to an account's webhook, and what they posted: signatures, age, the allowed form, both AES keys."""

import base64
import hashlib
import hmac
import re
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import WeChatException

from bots.wechat.flat_xml import NotXml, read
from bots.wechat.settings import WeChatAccount

OLDEST = timedelta(minutes=10)
"""How far a request's timestamp may be off; an older one may be a replay."""

UNDECRYPTABLE = (IndexError, struct.error, ValueError, WeChatException)
"""How wechatpy fails on damaged ciphertext or a foreign key, depending on where it notices."""

_ECHOSTR = re.compile("[A-Za-z0-9_-]{1,64}")
_TIMESTAMP = re.compile("[0-9]{1,11}")


class Refused(Exception):
    """The request is not WeChat's, too old, or in a form that the account's ``mode`` forbids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A verified message. ``payload`` is its plaintext; ``fields`` is empty if what was encrypted is no XML.

    ``key`` is the EncodingAESKey that opened it and must close the answer; empty: it came in plaintext.
    """

    payload: bytes
    fields: Mapping[str, str]
    key: str = ""


class Seal:
    """Opens what WeChat sends to one account, and closes what it is answered."""

    def __init__(self, account: WeChatAccount) -> None:
        self._mode = account.mode
        self._app_id = account.app_id
        self._token = account.token.get_secret_value()
        keys = (account.aes_key.get_secret_value(), account.previous_aes_key.get_secret_value())
        self._keys = tuple(filter(None, keys))

    def echo(self, query: Mapping[str, str], now: datetime) -> str:
        """The answer that proves to WeChat that this address is ours. Raises Refused.

        Official Accounts send ``echostr`` as it is to be answered; set-ups that sign with ``msg_signature`` encrypt it.
        """
        self._fresh(query, now)
        said = query.get("echostr", "")
        if "msg_signature" in query and self._keys:
            self._signed(query, "msg_signature", said)
            return self._echoed(self._opened(said)[0].decode())
        self._signed(query, "signature")
        return said

    def open(self, query: Mapping[str, str], body: bytes, now: datetime) -> Letter:
        """What was posted. Raises Refused, or NotXml when there is nothing to verify or to read."""
        form = query.get("encrypt_type") or "raw"
        self._allowed(form)
        self._fresh(query, now)
        if form == "raw":
            self._signed(query, "signature")
            return Letter(payload=body, fields=read(body))
        sealed = read(body).get("Encrypt", "")
        self._signed(query, "msg_signature", sealed)
        payload, key = self._opened(sealed)
        return Letter(payload=payload, fields=_read_or_nothing(payload), key=key)

    def close(self, xml: str, key: str, now: datetime) -> str:
        """``xml`` encrypted with ``key``, as the answer to what that key opened."""
        crypto = WeChatCrypto(self._token, key, self._app_id)
        return str(crypto.encrypt_message(xml, secrets.token_hex(8), str(int(now.timestamp()))))

    def _echoed(self, said: str) -> str:
        """A message that somebody listened in on must not come back decrypted as if it were an ``echostr``."""
        if not _ECHOSTR.fullmatch(said):
            raise Refused("what was encrypted is no echostr")
        return said

    def _allowed(self, form: str) -> None:
        """A plaintext's signature doesn't cover its body, so whoever saw one could write anything with it."""
        if form == "raw" and self._mode == "aes":
            raise Refused('plaintext, but mode = "aes": choose the safe mode at WeChat')
        if form != "raw" and (form != "aes" or self._mode == "plain"):
            raise Refused(
                f'encrypted ({form[:20]}), but mode = "{self._mode}": choose the same mode at WeChat'
            )

    def _fresh(self, query: Mapping[str, str], now: datetime) -> None:
        stamp = query.get("timestamp", "")
        if not _TIMESTAMP.fullmatch(stamp):
            raise Refused("no timestamp")
        if abs(now.timestamp() - int(stamp)) > OLDEST.total_seconds():
            raise Refused("too old, or this machine's clock is wrong")

    def _signed(self, query: Mapping[str, str], name: str, *covered: str) -> None:
        given = query.get(name, "")
        wanted = signature(self._token, query.get("timestamp", ""), query.get("nonce", ""), *covered)
        if not hmac.compare_digest(_bytes(given), wanted.encode()):
            raise Refused(f"wrong {name}: is the token the same as at WeChat?")

    def _opened(self, sealed: str) -> tuple[bytes, str]:
        for key in self._keys:
            try:
                text = PrpCrypto(base64.b64decode(key + "=")).decrypt(_bytes(sealed), self._app_id)
            except UNDECRYPTABLE:
                continue
            return str(text).encode(), key
        raise Refused("neither aes_key nor previous_aes_key decrypts it, or it is for another app_id")


def signature(*parts: str) -> str:
    """WeChat's signature: the SHA-1 of the sorted parts, one of which is the token."""
    return hashlib.sha1(b"".join(sorted(map(_bytes, parts)))).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _read_or_nothing(payload: bytes) -> Mapping[str, str]:
    try:
        return read(payload)
    except NotXml:
        return {}
