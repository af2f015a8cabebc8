"""How files end that plugins look at."""

from __future__ import annotations

JAVASCRIPT = (".js", ".mjs")

TYPESCRIPT = (".ts", ".mts")

DECLARATIONS = (".d.ts", ".d.mts")
"""TypeScript that is types alone."""
