"""Names of people: what a platform tells, made harmless, and stable friendly ones where it tells nothing."""

import hashlib
import unicodedata

from core.conversation.texts import Texts, nearest

LONGEST_NAME = 40


def clean_name(raw: str) -> str:
    """Without control, direction and zero-width characters; one line; "" if nothing visible is left."""
    visible = "".join(
        c if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn") else " " for c in raw
    )
    shown = " ".join(unicodedata.normalize("NFC", visible).split())[:LONGEST_NAME].strip()
    return shown if any(unicodedata.category(c)[0] in "LNS" for c in shown) else ""


def made_up_name(key: str, texts: Texts, language: str) -> str:
    """The same friendly name for the same key, in the desk's language."""
    digest = hashlib.sha256(key.encode()).digest()
    code = nearest(language)
    first, second = texts.names[code]
    blank = " " if code == "en" else ""
    return f"{first[digest[0] % len(first)]}{blank}{second[digest[1] % len(second)]} {digest[2]:02X}"
