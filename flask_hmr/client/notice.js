// @ts-check
/** A small sign in the corner while the server is away. */

import { element } from "./problem.js";

/** Shorter absences are not worth a word, in milliseconds. */
const PATIENCE = 700;

export class Notice {
  /** @type {HTMLElement | undefined} */
  #host;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} text */
  show(text) {
    if (typeof document === "undefined") return;
    this.#timer ??= setTimeout(() => this.#open(text), PATIENCE);
  }

  hide() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#host?.remove();
    this.#host = undefined;
  }

  /** @param {string} text */
  #open(text) {
    const host = element("div");
    host.setAttribute("data-hmr-notice", "");
    // Above everything else, without taking the focus.
    host.setAttribute("popover", "manual");
    const root = host.attachShadow({ mode: "open" });
    const styles = new CSSStyleSheet();
    styles.replaceSync(STYLES);
    root.adoptedStyleSheets = [styles];
    const sign = element("p", "", text);
    sign.setAttribute("role", "status");
    root.append(sign);
    document.documentElement.append(host);
    host.showPopover?.();
    this.#host = host;
  }
}

const STYLES = `
:host {
  all: initial !important;
  display: block !important;
  position: fixed !important;
  inset: auto 12px 12px auto !important;
  pointer-events: none !important;
}
p {
  margin: 0;
  padding: 6px 12px;
  border-radius: 999px;
  font: 13px/1.4 system-ui, sans-serif;
  color: #fff;
  background: rgb(30 32 38 / 0.85);
}
p::before {
  content: "";
  display: inline-block;
  width: 8px;
  height: 8px;
  margin-right: 8px;
  border-radius: 50%;
  background: #f5a623;
}
@media (prefers-reduced-motion: no-preference) {
  p::before { animation: pulse 1.2s ease-in-out infinite alternate; }
}
@keyframes pulse { to { opacity: 0.25; } }
`;
