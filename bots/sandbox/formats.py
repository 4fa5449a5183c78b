"""What a file really is, by its first bytes: senders' claims are often empty or wrong."""

MIMES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "amr": "audio/amr",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "wav": "audio/wav",
    "webp": "image/webp",
    "ogg": "audio/ogg",
    "webm": "video/webm",
}


def format_of(data: bytes) -> str:
    """What ``data`` really is, by its first bytes; "" if unknown."""
    starts = {
        b"\x89PNG\r\n\x1a\n": "png",
        b"\xff\xd8\xff": "jpg",
        b"GIF8": "gif",
        b"BM": "bmp",
        b"#!AMR": "amr",
        b"ID3": "mp3",
        b"OggS": "ogg",
        b"\x1a\x45\xdf\xa3": "webm",
    }
    for start, name in starts.items():
        if data.startswith(start):
            return name
    if data[4:8] == b"ftyp":
        return "mp4"
    if data[:4] == b"RIFF":
        return {b"WAVE": "wav", b"WEBP": "webp"}.get(data[8:12], "")
    return "mp3" if data[:1] == b"\xff" and len(data) > 1 and data[1] & 0xE0 == 0xE0 else ""


def mime_of(data: bytes, claimed: str = "") -> str:
    """The MIME type that can be seen in ``data``, else the claimed one."""
    return MIMES.get(format_of(data)) or claimed or "application/octet-stream"
