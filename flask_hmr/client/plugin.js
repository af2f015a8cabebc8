// @ts-check
/**
 * What the client code of plugins imports, as `@hmr/client`.
 *
 * A module of the page has `import.meta.hot`, which belongs to that one module. What is
 * here belongs to the page: listeners stay until they are taken off.
 */

// @ts-expect-error: to TypeScript this name means the declarations for developers.
import * as runtime from "./client.js";
import { own as owns } from "./morph.js";

/** @typedef {import('./problem.js').Problem} Problem */

/** @type {{events: import('./events.js').Events, page: import('./page.js').Page, send: (message: object) => void,
 *   refresher?: import('./refresh.js').Refresher}} */
const { events, page, refresher, send: tell } = runtime;

/** How the names of problems begin that plugins show in the page. */
const OWN = "client:";

/** The reason that events of a refresh give when it is a plugin that morphs. */
const PART = "a part of the page";

/** The header that names the templates of an answer, with their versions. */
const TEMPLATES = "HMR-Templates";

/**
 * Listen to an event: a built-in one such as `hmr:afterUpdate`, or one of the server.
 *
 * @param {string} event
 * @param {(data: any) => void} callback
 * @returns {() => void} what takes the listener off
 */
export function on(event, callback) {
  events.on(event, callback);
  return () => events.off(event, callback);
}

/**
 * Send an event to the server, where `@hmr.on(event)` and `on_message` hear it.
 *
 * @param {string} event
 * @param {any} [data] anything that JSON can express
 */
export function send(event, data) {
  tell({ type: "custom", event, data });
}

/**
 * Bring an element in line with new markup, and keep what the markup says nothing about.
 *
 * Other plugins hear of it by the events of a refresh, unless it is part of one.
 *
 * @param {Element} element
 * @param {string | Element} next what it is to look like: an element, or the markup of one
 * @param {string | Element} [base] what it was made from; without it all of the element
 *   counts as markup, what scripts added too
 * @param {object} [owner] lets it change what this owner owns
 * @returns {{added: Element[], changed: Element[]}} the elements that were put in, and
 *   those of which an attribute was changed
 */
export function morph(element, next, base = element, owner = undefined) {
  const before = base === element ? /** @type {Element} */ (element.cloneNode(true)) : elementOf(base);
  // It is missing only where there is no document, and no element.
  const present = /** @type {import('./refresh.js').Refresher} */ (refresher);
  return present.change(PART, element, before, elementOf(next), undefined, owner);
}

/**
 * Say that what is in an element is no longer what the page's markup has there.
 *
 * @param {Element} element
 * @param {(object & import('./morph.js').Owner) | null} owner who alone changes it from now
 *   on, by `morph`, and is told by `changed` when the markup has something else there;
 *   nothing gives it back to the page's markup
 * @param {boolean} [whole] whether its attributes belong to the owner, too
 */
export function own(element, owner, whole = false) {
  owns(element, owner, whole);
}

/**
 * Be told when a part of the page, which a script fetched, is out of date.
 *
 * @param {Response | XMLHttpRequest | Record<string, string>} answer that the part was made
 *   from, or its templates by name, with their versions
 * @param {(reason: string) => void} callback is called when one of its templates changed,
 *   or the app was started again
 * @returns {() => void} what ends it
 */
export function follow(answer, callback) {
  return refresher?.follow(templatesOf(answer), callback) ?? (() => {});
}

/**
 * Say that a script has put another document of the app in the place of the page's own.
 *
 * @param {string} url
 * @param {string | null} text of the document; when it is not known, the page reloads as
 *   soon as a template changes
 */
export function replaced(url, text) {
  refresher?.replaced(url, text);
}

/**
 * Show in the overlay that something is wrong; the next update of a module takes it away.
 *
 * @param {string} name under which it is known
 * @param {Problem} problem
 */
export function showProblem(name, problem) {
  page.reports.show(OWN + name, problem);
}

/**
 * Take away what `showProblem` shows.
 *
 * @param {string} name
 */
export function clearProblem(name) {
  page.reports.clear(OWN + name);
}

/**
 * Have the page reload, as after a change that nobody accepts.
 *
 * @param {string} reason is shown in the console and in the terminal
 */
export function reload(reason) {
  page.reload(reason);
}

/**
 * @param {any} answer
 * @returns {Record<string, string>}
 */
function templatesOf(answer) {
  if (!(answer instanceof Response || answer instanceof XMLHttpRequest)) return answer;
  const header = answer instanceof Response ? answer.headers.get(TEMPLATES) : answer.getResponseHeader(TEMPLATES);
  return header ? JSON.parse(header) : {};
}

/** @param {string | Element} markup */
function elementOf(markup) {
  if (typeof markup !== "string") return markup;
  const found = new DOMParser().parseFromString(`<template>${markup}</template>`, "text/html");
  const element = found.querySelector("template")?.content.firstElementChild;
  if (!element) throw new TypeError("This markup has no element in it.");
  return element;
}
