"""Import maps: what the bare specifiers of a page mean, and versions for its map.

The rules are those of the HTML standard, `parse an import map string
<https://html.spec.whatwg.org/#parse-an-import-map-string>`__ and `resolve a module
specifier <https://html.spec.whatwg.org/#resolve-a-module-specifier>`__, seen from one
origin: an address on another one is as good as none, for its modules are not served
here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from .specifiers import is_bare, resolve, resolve_url, split_version, with_version

Rules = tuple[tuple[str, str | None], ...]
"""Pairs of specifier and key, longest prefix first; ``None`` for no key of ours."""

_SPECIAL_SCHEMES = ("http:", "https:", "ws:", "wss:", "ftp:", "file:")


class ImportMapError(ValueError):
    """An import map that browsers reject; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class ImportMap:
    """An import map as it applies to modules of one origin.

    Two maps are equal when they say the same, whatever the JSON looks like.

    :param imports: The rules of ``imports``, normalised.
    :param scopes: The URL prefix of each scope, most specific first, and its rules.
    :param base: The base URL of the document that holds the map.
    :param origin: Scheme, host and port of that document, if known.
    """

    imports: Rules = ()
    scopes: tuple[tuple[str, Rules], ...] = ()
    base: str = field(default="/", compare=False)
    origin: str | None = field(default=None, compare=False)

    @classmethod
    def parse(cls, text: str, base: str, origin: str | None = None) -> ImportMap:
        """Read the text of a ``<script type="importmap">``.

        :param text: The JSON text.
        :param base: Path and query of the document's base URL.
        :param origin: Scheme, host and port of the document. When given, addresses
            that are full URLs of this origin count as well.
        :raises ImportMapError: When a browser would reject the map as a whole. A
            single bad entry only makes its specifier unresolvable.
        """
        data = _load(text)
        scopes: dict[str, Rules] = {}
        for prefix, section in _section(data, "scopes").items():
            url = resolve_url(prefix, base, origin)
            if url is not None:
                scopes[url] = _rules(section, base, origin)
        imports = _rules(_section(data, "imports"), base, origin)
        return cls(imports, _by_scope(scopes), base, origin)

    def resolve(self, specifier: str, base: str) -> str | None:
        """Resolve a specifier in a page that has this map.

        :param specifier: The specifier as JavaScript sees it: bare, or any other, for
            a map may redirect those too.
        :param base: The key of the importing module or document.
        :return: The key of the module; ``None`` when the browser would refuse the
            specifier or look for the module on another origin.
        """
        named, address = self.look_up(specifier, base)
        return address if named else resolve(specifier, base, self.origin)

    def look_up(self, specifier: str, base: str) -> tuple[bool, str | None]:
        """Tell whether the map has a rule for a specifier, and what it says.

        :param specifier: As for :meth:`resolve`.
        :param base: As for :meth:`resolve`.
        :return: Whether there is a rule, and the key that it leads to, ``None`` when
            that is no module of this origin.
        """
        name = _normal(specifier, base, self.origin)
        bare = is_bare(specifier)
        prefixes_apply = bare or name.startswith(("/", *_SPECIAL_SCHEMES))
        importer = split_version(base)[0]
        levels = [rules for scope, rules in self.scopes if _covers(scope, importer)]
        for rules in (*levels, self.imports):
            for pattern, address in rules:
                if pattern == name:
                    return True, address
                if (
                    prefixes_apply
                    and pattern.endswith("/")
                    and name.startswith(pattern)
                ):
                    return True, _below(address, name[len(pattern) :])
        return False, None

    def contradicts(self, other: ImportMap) -> bool:
        """Tell whether a specifier may mean something else by another map."""
        if self.scopes != other.scopes:
            return True
        mine, theirs = dict(self.imports), dict(other.imports)
        return _contradict(mine, theirs) or _contradict(theirs, mine)

    def joined(self, later: ImportMap) -> ImportMap:
        """Give the map of a page that has this one and, further down, another.

        See `merge existing and new import maps
        <https://html.spec.whatwg.org/#merge-existing-and-new-import-maps>`__: where
        both have a rule for a specifier, the first one stands.

        :param later: The map that follows in the document.
        """
        scopes = dict(self.scopes)
        for scope, rules in later.scopes:
            scopes[scope] = _merge(scopes.get(scope, ()), rules)
        return ImportMap(
            _merge(self.imports, later.imports),
            _by_scope(scopes),
            self.base,
            self.origin,
        )

    def versioned(self, text: str, version_of: Callable[[str], str | None]) -> str:
        """Write the map with versions on the addresses of its modules.

        A version goes to every address that names one module. One that ends in a
        slash stands for many, and stays as it is. An ``integrity`` entry of a module
        with a version goes: the module is not served with the bytes of its file.

        :param text: The text that this map was parsed from.
        :param version_of: Gives the version of a key, or ``None`` for no version.
        :return: JSON that means the same otherwise, safe in a ``<script>`` element;
            the very same text when there is nothing to add.
        """
        data = _load(text)
        versions: dict[str, str] = {}
        scopes = _section(data, "scopes")
        for section in (_section(data, "imports"), *scopes.values()):
            for specifier, address in section.items():
                if not isinstance(address, str) or specifier.endswith("/"):
                    continue
                key = resolve(address, self.base, self.origin)
                version = None if key is None else version_of(key)
                if key is not None and version is not None:
                    versions[key] = version
                    section[specifier] = with_version(address, version)
        if not versions:
            return text
        integrity = _section(data, "integrity")
        for address in list(integrity):
            if resolve(address, self.base, self.origin) in versions:
                del integrity[address]
        return json.dumps(data, indent=2).replace("<", "\\u003c")


