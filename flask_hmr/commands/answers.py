"""Findings about what the app answers, which is asked for without a server."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Flask
from werkzeug.http import unquote_etag

from ..bodies import tag_of
from ..checks import Check
from ..core import html
from ..core.facts import Kind
from ..core.rewrite import SETUP
from ..core.specifiers import resolve_url
from ..responses import DOCUMENTS, JAVASCRIPT
from .asking import Answer, ask
from .layers import layers_of, may_hand_on
from .offline import Project
from .policies import check_policies, read_policies

_COMPRESSED = (("Accept-Encoding", "gzip"),)
_AS_MODULE = (("Sec-Fetch-Dest", "script"), ("Sec-Fetch-Mode", "cors"))
_TAG = re.compile(r"<script\b[^>]*\bdata-hmr=[^>]*>")

_IN_FRONT = (
    "What stands in front of the app answers by itself. Put it in app.wsgi_app before"
    " HMR(app), or wrap it: application = hmr.wrap(…). Or leave it out in debug mode."
)
_ORDER = (
    "Compress by functions of the whole app, which run after the extension's, and not"
    " by those of a blueprint or a view. Or leave it out in debug mode."
)


def check_answers(project: Project, pages: Sequence[str]) -> Iterator[Check]:
    """Ask for the extension's own URLs, for a module of each folder and for pages."""
    with _under_any_name(project.app):
        yield from _check_answers(project, pages)


@contextlib.contextmanager
def _under_any_name(app: Flask) -> Iterator[None]:
    """Have an app answer by any name: before Flask 3.1, SERVER_NAME is the only one."""
    name, app.config["SERVER_NAME"] = app.config.get("SERVER_NAME"), None
    try:
        yield
    finally:
        app.config["SERVER_NAME"] = name


def _check_answers(project: Project, pages: Sequence[str]) -> Iterator[Check]:
    app = project.app
    own = f"{project.config.url_prefix}/linked.js"
    answer = ask(app, own)
    if answer.body.strip() != b"export{};":
        yield Check.problem(
            "The extension's own URLs are answered by something else",
            f"{own} answers {_described(answer)}.",
            "Let what stands in front of the app pass them on, or choose another path"
            " by HMR_URL_PREFIX.",
        )
    for name, application in _entries(app):
        yield from _check_modules(project, name, application)
    yield from _check_pages(project, pages)


def _entries(app: Flask) -> Iterator[tuple[str, Any]]:
    """Yield the app, and what stands around it in its own module."""
    yield "", app
    module = sys.modules.get(app.import_name)
    for name, value in list(vars(module).items()) if module else ():
        if isinstance(value, Flask) or not may_hand_on(value):
            continue
        if any(layer is app for layer in layers_of(value)):
            yield name, value


# Modules


def _check_modules(project: Project, name: str, application: Any) -> Iterator[Check]:
    good = []
    for url in samples(project):
        found = list(_check_module(project, url, name, application))
        good += [] if found else [url]
        yield from found
    if good:
        through = f" through {name}" if name else ""
        yield Check.fine(f"Modules are served by Flask{through}", ", ".join(good))


def samples(project: Project) -> Iterator[str]:
    """Yield one module of each folder, one that takes part if there is one."""
    graph = project.state.updates.graph
    for place in project.places:
        inside = [
            url
            for url in project.modules
            if place.prefix is not None and url.startswith(f"{place.prefix}/")
        ]
        modules = []
        for url in inside:
            facts = graph.facts(url)
            source = project.state.updates.current_source(url)
            if facts and facts.kind is Kind.FILE and source and source.scan.is_module:
                modules.append(url)
                if source.scan.uses_hot:
                    modules = [url]
                    break
        yield from modules[:1]


