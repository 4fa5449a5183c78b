"""What in people's words is about them alone: it may never stand in a FAQ that everybody reads."""

import re

HIDDEN = "…"

_READ = 2000
"""Characters that are looked at; what comes after them is dropped."""
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{0,4}[-#]?(?:\d(?:-?\d){4,}|\d{4}(?: \d{4})+)(?![A-Za-z0-9])", re.ASCII
)
"""An order, a parcel, an account: which one it is, never what is asked."""
_TELLING = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*"  # an e-mail address, in part or whole
    r"|(?:https?://|www\.)\S+|[A-Za-z0-9-]+\.(?:com|cn|net|org|tw|hk|io|me|top|shop)(?![A-Za-z0-9])\S*"
    r"|(?<!\w)@\w{3,}"
    r"|\+\d[\d ()-]{6,}\d"
    r"|(?<!\d)(?:1[3-9]\d|0\d{1,3}|09\d{2})[ -]?\d{3,4}[ -]?\d{3,4}(?!\d)"  # phones of China and Taiwan
    r"|(?<!\d)\(?\d{3}\)?[ -]\d{3}[ -]\d{4}(?!\d)"
    r"|(?<![A-Za-z0-9])(?:\d{17}[\dXx]|[A-Z][12]\d{8})(?![A-Za-z0-9])"  # identity cards
    r"|(?:\d[ -]?){13,19}"  # cards of banks
    r"|[\u4e00-\u9fff]{1,8}(?:路|街|巷|弄|大道)(?:[\u4e00-\u9fff]{1,2}段)?\s*\d+\s*[号號](?:[之\-]\d+)?"
    r"|\d+\s*(?:号楼|號樓|单元|單元|栋|棟|室)(?:\s*\d+\s*(?:室|楼|樓)?)?"
    r"|\b\d{1,5} (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd)\b"
    r"|(?:我叫|我的名字[是叫]|姓名[:：是]?|收件人[:：是]?|我是(?=[\u4e00-\u9fff]{2,3}(?:先生|女士|小姐)))"
    r"\s*[\u4e00-\u9fff]{2,4}(?:先生|女士|小姐)?"
    r"|(?i:\bmy name(?: is|'s)|\bi am called|\bthis is (?:mr|mrs|ms)\.?)\s+\w+(?: [A-Z]\w+)?"
    r"|(?i:(?:微信|微信号|微訊|wechat|wx|qq|line)\s*(?:id|号|號)?\s*[:：是]\s*)[A-Za-z0-9_-]{4,}"
)


def tells_who(text: str) -> bool:
    """Whether somebody could be found by these words: an address, a phone, a name, a link."""
    return bool(_TELLING.search(text[:_READ]))


def without_numbers(text: str) -> str:
    """The same question without the number of an order or a parcel."""
    return " ".join(_NUMBER.sub(" ", text).split())


def masked(text: str) -> str:
    """Everything that is about one person replaced by a sign."""
    return _NUMBER.sub(HIDDEN, _TELLING.sub(HIDDEN, text[:_READ]))
