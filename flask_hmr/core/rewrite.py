"""The text of a module as the browser gets it.

Edits are made by offset and nothing else is touched: specifiers get the version of
the module that they name, ``import(…)`` goes through the client runtime so that it
finds the newest version when it runs, and a module that takes part gets a prelude
on its first line. Line numbers never move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .lexer import Import, ImportKind, Scan
from .specifiers import is_bare, js_string, split_version, with_version
from .specifiers import resolve as plain

Resolve = Callable[[str], "str | None"]
"""From a specifier as written to the key of a module, ``None`` where unknown."""

Given = Callable[[str], "str | None"]
"""From a specifier as written to a URL, ``None`` for what browsers understand."""

SETUP = "__hmr_setup"
"""How the name begins by which a module that takes part calls the client runtime."""

VersionOf = Callable[[str], "str | None"]
"""From the key of a module to its version, ``None`` where it has none."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What rewritten modules refer to."""

    url: str
    """Where the client runtime is."""


def rewrite(
    source: str,
    scan: Scan,
    resolve: Resolve,
    version_of: VersionOf,
    runtime: Runtime,
    own_version: str | None,
    *,
    base: str | None = None,
    given: Given = lambda specifier: None,
) -> str:
    """Return the text to serve for a module.

    :param source: the module's text.
    :param scan: what the lexer found in it.
    :param resolve: finds the key of the module that a specifier names.
    :param version_of: finds the version of a module.
    :param runtime: where the client runtime is.
    :param own_version: the version under which the module was asked for.
    :param base: the module's key. A specifier that means something else than by
        itself, because an import map says so, is replaced by its meaning.
    :param given: finds the URL of a specifier that a browser does not understand.
    :return: the rewritten text, ``source`` itself where nothing is to be done.
    """
    names = _Names(source)
    edits: list[tuple[int, int, str]] = []
    loads = False
    for item in scan.imports:
        if item.kind is ImportKind.DYNAMIC and item.argument >= 0:
            loads = True
            edits.append((item.keyword, item.keyword + len("import"), names.load))
            edits.append((item.argument, item.argument, "import.meta.url,"))
        literal = _versioned(item, resolve, version_of, base, given)
        if literal is not None:
            edits.append((item.start, item.end, literal))
    prelude = _prelude(scan, names, resolve, version_of, runtime, own_version, loads)
    if prelude:
        edits.append((scan.body, scan.body, prelude))
    return apply_edits(source, edits) if edits else source


def apply_edits(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    """Replace spans of a text.

    :param edits: start, end and replacement; spans must not overlap. Of two that
        begin at the same place the empty one comes first.
    """
    parts = []
    position = 0
    for start, end, replacement in sorted(edits, key=lambda edit: edit[:2]):
        parts.append(text[position:start])
        parts.append(replacement)
        position = end
    parts.append(text[position:])
    return "".join(parts)


class _Names:
    """Names for the runtime's functions that the module does not use itself."""

    def __init__(self, source: str) -> None:
        # A name may be written with escapes. Nobody writes that of so long a one.
        end = "_written_with_escapes" if "\\u" in source else ""
        self.setup = f"{SETUP}{end}"
        self.load = f"__hmr_load{end}"
        while self.setup in source or self.load in source:
            self.setup += "_"
            self.load += "_"


def _target(item: Import, resolve: Resolve) -> str | None:
    return None if item.specifier is None else resolve(item.specifier)


def _versioned(
    item: Import,
    resolve: Resolve,
    version_of: VersionOf,
    base: str | None,
    given: Given,
) -> str | None:
    url = _target(item, resolve)
    version = version_of(url) if url is not None else None
    if url is None or version is None:
        known = None if item.specifier is None else given(item.specifier)
        return None if known is None else js_string(known)
    assert item.specifier is not None
    written = split_version(item.specifier)[0]
    # What an import map says is settled here: a page's map cannot follow the
    # versions once the page has read it.
    if is_bare(written) or (base is not None and plain(written, base) != url):
        written = url
    return js_string(with_version(written, version))


def _prelude(
    scan: Scan,
    names: _Names,
    resolve: Resolve,
    version_of: VersionOf,
    runtime: Runtime,
    own_version: str | None,
    loads: bool,
) -> str:
    wanted = []
    if scan.uses_hot:
        wanted.append(f"setup as {names.setup}")
    if loads:
        wanted.append(f"load as {names.load}")
    text = ""
    if wanted:
        text = f"import{{{','.join(wanted)}}}from{js_string(runtime.url)};"
    if scan.uses_hot:
        imports = _imports(scan, resolve, version_of)
        others = _others(scan, resolve)
        text += f"{names.setup}(import.meta,{{{imports}}}{others});"
    elif scan.uses_url and own_version is not None:
        # To the module its own URL is the one that the developer knows.
        length = len(with_version("", own_version))
        text += f"import.meta.url=import.meta.url.slice(0,-{length});"
    return text


def _others(scan: Scan, resolve: Resolve) -> str:
    """What else the module imports, for the runtime: what only the page can tell.

    Specifiers that pages with different import maps, or with a script that makes one,
    may each take for another module; and whether `import()` may get more than is known.
    """
    unknown = [item for item in scan.imports if _target(item, resolve) is None]
    computes = any(item.kind is ImportKind.DYNAMIC for item in unknown)
    listed = dict.fromkeys(
        js_string(item.specifier)
        for item in unknown
        if item.kind is not ImportKind.DYNAMIC and item.specifier is not None
    )
    if not unknown:
        return ""
    return f",[{','.join(listed)}]{',true' if computes else ''}"


def _imports(scan: Scan, resolve: Resolve, version_of: VersionOf) -> str:
    """What the module imports, for the runtime: specifier to versioned URL.

    Only static imports bind to an instance, so only they carry a version.
    """
    found: dict[str, str] = {}
    for item in scan.imports:
        url = _target(item, resolve)
        if url is None or item.specifier is None:
            continue
        if item.kind is ImportKind.DYNAMIC:
            found.setdefault(item.specifier, url)
        else:
            found[item.specifier] = with_version(url, version_of(url))
    # Computed keys, because a plain "__proto__" key would set the prototype.
    return ",".join(f"[{js_string(s)}]:{js_string(u)}" for s, u in found.items())
