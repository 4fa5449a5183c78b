"""A small shop's FAQ for stories about answers, with every field that an entry may have."""

from pathlib import Path

from tests.telegram_stories import png
from tests.world import World

PICTURE = png(40)
SHOP = """
entries:
  - id: returns
    category: after-sales
    follow_ups: [return-fee]
    zh-CN:
      question: 怎么退货？
      variants: [我想退货, 退货流程是什么, 东西不想要了能退吗]
      answer: 收到后 7 天内可以退，在网络订单里申请。
    en:
      question: How do I return something?
      variants: [I want to return this, can I send it back, what is your return policy]
      answer: You can return it within 7 days.
      answers: { slack: "On Slack we say: return it within 7 days." }
  - id: return-fee
    category: after-sales
    zh-CN:
      question: 退货运费谁出？
      variants: [退货的运费谁承担, 退回去的邮费谁付, 退货要付运费吗]
      answer: 退货的运费我们出。
    zh-TW:
      question: 退貨運費誰出？
      variants: [退貨的運費誰負擔]
      answer: 退貨運費由我們負擔。
    en:
      question: Who pays the postage of a return?
      variants: [do I pay for return shipping, is return postage free]
      answer: We pay the postage of a return.
  - id: fee
    category: parcels
    keywords: [运费, postage]
    zh-CN:
      question: 运费怎么算？
      variants: [运费多少钱, 满多少包邮, 邮费怎么收]
      answer: 满 99 元包邮，不满收 8 元。
    en:
      question: How much is shipping?
      variants: [what does delivery cost, is shipping free]
      answer: Shipping is free from $49.
  - id: invoice
    category: paying
    zh-CN:
      question: 发票怎么开？
      variants: [可以开发票吗, 我要发票]
      answer: 在订单里点“申请发票”。
    en:
      question: How do I get an invoice?
      variants: [can I have an invoice, I need a receipt for tax]
      answer: Choose "Invoice" in the order.
  - id: sizes
    category: goods
    attachments: [files/sizes.png]
    zh-CN:
      question: 尺寸怎么选？
      variants: [有没有尺码表, 杯子有多大]
      answer: 看这张表。
    en:
      question: Which size shall I take?
      variants: [do you have a size chart, how big are the cups]
      answer: See this chart.
  - id: hurt
    category: goods
    escalate: safety
    zh-CN:
      question: 杯子割伤了手
      variants: [被碎片划伤了]
      answer: 请先止血，必要时就医。
    en:
      question: The cup cut my hand
      variants: [I was hurt by a broken cup]
      answer: Please stop the bleeding first.
  - id: sale
    category: offers
    valid_until: "2020-11-11"
    zh-CN: { question: 双十一有什么优惠？, variants: [双十一打几折], answer: 全场五折。 }
    en: { question: What is on sale for Singles Day?, answer: Everything is half price. }
"""


def open_shop(folder: Path) -> Path:
    """The shop's FAQ beside the configuration file that a world in ``folder`` has; gives ``folder`` back."""
    files = folder / "faq" / "files"
    files.mkdir(parents=True)
    (files / "sizes.png").write_bytes(PICTURE)
    (folder / "faq" / "shop.yaml").write_text(SHOP, encoding="utf-8")
    return folder


async def questions(w: World) -> list[tuple[str, str, str, str]]:
    """What was kept: kind, entry, what was shown and what became of it, oldest first."""
    rows = await w.rows("SELECT kind, entry, shown, fate FROM question ORDER BY id")
    return [(row["kind"], row["entry"], _list(row["shown"]), row["fate"]) for row in rows]


def _list(shown: str) -> str:
    return " ".join(shown.strip("[]").replace('"', "").replace(",", " ").split())
