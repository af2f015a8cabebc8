"""HTML documents: the client runtime goes in, references get their versions."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from .assets import Assets
from .core import html
from .core.importmap import ImportMap, ImportMapError
from .core.lexer import Import, ImportKind, Scan, scan
from .core.rewrite import Runtime, rewrite
from .core.specifiers import resolve_url, with_version
from .core.versions import digest
from .meanings import joined_map
from .plugins import Document, Tag
from .recent import Recent
from .refreshes import is_refresh
from .templates import Templates
from .updates import Updates

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .hooks import Hooks

SENT_SIZE = 4 * 1024 * 1024
"""Characters of documents kept for pages to ask for."""

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/=_-]+)'")
_HASH = re.compile(r"'sha(256|384|512)-")


class Documents:
    """Edits the documents of one app.

    :param updates: knows versions.
    :param runtime: URL of the client runtime, without ``SCRIPT_NAME``.
    :param templates: knows which of them a request has used.
    :param assets: is told of style sheets.
    :param opens: whether files can be opened in an editor.
    :param hooks: the plugins, if there are any.
    :param entry: URL of the module that the page loads, if it is not the runtime.
    :param console: which messages of the console the page sends.
    """

    def __init__(
        self,
        updates: Updates,
        runtime: str,
        templates: Templates,
        assets: Assets,
        *,
        opens: bool,
        hooks: Hooks | None = None,
        entry: str | None = None,
        console: Sequence[str] = (),
    ) -> None:
        self._updates = updates
        self._runtime = runtime
        self._templates = templates
        self._assets = assets
        self._opens = opens
        self._hooks = hooks
        self._entry = runtime if entry is None else entry
        self._console = list(console)
        self._sent: Recent[str, str] = Recent(SENT_SIZE)

    def sent(self, name: object) -> str | None:
        """Return the text of a document that was sent not long ago.

        :param name: what the document itself calls it.
        """
        return self._sent.get(name) if isinstance(name, str) else None

    def used(self, environ: WSGIEnvironment) -> dict[str, str]:
        """Return the templates that a request has used: name to version."""
        return self._templates.used(environ)

    def edit(
        self,
        body: bytes,
        *,
        charset: str,
        base: str,
        origin: str,
        script_root: str,
        policies: Sequence[str],
        posted: bool,
        endpoint: str | None,
        environ: WSGIEnvironment,
    ) -> bytes | None:
        """Return the document with the client runtime in it.

        :param body: the document.
        :param charset: its encoding, as the response declares it.
        :param base: path and query of the document.
        :param origin: its scheme, host and port.
        :param script_root: where the app is mounted.
        :param policies: its Content-Security-Policy headers.
        :param posted: whether to load it again would send a form again.
        :param endpoint: the view that made it.
        :param environ: the request's.
        :return: ``None`` for what is no whole document, or in an encoding that
            cannot be edited in place.
        """
        encoding = _encoding(charset)
        if encoding is None:
            return None
        name, errors = encoding
        try:
            text = body.decode(name, errors)
        except UnicodeDecodeError:
            return None
        document = html.read(text)
        if document is None:
            return None
        # The number of the last change comes first: a change that happens while
        # versions are looked up is then told again, never lost.
        used = self._templates.used(environ)
        state: dict[str, object] = {
            "session": self._updates.session,
            "seq": self._updates.graph.seq,
            "assets": self._assets.graph.seq,
            "templates": used,
        }
        if self._updates.code is not None:
            state["code"] = self._updates.code
        if posted:
            state["posted"] = True
        if self._opens:
            state["editor"] = True
        if self._console:
            state["console"] = self._console
        state["source"] = digest(body).hex()
        sent = digest(json.dumps(state).encode()).hex()
        state["document"] = sent
        tags: list[Tag] = []
        if self._hooks is not None:
            self._updates.ask_again()
            tags += self._hooks.tags(Document(base, endpoint, tuple(used)))
        edits = self._edits(
            document,
            tags,
            base,
            origin,
            script_root,
            policies,
            state,
            is_refresh(environ),
        )
        edited = html.edit(text, edits)
        if not is_refresh(environ):
            # What the page is made from, for when it is to be compared with what
            # takes its place.
            self._sent.put(sent, edited, len(edited))
        return edited.encode(name, errors)

    def _edits(
        self,
        document: html.Document,
        tags: Iterable[Tag],
        base: str,
        origin: str,
        script_root: str,
        policies: Sequence[str],
        state: dict[str, object],
        is_refresh: bool,
    ) -> list[tuple[int, int, str]]:
        runtime = Runtime(script_root + self._runtime)
        entry = script_root + self._entry
        nonce = document.nonce or _nonce(policies)
        if document.base is not None:
            found_base = resolve_url(document.base, base, origin)
            if found_base is None:
                # Relative references lead to another origin, the runtime too but
                # for its full URL.
                tag = self._tag(origin + entry, state, nonce)
                tag += "".join(
                    self._plugin_tag(one, base, origin, nonce) for one in tags
                )
                return [(document.insert, document.insert, tag)]
            base = found_base
        # A policy that lists hashes of inline scripts pins their very text.
        pinned = any(_HASH.search(policy) for policy in policies)
        edits: list[tuple[int, int, str]] = []
        maps = [] if pinned else _parsed(document.maps, base, origin)
        if not is_refresh:
            # A page whose map has changed is loaded again.
            self._updates.saw_maps(import_map for _, import_map in maps)
        for item, import_map in maps:
            text = import_map.versioned(item.source, self._version)
            edits.append((item.start, item.end, text))
        edits += self._reference_edits(document.references, base, origin)
        sheets = (resolve_url(sheet, base, origin) for sheet in document.sheets)
        self._assets.follow(sheet.partition("#")[0] for sheet in sheets if sheet)
        inline: dict[str, None] = {}
        own_map = joined_map(import_map for _, import_map in maps)
        find = self._updates.resolver_within(own_map, base)

        def rewritten(source: str) -> str:
            found = scan(source)
            # Those that take part tell the client runtime themselves.
            if pinned or not found.uses_hot:
                inline.update(dict.fromkeys(_named(_static(found), find)))
            if pinned:
                return source
            versions = self._updates.versions(_named(found.imports, find))
            given = self._updates.given(base)
            return rewrite(
                source,
                found,
                find,
                versions.get,
                runtime,
                None,
                base=base,
                given=given,
            )

        for module in document.modules:
            edits.append((module.start, module.end, rewritten(module.source)))
        put_in = [self._plugin_tag(one, base, origin, nonce, rewritten) for one in tags]
        state["inline"] = list(inline)
        put_in.insert(0, self._tag(entry, state, nonce))
        edits.append((document.insert, document.insert, "".join(put_in)))
        return edits

    def _reference_edits(
        self, references: Iterable[html.Reference], base: str, origin: str
    ) -> list[tuple[int, int, str]]:
        edits = []
        for reference in references:
            url = resolve_url(reference.url, base, origin)
            version = None if url is None else self._version(url)
            if version is not None:
                value = html.attribute(with_version(reference.url, version))
                edits.append((reference.start, reference.end, value))
                if reference.integrity is not None:
                    # It was made for the text before it was rewritten.
                    edits.append((*reference.integrity, ""))
        return edits

    def _version(self, url: str) -> str | None:
        return self._updates.versions([url]).get(url)

    def _plugin_tag(
        self,
        tag: Tag,
        base: str,
        origin: str,
        nonce: str | None,
        rewritten: Callable[[str], str] = str,
    ) -> str:
        """Return the markup of an element that a plugin puts in.

        :param rewritten: makes of the code of a module script what is to be sent.
        """
        attributes = dict(tag.attributes)
        source = attributes.get("src")
        is_inline = tag.name == "script" and attributes.get("type") == "module"
        if tag.name == "script" and isinstance(source, str):
            source = self._updates.given(base)(source) or source
            url = resolve_url(source, base, origin)
            version = None if url is None else self._version(url)
            attributes["src"] = with_version(source, version) if version else source
        if nonce is not None and tag.name in ("script", "style", "link"):
            attributes.setdefault("nonce", nonce)
        text = rewritten(tag.text) if is_inline and tag.text else tag.text
        return html.element(tag.name, attributes, text)

    def _tag(self, url: str, state: dict[str, object], nonce: str | None) -> str:
        attributes = f" data-hmr={html.attribute(json.dumps(state))}"
        if nonce is not None:
            attributes += f" nonce={html.attribute(nonce)}"
        return f'<script type="module" src={html.attribute(url)}{attributes}></script>'


def _parsed(
    maps: Iterable[html.InlineMap], base: str, origin: str
) -> list[tuple[html.InlineMap, ImportMap]]:
    """Return the import maps of a document that browsers understand."""
    parsed = []
    for item in maps:
        try:
            parsed.append((item, ImportMap.parse(item.source, base, origin)))
        except ImportMapError:
            continue  # the browser reports it, with the developer's own text
    return parsed


def _static(found: Scan) -> list[Import]:
    return [item for item in found.imports if item.kind is not ImportKind.DYNAMIC]


def _named(imports: Iterable[Import], find: Callable[[str], str | None]) -> list[str]:
    targets = [find(item.specifier) for item in imports if item.specifier is not None]
    return [target for target in targets if target is not None]


def _nonce(policies: Sequence[str]) -> str | None:
    for policy in policies:
        found = _NONCE.search(policy)
        if found is not None:
            return found[1]
    return None


def _encoding(charset: str) -> tuple[str, str] | None:
    """Return codec and error handler that bring every byte back as it was."""
    try:
        name = codecs.lookup(charset).name
    except LookupError:
        return None
    if name in ("utf-8", "ascii"):
        return "utf-8", "surrogateescape"
    # Encodings with a byte order mark would get a second one.
    return None if name.startswith(("utf-16", "utf-32")) else (name, "strict")
