"""Findings about the Content-Security-Policy of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..checks import Check

Policy = dict[str, tuple[str, ...]]
"""Directives and their values, in lower case but for nonces."""

_NONCE = re.compile(r"\bnonce\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.I)
_META = re.compile(r"<meta\b[^>]*http-equiv\s*=\s*[\"']?content-security-policy", re.I)
_CONTENT = re.compile(r"\bcontent\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.I)
_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def read_policies(headers: Sequence[str], text: str) -> list[Policy]:
    """Return the policies of a page.

    :param headers: the values of its ``Content-Security-Policy`` headers.
    :param text: its markup, which may hold some more.
    """
    given = [policy for header in headers for policy in header.split(",")]
    for meta in _META.finditer(text):
        tag = text[meta.start() : text.find(">", meta.end()) + 1]
        content = _CONTENT.search(tag)
        if content is not None:
            given.append(content[1] or content[2] or "")
    return [policy for one in given if (policy := _parsed(one))]


def _parsed(text: str) -> Policy:
    policy: Policy = {}
    for directive in text.split(";"):
        words = directive.split()
        if words:
            values = [w if "nonce-" in w.lower() else w.lower() for w in words[1:]]
            policy.setdefault(words[0].lower(), tuple(values))
    return policy


def check_policies(page: str, policies: Sequence[Policy], tag: str) -> Iterator[Check]:
    """Look at what the policies of a page forbid the client runtime.

    :param page: its URL.
    :param policies: all of them have to allow something.
    :param tag: the script element of the client runtime in that page.
    """
    nonce = _NONCE.search(tag)
    own = next(filter(None, nonce.groups()), "") if nonce else ""
    if any(
        "sandbox" in one and "allow-scripts" not in one["sandbox"] for one in policies
    ):
        yield Check.problem(
            f"The policy of {page} forbids all scripts",
            "It has a sandbox without allow-scripts.",
            "Add allow-scripts to it in debug mode.",
        )
    script = [
        _sources(p, "script-src-elem", "script-src", "default-src") for p in policies
    ]
    if not all(_allows_script(one, own) for one in script):
        yield Check.problem(
            f"The policy of {page} forbids the client runtime",
            "It loads a module script of this origin, and its script-src does not allow"
            " that.",
            "Add 'self' to script-src, or a nonce: the script of the runtime gets it.",
        )
    if not all(
        _allows_self(_sources(p, "connect-src", "default-src")) for p in policies
    ):
        yield Check.problem(
            f"The policy of {page} forbids to connect",
            "Its connect-src does not allow this origin, so that the page hears of no"
            " update.",
            "Add 'self' to connect-src.",
        )
    if not all(_allows_inline(one, own) for one in script):
        yield Check.warning(
            f"The policy of {page} forbids import maps that are added later",
            "Some updates then reload the page: those of importers of a module whose"
            " accept() only shows when it runs.",
            "Give the policy a nonce, or 'unsafe-inline' in debug mode.",
        )
    if any("require-trusted-types-for" in one for one in policies):
        yield Check.warning(
            f"The policy of {page} requires Trusted Types",
            "Pages reload where they would be refreshed, and for some updates of"
            " modules. Errors are shown without their place.",
            "Leave require-trusted-types-for out in debug mode.",
        )


def _sources(policy: Policy, *names: str) -> tuple[str, ...] | None:
    return next((policy[name] for name in names if name in policy), None)


def _allows_script(sources: tuple[str, ...] | None, nonce: str) -> bool:
    if sources is None or (nonce and f"'nonce-{nonce}'" in sources):
        return True
    return "'strict-dynamic'" not in sources and _allows_self(sources)


def _allows_self(sources: tuple[str, ...] | None) -> bool:
    if sources is None:
        return True
    return any(
        one in ("'self'", "*", "http:") or any(host in one for host in _HOSTS)
        for one in sources
    )


def _allows_inline(sources: tuple[str, ...] | None, nonce: str) -> bool:
    if sources is None or (nonce and f"'nonce-{nonce}'" in sources):
        return True
    is_strict = any(one.startswith(("'nonce-", "'sha")) for one in sources)
    return "'unsafe-inline'" in sources and not is_strict