def _check_module(
    project: Project, url: str, name: str, application: Any
) -> Iterator[Check]:
    answer = ask(application, url, redirects=0)
    through = f" through {name}" if name else ""
    where = f"{url} answers {_described(answer)}{through}."
    if answer.status == 404:
        yield Check.problem(
            f"{url} is served by nothing{through}",
            f"The file is there: {os.path.relpath(project.modules[url])}.",
            "Add a view that sends it, or correct the URL path in HMR_ROOTS.",
        )
    elif answer.status != 200:
        yield Check.warning(
            f"{url} cannot be had",
            where,
            "If people have to log in for it, this is as it should be. Otherwise see"
            " what answers there.",
        )
    elif "X-Sendfile" in answer.headers or "X-Accel-Redirect" in answer.headers:
        yield Check.problem(
            "Files are left to the web server",
            f"{url} is answered by the header X-Sendfile, so that the extension never"
            " sees what is sent.",
            "Set USE_X_SENDFILE to False in debug mode.",
        )
    elif answer.encoding:
        yield Check.problem(
            f"{url} is compressed before the extension sees it", where, _ORDER
        )
    elif answer.mimetype not in JAVASCRIPT:
        yield Check.problem(
            f"{url} is served as {answer.mimetype or 'nothing in particular'}",
            "Browsers run no module of another type than text/javascript.",
            'Correct the type: mimetypes.add_type("text/javascript", ".js")',
        )
    # A file may be a module only by what plugins add to it, once a page imports it.
    elif not (_is_ours(answer) or _is_ours(ask(application, url, _AS_MODULE))):
        yield Check.problem(
            f"{url} is served in front of Flask{through}",
            "It comes as the file is, so that import.meta.hot is undefined in it.",
            _IN_FRONT,
        )
    else:
        compressed = ask(application, url, _COMPRESSED)
        if compressed.encoding == "gzip" and compressed.body != answer.body:
            yield Check.problem(
                f"{url} is compressed before the extension sees it{through}",
                "A browser that takes compressed answers gets the file as it is.",
                _ORDER,
            )


def _is_ours(answer: Answer) -> bool:
    """Tell whether the extension has made an answer."""
    tag, _ = unquote_etag(answer.headers.get("ETag"))
    # It has an ETag of its own kind. What minifies it later leaves the first line.
    return tag == tag_of(answer.body) or SETUP in answer.text


# Pages


def _check_pages(project: Project, pages: Sequence[str]) -> Iterator[Check]:
    wanted = list(pages)
    if not wanted and project.app.url_map.bind("localhost").test("/", "GET"):
        wanted = ["/"]
    if not wanted:
        yield Check.note(
            "No page was asked for",
            "The app has none at /.",
            "Name one that it has: flask hmr doctor --page /some/page",
        )
    for url in wanted:
        yield from _check_page(project, url)


def _check_page(project: Project, url: str) -> Iterator[Check]:
    answer = ask(project.app, url)
    if answer.error:
        yield Check.warning(
            f"The page {url} cannot be looked at",
            answer.error,
            "Name one that can be had like this: flask hmr doctor --page /some/page",
        )
        return
    if answer.mimetype not in DOCUMENTS:
        yield Check.note(
            f"{url} is no page", f"It answers {_described(answer)}, {answer.mimetype}."
        )
        return
    if answer.status != 200:
        yield Check.note(f"The page {url} answers {_described(answer)}")
    tag = _TAG.search(answer.text)
    if tag is None:
        yield _without_runtime(url, answer)
        return
    _learn_modules(project, answer)
    compressed = ask(project.app, url, _COMPRESSED)
    if compressed.encoding == "gzip" and not _TAG.search(compressed.text):
        yield Check.problem(
            f"The page {url} is compressed before the extension sees it",
            "A browser that takes compressed answers gets no client runtime.",
            _ORDER,
        )
    headers = answer.headers.getlist("Content-Security-Policy")
    policies = read_policies(headers, answer.text)
    found = list(check_policies(url, policies, tag[0]))
    yield from found
    if not found:
        said = (
            "Its policy allows all that is needed." if policies else "It has no policy."
        )
        yield Check.fine(f"The page {url} gets the client runtime", said)


def _learn_modules(project: Project, page: Answer) -> None:
    """Ask for the scripts of a page: where their files are may show by the answers."""
    document = html.read(page.text)
    for reference in document.references if document else ():
        url = resolve_url(reference.url, page.url)
        if url is not None:
            ask(project.app, url, _AS_MODULE)


def _without_runtime(url: str, answer: Answer) -> Check:
    title = f"The page {url} does not get the client runtime"
    if answer.encoding:
        return Check.problem(
            title, "It is compressed before the extension sees it.", _ORDER
        )
    if html.read(answer.text) is None:
        return Check.warning(
            title,
            "It is no whole document.",
            "A document has a doctype, or a tag of html, head or body.",
        )
    if "Content-Length" not in answer.headers:
        return Check.warning(
            title, "It is streamed.", "Return it in one piece during development."
        )
    return Check.problem(title, "Something in front of Flask has made it.", _IN_FRONT)


def _described(answer: Answer) -> str:
    return answer.error or f"{answer.status}"
