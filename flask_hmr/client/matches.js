// @ts-check
/**
 * Which node of one list of siblings is which of another.
 *
 * Elements match by their id, then by a key, then where they are equal, and at last by
 * their shape: the same kind of element between the same neighbours.
 */

import { idOf, keyOf, typeOf } from "./names.js";
import { codeOf, isData, isElement, isRuntime, plain } from "./signs.js";

/**
 * @param {Node[]} olds
 * @param {Node[]} news
 * @param {import('./signs.js').Signs} oldSigns
 * @param {import('./signs.js').Signs} newSigns
 * @returns {Map<Node, Node>} new to old
 */
export function match(olds, news, oldSigns, newSigns) {
  /** @type {Map<Node, Node>} */
  const pairs = new Map();
  const [start, end] = ends(olds, news, oldSigns, newSigns, pairs);
  const free = olds.slice(start, olds.length - end);
  const left = news.slice(start, news.length - end);
  if (!free.length || !left.length) return pairs;
  if (free.length === 1 && left.length === 1) {
    if (isAlike(free[0], left[0])) pairs.set(left[0], free[0]);
    return pairs;
  }
  const matches = new Matches(free, left, pairs);
  /** @param {Node} node @param {boolean} isOld */
  const signOf = (node, isOld) => `${(isOld ? oldSigns : newSigns).of(node)}`;
  matches.named(idOf);
  matches.named(keyOf);
  matches.named((node, isOld) => (isElement(node) ? signOf(node, isOld) : undefined));
  matches.between(shapeOf);
  matches.between((node, isOld) => (isElement(node) ? undefined : signOf(node, isOld)));
  matches.between((node) => (isElement(node) ? undefined : `${node.nodeType}`));
  return pairs;
}

/**
 * Match what is equal at both ends, which is nearly everything nearly always.
 *
 * @param {Node[]} olds
 * @param {Node[]} news
 * @param {import('./signs.js').Signs} oldSigns
 * @param {import('./signs.js').Signs} newSigns
 * @param {Map<Node, Node>} pairs new to old, which grows
 * @returns {[start: number, end: number]} how many there are
 */
function ends(olds, news, oldSigns, newSigns, pairs) {
  const shorter = Math.min(olds.length, news.length);
  let start = 0;
  while (start < shorter && oldSigns.of(olds[start]) === newSigns.of(news[start])) {
    pairs.set(news[start], olds[start]);
    start++;
  }
  let end = 0;
  while (end < shorter - start) {
    const old = olds[olds.length - end - 1];
    const next = news[news.length - end - 1];
    if (oldSigns.of(old) !== newSigns.of(next)) break;
    pairs.set(next, old);
    end++;
  }
  return [start, end];
}

/**
 * The kind or the name of a node: those that share it may be the same.
 *
 * @typedef {(node: Node, isOld: boolean) => string | undefined} Kind
 */

class Matches {
  /** Old ones that have no partner yet. @type {Set<Node>} */
  #free;

  /**
   * @param {Node[]} olds
   * @param {Node[]} news
   * @param {Map<Node, Node>} pairs
   */
  constructor(olds, news, pairs) {
    this.olds = olds;
    this.news = news;
    this.pairs = pairs;
    this.#free = new Set(olds);
  }

  /** @param {Node} next @param {Node} old */
  #pair(next, old) {
    this.pairs.set(next, old);
    this.#free.delete(old);
  }

  /**
   * Match what has the same name, wherever it stands.
   *
   * @param {Kind} of
   */
  named(of) {
    /** @type {Map<string, Node[]>} */
    const named = new Map();
    for (const old of this.#free) {
      const name = of(old, true);
      if (name === undefined) continue;
      const known = named.get(name);
      if (known) known.push(old);
      else named.set(name, [old]);
    }
    if (!named.size) return;
    for (const next of this.news) {
      if (this.pairs.has(next)) continue;
      const old = named.get(of(next, false) ?? "")?.find((one) => this.#free.has(one) && isAlike(one, next));
      if (old) this.#pair(next, old);
    }
  }

  /**
   * Match what is of the same kind, between the same neighbours.
   *
   * @param {Kind} of
   */
  between(of) {
    if (!this.#free.size) return;
    const places = this.#places();
    const befores = this.#befores(places);
    let after = -1;
    for (const [index, next] of this.news.entries()) {
      const known = places[index];
      if (known !== undefined) {
        after = known;
        continue;
      }
      const kind = of(next, false);
      if (kind === undefined) continue;
      for (let at = after + 1; at < befores[index]; at++) {
        const old = this.olds[at];
        if (!this.#free.has(old) || of(old, true) !== kind || !isAlike(old, next)) continue;
        this.#pair(next, old);
        after = at;
        break;
      }
    }
  }

  /** Where among the old ones the partner of each new one stands, if it has one. */
  #places() {
    const indices = new Map(this.olds.map((old, index) => [old, index]));
    return this.news.map((next) => {
      const old = this.pairs.get(next);
      return old && indices.get(old);
    });
  }

  /**
   * For each new one, where the partner of the next that has one stands.
   *
   * @param {(number | undefined)[]} places
   */
  #befores(places) {
    let before = this.olds.length;
    return places.reduceRight((/** @type {number[]} */ found, place, index) => {
      before = place ?? before;
      found[index] = before;
      return found;
    }, []);
  }
}

/** @param {Node} node */
function shapeOf(node) {
  if (!isElement(node)) return undefined;
  return `${node.namespaceURI} ${node.nodeName} ${typeOf(node)}`;
}

/**
 * Tell whether one node can become the other.
 *
 * @param {Node} one
 * @param {Node} other
 */
function isAlike(one, other) {
  if (one.nodeType !== other.nodeType) return false;
  if (!isElement(one) || !isElement(other)) return true;
  if (one.nodeName !== other.nodeName || one.namespaceURI !== other.namespaceURI) return false;
  if (typeOf(one) !== typeOf(other)) return false;
  for (const name of ["id", "data-hmr-key", "name", "is"]) {
    const [mine, its] = [one.getAttribute(name), other.getAttribute(name)];
    if (mine !== its && mine !== null && its !== null) return false;
  }
  if (isRuntime(one) !== isRuntime(other)) return false;
  if (one.localName === "script") return sameScript(one, other);
  // Another style sheet is loaded before the one that it replaces goes.
  if (one.localName === "link") return plain(hrefOf(one)) === plain(hrefOf(other));
  return true;
}

/** @param {Element} element */
function hrefOf(element) {
  return element.getAttribute("href") ?? "";
}

/** @param {Element} one @param {Element} other whether that is the same script, which does not run again */
function sameScript(one, other) {
  if (isRuntime(one)) return true;
  const source = plain(one.getAttribute("src") ?? "");
  if (source !== plain(other.getAttribute("src") ?? "")) return false;
  return isData(one) || codeOf(one) === codeOf(other);
}
