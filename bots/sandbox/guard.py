"""Who may talk to the sandbox: programs and the page itself, never another site through somebody's browser.

A page elsewhere can make a browser call this machine: by a name of its own that points to loopback (the Host
header tells), or by a request across sites (Origin and Sec-Fetch-Site tell). Programs send neither.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
    " media-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def is_loopback(host: str) -> bool:
    """Whether ``host`` (without port or brackets) is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def guard(exposed: bool) -> Middleware:
    """Refuses with 403 what comes through another site; unless ``exposed``, also any name but loopback's."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not exposed and not is_loopback(_host_name(request.headers.get("Host", ""))):
            return web.Response(status=403, text="The sandbox answers only as 127.0.0.1 or localhost.\n")
        if _is_foreign(request):
            return web.Response(status=403, text="The sandbox answers no other site.\n")
        return await handler(request)

    return guarded


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_foreign(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    if origin is not None:
        scheme, _, host = origin.partition("://")
        return scheme not in ("http", "https") or host != request.headers.get("Host")
    site = request.headers.get("Sec-Fetch-Site", "none")
    return site not in ("none", "same-origin") and request.path != "/"


async def harden(_: web.Request, response: web.StreamResponse) -> None:
    """Headers for every answer, unless it has stricter ones already."""
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
