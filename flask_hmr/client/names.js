// @ts-check
/** What tells an element from others: its id, a key of the developer's, a name, an address. */

import { isElement, plain } from "./signs.js";

/** Fields of which several have the same name and differ by their value. */
const CHOICES = ["radio", "checkbox", "submit", "button"];
const FIELDS = ["input", "select", "textarea", "button"];

/** @param {Node} node */
export function idOf(node) {
  return (isElement(node) && node.id) || undefined;
}

/** @param {Node} node @returns {string | undefined} what tells an element from its siblings */
export function keyOf(node) {
  if (!isElement(node)) return undefined;
  const key = node.getAttribute("data-hmr-key");
  if (key) return `${node.nodeName} key ${key}`;
  const name = node.getAttribute("name");
  if (name) {
    const type = typeOf(node);
    const value = CHOICES.includes(type.toLowerCase()) ? node.getAttribute("value") : "";
    return `${node.nodeName} ${type} name ${name} ${value}`;
  }
  const url = node.getAttribute("src") ?? (node.localName === "link" ? node.getAttribute("href") : null);
  return url === null ? undefined : `${node.nodeName} src ${plain(url)}`;
}

/** @param {Node} node @returns {string | undefined} what tells an element from all others */
export function nameOf(node) {
  if (!isElement(node)) return undefined;
  if (node.id) return `id ${node.id}`;
  if (node.getAttribute("data-hmr-key")) return keyOf(node);
  if (!node.getAttribute("name") || !FIELDS.includes(node.localName)) return undefined;
  // Each form of a page may have a field of that name.
  return `${keyOf(node)} in ${node.closest("form")?.getAttribute("action") ?? ""}`;
}

/** @param {Element} element */
export function typeOf(element) {
  const typed = ["input", "button", "script", "link"].includes(element.localName);
  return (typed && element.getAttribute(element.localName === "link" ? "rel" : "type")) || "";
}
