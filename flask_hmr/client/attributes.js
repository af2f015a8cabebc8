// @ts-check
/** Brings attributes in line with new markup, but for what scripts and people changed. */

import { plain } from "./signs.js";

/** In these people leave their state, which counts for more than what markup says. */
const STATES = ["open"];

/**
 * @param {Element} live
 * @param {Element} base the markup that `live` was made from
 * @param {Element} next
 * @returns {boolean} whether any attribute is another now
 */
export function changeAttributes(live, base, next) {
  let isChanged = false;
  if (!base.hasAttributes() && !next.hasAttributes()) return isChanged;
  for (const name of new Set([...base.getAttributeNames(), ...next.getAttributeNames()])) {
    const before = base.getAttribute(name);
    const after = next.getAttribute(name);
    const now = live.getAttribute(name);
    if (name === "nonce" || now === after || same(before, after)) continue;
    const touched = !same(now, before);
    if (touched && STATES.includes(name)) continue;
    if (touched && name === "class") changeClass(live, base, next);
    else if (touched && name === "style" && "style" in live) changeStyle(live, base, next);
    else setAttribute(live, next, name, after);
    isChanged = true;
  }
  return isChanged;
}

/** @param {string | null} one @param {string | null} other */
function same(one, other) {
  return one === other || (one !== null && other !== null && plain(one) === plain(other));
}

/**
 * @param {Element} live
 * @param {Element} next
 * @param {string} name
 * @param {string | null} value
 */
function setAttribute(live, next, name, value) {
  if (value === null) return live.removeAttribute(name);
  // In markup a name may be what no method takes: ":title", "@click", "x-on:click".
  const own = live.getAttributeNode(name);
  const attribute = own ?? /** @type {Attr | undefined} */ (next.getAttributeNode(name)?.cloneNode());
  if (!attribute) return live.setAttribute(name, value);
  attribute.value = value;
  if (!own) live.setAttributeNode(attribute);
}

/**
 * Change those class names that the markup speaks of.
 *
 * @param {Element} live
 * @param {Element} base
 * @param {Element} next
 */
function changeClass(live, base, next) {
  for (const name of base.classList) if (!next.classList.contains(name)) live.classList.remove(name);
  for (const name of next.classList) if (!base.classList.contains(name)) live.classList.add(name);
}

/**
 * Change those properties that the markup speaks of.
 *
 * @param {Element} live
 * @param {Element} base
 * @param {Element} next
 */
function changeStyle(live, base, next) {
  const [style, before, after] = [live, base, next].map((one) => /** @type {HTMLElement} */ (one).style);
  for (const name of before) if (!after.getPropertyValue(name)) style.removeProperty(name);
  for (const name of after) {
    const value = after.getPropertyValue(name);
    const priority = after.getPropertyPriority(name);
    if (value === before.getPropertyValue(name) && priority === before.getPropertyPriority(name)) continue;
    style.setProperty(name, value, priority);
  }
}
