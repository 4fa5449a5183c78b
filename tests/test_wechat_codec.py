"""What WeChat posts, as our own values; the payloads are shaped as in the Official Accounts manual."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.parser import parse_message

from bots.wechat.codec import NotUnderstood, decode, own_id, reread
from bots.wechat.flat_xml import NotXml, read, text_reply
from core.messages import Address, Attachment, Inbound, Kind

PAYLOADS = Path(__file__).parent / "payloads"
WHO = "oPerson_1-x"
AT = datetime(2024, 4, 25, 9, 24, 19, tzinfo=UTC)
SENDER = Address(platform="wechat", account="shop", user=WHO, chat=WHO)


def message(
    last_digits: int,
    *attachments: Attachment,
    kind: Kind = "said",
    text: str = "",
    choice: str = "",
    unknown_type: str = "",
) -> Inbound:
    number = str(24538792031274500 + last_digits)
    return Inbound(
        id=f"{WHO}:{number}",
        kind=kind,
        sender=SENDER,
        language="zh-CN",
        sent_at=AT,
        text=text,
        attachments=attachments,
        choice=choice,
        external_id=number,
        unknown_type=unknown_type,
    )


def event(name: str, key: str, *, kind: Kind, text: str = "", choice: str = "") -> Inbound:
    number = f"{WHO}:1714037059:{name}:{key}"
    return Inbound(
        id=number, kind=kind, sender=SENDER, language="zh-CN", sent_at=AT, text=text, choice=choice
    )


VOICE = Attachment(kind="voice", ref="media-voice_1", mime="audio/amr", transcript="我要退货。")
PLACE = Attachment(kind="place", name="广州市天河区 (23.134521, 113.358803)")
SHOP = "https://shop.example/?a=1&b=2"
LINK = Attachment(kind="link", ref=SHOP, name=f"官网 · 我们的商店 {SHOP}")

MEANING: dict[str, Inbound | None] = {
    "text": message(61, text="怎么退货? <b>&amp;</b>"),
    "choice": message(62, kind="chose", choice="faq:return-goods", text="如何退货"),
    "sticker": message(63, unknown_type="sticker"),
    "image": message(64, Attachment(kind="image", ref="media-image_1")),
    "voice": message(65, VOICE, text="我要退货。"),
    "voice_unrecognised": message(66, Attachment(kind="voice", ref="media-voice_2", mime="audio/speex")),
    "video": message(67, Attachment(kind="video", ref="media-video_1", mime="video/mp4")),
    "shortvideo": message(68, Attachment(kind="video", ref="media-video_2", mime="video/mp4")),
    "location": message(69, PLACE),
    "link": message(70, LINK),
    "miniprogram": message(71, unknown_type="miniprogrampage"),
    "click": event("CLICK", "tickets", kind="chose", choice="menu:tickets"),
    "click_foreign": event("CLICK", "V1001_TODAY_MUSIC", kind="chose", choice="menu:help"),
    "subscribe": event("subscribe", "", kind="followed"),
    "subscribe_scene": event("subscribe", "qrscene_link-8f2a", kind="followed", text="link-8f2a"),
    "scan": event("SCAN", "link-8f2a", kind="linked", text="link-8f2a"),
    "unsubscribe": event("unsubscribe", "", kind="left"),
    "view": None,
    "reported_location": None,
    "template_sent": None,
    "pictures": None,
}


def payload(name: str) -> bytes:
    return (PAYLOADS / f"wechat_{name}.xml").read_bytes()


def test_every_payload_has_a_meaning() -> None:
    assert {file.stem.removeprefix("wechat_") for file in PAYLOADS.glob("wechat_*.xml")} == set(MEANING)


@pytest.mark.parametrize("name", MEANING)
def test_what_a_payload_means(name: str) -> None:
    assert reread(payload(name), "shop") == MEANING[name]


@pytest.mark.parametrize("name", MEANING)
def test_it_is_read_as_wechatpy_reads_it(name: str) -> None:
    theirs, ours = parse_message(payload(name))._data, read(payload(name))
    for field in set(ours) - {"Event", "EventKey", "SendPicsInfo"}:
        assert ours[field] == (theirs[field] or ""), field


def test_our_own_id_is_known_for_the_reply() -> None:
    assert own_id(read(payload("text"))) == "gh_onethread"


GOOD = {
    "ToUserName": "gh_onethread",
    "FromUserName": WHO,
    "CreateTime": "1714037059",
    "MsgType": "text",
    "Content": "你好",
    "MsgId": "1",
}
CLICK = {**GOOD, "MsgType": "event", "Event": "CLICK", "EventKey": "help"}


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"xml": "1"},
        *({name: GOOD[name] for name in GOOD if name != missing} for missing in sorted({*GOOD} - {"ToUserName"})),
        {**GOOD, "MsgId": "1" * 5000},
        {**GOOD, "MsgId": "-1"},
        {**GOOD, "MsgId": "１"},
        {**GOOD, "CreateTime": "9" * 400},
        {**GOOD, "CreateTime": "soon"},
        {**GOOD, "FromUserName": "o\u200bPerson"},
        {**GOOD, "FromUserName": "a:1"},
        {**GOOD, "FromUserName": "o" * 65},
        {**GOOD, "FromUserName": ""},
        {**GOOD, "MsgType": "te\u202ext"},
        {**GOOD, "MsgType": "image"},
        {**GOOD, "MsgType": "image", "MediaId": "a b"},
        {**GOOD, "MsgType": "location", "Location_X": "north", "Location_Y": "1"},
        {**GOOD, "MsgType": "location", "Location_X": "1"},
        {**GOOD, "MsgType": "link", "Title": "no address"},
        {**CLICK, "Event": ""},
        {**CLICK, "EventKey": "k" * 101},
        {**CLICK, "EventKey": "a\x00b"},
        {**CLICK, "CreateTime": ""},
        {**CLICK, "FromUserName": ""},
    ],
)  # fmt: skip
def test_what_wechat_never_writes_is_not_understood(broken: dict[str, str]) -> None:
    with pytest.raises(NotUnderstood):
        decode(broken, "shop")


@pytest.mark.parametrize("choice", ["", "c" * 61, "题" * 21])
def test_a_choice_that_can_not_be_ours_is_just_words(choice: str) -> None:
    said = decode({**GOOD, "bizmsgmenuid": choice}, "shop")
    assert said is not None
    assert (said.kind, said.choice, said.text) == ("said", "", "你好")


def test_long_texts_of_places_and_links_fit_into_a_name() -> None:
    place = {"MsgType": "location", "Location_X": "1.5", "Location_Y": "-2", "Label": "路" * 9000}
    link = {"MsgType": "link", "Title": "题" * 9000, "Url": "https://shop.example/" + "x" * 3000}
    for fields, kept in ((place, "(1.5, -2)"), (link, " https://shop.example/xx")):
        said = decode({**GOOD, **fields}, "shop")
        assert said is not None
        assert len(said.attachments[0].name) == 255
        assert kept in said.attachments[0].name


def test_an_empty_text_and_a_text_of_100_kb_are_texts() -> None:
    for text in ("", "长" * 34_000):
        said = decode({**GOOD, "Content": text}, "shop")
        assert said is not None
        assert said.text == text


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*CLICK, "MediaId", "bizmsgmenuid", "Url"]), st.text(max_size=40)))
def test_any_fields_are_understood_or_refused(fields: dict[str, str]) -> None:
    try:
        said = decode({**CLICK, **fields}, "shop")
    except NotUnderstood:
        return
    assert said is None or len(said.id) <= 255


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_quarantined_bytes_are_understood_or_refused(payload: bytes) -> None:
    with pytest.raises(NotUnderstood):
        reread(payload, "shop")


BOMB = b'<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"\xff\xfe\x00",
        b"<xml>",
        b"<xml></xml><xml/>",
        b"<xml><a>&b;</a></xml>",
        BOMB,
        b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>',
    ],
)
def test_what_is_no_xml(body: bytes) -> None:
    with pytest.raises(NotXml):
        read(body)


def test_a_declared_encoding_does_not_matter_and_broken_characters_cost_no_message() -> None:
    odd = b'<?xml version="1.0" encoding="utf-16"?><xml><Content><![CDATA[a\x00\x08b\xffc]]></Content></xml>'
    assert read(odd) == {"Content": "ab\ufffdc"}


def test_the_first_of_two_fields_counts_and_deep_ones_do_not() -> None:
    assert read(b"<xml><a>1</a><a>2</a><b><a>3</a></b></xml>") == {"a": "1", "b": ""}
    assert read(b"<xml>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</xml>") == {"a": ""}


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_out_of_a_reply(text: str) -> None:
    fields = read(text_reply(to=WHO, sender="gh_onethread", text=f"<{text}]]>", at=AT).encode())
    visible = "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff"))
    visible = visible.replace("\ufffe", "").replace("\uffff", "").replace("\r\n", "\n").replace("\r", "\n")
    assert fields["Content"] == f"<{visible}]]>"
    assert fields["FromUserName"] == "gh_onethread"
    assert fields["ToUserName"] == WHO


def test_a_reply_is_a_text_from_the_account_to_the_person() -> None:
    reply = parse_message(text_reply(to=WHO, sender="gh_onethread", text="您好 ]]> &amp;", at=AT))
    assert (reply.type, reply.content, reply.source, reply.target) == (
        "text",
        "您好 ]]> &amp;",
        "gh_onethread",
        WHO,
    )
    assert reply.time == 1714037059
