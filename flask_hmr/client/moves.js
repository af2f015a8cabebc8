// @ts-check
/**
 * Elements that have a name of their own and get another parent: a field that is put into
 * a new wrapper stays the same field.
 */

import { nameOf } from "./names.js";
import { move } from "./states.js";

export class Moves {
  /** Elements that already stand where the new markup has them. @type {Set<Element>} */
  placed = new Set();
  /** What waits between its old place and its new one, by name. @type {Map<string, Element>} */
  #saved = new Map();
  /** Where it waits. @type {HTMLElement | undefined} */
  #pantry;

  /**
   * @param {Element} live
   * @param {Element} base
   * @param {Element} next
   */
  constructor(live, base, next) {
    this.live = live;
    this.bases = named(base);
    this.nexts = named(next);
  }

  /**
   * Tell whether an element is in another list of siblings in the other markup.
   *
   * @param {Node} node of the old or the new markup
   * @param {Node} parent whose children would be its partners
   */
  isElsewhere(node, parent) {
    const name = nameOf(node);
    if (name === undefined) return false;
    const isBase = this.bases.get(name) === node;
    if (!isBase && this.nexts.get(name) !== node) return false;
    const partner = (isBase ? this.nexts : this.bases).get(name);
    return !!partner && partner.parentNode !== parent && partner.localName === /** @type {Element} */ (node).localName;
  }

  /**
   * Find what becomes an element of new markup that no sibling of its place becomes.
   *
   * @param {Element} next
   * @param {Node} parent that it will have
   * @returns {{live: Element, base: Element} | undefined}
   */
  claim(next, parent) {
    const name = nameOf(next);
    if (name === undefined || this.nexts.get(name) !== next) return undefined;
    const base = this.bases.get(name);
    if (base?.localName !== next.localName) return undefined;
    const live = this.#saved.get(name) ?? this.#only(base.localName, name);
    if (!live || this.placed.has(live) || live.contains(parent)) return undefined;
    this.placed.add(live);
    return { live, base };
  }

  /** @param {string} kind @param {string} name @returns {Element | undefined} if no other has it */
  #only(kind, name) {
    const found = [...this.live.querySelectorAll(kind)].filter((one) => nameOf(one) === name);
    return found.length === 1 ? found[0] : undefined;
  }

  /**
   * Put elements aside that are still to be placed, before something they are in goes.
   *
   * @param {Element} leaving
   * @returns {boolean} whether it is put aside itself
   */
  save(leaving) {
    for (const element of [leaving, ...leaving.querySelectorAll("*")]) {
      const name = nameOf(element);
      if (name === undefined || !this.bases.has(name) || !this.nexts.has(name)) continue;
      if (this.placed.has(element) || this.#pantry?.contains(element)) continue;
      const pantry = (this.#pantry ??= this.#open());
      this.#saved.set(name, element);
      move(pantry, element, null);
      if (element === leaving) return true;
    }
    return false;
  }

  #open() {
    const pantry = this.live.ownerDocument.createElement("div");
    pantry.hidden = true;
    this.live.append(pantry);
    return pantry;
  }

  /** Let go of what was put aside and found no place. */
  end() {
    this.#pantry?.remove();
  }
}

/**
 * @param {Element} root
 * @returns {Map<string, Element>} the elements whose name no other has
 */
function named(root) {
  /** @type {Map<string, Element | undefined>} */
  const found = new Map();
  for (const element of root.querySelectorAll("[id], [data-hmr-key], [name]")) {
    const name = nameOf(element);
    if (name !== undefined) found.set(name, found.has(name) ? undefined : element);
  }
  for (const [name, element] of found) if (!element) found.delete(name);
  return /** @type {Map<string, Element>} */ (found);
}
