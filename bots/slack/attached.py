"""Files that hang on a Slack message, as attachments; pure."""

from collections.abc import Iterator, Mapping

from bots.slack.shapes import ID, URL, Body, string
from bots.slack.text import clean
from core.messages import Attachment, Media

GONE_FILES = frozenset({"tombstone", "hidden_by_limit"})


def attachments(event: Body) -> Iterator[Attachment]:
    files = event.get("files")
    for file in files if isinstance(files, list) else ():
        if isinstance(file, Mapping) and string(file, "mode") not in GONE_FILES:
            yield _attachment(file)


def _attachment(file: Body) -> Attachment:
    url, id = string(file, "url_private"), string(file, "id")
    name = clean(string(file, "name") or string(file, "title"))[:200]
    url = url if URL.fullmatch(url) else ""
    if file.get("is_external") is True or file.get("mode") == "external":
        return Attachment(kind="link", name=f"{name} ({url})" if url else name)
    mime, size = clean(string(file, "mimetype"))[:100], file.get("size")
    kind = _media(mime, string(file, "subtype"))
    if kind == "voice":
        mime = mime.replace("video/", "audio/")
    return Attachment(
        kind=kind,
        ref=url or (id if ID.fullmatch(id) else ""),
        name=name,
        mime=mime,
        size=size if isinstance(size, int) and 0 <= size < 2**53 else 0,
        transcript=_transcript(file),
    )


def _media(mime: str, subtype: str) -> Media:
    if subtype == "slack_audio":  # a voice clip, which may call itself video/mp4
        return "voice"
    kinds: Mapping[str, Media] = {"image": "image", "audio": "voice", "video": "video"}
    return "file" if mime == "image/svg+xml" else kinds.get(mime.partition("/")[0], "file")


def _transcript(file: Body) -> str:
    said = file.get("transcription")
    preview = said.get("preview") if isinstance(said, Mapping) else None
    return clean(string(preview, "content")) if isinstance(preview, Mapping) else ""
