"""Slack's files over plain HTTP: the upload to an address that Slack gave us, and the download with our token."""

from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import aiohttp

from core.errors import Rejected, RetryLater
from core.ports import Fetched

SOON = timedelta(seconds=5)
PATIENCE = aiohttp.ClientTimeout(total=120, sock_connect=10, sock_read=30)
HOPS = 3
CHUNK = 64 * 1024
MEGABYTE = 1024 * 1024
PAGES = (b"<!doctype html", b"<html")
SIGN_IN = (
    "Slack answered with its sign-in page instead of the file: give the app the scope files:read,"
    " install it again and see that it is a member of the Slack channel."
)


class Trusted:
    """Where the bot's token may be sent: Slack's own host and the hosts below it, by the same scheme."""

    def __init__(self, api_base: str) -> None:
        own = urlsplit(api_base)
        self._scheme, self._host = own.scheme, own.hostname or ""

    def holds(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:  # "http://[" and the like
            return False
        return parts.scheme == self._scheme and (host == self._host or host.endswith(f".{self._host}"))


async def put(http: aiohttp.ClientSession, url: str, data: bytes) -> None:
    """Hand the bytes over. Nothing is shared by that, so it may always be done again: raises RetryLater, Rejected."""
    try:
        async with http.post(url, data=data, timeout=PATIENCE, allow_redirects=False) as answer:
            status = answer.status
    except (aiohttp.ClientError, TimeoutError) as failure:
        raise RetryLater(SOON, f"upload: {type(failure).__name__}") from None
    if status == 429 or status >= 500:
        raise RetryLater(SOON, f"upload: {status}")
    if status != 200:
        raise Rejected(f"Slack refused the file's bytes ({status}).")


async def fetch(
    http: aiohttp.ClientSession, url: str, *, token: str, trusted: Trusted, limit: int
) -> Fetched:
    """The file at ``url``; the token never leaves Slack's hosts. Raises RetryLater or Rejected."""
    for _ in range(HOPS):
        if not trusted.holds(url):
            raise Rejected("The file lies outside Slack, so it can't be fetched with the bot's token.")
        found = await _step(http, url, token, limit)
        if isinstance(found, Fetched):
            return found
        url = found
    raise Rejected("Slack's address of the file leads in circles.")


async def _step(http: aiohttp.ClientSession, url: str, token: str, limit: int) -> Fetched | str:
    """The file, or the address that Slack sends us on to."""
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with http.get(url, headers=headers, timeout=PATIENCE, allow_redirects=False) as answer:
            if 300 <= answer.status < 400 and "Location" in answer.headers:
                return urljoin(url, answer.headers["Location"])
            _must_be_a_file(answer)
            data = await _at_most(answer, limit)
            if _is_a_page(answer, data):
                raise Rejected(SIGN_IN)
            return Fetched(data=data, mime=answer.content_type)
    except (aiohttp.ClientError, TimeoutError, ValueError) as failure:
        if isinstance(failure, ValueError) and not isinstance(failure, aiohttp.ClientError):
            raise Rejected("Slack's address of the file can't be read.") from None
        raise RetryLater(SOON, f"download: {type(failure).__name__}") from None


def _must_be_a_file(answer: aiohttp.ClientResponse) -> None:
    if answer.status == 429 or answer.status >= 500:
        raise RetryLater(SOON, f"download: {answer.status}")
    if answer.status != 200:
        raise Rejected(f"Slack doesn't hand the file out ({answer.status}): it may have been deleted.")
    if answer.content_type == "text/html" and not _sent_as_file(answer):
        raise Rejected(SIGN_IN)


def _is_a_page(answer: aiohttp.ClientResponse, data: bytes) -> bool:
    """A web page under a type that isn't a page's; somebody's own pages come as files or as plain text."""
    begins = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    honest = answer.content_type.startswith("text/") or _sent_as_file(answer)
    return begins.startswith(PAGES) and not honest


def _sent_as_file(answer: aiohttp.ClientResponse) -> bool:
    return answer.headers.get("Content-Disposition", "").lower().startswith("attachment")


async def _at_most(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    whole = bytearray()
    if (answer.content_length or 0) <= limit:
        async for chunk in answer.content.iter_chunked(CHUNK):
            whole += chunk
            if len(whole) > limit:
                break
        else:
            return bytes(whole)
    raise Rejected(f"The file is larger than the {limit / MEGABYTE:.3g} MB that can be fetched from Slack.")
