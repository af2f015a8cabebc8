"""Who may connect: decisions about Host, Origin, ``Sec-Fetch-Site`` and the token.

A development server listens on the developer's machine, and every web page that is
open in the developer's browser can send requests to it. These rules keep such pages
from reading the application's code and from listening to its updates:

-   The *host rule* stops DNS rebinding, where a foreign name is made to point at this
    machine, so that the browser takes a foreign page for one of ours.
-   The *origin rule* stops pages of other origins from opening the socket, which the
    browser's same-origin policy does not prevent.
-   The *token* is known only to who could read our client runtime. It stops what has
    no Origin to judge.

Everything here is a function of plain strings. What cannot be understood is refused;
nothing raises, whatever a client sends.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from .hosts import parse_host, parse_origin

_SHOWN_LENGTH = 80
_TOKEN_LABEL = b"flask-hmr socket token"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to a request that may not connect.

    :param status: The HTTP status: 400 for what cannot be understood, 403 for the
        rest.
    :param reason: One sentence for the developer: what was refused, and which key
        allows it. It holds nothing secret, and no control characters.
    """

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of one application.

    :param allowed_hosts: Host names as :class:`~flask_hmr.config.Config` gives them:
        normalised; a leading dot stands for a domain and all its subdomains.
    :param allowed_origins: Origins that may connect besides the application's own.
    :param token: What the socket must present. See :func:`new_token`.
    """

    allowed_hosts: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    token: str = field(repr=False)

    def check(
        self,
        method: str,
        host: str | None,
        origin: Sequence[str],
        sec_fetch_site: str | None,
        own_origin: str,
    ) -> Refusal | None:
        """Judge a plain HTTP request to one of our endpoints.

        :param method: The request method. Anything but ``GET`` and ``HEAD`` must show
            that it comes from one of our pages.
        :param host: The ``Host`` header, or ``None``.
        :param origin: All ``Origin`` headers; usually none or one.
        :param sec_fetch_site: The ``Sec-Fetch-Site`` header, or ``None``. It exposes
            what carries no Origin, such as ``<script src>`` on a foreign page.
        :param own_origin: ``scheme://host[:port]`` of the request, as the browser
            sees it (so behind a proxy after ``ProxyFix``).
        :return: ``None`` if the request may pass.
        """
        refusal = self._check_host(host)
        if refusal is not None:
            return refusal
        if sec_fetch_site not in (None, "same-origin", "none"):
            return Refusal(
                403,
                f"A page of another site asked for this (Sec-Fetch-Site: "
                f"{_shown(sec_fetch_site)}). Only the application's own pages may.",
            )
        if origin:
            return self._check_origin(origin, own_origin)
        if method not in ("GET", "HEAD") and sec_fetch_site != "same-origin":
            return Refusal(
                403,
                f"A {_shown(method)} request has to name the page that it comes from, "
                f"by an Origin header.",
            )
        return None

    def check_socket(
        self,
        method: str,
        host: str | None,
        origin: Sequence[str],
        sec_fetch_site: str | None,
        own_origin: str,
        token: str | None,
    ) -> Refusal | None:
        """Judge the request that opens a socket, or what stands in for a socket.

        The token is always needed. With it, the Origin header may be missing: then
        the client is no browser, or reads an event stream of its own origin.

        :param method: The request method; sockets are opened by ``GET``.
        :param host: As for :meth:`check`.
        :param origin: As for :meth:`check`.
        :param sec_fetch_site: Not looked at. Browsers disagree on whether a page and
            a ``ws:`` URL of its own host are the same site, and Origin is always
            there.
        :param own_origin: As for :meth:`check`.
        :param token: What the client presents as token, or ``None``.
        """
        refusal = self._check_host(host)
        if refusal is not None:
            return refusal
        if method != "GET":
            return Refusal(400, "A socket is opened by a GET request.")
        if origin:
            refusal = self._check_origin(origin, own_origin)
            if refusal is not None:
                return refusal
        return self.check_token(token)

    def check_token(self, token: str | None) -> Refusal | None:
        """Judge the token that a client presents; ``None`` stands for none."""
        if self._token_is_right(token):
            return None
        return Refusal(
            403,
            "The token is missing or wrong. Pages that were opened before a "
            "restart with another SECRET_KEY get the new one when they reload.",
        )

    def allows_host(self, header: str) -> bool:
        """Tell whether a ``Host`` header names a host that is allowed."""
        return self._check_host(header) is None

    def _check_host(self, header: str | None) -> Refusal | None:
        if header is None:
            return Refusal(400, "The request has no Host header.")
        host = parse_host(header)
        if host is None:
            return Refusal(400, f"The Host header {_shown(header)} is malformed.")
        if host.is_loopback:
            return None
        if any(_host_is_listed(host.name, entry) for entry in self.allowed_hosts):
            return None
        return Refusal(
            403,
            f"Host {_shown(host.name)} is not allowed. Add it to HMR_ALLOWED_HOSTS.",
        )

    def _check_origin(self, headers: Sequence[str], own: str) -> Refusal | None:
        if len(headers) > 1:
            return Refusal(403, "The request has more than one Origin header.")
        origin = parse_origin(headers[0])
        if origin is None:
            return Refusal(
                403,
                f"Origin {_shown(headers[0])} is not that of a web page with a "
                f"host of its own.",
            )
        # Comparing the parsed values settles default ports and letter case.
        if origin == parse_origin(own):
            return None
        if any(origin == parse_origin(entry) for entry in self.allowed_origins):
            return None
        return Refusal(
            403,
            f"Origin {_shown(str(origin))} is not allowed here ({_shown(own)}). Add it "
            f"to HMR_ALLOWED_ORIGINS, or set up ProxyFix if a proxy stands between.",
        )

    def _token_is_right(self, token: str | None) -> bool:
        if not token or not self.token:
            return False
        # compare_digest takes text only if it is ASCII, hence bytes; a header may
        # hold anything, even lone surrogates.
        return hmac.compare_digest(
            token.encode("utf-8", "surrogatepass"),
            self.token.encode("utf-8", "surrogatepass"),
        )


def new_token(secret: bytes) -> str:
    """Make the token that pages present when they connect.

    :param secret: What only the processes that serve the application know. They all
        agree on one token then, and so does the process that the reloader starts
        next: pages come back by themselves.
    :return: Letters and digits, as a URL allows them.
    """
    return hmac.new(secret, _TOKEN_LABEL, hashlib.sha256).hexdigest()


def _host_is_listed(name: str, entry: str) -> bool:
    if entry.startswith("."):
        return name == entry[1:] or name.endswith(entry)
    return name == entry


def _shown(text: str) -> str:
    shown = ascii(text)
    return shown if len(shown) <= _SHOWN_LENGTH else f"{shown[: _SHOWN_LENGTH - 4]}...'"
