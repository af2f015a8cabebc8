// @ts-check
/**
 * The overlay: a panel at the bottom of the page that says what is wrong.
 *
 * The page stays usable beside it. Styles come from a constructed style sheet,
 * which the strictest Content-Security-Policy allows.
 */

import { element, problemSection, summaryOf } from "./problem.js";

/** @typedef {import("./problem.js").Problem} Problem */
/** @typedef {{fingerprint: string, section: HTMLElement | undefined}} Entry */

/**
 * @typedef {object} OverlayOptions
 * @property {import("./problem.js").Open} [open] With it, places become buttons.
 */

/** Where there is no document, as in a worker, it keeps its keys and shows nothing. */
export class Overlay {
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  /** @type {View | undefined} */
  #view;

  /** @type {OverlayOptions} */
  #options;

  /** @param {OverlayOptions} [options] */
  constructor(options = {}) {
    this.#options = options;
  }

  /** The keys of the problems that stand, the oldest first, dismissed or not. */
  get keys() {
    return [...this.#entries.keys()];
  }

  /**
   * Shows a problem. One that is shown under the same key is replaced; one that
   * is the same in every respect is left as it is, dismissed or not.
   *
   * @param {string} key
   * @param {Problem} problem
   */
  show(key, problem) {
    const fingerprint = JSON.stringify(problem);
    const previous = this.#entries.get(key);
    if (previous?.fingerprint === fingerprint) return;
    if (typeof document === "undefined") {
      this.#entries.set(key, { fingerprint, section: undefined });
      return;
    }
    this.#view ??= new View();
    const section = problemSection(problem, this.#options.open);
    this.#entries.set(key, { fingerprint, section });
    this.#view.put(section, previous?.section);
    this.#view.count(this.#entries.size);
    this.#view.open(summaryOf(problem));
  }

  /**
   * Takes one problem away, and the overlay with the last one.
   *
   * @param {string} key
   */
  clear(key) {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    if (!entry?.section) return;
    this.#view?.remove(entry.section);
    this.#view?.count(this.#entries.size);
    if (this.#entries.size === 0) this.#view?.close();
  }
}

/** The panel in the page: one host element, with everything in its shadow root. */
class View {
  #host = element("div");
  #root = this.#host.attachShadow({ mode: "open" });
  #heading = element("h2");
  #body = element("div", "problems");
  #announcement = element("p", "announcement");
  #closeButton = element("button", "close", "Close");

  /** What had the focus before it moved into the panel. @type {unknown} */
  #focusedBefore;

  constructor() {
    const styles = new CSSStyleSheet();
    styles.replaceSync(STYLES);
    this.#root.adoptedStyleSheets = [styles];

    this.#host.setAttribute("data-hmr-overlay", "");
    // A manual popover is above everything else and leaves the focus alone.
    this.#host.setAttribute("popover", "manual");
    this.#host.addEventListener("focusin", (event) => {
      this.#focusedBefore = event.relatedTarget;
    });

    const panel = element("div", "panel");
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", "Hot module replacement: problems");
    this.#announcement.setAttribute("role", "alert");
    this.#closeButton.type = "button";
    this.#closeButton.setAttribute("aria-keyshortcuts", "Escape");
    this.#closeButton.addEventListener("click", () => this.close());
    const key = element("kbd", "", "Esc");
    key.setAttribute("aria-hidden", "true");
    this.#closeButton.append(" ", key);
    const header = element("header");
    header.append(this.#heading, this.#closeButton);
    panel.append(header, this.#body);
    this.#root.append(panel, this.#announcement);
  }

  /**
   * Puts a section where the one that it replaces is, or first: the newest
   * problem is most often the one that the developer has just made.
   *
   * @param {HTMLElement} section
   * @param {HTMLElement} [previous]
   */
  put(section, previous) {
    if (!previous) {
      this.#body.prepend(section);
      return;
    }
    const stack = section.querySelector("details");
    if (stack) stack.open = previous.querySelector("details")?.open ?? false;
    this.#keepFocus(previous);
    previous.replaceWith(section);
  }

  /** @param {HTMLElement} section */
  remove(section) {
    this.#keepFocus(section);
    section.remove();
  }

  /** @param {number} problems */
  count(problems) {
    this.#heading.textContent = problems === 1 ? "1 problem" : `${problems} problems`;
  }

  /** @param {string} summary What a screen reader says, wherever the focus is. */
  open(summary) {
    // From the prototype, since a named element of the page may hide the property.
    const root = Reflect.get(Document.prototype, "documentElement", document);
    if (!root) return;
    if (!this.#host.isConnected) root.append(this.#host);
    this.#raise();
    // On each opening, since `document.open()` takes the listeners of the window.
    window.addEventListener("keydown", this.#onKeydown, { capture: true });
    this.#announcement.textContent = summary;
  }

  close() {
    window.removeEventListener("keydown", this.#onKeydown, { capture: true });
    const hadFocus = this.#root.activeElement !== null;
    this.#announcement.textContent = "";
    this.#host.remove();
    if (hadFocus && this.#focusedBefore instanceof HTMLElement) {
      this.#focusedBefore.focus({ preventScroll: true });
    }
    this.#focusedBefore = undefined;
  }

  /** Puts the host on top of whatever the page has put on top since. */
  #raise() {
    if (!("showPopover" in this.#host)) return;
    if (this.#host.matches(":popover-open")) {
      if (this.#root.activeElement) return;
      this.#host.hidePopover();
    }
    this.#host.showPopover();
  }

  /** @param {HTMLElement} section One that is about to go. */
  #keepFocus(section) {
    if (section.contains(this.#root.activeElement)) this.#closeButton.focus();
  }

  /** @param {KeyboardEvent} event */
  #onKeydown = (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    // Escape closes the topmost layer only: a dialog of the page stays open.
    event.preventDefault();
    event.stopImmediatePropagation();
    this.close();
  };
}

// What stands on the host is important: the page's own rules for a <div> would
// win otherwise. Inside the shadow root no rule of the page applies.
const STYLES = `
:host {
  all: initial !important;
  display: block !important;
  position: fixed !important;
  inset: auto 0 0 !important;
  z-index: 2147483647 !important;
  box-sizing: border-box !important;
  width: 100% !important;
  max-width: 68rem !important;
  margin: 0 auto !important;
  direction: ltr !important;
  color-scheme: light dark !important;
}
* { box-sizing: border-box; }
.panel {
  --surface: #fff;
  --raised: #f4f5f7;
  --text: #1f2328;
  --muted: #57606a;
  --danger: #b3261e;
  --failing: #fdeceb;
  --line: #d0d4da;
  --code: ui-monospace, "Cascadia Code", Menlo, Consolas, monospace;
  display: flex;
  flex-direction: column;
  max-height: 60vh;
  color: var(--text);
  background: var(--surface);
  border: 1px solid var(--line);
  border-top: 4px solid var(--danger);
  box-shadow: 0 -4px 24px rgb(0 0 0 / 25%);
  font: 0.9375rem/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere;
}
header {
  display: flex;
  align-items: center;
  justify-content: space-between;
  gap: 1rem;
  padding: 0.5rem 1rem;
  border-bottom: 1px solid var(--line);
}
.problems { min-height: 0; overflow-y: auto; overscroll-behavior: contain; }
section { padding: 0.75rem 1rem 1rem; }
section + section { border-top: 1px solid var(--line); }
h2, h3, p, pre { margin: 0; }
h2 { color: var(--muted); font-size: 0.875rem; font-weight: 600; }
h3 { color: var(--danger); font-size: 1rem; font-weight: 700; }
.message { white-space: pre-wrap; }
button { font: inherit; color: inherit; cursor: pointer; }
.close {
  padding: 0.25rem 0.625rem;
  background: var(--raised);
  border: 1px solid var(--muted);
  border-radius: 0.25rem;
}
kbd { color: var(--muted); font: 0.75rem var(--code); }
.place { margin-top: 0.25rem; color: var(--muted); font: 0.8125rem/1.5 var(--code); }
button.place {
  display: block;
  padding: 0;
  text-align: start;
  text-decoration: underline;
  background: none;
  border: 0;
}
pre {
  margin-top: 0.5rem;
  padding: 0.5rem 0;
  overflow-x: auto;
  overflow-wrap: normal;
  background: var(--raised);
  border-radius: 0.25rem;
  font: 0.8125rem/1.5 var(--code);
  tab-size: 4;
}
/* Blocks of their own, so that tab stops count from the start of the code. */
code, .unseen { display: inline-block; font: inherit; }
.stack { padding-inline: 0.75rem; }
.row { display: block; width: max-content; min-width: 100%; padding-inline: 0.75rem; }
.row > * { unicode-bidi: isolate; }
.gutter { color: var(--muted); user-select: none; }
.caret { user-select: none; }
.failing, .caret { background: var(--failing); }
.failing .gutter, .mark { color: var(--danger); font-weight: 700; }
.unseen { visibility: hidden; }
.hint { margin-top: 0.5rem; padding-inline-start: 0.75rem; border-inline-start: 3px solid var(--muted); }
details { margin-top: 0.5rem; }
summary { cursor: pointer; color: var(--muted); }
:focus-visible { outline: 2px solid var(--text); outline-offset: 1px; }
pre:focus-visible { outline-offset: -2px; }
.announcement {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
@media (prefers-color-scheme: dark) {
  .panel {
    --surface: #1b1d21;
    --raised: #25282d;
    --text: #e6e8eb;
    --muted: #a7afba;
    --danger: #ff8a80;
    --failing: #432425;
    --line: #3a3f46;
  }
}
@media (prefers-reduced-motion: no-preference) {
  .panel { animation: rise 150ms ease-out; }
  @keyframes rise { from { transform: translateY(1rem); opacity: 0; } }
}
@media print { :host { display: none !important; } }
`;
