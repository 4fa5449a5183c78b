"""The shipped FAQ against questions as people type them: none of them is a phrasing of the FAQ itself."""

import pytest

from core.conversation.faq.book import Faq
from tests.kept import shop

ANSWERED = {
    "return-goods": [
        "请问怎么退货呀？",
        "想退货怎么退",
        "How do I return an item?",
        "return policy?",
        "七天鑑賞期怎麼算怎麼退",
        "can i return this item",
        "在吗 怎么退货",
        "怎麼退貨啊，謝謝",
    ],
    "cancel-return": ["取消退货", "撤销退货申请", "please cancel my return"],
    "track-parcel": [
        "我的快递到哪里了",
        "包裹到哪了",
        "where is my package?",
        "how can I track my order",
        "帮我查一下物流",
    ],
    "shipping-fee": [
        "运费多少",
        "满多少钱包邮？",
        "運費多少錢",
        "免運門檻是多少",
        "how much does shipping cost",
        "is shipping free?",
    ],
    "shipping-time": ["几天能到啊", "快递要多久才能到", "幾天會到貨", "上海到货要几天"],
    "dispatch-time": ["怎么还没发货啊", "多久发货", "什麼時候會出貨", "when will you ship my order"],
    "refund-time": [
        "退款多久能到账",
        "退款几天到账",
        "退款多久入帳",
        "how long until I get my refund",
        "退款怎么还没到账",
    ],
    "cancel-order": ["取消订单", "我想取消订单", "訂單要怎麼取消", "how can I cancel my order"],
    "change-address": [
        "地址写错了怎么改",
        "收货地址填错了",
        "地址填錯可以改嗎",
        "can I change my delivery address",
    ],
    "invoice": ["发票怎么开", "可以开发票吗", "發票怎麼開", "I need an invoice", "发票抬头开错了"],
    "payment-methods": [
        "可以刷信用卡嗎",
        "支付方式有哪些",
        "what payment methods do you take",
        "能用支付宝付款吗",
    ],
    "payment-failed": ["paid but order says unpaid", "为什么支付失败"],
    "reset-password": ["忘记密码了", "forgot my password", "how to reset my password", "密码忘了"],
    "verification-code": ["收不到验证码", "驗證碼收不到", "I didn't get the verification code"],
    "account-stolen": [
        "账号被盗",
        "我的帳號被盜了",
        "my account has been hacked",
        "我的信用卡被盗刷了",
        "被骗了",
    ],
    "charged-twice": [
        "my card was charged twice",
        "重复扣款了",
        "被扣了两次款",
        "I got charged twice for one order",
    ],
    "damaged-goods": ["收到的杯子碎了", "商品破损怎么办", "收到的東西壞了", "my item arrived broken"],
    "injury": ["杯子割伤了手", "the kettle burned me, I'm injured", "喝完茶过敏"],
    "wrong-item": ["发错货了", "少发了一件", "東西寄錯了", "you sent the wrong item"],
    "exchange-goods": ["怎么换货", "can I exchange it for another size"],
    "use-coupon": ["优惠券怎么使用", "折價券要怎麼用", "how to use a coupon"],
    "coupon-problem": ["我的优惠券用不了", "為什麼折價券不能用啊", "my coupon doesn't work"],
    "opening-hours": ["客服几点上班啊", "客服上班時間是幾點", "what are your opening hours"],
    "pickup-point": ["能不能超商取货", "可以放快递柜吗"],
    "cash-on-delivery": ["可不可以货到付款", "可以取貨付款嗎", "do you offer cash on delivery"],
    "delete-account": ["我要注销账号", "怎麼把帳號刪除", "how can I delete my account"],
    "physical-store": ["你们有实体店吗", "有沒有實體店面", "do you have a physical shop"],
    "in-stock": ["什么时候补货", "還會補貨嗎", "is it back in stock"],
    "authentic": ["你们卖的是正品吗", "是不是假货", "are these products authentic"],
    "ship-abroad": ["能寄到国外吗", "可以寄到美國嗎", "do you ship internationally"],
    "points": ["积分怎么兑换", "積分有什麼用", "how do points work"],
    "warranty": ["保固期多久", "how long is the warranty"],
    "installments": ["支持分期付款吗", "可以分期付款嗎"],
    "looks-different": ["颜色和图片不一样", "it doesn't look like the photo"],
    "login-problem": ["账号登不上去了", "cannot login"],
    "delivered-not-received": ["明明没收到怎么就签收了", "nothing arrived but it is marked delivered"],
    "change-phone": ["我手机号换了", "new phone number"],
    "complaint": ["我要投诉你们退货太慢"],
    "about-you": ["你是不是机器人", "are you a robot"],
}

OFFERED = {
    "return-goods": ["can I give it back", "hw do i retrun an item", "怎么退款"],
    "cancel-return": ["I don't want to return it anymore"],
    "track-parcel": ["我的东西呢", "package?", "SF20251111 到哪了"],
    "shipping-time": ["how long does shipping take"],
    "refund-time": ["我的钱呢", "退货要多久才退钱"],
    "damaged-goods": ["it's cracked"],
    "exchange-goods": ["衣服不合适", "想換尺寸"],
    "invoice": ["可以开收据吗"],
    "account-stolen": ["有人盗刷我的卡"],
    "size-guide": ["what size is the cup"],
}

