"""The columns of a sheet, and the many names that people give them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

OWN = ("id", "language", "question", "variants", "answer")
"""Columns that every sheet has, in this order; an entry's other columns stand behind the answers."""
SHARED = (
    "category",
    "keywords",
    "follow_ups",
    "attachments",
    "valid_from",
    "valid_until",
    "escalate",
    "audience",
    "examples",
    "not_for",
)
"""Columns about the whole entry: they are written in its first row only."""
_NAMES: Mapping[str, Sequence[str]] = {
    "id": ("id", "entry", "entry id", "key", "编号", "標識", "标识", "編號", "条目", "條目", "序号", "序號"),
    "category": ("category", "categories", "topic", "group", "分类", "分類", "类别", "類別", "主题", "主題"),
    "keywords": ("keywords", "keyword", "tags", "关键词", "關鍵詞", "关键字", "關鍵字", "标签", "標籤"),
    "language": ("language", "lang", "locale", "语言", "語言", "语种", "語種"),
    "question": ("question", "questions", "q", "title", "standard question",
                 "问题", "問題", "标准问", "標準問", "标准问题", "標準問題", "提问", "提問", "标题", "標題"),
    "variants": ("variants", "variant", "alternatives", "other questions", "similar questions", "also asked as",
                 "synonyms", "相似问", "相似問", "相似问题", "相似問題", "相似问法", "相似問法", "其他问法", "其他問法",
                 "变体", "變體", "问法", "問法", "同义问", "同義問"),
    "answer": ("answer", "answers", "a", "reply", "response",
               "答案", "回答", "回复", "回覆", "答复", "答覆", "标准答案", "標準答案"),
    "follow_ups": ("follow ups", "follow up", "followups", "next", "后续", "後續", "后续问题", "後續問題",
                   "追问", "追問", "相关问题", "相關問題", "关联问题", "關聯問題"),
    "attachments": ("attachments", "attachment", "files", "附件", "文件", "檔案"),
    "valid_from": ("valid from", "from", "start", "start date", "生效日期", "开始日期", "開始日期", "生效"),
    "valid_until": ("valid until", "valid to", "until", "end", "end date", "expires", "失效日期", "结束日期",
                    "結束日期", "截止日期", "失效"),
    "escalate": ("escalate", "department", "escalate to", "转人工", "轉人工", "部门", "部門", "转接", "轉接"),
    "audience": ("audience", "for whom", "对象", "對象", "可见范围", "可見範圍", "读者", "讀者"),
    "examples": ("examples", "example", "must match", "示例", "範例", "例句", "例子"),
    "not_for": ("not for", "must not match", "counter examples", "反例", "不适用", "不適用", "排除"),
}  # fmt: skip
_PLATFORM = re.compile(r"(.+?)\s*[(（\[【:_\- ]\s*([a-z]+)\s*[)）\]】]?")
_BESIDE_LETTERS = re.compile(r"[\s_\-*#:：/.]+")
_LONGEST = 60
ANSWER_ON = "answer:"
"""Begins the name of a column with one platform's answers, ``answer:telegram``."""


class Headings:
    """Knows what is meant by a heading."""

    def __init__(self) -> None:
        self._meant = {_bare(name): column for column, names in _NAMES.items() for name in names}

    def column(self, heading: str) -> str:
        """The column that is meant; "" for one that we don't know."""
        if len(heading) > _LONGEST:
            return ""
        bare = _bare(heading)
        if bare in self._meant:
            return self._meant[bare]
        found = _PLATFORM.fullmatch(unicodedata.normalize("NFKC", heading).strip().casefold())
        if found and found[2] not in self._meant and self._meant.get(_bare(found[1])) == "answer":
            return f"{ANSWER_ON}{found[2]}"
        return self._in_two_languages(heading)

    def near(self, heading: str) -> str:
        """What a mistyped heading may have meant; "" where nothing is near."""
        near = get_close_matches(_bare(heading[:_LONGEST]), self._meant, n=1, cutoff=0.75)
        return self._meant[near[0]] if near else ""

    def known(self, cells: Sequence[str]) -> set[str]:
        """Those of the cells that are headings."""
        return {column for cell in cells if (column := self.column(cell))}

    def _in_two_languages(self, heading: str) -> str:
        """``问题 Question``, ``答案（必填）``: a name beside others."""
        parts = [_bare(part) for part in re.split(r"[\s()（）\[\]【】|/\n]+", heading)]
        meant = {self._meant[part] for part in parts if part in self._meant}
        return meant.pop() if len(meant) == 1 and len(parts) <= 4 else ""


def heading(column: str) -> str:
    """As we write it."""
    return f"answer ({column.removeprefix(ANSWER_ON)})" if column.startswith(ANSWER_ON) else column


def _bare(name: str) -> str:
    return _BESIDE_LETTERS.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip()
