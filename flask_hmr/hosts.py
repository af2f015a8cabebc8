"""Host names and origins, as browsers send them and as developers write them.

A header comes from anybody, so what is not exactly of the form that browsers send is
not understood: the answer is ``None``, never an exception.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PORT = re.compile(r"[0-9]{1,5}")
_ORIGIN = re.compile(r"(https?)://([^/?#@\\]+)", re.IGNORECASE)
_NON_ASCII_LABEL = re.compile(r"[^.:/]*[^\x00-\x7f][^.:/]*")
# RFC 1035, section 2.3.4: a name has at most 253 characters as text. Longer headers
# are not worth taking apart; the rest is room for a port and a scheme.
_LONGEST_NAME = 253
_LONGEST_HEADER = 300


@dataclass(frozen=True, slots=True)
class Host:
    """A host as a ``Host`` header names it.

    :param name: In lower case; an IPv6 address is in its short form in brackets.
    :param port: ``None`` when the header names none.
    """

    name: str
    port: int | None = None

    @property
    def is_loopback(self) -> bool:
        """Whether this names the machine itself.

        ``localhost`` and all names below it are bound to the loopback interface by
        :rfc:`6761` (section 6.3), and browsers keep to that without asking a name
        server.
        """
        if self.name == "localhost" or self.name.endswith(".localhost"):
            return True
        return self.name == "[::1]" or (
            self.is_address and self.name.startswith("127.")
        )

    @property
    def is_address(self) -> bool:
        """Whether this is an IP address rather than a name.

        A name may have digits anywhere but as the whole of its last label, and
        anybody can own ``127.example1``.
        """
        return self.name.startswith("[") or self.name.rpartition(".")[2].isdigit()


@dataclass(frozen=True, slots=True)
class Origin:
    """An ``http`` or ``https`` origin (:rfc:`6454`), with its port spelled out."""

    scheme: str
    name: str
    port: int

    def __str__(self) -> str:
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.name}{port}"


def parse_host(header: str) -> Host | None:
    """Take a ``Host`` header apart, or return ``None`` if it is not one.

    Only what browsers send is understood: they write addresses in one way, names in
    lower-case ASCII, and never an empty port. Names with a dot at their end are
    refused, since no rule that compares names would know them again.
    """
    if len(header) > _LONGEST_HEADER or not header.isascii():
        return None
    text = header.lower()
    if text.startswith("["):
        address, bracket, rest = text[1:].partition("]")
        name = _ipv6(address) if bracket else None
    else:
        address, colon, rest = text.partition(":")
        rest = colon + rest
        name = _name(address)
    if name is None:
        return None
    if not rest:
        return Host(name)
    port = _port(rest[1:]) if rest[0] == ":" else None
    return None if port is None else Host(name, port)


def parse_origin(header: str) -> Origin | None:
    """Take an ``Origin`` header apart, or return ``None`` if it names no web host.

    ``null`` is nobody: sandboxed frames and ``file:`` pages of anyone send it.
    """
    match = _ORIGIN.fullmatch(header)
    host = parse_host(match[2]) if match else None
    if match is None or host is None:
        return None
    scheme = match[1].lower()
    port = _DEFAULT_PORTS[scheme] if host.port is None else host.port
    return Origin(scheme, host.name, port)


def normalize_host(text: str) -> Host | None:
    """Bring a host name that a developer wrote into the form that browsers send.

    :param text: A name or an address, without a port. Letters outside ASCII are
        encoded (:rfc:`3490`), and an IPv6 address needs no brackets.
    :return: ``None`` if it is no host name.
    """
    if text.count(":") > 1 and not text.startswith("["):
        text = f"[{text}]"
    host = parse_host(_to_ascii(text))
    return host if host is not None and host.port is None else None


def normalize_origin(text: str) -> str | None:
    """Bring an origin that a developer wrote into the form that browsers send.

    :return: ``None`` if it is no ``http`` or ``https`` origin.
    """
    origin = parse_origin(_to_ascii(text))
    return None if origin is None else str(origin)


def _to_ascii(text: str) -> str:
    try:
        return _NON_ASCII_LABEL.sub(lambda m: m[0].encode("idna").decode(), text)
    except UnicodeError:
        return ""


def _ipv6(text: str) -> str | None:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    return None if address.scope_id else f"[{address.compressed}]"


def _name(text: str) -> str | None:
    labels = text.split(".")
    if len(text) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        return None
    # The URL standard (section 3.5, "ends in a number"): such a host is an IPv4
    # address or nothing. Browsers send it as four decimal numbers.
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        try:
            return str(ipaddress.IPv4Address(text))
        except ValueError:
            return None
    return text


def _port(text: str) -> int | None:
    if not _PORT.fullmatch(text) or int(text) > 65535:
        return None
    return int(text)