UNKNOWN = [
    "你们的猫会弹钢琴吗",
    "帮我写一首诗",
    "who won the world cup",
    "讲个笑话",
    "幫我算命",
    "asdfghjkl",
    "法国的首都是哪里",
    "how old is the president",
    "帮我订一张去北京的机票",
    "write me a python script",
    "哈哈哈哈哈",
    "我要學日文",
    "can you sing a song",
    "翻译一下这句话",
    "13800000000",
    "？？？",
]

NEVER_SURE = [
    "推荐一部电影",
    "what's the weather in Paris",
    "今天天气怎么样",
    "今天星期几",
    "怎么做红烧肉",
    "明天股市會漲嗎",
    "what time is it in Tokyo",
    "你喜欢我吗",
    "怎么修电脑",
]


@pytest.fixture(scope="module")
def faq() -> Faq:
    return shop()


def rows(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(entry, question) for entry, questions in table.items() for question in questions]


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("怎么退货", "return-goods"),
        ("怎麼退貨", "return-goods"),
        ("how do I return something", "return-goods"),
    ],
)
def test_the_question_of_all_questions(faq: Faq, question: str, entry: str) -> None:
    decision = faq.decide(question)
    assert (decision.kind, decision.ids) == ("answer", (entry,))
    assert faq.entries[entry].category == "after-sales"


@pytest.mark.parametrize(("entry", "question"), rows(ANSWERED))
def test_clear_questions_are_answered(faq: Faq, entry: str, question: str) -> None:
    decision = faq.decide(question)
    assert (decision.kind, decision.ids) == ("answer", (entry,))


@pytest.mark.parametrize(("entry", "question"), rows(OFFERED))
def test_doubtful_questions_get_the_right_one_or_are_asked_back_with_it_among_three(
    faq: Faq, entry: str, question: str
) -> None:
    decision = faq.decide(question)
    assert decision.kind in ("answer", "suggest")
    assert entry in decision.ids
    assert len(decision.ids) <= 3


@pytest.mark.parametrize("question", UNKNOWN)
def test_what_no_entry_knows_is_neither_answered_nor_guessed_at(faq: Faq, question: str) -> None:
    assert faq.decide(question).kind == "nothing"


@pytest.mark.parametrize("question", NEVER_SURE)
def test_a_shared_word_is_not_enough_for_an_answer(faq: Faq, question: str) -> None:
    assert faq.decide(question).kind != "answer"


def test_the_questions_above_are_not_the_phrasings_themselves(faq: Faq) -> None:
    known = {phrase for entry in faq.entries.values() for phrase in entry.phrasings()}
    asked = [question for table in (ANSWERED, OFFERED) for _, question in rows(table)]
    assert len(asked) + len(UNKNOWN) + len(NEVER_SURE) > 120
    assert [question for question in asked if question in known] == []


def test_the_shipped_faq_is_complete_in_three_languages(faq: Faq) -> None:
    assert len(faq.entries) >= 45
    assert {
        name for name, entry in faq.entries.items() if set(entry.blocks) != {"zh-CN", "zh-TW", "en"}
    } == set()
    few = [
        (name, code)
        for name, entry in faq.entries.items()
        for code, block in entry.blocks.items()
        if len(block.variants) < 4
    ]
    assert few == []


MAINLAND = (
    "信息",
    "視頻",
    "短信",
    "賬號",
    "鏈接",
    "默認",
    "快遞",
    "優惠券",
    "發貨",
    "優惠卷",
    "質量",
    "積分",
    "二維碼",
)


def test_each_chinese_is_written_as_its_readers_write(faq: Faq) -> None:
    told = {
        code: "".join(
            text
            for entry in faq.entries.values()
            for text in (entry.blocks[code].question, *entry.blocks[code].variants, entry.blocks[code].answer)
        )
        for code in ("zh-CN", "zh-TW")
    }
    for code, charset in (("zh-CN", "gb2312"), ("zh-TW", "big5")):
        han = {sign for sign in told[code] if "\u4e00" <= sign <= "\u9fff"}
        assert len(han) > 500
        assert [sign for sign in han if not sign.encode(charset, "ignore")] == []
    assert [word for word in MAINLAND if word in told["zh-TW"]] == []


def test_answers_fit_into_the_smallest_passive_reply(faq: Faq) -> None:
    """WeChat takes 2,048 bytes, and choices or an older message may ride along."""
    blocks = [(name, block) for name, entry in faq.entries.items() for block in entry.blocks.values()]
    assert [name for name, block in blocks if len(block.answer.encode()) > 1000] == []
    assert [name for name, block in blocks if len(block.question) > 40] == []


def test_no_two_entries_share_a_phrasing(faq: Faq) -> None:
    unsure = [
        (name, phrase)
        for name, entry in faq.entries.items()
        for phrase in entry.phrasings()
        if faq.decide(phrase).ids[:1] != (name,)
    ]
    assert unsure == []


def test_who_only_greets_is_offered_what_most_people_need(faq: Faq) -> None:
    assert faq.popular == ("track-parcel", "return-goods", "cancel-order")
