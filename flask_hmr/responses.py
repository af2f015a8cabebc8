"""Which response is transformed, and with what headers.

A module's response is replaced by its rewritten text, a document's by the same
document with the client runtime in it; everything else passes. Whatever goes wrong
here leaves the response as it was.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping

from flask import Response, request

from .assets import Assets, is_shown
from .bodies import file_of, is_bounded, replace, tag_of
from .core.specifiers import encode_path
from .core.versions import NOWHERE
from .documents import Documents
from .modules import Modules
from .requests import ASIDE, FRONT, place_of

JAVASCRIPT = frozenset(
    {
        "text/javascript",
        "application/javascript",
        "application/x-javascript",
        "text/ecmascript",
        "application/ecmascript",
    }
)
DOCUMENTS = frozenset({"text/html", "application/xhtml+xml"})

# What the browser asks for in order to run it; fetch() gets a file as it is.
_RUN = frozenset({"script", "worker", "sharedworker", "serviceworker"})

TEMPLATES = "HMR-Templates"
"""The header of what may be a part of a page: its templates, name to version."""

MAX_HEADER = 3000
"""Characters; servers and proxies refuse headers that are much longer."""

_POLICY = "Content-Security-Policy"
"""Also how the header begins that only reports."""


class Responses:
    """The ``after_request`` hook of one app.

    :param modules: rewrites modules.
    :param documents: edits HTML.
    :param assets: takes note of what else pages show.
    :param own: tells the extension's own endpoints.
    :param log: where to log.
    :param serves: tells of a path whether plugins make a module of what is there.
    """

    def __init__(
        self,
        *,
        modules: Modules,
        documents: Documents,
        assets: Assets,
        own: Callable[[str | None], bool],
        log: logging.Logger,
        serves: Callable[[str], bool] = lambda path: False,
    ) -> None:
        self._serves = serves
        self._modules = modules
        self._documents = documents
        self._assets = assets
        self._own = own
        self._log = log
        self.saw_policy = False
        """Whether a document had a Content-Security-Policy when it was sent."""

    def after_request(self, response: Response) -> Response:
        """Transform a response if it is one of ours to transform."""
        seen = request.environ.get(FRONT)
        if seen is not None:
            seen.append(True)
        conditions: Mapping[str, str] = request.environ.pop(ASIDE, {})
        request.environ.update(conditions)
        try:
            replaced = self._transform(response)
        except Exception:
            self._log.exception(
                "[hmr] %s is served as it is, because transforming it failed",
                request.path,
            )
            replaced = False
        if conditions and response.status_code == 200:
            # What was hidden from the app is answered here, for the body at hand.
            # Older versions of Werkzeug name ranges only where one was asked for; files
            # have them always.
            has_ranges = response.headers.get("Accept-Ranges") == "bytes"
            response.make_conditional(
                request.environ,
                accept_ranges=replaced or has_ranges or file_of(response) is not None,
                complete_length=response.content_length,
            )
        return response

    def concerns(self, mimetype: str) -> bool:
        """Tell whether responses of a type are transformed."""
        return mimetype in JAVASCRIPT or mimetype in DOCUMENTS or is_shown(mimetype)

    def _transform(self, response: Response) -> bool:
        mimetype = response.mimetype or ""
        is_script = self._is_script(mimetype)
        if not is_script and mimetype not in DOCUMENTS:
            return is_shown(mimetype) and self._asset(response)
        rule = request.url_rule
        if (
            # A page may be the answer to a form; a module is never.
            (is_script and request.method not in ("GET", "HEAD"))
            or (rule is not None and rule.websocket)
            or self._own(request.endpoint)
            or "Content-Encoding" in response.headers
        ):
            return False
        return self._module(response) if is_script else self._document(response)

    def _is_script(self, mimetype: str) -> bool:
        """Tell JavaScript, and what plugins make modules of if it is to be run."""
        if not self._serves(request.path):
            return mimetype in JAVASCRIPT
        return request.headers.get("Sec-Fetch-Dest", "script") in _RUN

    def _module(self, response: Response) -> bool:
        if response.status_code != 200:
            return False
        query = request.environ.get("QUERY_STRING", "")
        if NOWHERE in query and place_of(request).version == NOWHERE:
            # What a page takes for deleted may be back, in a state that it has yet to
            # hear of.
            response.status_code = 404
            replace(response, b"", "no-store", None)
            return True
        rewritten = self._modules.rewritten(response)
        if rewritten is None:
            _ask_again(response)
            return False
        replace(response, rewritten.body, rewritten.cache, rewritten.tag)
        if response.mimetype not in JAVASCRIPT:
            response.mimetype = "text/javascript"
            response.vary.add("Sec-Fetch-Dest")
        return True

    def _asset(self, response: Response) -> bool:
        if (
            response.status_code not in (200, 304)
            or request.method not in ("GET", "HEAD")
            or self._own(request.endpoint)
            or "Content-Encoding" in response.headers
        ):
            return False
        body = self._assets.prepare(response)
        if body is None:
            return False
        cache = response.headers["Cache-Control"]
        replace(response, body, cache, tag_of(body))
        return True

    def _document(self, response: Response) -> bool:
        if response.status_code in (204, 304) or 300 <= response.status_code < 400:
            return False
        if not is_bounded(response):
            return False
        response.direct_passthrough = False
        edited = self._documents.edit(
            response.get_data(),
            charset=response.mimetype_params.get("charset", "utf-8"),
            base=place_of(request).key,
            origin=f"{request.scheme}://{request.host}",
            script_root=encode_path(request.script_root),
            policies=response.headers.getlist("Content-Security-Policy"),
            posted=request.method not in ("GET", "HEAD"),
            endpoint=request.endpoint,
            environ=request.environ,
        )
        if edited is None or _is_fetched():
            self._name_templates(response)
        if edited is None:
            return False
        # What writes the policy may come after this.
        response.call_on_close(lambda: self._look_for_policy(response))
        tag = tag_of(edited) if "ETag" in response.headers else None
        # A document names versions, so one from a cache brings old ones back.
        given = response.headers.get("Cache-Control")
        replace(response, edited, given or "no-store", tag)
        return True

    def _name_templates(self, response: Response) -> None:
        """Have what may be a part of a page say what it was made from, for plugins."""
        used = json.dumps(self._documents.used(request.environ))
        if used != "{}" and len(used) <= MAX_HEADER:
            response.headers[TEMPLATES] = used

    def _look_for_policy(self, response: Response) -> None:
        if any(name.startswith(_POLICY) for name, _ in response.headers):
            self.saw_policy = True


def _is_fetched() -> bool:
    """Tell what a script asks for, which may take a part out of a whole document."""
    # Browsers leave the header out where the server is reached by an insecure address.
    return request.headers.get("Sec-Fetch-Dest", "empty") == "empty"


def _ask_again(response: Response) -> None:
    """Have the browser ask for a classic script again, which may have been edited."""
    cache = response.cache_control
    if file_of(response) is not None and (cache.max_age or cache.immutable):
        cache.no_cache = True
        cache.max_age = None
        cache.immutable = False
        response.headers.pop("Expires", None)