def _contradict(mine: dict[str, str | None], theirs: dict[str, str | None]) -> bool:
    """Tell whether some rule of mine has no equal among theirs, where that matters.

    A bare specifier that they do not name they cannot import at all.
    """
    for pattern, address in mine.items():
        if pattern in theirs:
            if theirs[pattern] != address:
                return True
        elif not is_bare(pattern) or (
            pattern.endswith("/") and any(one.startswith(pattern) for one in theirs)
        ):
            return True
    return False


def _load(text: str) -> dict[str, Any]:
    """Read JSON as strictly as a browser does."""
    try:
        data = json.loads(text, parse_constant=_no_number, parse_float=_number)
    except json.JSONDecodeError as error:
        raise ImportMapError(
            f"The import map is not JSON: {error.msg.lower()} in line {error.lineno},"
            f" column {error.colno}. Comments and trailing commas are not allowed."
        ) from None
    except (ValueError, RecursionError) as error:
        raise ImportMapError(f"The import map is not usable JSON: {error}.") from None
    _check(data, "The import map")
    for name in ("imports", "scopes", "integrity"):
        _check(_section(data, name), f'"{name}" in the import map')
    for prefix, rules in _section(data, "scopes").items():
        _check(rules, f'The scope "{prefix}" of the import map')
    return cast(dict[str, Any], data)


def _number(text: str) -> float:
    """Refuse numbers that could not be written down again as JSON."""
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not a number that JSON can hold")


def _section(data: dict[str, Any], name: str) -> dict[str, Any]:
    return cast(dict[str, Any], data.get(name, {}))


def _check(value: object, what: str) -> None:
    if not isinstance(value, dict):
        raise ImportMapError(
            f"{what} must be a JSON object, such as {{}}, not {json.dumps(value)[:40]}."
        )


def _rules(section: dict[str, Any], base: str, origin: str | None) -> Rules:
    """Normalise one specifier map.

    See `sort and normalize a module specifier map
    <https://html.spec.whatwg.org/#sorting-and-normalizing-a-module-specifier-map>`__.
    """
    rules: dict[str, str | None] = {}
    for specifier, address in section.items():
        if not specifier:
            continue
        key = resolve(address, base, origin) if isinstance(address, str) else None
        if key is not None and specifier.endswith("/") and not key.endswith("/"):
            key = None
        rules[_normal(specifier, base, origin)] = key
    return _sorted(rules)


def _merge(first: Rules, later: Rules) -> Rules:
    return _sorted({**dict(later), **dict(first)})


def _sorted(rules: dict[str, str | None]) -> Rules:
    """Put a longer specifier before every prefix of it."""
    return tuple(sorted(rules.items(), key=lambda rule: rule[0], reverse=True))


def _by_scope(scopes: dict[str, Rules]) -> tuple[tuple[str, Rules], ...]:
    return tuple(sorted(scopes.items(), key=lambda scope: scope[0], reverse=True))


def _normal(specifier: str, base: str, origin: str | None) -> str:
    """Write a specifier as maps compare it: as a key if it has one, else as it is."""
    key = resolve(specifier, base, origin)
    if key is not None:
        return key
    # "//host/a.js" is no key although it starts like one, and "/" must not match it.
    return f"https:{specifier}" if specifier.startswith("/") else specifier


def _covers(scope: str, importer: str) -> bool:
    return scope == importer or (scope.endswith("/") and importer.startswith(scope))


def _below(address: str | None, rest: str) -> str | None:
    """Resolve what follows a prefix, which must not lead out of the address."""
    if address is None:
        return None
    key = resolve_url(rest, address)
    return key if key is not None and key.startswith(address) else None
