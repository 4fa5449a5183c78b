"""What agents may call things when they type: commands, priorities, resolutions; in both Chinese and in English."""

import unicodedata
from collections.abc import Mapping
from typing import TypeVar

from core.escalation.acts import Resolution
from core.escalation.routing import Priority

Meaning = TypeVar("Meaning", bound=str)

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "note": ("note", "n", "备注", "備註", "笔记", "筆記"),
    "send": ("send", "发送", "發送", "送出"),
    "undo": ("undo", "撤回", "收回", "撤销", "撤銷"),
    "retry": ("retry", "重试", "重試", "重发", "重發"),
    "claim": ("claim", "认领", "認領"),
    "release": ("release", "放回", "释放", "釋放"),
    "take_over": ("takeover", "take-over", "take", "接手", "接管"),
    "assign": (
        "assign", "转派", "轉派", "指派", "分配", "转派给", "轉派給", "指派给", "指派給", "分配给", "分配給",
    ),
    "transfer": ("transfer", "转部门", "轉部門", "转接", "轉接", "转到", "轉到", "移交"),
    "side_question": ("ask", "询问", "詢問", "请教", "請教"),
    "priority": ("priority", "prio", "优先级", "優先級", "優先順序", "优先", "優先"),
    "tag": ("tag", "标签", "標籤", "打标签", "打標籤"),
    "untag": ("untag", "去标签", "去標籤", "删标签", "刪標籤"),
    "snooze": ("snooze", "稍后", "稍後", "延后", "延後", "推迟", "推遲"),
    "unsnooze": ("unsnooze", "wake", "唤醒", "喚醒"),
    "resolve": ("resolve", "done", "解决", "解決", "已解决", "已解決", "结案", "結案"),
    "reopen": ("reopen", "重开", "重開", "重新打开", "重新開啟"),
    "canned": ("r", "canned", "快捷", "快捷回复", "快捷回覆", "话术", "話術", "罐头", "罐頭"),
    "find": ("find", "search", "查找", "搜索", "搜尋"),
    "suggest": ("suggest", "建议", "建議", "推荐", "推薦"),
    "faq": ("faq", "收录", "收錄"),
    "history": ("history", "历史", "歷史"),
    "warn": ("warn", "警告"),
    "mute": ("mute", "禁言"),
    "block": ("block", "拉黑", "封锁", "封鎖"),
    "unblock": ("unblock", "unmute", "解禁", "解除"),
    "help": ("help", "帮助", "幫助", "说明", "說明", "命令", "指令"),
}  # fmt: skip
"""The verb of an act, and what one types after the exclamation mark; the first name is the one that help shows."""

PRIORITY_NAMES: Mapping[Priority, tuple[str, ...]] = {
    "low": ("low", "低", "不急"),
    "normal": ("normal", "普通", "一般", "正常", "中"),
    "high": ("high", "高", "优先", "優先"),
    "urgent": ("urgent", "紧急", "緊急", "加急", "特急"),
}
RESOLUTION_NAMES: Mapping[Resolution, tuple[str, ...]] = {
    "how-to": ("how-to", "howto", "question", "使用", "咨询", "諮詢", "使用问题", "使用問題"),
    "defect": ("defect", "bug", "fault", "故障", "缺陷", "问题", "問題"),
    "policy": ("policy", "rules", "政策", "规则", "規則"),
    "account": ("account", "账号", "帐号", "帳號", "账户", "帳戶"),
    "wish": ("wish", "feature", "request", "愿望", "願望", "需求", "建议", "建議"),
}


def priority_named(typed: str) -> Priority | None:
    """The priority that somebody typed, in any of the languages."""
    return _named(PRIORITY_NAMES, typed)


def resolution_named(typed: str) -> Resolution | None:
    """What the ticket was about, as somebody typed it."""
    return _named(RESOLUTION_NAMES, typed)


def _named(names: Mapping[Meaning, tuple[str, ...]], typed: str) -> Meaning | None:
    word = unicodedata.normalize("NFKC", typed).casefold().strip(" \t\n!.。")
    return next((meaning for meaning, known in names.items() if word in known), None)
