"""What a file really is, and under which name it is handed on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.delivery.filetypes import LONGEST_NAME, TYPES, file_name, label_of, true_type

FTYP = b"\0\0\0\x18ftyp"


@pytest.mark.parametrize(
    ("data", "claimed", "name", "really"),
    [
        (b"\xff\xd8\xff\xe0", "image/png", "a.png", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "application/octet-stream", "", "image/png"),
        (b"GIF89a", "", "", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/jpeg", "", "image/webp"),
        (b"RIFF\0\0\0\0WAVE", "", "", "audio/wav"),
        (b"RIFF\0\0\0\0AVI ", "video/x-msvideo", "", "video/x-msvideo"),
        (b"BM\0\0", "image/x-ms-bmp", "", "image/bmp"),
        (b"BMW is a car", "text/plain", "", "text/plain"),
        (b"II*\0", "image/tiff", "", "image/tiff"),
        (FTYP + b"heic", "image/jpeg", "IMG_1.jpg", "image/heic"),
        (FTYP + b"avif", "", "", "image/avif"),
        (FTYP + b"M4A ", "video/mp4", "", "audio/mp4"),
        (FTYP + b"isom", "audio/mp4; codecs=mp4a", "", "audio/mp4"),
        (FTYP + b"isom", "", "", "video/mp4"),
        (FTYP + b"qt  ", "video/mp4", "", "video/quicktime"),
        (b"OggS\0\2........OpusHead", "audio/opus", "", "audio/ogg"),
        (b"OggS\0\2........\x80theora", "", "", "video/ogg"),
        (b"#!AMR\n\x3c", "audio/mpeg", "", "audio/amr"),
        (b"\x02#!SILK_V3", "", "", "audio/silk"),
        (b"ID3\x04", "audio/mp3", "", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mp3", "", "audio/mpeg"),
        (b"\xff\xfb\x90", "", "", ""),
        (b"%PDF-1.7", "image/png", "", "application/pdf"),
        (b"a cat", "image/JPEG; charset=binary", "", "image/jpeg"),
        (b"a cat", "image/jpg", "", "image/jpeg"),
        (b"a,b", "", "list.csv", "text/csv"),
        (b"a,b", "application/octet-stream", "list", "application/octet-stream"),
        (b"", "", "", ""),
    ],
)
def test_bytes_say_more_than_claims(data: bytes, claimed: str, name: str, really: str) -> None:
    assert true_type(data, claimed, name) == really


@pytest.mark.parametrize(
    ("name", "kind", "mime", "called"),
    [
        ("cat.png", "image", "image/png", "cat.png"),
        ("cat.PNG", "image", "image/png", "cat.PNG"),
        ("cat.webp", "image", "image/jpeg", "cat.jpg"),
        ("cat.jpeg", "image", "image/jpeg", "cat.jpeg"),
        ("file_7.oga", "voice", "audio/ogg", "file_7.ogg"),
        ("", "voice", "audio/ogg", "voice.ogg"),
        ("", "voice", "audio/amr", "voice.amr"),
        ("👍", "sticker", "image/webp", "👍.webp"),
        ("terms v1.2", "file", "application/pdf", "terms v1.2.pdf"),
        ("report.final", "file", "application/pdf", "report.final.pdf"),
        ("invoice.exe", "file", "application/pdf", "invoice.pdf"),
        ("../../etc/passwd", "file", "", "passwd"),
        ("C:\\temp\\价格.docx", "file", "application/zip", "价格.docx"),
        ("", "file", "text/csv", "file.csv"),
        ("", "file", "", "file"),
        (".png", "image", "image/png", "image.png"),
        ("Dr. No", "file", "", "Dr. No"),
        ("x" * 300 + ".pdf", "file", "application/pdf", "x" * (LONGEST_NAME - 4) + ".pdf"),
    ],
)
def test_a_name_agrees_with_the_type(name: str, kind: str, mime: str, called: str) -> None:
    assert file_name(name, kind, mime) == called


@given(
    st.text(), st.sampled_from(["image", "voice", "file"]), st.sampled_from([*TYPES, "", "text/csv", "x/y"])
)
def test_any_name_is_short_has_no_folders_and_stays_as_it_is_the_second_time(
    name: str, kind: str, mime: str
) -> None:
    called = file_name(name, kind, mime)
    assert 0 < len(called) <= LONGEST_NAME
    assert not {"/", "\\"} & set(called)
    assert file_name(called, kind, mime) == called
    if mime in TYPES:
        assert called.rpartition(".")[2].lower() in TYPES[mime].endings


def test_types_are_called_as_people_call_them() -> None:
    assert [label_of(mime) for mime in ("image/jpeg", "audio/mp4", "application/zip", "")] == [
        "JPEG", "M4A", "application/zip", "?",
    ]  # fmt: skip
