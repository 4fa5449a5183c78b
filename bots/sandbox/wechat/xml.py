"""The XML of pushes and passive replies."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree

Fields = Mapping[str, str | int]
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class NoXml(Exception):
    """It is no XML message."""


def write(fields: Fields) -> bytes:
    """``fields`` in their order; numbers bare, texts as CDATA, as WeChat writes them."""
    return f"<xml>{''.join(_element(name, value) for name, value in fields.items())}</xml>".encode()


def _element(name: str, value: str | int) -> str:
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    text = _ILLEGAL.sub("", value).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{text}]]></{name}>"


def read(body: bytes) -> ElementTree.Element:
    """Raises NoXml, also for document types and entities, which nobody needs here."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise NoXml
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise NoXml from None
    if root.tag != "xml":
        raise NoXml
    return root


def text_of(root: ElementTree.Element, path: str) -> str:
    """The text at ``path``; "" if it isn't there."""
    return root.findtext(path) or ""
