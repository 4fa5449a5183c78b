"""What ``onethread doctor`` says of one Official Account, with the next step for whatever is wrong."""

from bots.wechat.api import WeChatApi
from bots.wechat.outcomes import IP_NOT_LISTED, WRONG_APP_ID, WRONG_SECRET, Refusal
from bots.wechat.settings import WeChatAccount
from core.errors import Rejected, RetryLater
from core.ports import Finding

BASICS = "mp.weixin.qq.com → Settings and Development → Basic Configuration (设置与开发 → 基本配置)"
OPEN = ("is_add_friend_reply_open", "is_autoreply_open")


async def examine(account: WeChatAccount, api: WeChatApi) -> list[Finding]:
    """Credentials first; without them nothing else can be asked."""
    name = f"wechat {account.account}"
    try:
        await api.ask_token()
    except (Refusal, RetryLater, Rejected) as failure:
        return [Finding(what=f"{name}: stable_token", ok=False, next_step=_mend(account, failure))]
    return [Finding(what=f"{name}: stable_token", ok=True), await _own_replies(name, api)]


def _mend(account: WeChatAccount, failure: Refusal | RetryLater | Rejected) -> str:
    if not isinstance(failure, Refusal):
        return f"{account.api_base} does not answer as WeChat does ({failure}): check network and api_base."
    if failure.code == IP_NOT_LISTED:
        return f"Add this machine's address to the IP whitelist at {BASICS}. WeChat says: {failure.words}"
    if failure.code in WRONG_APP_ID:
        return f"Correct app_id: copy AppID from {BASICS}."
    if failure.code in WRONG_SECRET:
        return f"Correct app_secret: reset AppSecret at {BASICS} and write the new one."
    return f"WeChat says: {failure}. Look the code up in the manual's list of return codes."


async def _own_replies(name: str, api: WeChatApi) -> Finding:
    """Server mode silences the replies that the account's own website sends."""
    try:
        said = await api.ask("get_current_autoreply_info")
    except (Refusal, RetryLater, Rejected) as failure:
        return Finding(what=f"{name}: auto-replies could not be read ({failure})", ok=True)
    if not any(said.get(switch) for switch in OPEN) and not said.get("keyword_autoreply_info"):
        return Finding(what=f"{name}: no auto-replies of its own", ok=True)
    return Finding(
        what=f"{name}: auto-replies of its own",
        ok=True,
        next_step=(
            "They stop as soon as the server address is enabled at WeChat (server mode):"
            " put what they say into config/faq and the text `welcome`."
        ),
    )
