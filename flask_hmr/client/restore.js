// @ts-check
/**
 * Brings back, after a reload that could not be avoided, what people had done to the page:
 * how far it was scrolled, what had the focus, what was typed, chosen and opened.
 */

import { allIn, rootsOf } from "./roots.js";

/** Where it is kept: frames share the storage of their page. */
const KEY = `hmr:restore ${typeof location === "undefined" ? "" : location.href}`;
/** Longest that a reload takes, and that elements are waited for, in milliseconds. */
const LIFETIME = 30_000;
const PATIENCE = 2000;
/** Whose values nobody should keep, or can set. */
const SECRET = ["password", "file", "hidden"];

/**
 * @typedef {{path: string[], value?: string, checked?: boolean, chosen?: number[], open?: boolean,
 *   scroll?: [number, number], focus?: boolean,
 *   caret?: [number, number, "forward" | "backward" | "none"]}} State
 * @typedef {{time: number, scroll: [number, number], states: State[]}} Saved
 */

/** Keep the state of the page for the time after its reload. */
export function save() {
  try {
    /** @type {State[]} */
    const states = [];
    for (const root of rootsOf(document)) {
      for (const element of allIn(root, "*")) {
        const state = stateOf(element);
        if (state) states.push({ path: pathOf(element), ...state });
      }
    }
    /** @type {Saved} */
    const saved = { time: Date.now(), scroll: [scrollX, scrollY], states };
    sessionStorage.setItem(KEY, JSON.stringify(saved));
  } catch {
    // There is no storage, or no room: the page is reloaded as it would be anyway.
  }
}

/**
 * Bring back what was kept, as far as its elements are there.
 *
 * @param {Promise<void>} ready when the page's modules have been evaluated
 */
export async function restore(ready) {
  const saved = taken();
  if (!saved || Date.now() - saved.time > LIFETIME) return;
  await ready;
  // Not against somebody who has begun to use the page.
  const used = new AbortController();
  const options = { signal: used.signal, capture: true, passive: true };
  for (const event of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(event, () => used.abort(), options);
  }
  let left = saved.states;
  const end = performance.now() + PATIENCE;
  while (!used.signal.aborted) {
    left = left.filter((state) => !bringBack(state));
    scrollTo(...saved.scroll);
    if (!left.length || performance.now() > end) break;
    // Scripts may still be about to make what is missing.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  used.abort();
}

/** @returns {Saved | undefined} what was kept, once */
function taken() {
  try {
    const text = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {Element} element @returns {Omit<State, 'path'> | undefined} what there is to be kept */
function stateOf(element) {
  /** @type {Omit<State, 'path'>} */
  const state = {};
  if (element instanceof HTMLInputElement && !SECRET.includes(element.type)) {
    if (element.checked !== element.defaultChecked) state.checked = element.checked;
    if (element.value !== element.defaultValue) state.value = element.value;
  } else if (element instanceof HTMLTextAreaElement) {
    if (element.value !== element.defaultValue) state.value = element.value;
  } else if (element instanceof HTMLSelectElement) {
    const options = [...element.options];
    if (options.some((option) => option.selected !== option.defaultSelected)) {
      state.chosen = options.flatMap((option, index) => (option.selected ? [index] : []));
    }
  } else if (element instanceof HTMLDetailsElement) {
    state.open = element.open;
  }
  const isRoot = element === document.scrollingElement;
  if (!isRoot && (element.scrollTop || element.scrollLeft)) state.scroll = [element.scrollLeft, element.scrollTop];
  const root = /** @type {Document | ShadowRoot} */ (element.getRootNode());
  if (element === root.activeElement && element !== document.body && !element.shadowRoot) {
    state.focus = true;
    state.caret = caretOf(element);
  }
  return Object.keys(state).length ? state : undefined;
}

/** @param {Element} element @returns {State['caret']} */
function caretOf(element) {
  const { selectionStart, selectionEnd, selectionDirection } = /** @type {HTMLInputElement} */ (element);
  if (typeof selectionStart !== "number" || typeof selectionEnd !== "number") return undefined;
  return [selectionStart, selectionEnd, selectionDirection ?? "none"];
}

/** @param {State} state @returns {boolean} whether its element is there */
function bringBack(state) {
  const element = find(state.path);
  if (!element) return false;
  if (element instanceof HTMLInputElement && state.checked !== undefined) element.checked = state.checked;
  if ("value" in element && state.value !== undefined) element.value = state.value;
  if (element instanceof HTMLSelectElement && state.chosen) {
    for (const [index, option] of [...element.options].entries()) option.selected = state.chosen.includes(index);
  }
  if (element instanceof HTMLDetailsElement && state.open !== undefined) element.open = state.open;
  // What scripts make of it, too. No "change": at that, some forms are sent by themselves.
  const isInput = [state.value, state.checked, state.chosen].some((found) => found !== undefined);
  if (isInput) element.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
  if (state.scroll) element.scrollTo(...state.scroll);
  if (state.focus) {
    /** @type {HTMLElement} */ (element).focus({ preventScroll: true });
    // Of another type, it may have none now.
    if (state.caret && caretOf(element)) /** @type {HTMLInputElement} */ (element).setSelectionRange(...state.caret);
  }
  return true;
}

/** @param {string[]} path @returns {Element | null} */
function find(path) {
  /** @type {Document | ShadowRoot | null | undefined} */
  let root = document;
  /** @type {Element | null} */
  let found = null;
  for (const step of path) {
    found = root?.querySelector(step) ?? null;
    root = found?.shadowRoot;
  }
  return found;
}

/**
 * Selectors that find an element again in the next document: one in each root on the way.
 *
 * @param {Element} element
 * @returns {string[]}
 */
function pathOf(element) {
  const root = element.getRootNode();
  const above = root instanceof ShadowRoot ? pathOf(root.host) : [];
  return [...above, selectorOf(element, /** @type {Document | ShadowRoot} */ (root))];
}

/** @param {Element} element @param {Document | ShadowRoot} root that it is in */
function selectorOf(element, root) {
  const steps = [];
  /** @type {Element | null} */
  let at = element;
  for (; at && at !== document.documentElement; at = at.parentElement) {
    const name = CSS.escape(at.localName);
    if (at.id && root.querySelectorAll(`#${CSS.escape(at.id)}`).length === 1) {
      steps.unshift(`${name}#${CSS.escape(at.id)}`);
      break;
    }
    steps.unshift(`${name}${keyOf(at)}`);
  }
  return steps.join(" > ");
}

/** @param {Element} element what tells it from its siblings */
function keyOf(element) {
  const parent = /** @type {ParentNode | null} */ (/** @type {unknown} */ (element.parentNode));
  const siblings = [...(parent?.children ?? [])];
  const alike = siblings.filter((other) => other.localName === element.localName);
  const name = element.getAttribute("name");
  if (name && alike.filter((other) => other.getAttribute("name") === name).length === 1) {
    return `[name="${CSS.escape(name)}"]`;
  }
  return alike.length === 1 ? "" : `:nth-of-type(${alike.indexOf(element) + 1})`;
}
