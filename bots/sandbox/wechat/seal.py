"""Signatures and encryption of pushes and passive replies, as the platform's side does them."""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class Unreadable(Exception):
    """It was not made with this account's key and app id."""


def sign(*parts: str) -> str:
    """SHA-1 over the sorted parts: token, timestamp, nonce and, where something is encrypted, that."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """EncodingAESKey (43 characters) and app id of one account."""

    aes_key: str
    app_id: str

    def close(self, content: bytes) -> str:
        """Encrypt: 16 random bytes, the length, the content, the app id, padded to 32 bytes."""
        plain = secrets.token_bytes(16) + len(content).to_bytes(4, "big") + content + self.app_id.encode()
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        data = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(data).decode()

    def open(self, sealed: str) -> bytes:
        """Raises Unreadable."""
        try:
            data = base64.b64decode(sealed, validate=True)
            decryptor = self._cipher().decryptor()
            plain = decryptor.update(data) + decryptor.finalize()
        except (binascii.Error, ValueError):
            raise Unreadable from None
        pad = plain[-1] if plain else 0
        if not 1 <= pad <= BLOCK or len(plain) < 20 + pad:
            raise Unreadable
        end = 20 + int.from_bytes(plain[16:20], "big")
        if plain[end:-pad] != self.app_id.encode():
            raise Unreadable
        return plain[20:end]

    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
