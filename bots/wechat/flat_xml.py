"""WeChat's XML, which is flat: read with document types refused, written so that no text can break out of it."""

import re
from datetime import datetime
from xml.parsers import expat

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no place for (section 2.2); people's texts hold it all the same."""


class NotXml(ValueError):
    """This is no XML that WeChat could have sent."""


def read(body: bytes) -> dict[str, str]:
    """The text of every element below the root; deeper ones are left out. Raises NotXml."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(_FORBIDDEN.sub("", body.decode("utf-8", "replace")), True)
    except expat.ExpatError as error:
        raise NotXml(f"not well formed: {error}") from None
    return reader.fields


class _Reader:
    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._depth = 0
        self._words: list[str] = []

    def refuse(self, *_: object) -> None:
        """No document type means no entities, so none that grow."""
        raise NotXml("it declares a document type")

    def start(self, _: str, __: object) -> None:
        self._depth += 1
        if self._depth == 2:
            self._words = []

    def text(self, words: str) -> None:
        if self._depth == 2:
            self._words.append(words)

    def end(self, name: str) -> None:
        if self._depth == 2:
            self.fields.setdefault(name, "".join(self._words).strip())
        self._depth -= 1


def text_reply(*, to: str, sender: str, text: str, at: datetime) -> str:
    """The passive reply: one text, from ``sender`` (the account's own id) to the person ``to``."""
    return (
        f"<xml><ToUserName>{_cdata(to)}</ToUserName><FromUserName>{_cdata(sender)}</FromUserName>"
        f"<CreateTime>{int(at.timestamp())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{_cdata(text)}</Content></xml>"
    )


def _cdata(text: str) -> str:
    return f"<![CDATA[{_FORBIDDEN.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"
