// @ts-check
/**
 * What the client code of plugins imports, as `@hmr/client`.
 *
 * A module of the page has `import.meta.hot`, which belongs to that one module. What is
 * here belongs to the page: listeners stay until they are taken off.
 */

// @ts-expect-error: to TypeScript this name means the declarations for developers.
import * as runtime from "./client.js";
import { morph as morphed } from "./morph.js";

/** @typedef {import('./problem.js').Problem} Problem */

/** @type {{events: import('./events.js').Events, page: import('./page.js').Page, send: (message: object) => void}} */
const { events, page, send: tell } = runtime;

/** How the names of problems begin that plugins show in the page. */
const OWN = "client:";

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
 * @param {Element} element
 * @param {string | Element} next what it is to look like: an element, or the markup of one
 * @param {string | Element} [base] what it was made from; without it all of the element
 *   counts as markup, what scripts added too
 * @returns {{added: Element[], changed: Element[]}} the elements that were put in, and
 *   those of which an attribute was changed
 */
export function morph(element, next, base = element) {
  const before = base === element ? /** @type {Element} */ (element.cloneNode(true)) : elementOf(base);
  return morphed(element, before, elementOf(next));
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

/** @param {string | Element} markup */
function elementOf(markup) {
  if (typeof markup !== "string") return markup;
  const found = new DOMParser().parseFromString(`<template>${markup}</template>`, "text/html");
  const element = found.querySelector("template")?.content.firstElementChild;
  if (!element) throw new TypeError("This markup has no element in it.");
  return element;
}
