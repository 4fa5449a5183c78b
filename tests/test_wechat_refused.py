"""Forged, old, broken, oversized and plainly odd requests to the webhook: refused in the right way, and never a 500."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bots.web import BODY_LIMIT
from bots.wechat.crypto import Refused, Seal, signature
from bots.wechat.flat_xml import read
from bots.wechat.settings import WeChatAccount
from tests.wechat_side import ACCOUNTS, FOREIGN_KEY, TEXT, TOKEN, Side, playing, sealed, signed


@pytest.fixture
async def wechat() -> AsyncIterator[Side]:
    with capture_logs():
        async with playing() as side:
            yield side


def _query(**changes: str) -> Callable[[], tuple[str, dict[str, str]]]:
    def request() -> tuple[str, dict[str, str]]:
        body, query = sealed(TEXT)
        return body, {**query, **changes}

    return request


def _damaged(change: Callable[[str], str]) -> tuple[str, dict[str, str]]:
    """Ciphertext of a damaged or foreign kind under a correct signature."""
    query = signed()
    cipher = change(read(sealed(TEXT)[0].encode())["Encrypt"])
    query |= {
        "encrypt_type": "aes",
        "msg_signature": signature(TOKEN, query["timestamp"], query["nonce"], cipher),
    }
    return f"<xml><Encrypt>{cipher}</Encrypt></xml>", query


FORGED: Mapping[str, tuple[str, Callable[[], tuple[str, dict[str, str]]]]] = {
    "another token": ("aes", lambda: sealed(TEXT, token="BBBBB")),
    "another app": ("aes", lambda: sealed(TEXT, app_id="wxother")),
    "a foreign key": ("aes", lambda: sealed(TEXT, key=FOREIGN_KEY)),
    "no msg_signature": ("aes", _query(msg_signature="")),
    "letters beyond ASCII": ("aes", _query(msg_signature="é" * 40)),
    "another nonce": ("aes", _query(nonce="1")),
    "no timestamp": ("aes", _query(timestamp="")),
    "an endless timestamp": ("aes", _query(timestamp="1" * 5000)),
    "a form that nobody knows": ("compatible", _query(encrypt_type="rot13")),
    "a downgrade": ("aes", lambda: (TEXT, signed())),
    "a downgrade by name": ("aes", lambda: (TEXT, {**signed(), "encrypt_type": "raw"})),
    "ciphertext to a plain account": ("plain", lambda: sealed(TEXT)),
    "another token in plaintext": ("plain", lambda: (TEXT, signed("BBBBB"))),
    "an old plaintext": ("plain", lambda: (TEXT, signed(at=time.time() - 601))),
    "a plaintext from tomorrow": ("plain", lambda: (TEXT, signed(at=time.time() + 86_400))),
    "nothing signed": ("plain", lambda: (TEXT, {})),
    "no ciphertext": ("aes", lambda: (TEXT, sealed(TEXT)[1])),
    "damaged ciphertext": ("aes", lambda: _damaged(lambda text: text[:40] + text[60:])),
    "short ciphertext": ("aes", lambda: _damaged(lambda text: text[:24])),
    "one block": ("aes", lambda: _damaged(lambda text: base64.b64encode(b"x" * 16).decode())),
    "no base64": ("aes", lambda: _damaged(lambda text: "退货")),
    "empty ciphertext": ("aes", lambda: _damaged(lambda text: "")),
}


@pytest.mark.parametrize("name", FORGED)
async def test_forged_old_and_undecryptable_requests_are_refused(wechat: Side, name: str) -> None:
    account, make = FORGED[name]
    status, _ = await wechat.post(account, *make())
    assert status == 403
    assert (wechat.door.came, wechat.door.kept) == ([], [])


BOMB = '<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'


@pytest.mark.parametrize(
    "body", ["", "{", json.dumps({"Encrypt": "abc"}), "MsgId=1&Content=x", "<xml>", BOMB]
)
@pytest.mark.parametrize("account", ["plain", "aes"])
async def test_what_is_no_xml_is_answered_in_clear_words(wechat: Side, account: str, body: str) -> None:
    query = signed() if account == "plain" else sealed(TEXT)[1]
    with capture_logs() as lines:
        status, answer = await wechat.post(account, body, query)
    assert status == 400
    assert b"choose XML" in answer
    assert [line["account"] for line in lines if line["event"] == "wechat_not_xml"] == [account]
    assert (wechat.door.came, wechat.door.kept) == ([], [])


@pytest.mark.parametrize(
    "xml", ["{}", "", "<xml></xml>", "<xml><MsgType>text</MsgType></xml>", BOMB, "x" * 9000]
)
async def test_what_is_signed_but_not_understood_is_kept(wechat: Side, xml: str) -> None:
    assert await wechat.sealed("aes", xml) == (200, b"")
    assert [kept[:3] for kept in wechat.door.kept] == [("wechat", "aes", xml.encode())]
    assert wechat.door.kept[0][3]


async def test_what_nobody_could_answer_is_kept(wechat: Side) -> None:
    xml = TEXT.replace("gh_onethread", "")
    assert await wechat.post("plain", xml, signed()) == (200, b"")
    assert [kept[2] for kept in wechat.door.kept] == [xml.encode()]


async def test_an_oversized_body_is_refused_as_such(wechat: Side) -> None:
    assert (await wechat.post("aes", b"x" * (BODY_LIMIT + 1), sealed(TEXT)[1]))[0] == 413


async def test_a_body_that_is_not_compressed_as_it_says_breaks_nothing(wechat: Side) -> None:
    headers = {"Content-Encoding": "gzip"}
    assert (await wechat.post("aes", TEXT, sealed(TEXT)[1], **headers))[0] == 400


@pytest.mark.parametrize("xml", [TEXT, "<xml></xml>"])
async def test_without_the_database_wechat_comes_again(wechat: Side, xml: str) -> None:
    wechat.door.away = True
    assert (await wechat.sealed("aes", xml))[0] == 503


QUERIES = st.dictionaries(
    st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "encrypt_type", "echostr"]),
    st.text(),
)


@settings(deadline=None, max_examples=60)
@given(
    body=st.binary(max_size=200), inner=st.text(max_size=60), extra=QUERIES, account=st.sampled_from(ACCOUNTS)
)
def test_no_request_breaks_anything(
    body: bytes, inner: str, extra: dict[str, str], account: WeChatAccount
) -> None:
    """Signed garbage, encrypted garbage and garbage in the query, in one open connection each."""
    requests: Sequence[tuple[bytes | str, Mapping[str, str]]] = [
        (body, signed()),
        (body, sealed(TEXT)[1]),
        (TEXT, {**signed(), **extra}),
        sealed(inner.encode("utf-8", "replace").decode()),
        _damaged(lambda _: "".join(c for c in inner if c.isprintable() and c not in "<&")),
    ]

    async def play() -> list[int]:
        async with playing() as side:
            return [(await side.post(account.account, *request))[0] for request in requests]

    with capture_logs():
        assert set(asyncio.run(play())) <= {200, 400, 403}


def test_a_query_with_broken_characters_is_refused() -> None:
    with pytest.raises(Refused):
        Seal(ACCOUNTS[0]).echo({"timestamp": str(int(time.time())), "nonce": "\ud800"}, datetime.now(UTC))
