"""The value of ``HMR_IMPORTMAP``: what the names that modules import stand for.

It is written like an import map, or as its ``imports`` alone, with shorter ways to say
where something is. What is said here is checked for its form; what it leads to is for
:mod:`flask_hmr.importmap` to find.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

CDN = "https://cdn.jsdelivr.net/npm/{package}@{version}{path}/+esm"
"""Where packages are whose version alone is given."""

SECTIONS = ("imports", "scopes", "integrity", "pins", "cdn", "preload", "files")

Addresses = Mapping[str, "str | None"]

_EXAMPLE = 'HMR_IMPORTMAP = {"lit": "https://esm.sh/lit@3.3.1", "cart": "@/js/cart.js"}'
_URL = re.compile(r"(?:https?://[^/\s]|data:)[^\s]*", re.IGNORECASE)
_PATH = re.compile(r"/(?!/)\S*")
# A file in the static folder of the app ("@/cart.js") or of a blueprint.
STATIC = re.compile(r"@([^/\s]*)/(.*)")
_PACKAGE = re.compile(r"((?:@[^/\s@]+/)?[^/\s@]+)((?:/[^\s]+)?)")
_EXACT = re.compile(r"\d+\.\d+\.\d+(?:[-+][\w.+-]+)?")
_HASHES = re.compile(r"sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}")
_REPR_LENGTH = 80


class MappingError(ValueError):
    """A mapping that cannot be used; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What names stand for, as configured.

    An address is a full URL, a path of the app that begins with a slash, or a file in a
    static folder: ``@/cart.js`` in the app's, ``@admin/table.js`` in that of a
    blueprint. One of a name that ends in a slash does so, too. ``None`` forbids a name.
    """

    imports: Addresses
    scopes: Mapping[str, Addresses]
    integrity: Mapping[str, str]
    """By name or address, one or more hashes."""
    computes: bool
    """Whether the hashes of files are computed where none are given."""
    preload: tuple[str, ...]
    """Names whose modules are loaded before they are asked for."""
    files: tuple[str, ...]
    """Addresses of JSON files in static folders that hold more of an import map."""


def mapped(value: object) -> Mapped:
    """Read a mapping.

    :param value: what ``HMR_IMPORTMAP`` says.
    :raises MappingError: it cannot be used.
    """
    given = _mapping(value, f"Allowed is a mapping. Example: {_EXAMPLE}")
    if not any(section in given for section in SECTIONS):
        given = {"imports": given}
    for key in given:
        if key not in SECTIONS:
            raise MappingError(
                f"{key!r} stands beside {next(iter(set(given) & set(SECTIONS)))!r},"
                f' but is no section. Write {{"imports": {{{key!r}: …}}, …}}. Sections'
                f" are {', '.join(SECTIONS)}."
            )
    imports = dict(_addresses(given.get("imports", {}), "imports"))
    for name, url in _pinned(given.get("pins", {}), given.get("cdn", CDN)).items():
        if name in imports:
            raise MappingError(f'{name!r} is in "imports" and in "pins". Keep one.')
        imports[name] = url
    scopes = {
        _scope(prefix): _addresses(inner, f"scopes[{prefix!r}]")
        for prefix, inner in _section(given, "scopes").items()
    }
    integrity, computes = _integrity(given.get("integrity", {}), imports)
    return Mapped(
        MappingProxyType(imports),
        MappingProxyType(scopes),
        MappingProxyType(integrity),
        computes,
        _preload(given.get("preload", ()), imports),
        tuple(_file(one) for one in _list(given.get("files", ()), "files")),
    )


def _addresses(value: object, where: str) -> Addresses:
    found: dict[str, str | None] = {}
    for name, address in _mapping(value, f'"{where}" is a mapping.').items():
        if name.startswith(("./", "../")) or name != name.strip():
            raise MappingError(
                f"The name {name!r} cannot be meant: what begins with a dot depends on"
                ' who imports it. Names are such as "cart", "lit/" or "@admin/".'
            )
        if address is not None:
            address = _address(address, name)
        found[name] = address
    return found


def _address(value: object, name: str) -> str:
    if not isinstance(value, str) or not any(
        pattern.fullmatch(value) for pattern in (_URL, _PATH, STATIC)
    ):
        raise MappingError(
            f"{name!r} stands for {_shown(value)}, which does not say where that is."
            ' Write "@/cart.js" for a file in the static folder of the app,'
            ' "@admin/table.js" for one of the blueprint admin, a path of the app such'
            ' as "/assets/cart.js", or a full URL.'
        )
    if name.endswith("/") and not value.endswith("/"):
        raise MappingError(
            f"{name!r} ends in a slash, so it stands for everything below an address;"
            f" {value!r} has to end in one, too."
        )
    return value


def _pinned(value: object, cdn: object) -> dict[str, str]:
    if not isinstance(cdn, str) or not _URL.fullmatch(cdn) or "{version}" not in cdn:
        raise MappingError(
            f'"cdn" is {_shown(cdn)}. It is a URL with {{package}}, {{version}} and'
            f' {{path}} in it, such as "{CDN}".'
        )
    found = {}
    for name, version in _mapping(value, '"pins" is a mapping.').items():
        package = _PACKAGE.fullmatch(name)
        if package is None or name.endswith("/"):
            raise MappingError(
                f'The pin {name!r} is no package. Write "lit", "@scope/name", or what'
                ' is in one: "lit/decorators.js".'
            )
        if not isinstance(version, str) or not _EXACT.fullmatch(version):
            raise MappingError(
                f"{name!r} is pinned to {_shown(version)}. A pin is one version in"
                f' full, such as {{{name!r}: "3.3.1"}}: with less than that, what'
                " people get changes without you."
            )
        slots = {"{package}": package[1], "{version}": version, "{path}": package[2]}
        url = cdn
        for slot, text in slots.items():
            url = url.replace(slot, text)
        found[name] = url
    return found


def _scope(prefix: str) -> str:
    if any(pattern.fullmatch(prefix) for pattern in (_URL, _PATH, STATIC)):
        return prefix
    raise MappingError(
        f"The scope {prefix!r} names no place. It says where the importing modules are:"
        ' "@admin/", "/assets/", or a full URL.'
    )


def _integrity(value: object, imports: Addresses) -> tuple[dict[str, str], bool]:
    if isinstance(value, bool):
        return {}, value
    found = {}
    known = {*imports, *(address for address in imports.values() if address)}
    for key, hashes in _mapping(
        value, '"integrity" is True, or a mapping from names to hashes.'
    ).items():
        if (key not in known and not _URL.fullmatch(key)) or key.endswith("/"):
            raise MappingError(
                f'"integrity" has a hash of {key!r}, which is neither a name in'
                ' "imports" or "pins" nor a URL.'
            )
        if not isinstance(hashes, str) or not all(
            map(_HASHES.fullmatch, hashes.split() or [""])
        ):
            raise MappingError(
                f'"integrity" of {key!r} is {_shown(hashes)}. It is a hash such as'
                ' "sha384-" and base64; True in place of the mapping has those of'
                " files computed."
            )
        found[key] = " ".join(hashes.split())
    return found, False


def _preload(value: object, imports: Addresses) -> tuple[str, ...]:
    if value is True:
        return tuple(n for n, a in imports.items() if a and not n.endswith("/"))
    names = _list(value, "preload") if value is not False else ()
    for name in names:
        if imports.get(name) is None or name.endswith("/"):
            raise MappingError(
                f'"preload" has {name!r}, which is no name of one module in "imports"'
                ' or "pins".'
            )
    return tuple(names)


def _file(value: str) -> str:
    if STATIC.fullmatch(value) and value.endswith(".json"):
        return value
    raise MappingError(
        f'"files" has {value!r}. It lists JSON files in static folders, such as'
        ' "@/npm/importmap.json".'
    )


def _section(given: Mapping[str, object], name: str) -> Mapping[str, object]:
    return _mapping(given.get(name, {}), f'"{name}" is a mapping.')


def _mapping(value: object, allowed: str) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise MappingError(f"{_shown(value)} cannot be used here. {allowed}")
    for key in value:
        if not isinstance(key, str) or not key:
            raise MappingError(f"{key!r} is no name. {allowed}")
    return dict(value)


def _list(value: object, name: str) -> Iterable[str]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(
        isinstance(item, str) for item in items
    ):
        raise MappingError(f'{_shown(value)} cannot be used: "{name}" is a list.')
    return items


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _REPR_LENGTH else f"{text[: _REPR_LENGTH - 3]}..."
