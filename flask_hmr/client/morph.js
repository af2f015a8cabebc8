// @ts-check
/**
 * Brings what the page shows in line with new markup, and leaves all else alone.
 *
 * There are three trees: `base` is the markup that the page was made from, `next` what
 * takes its place, and `live` what scripts and people have made of `base` since. Only
 * where `next` says something else than `base` is `live` changed, so that whatever the
 * markup says nothing about stays: what was typed and chosen, what scripts added, took
 * out or rearranged.
 *
 * Elements that stay are the same objects as before. That keeps their listeners, their
 * focus, scroll positions, media that plays, and the state of custom elements.
 */

import { changeAttributes } from "./attributes.js";
import { match } from "./matches.js";
import { Moves } from "./moves.js";
import { attachShadows, isDeclarative, isSheetLink, loaded, revived } from "./newcomers.js";
import { longestRise } from "./rise.js";
import { contentOf, isElement, Signs } from "./signs.js";
import { Choice, Focus, move } from "./states.js";

/**
 * Who may be told that other markup has something else in what is theirs.
 *
 * @typedef {{changed?: (element: Element, next: Element, base: Element) => void}} Owner
 */

/**
 * Elements with an owner: what they hold, or all of them, is no business of other markup.
 *
 * @type {WeakMap<Element, {owner: (object & Owner) | null, whole: boolean}>}
 */
const owned = new WeakMap();

/**
 * Have only what calls `morph` as the owner change what is in an element.
 *
 * @param {Element} element
 * @param {(object & Owner) | null} owner nobody in particular, if there is none
 * @param {boolean} whole whether that is so for its attributes, too
 */
export function own(element, owner, whole) {
  owned.set(element, { owner, whole });
}

/** Keeps an element as it is, with all that is in it. */
const KEEP = "data-hmr-keep";

/**
 * Change `live` by what differs between `base` and `next`.
 *
 * @param {Element} live
 * @param {Element} base
 * @param {Element} next
 * @param {Signs} [signs] of `base` and `next`
 * @param {object} [owner] on whose behalf
 * @returns {{added: Element[], changed: Element[]}} the elements that were put in, and
 *   those of which an attribute was changed
 */
export function morph(live, base, next, signs = new Signs(), owner = undefined) {
  const focus = new Focus(live.ownerDocument);
  const moves = new Moves(live, base, next);
  const morpher = new Morpher(live.ownerDocument, signs, moves, owner);
  morpher.node(live, base, next);
  morpher.removeSheets();
  moves.end();
  focus.restore();
  return { added: morpher.made, changed: morpher.changed };
}

class Morpher {
  /** @type {Element[]} */
  made = [];
  /** @type {Element[]} */
  changed = [];
  /** Style sheets that go when those that take their place are there. @type {Element[]} */
  #leaving = [];
  #signs;
  #liveSigns;

  /**
   * @param {Document} document
   * @param {Signs} signs
   * @param {Moves} moves
   * @param {object | undefined} owner
   */
  constructor(document, signs, moves, owner) {
    this.document = document;
    this.moves = moves;
    this.owner = owner;
    this.#signs = signs;
    this.#liveSigns = signs.fresh();
  }

  /**
   * @param {Node} live
   * @param {Node} base
   * @param {Node} next
   */
  node(live, base, next) {
    if (this.#signs.of(base) === this.#signs.of(next)) return;
    if (!isElement(live) || !isElement(base) || !isElement(next)) {
      if (live.nodeValue !== next.nodeValue) live.nodeValue = next.nodeValue;
      return;
    }
    if (live.hasAttribute(KEEP)) return;
    if (this.#isOthers(live)) return owned.get(live)?.owner?.changed?.(live, next, base);
    const owner = owned.get(live)?.owner ?? this.owner;
    const choice = live instanceof HTMLSelectElement ? new Choice(live) : undefined;
    if (changeAttributes(live, base, next)) this.changed.push(live);
    if (owner !== this.owner) return owned.get(live)?.owner?.changed?.(live, next, base);
    // To a browser that runs scripts, what is in a <noscript> is text.
    if (live.localName === "noscript") live.textContent = next.innerHTML;
    else this.#children(contentOf(live), contentOf(base), contentOf(next));
    choice?.restore();
  }

  /** @param {Node} node whether it belongs to another owner, with all that it is */
  #isOthers(node) {
    const other = isElement(node) ? owned.get(node) : undefined;
    return !!other?.owner && other.whole && other.owner !== this.owner;
  }

  /** Take out the style sheets that are there no longer. */
  async removeSheets() {
    const coming = this.made.filter(isSheetLink);
    if (coming.length && this.#leaving.length) await Promise.all(coming.map(loaded));
    for (const sheet of this.#leaving) sheet.remove();
  }

  /**
   * @param {Element | DocumentFragment} live
   * @param {Element | DocumentFragment} base
   * @param {Element | DocumentFragment} next
   */
  #children(live, base, next) {
    // Most of what changes is a text alone in its element: no need to look for its partner.
    const texts = [live, base, next].map(onlyText);
    if (texts[0] && texts[1] && texts[2]) return this.node(texts[0], texts[1], texts[2]);
    const [olds, news] = [[...base.childNodes], [...next.childNodes]];
    const pairs = match(
      olds.filter((old) => !this.moves.isElsewhere(old, next)),
      news.filter((child) => !this.moves.isElsewhere(child, base)),
      this.#signs,
      this.#signs,
    );
    const lives = this.#lives(live, olds);
    const isSameList = olds.length === news.length && news.every((child, index) => pairs.get(child) === olds[index]);
    if (!isSameList) {
      this.#clear(olds, pairs, lives);
      this.#arrange(live, news, olds, pairs, lives);
    }
    for (const [child, old] of pairs) {
      const node = lives.get(old);
      if (node) this.node(node, old, child);
      else if (isDeclarative(old)) this.#shadow(live, old, child);
    }
  }

  /**
   * Take out what the markup has no longer.
   *
   * @param {Node[]} olds
   * @param {Map<Node, Node>} pairs
   * @param {Map<Node, Node>} lives
   */
  #clear(olds, pairs, lives) {
    const staying = new Set(pairs.values());
    for (const old of olds) {
      const node = lives.get(old);
      if (node && !staying.has(old) && !this.moves.placed.has(/** @type {Element} */ (node))) this.#remove(node);
    }
  }

  /**
   * Find what has become of nodes of the old markup.
   *
   * @param {Element | DocumentFragment} live
   * @param {Node[]} olds
   * @returns {Map<Node, Node>} without those that scripts took out
   */
  #lives(live, olds) {
    const own = [...live.childNodes].filter((node) => !this.#isOthers(node));
    const found = match(own, olds, this.#liveSigns, this.#signs);
    for (const old of olds) {
      if (found.has(old) || !isElement(old) || !old.id) continue;
      // Some scripts move a dialog or a menu to the end of the document.
      const moved = this.document.getElementById(old.id);
      if (moved?.localName === old.localName) found.set(old, moved);
    }
    return found;
  }

  /** @param {Node} node that the markup has no longer */
  #remove(node) {
    const parent = node.parentNode;
    if (!isElement(node)) parent?.removeChild(node);
    else if (isSheetLink(node)) this.#leaving.push(node);
    else if (node.matches(`[${KEEP}]`) || node.querySelector(`[${KEEP}]`)) return;
    else if (!this.moves.save(node)) node.remove();
  }

  /**
   * Put in what is new, and bring the rest into the new order where that is another.
   *
   * @param {Element | DocumentFragment} live
   * @param {Node[]} news
   * @param {Node[]} olds
   * @param {Map<Node, Node>} pairs
   * @param {Map<Node, Node>} lives
   */
  #arrange(live, news, olds, pairs, lives) {
    const indices = new Map(olds.map((old, index) => [old, index]));
    const staying = news.map((child) => pairs.get(child)).filter((old) => old !== undefined);
    const still = new Set(longestRise(staying.map((old) => /** @type {number} */ (indices.get(old)))));
    /** @type {Node | undefined} */
    let last;
    for (const child of news) {
      const old = pairs.get(child);
      const node = old && lives.get(old);
      if (old && node?.parentNode !== live) continue;
      if (!old || !node) last = this.#insert(live, child, last);
      else {
        const index = /** @type {number} */ (indices.get(old));
        if (!still.has(index)) move(live, node, follower(live, last));
        last = node;
      }
    }
  }

  /**
   * @param {Element | DocumentFragment} live
   * @param {Node} child
   * @param {Node | undefined} last what it comes after
   */
  #insert(live, child, last) {
    if (isDeclarative(child) && isElement(live) && !live.shadowRoot) {
      const holder = this.document.importNode(child, true);
      live.insertBefore(holder, follower(live, last));
      attachShadows(live);
      return last;
    }
    const claimed = isElement(child) ? this.moves.claim(child, live) : undefined;
    if (claimed) {
      move(live, claimed.live, follower(live, last));
      this.node(claimed.live, claimed.base, child);
      return claimed.live;
    }
    let node = this.document.importNode(child, true);
    if (!isElement(child) || !isElement(node)) {
      live.insertBefore(node, follower(live, last));
      return node;
    }
    const moving = this.#claims(child, node, live);
    if (node.localName === "script") node = revived(node);
    for (const script of /** @type {Element} */ (node).querySelectorAll("script")) {
      script.replaceWith(revived(script));
    }
    this.made.push(/** @type {Element} */ (node));
    live.insertBefore(node, follower(live, last));
    for (const { place, element, base, next } of moving) {
      move(/** @type {Node} */ (place.parentNode), element, place);
      place.remove();
      this.node(element, base, next);
    }
    attachShadows(/** @type {Element} */ (node));
    return node;
  }

  /**
   * Hold the places of elements that come from elsewhere in the page.
   *
   * @param {Element} child new markup
   * @param {Element} made the same, about to be put in
   * @param {Node} parent that it will have
   */
  #claims(child, made, parent) {
    const places = [...made.querySelectorAll("*")];
    /** @type {{place: Comment, element: Element, base: Element, next: Element}[]} */
    const moving = [];
    for (const [index, next] of [...child.querySelectorAll("*")].entries()) {
      // What is in one that is claimed comes along.
      const claimed = made.contains(places[index]) ? this.moves.claim(next, parent) : undefined;
      if (!claimed) continue;
      const place = this.document.createComment("");
      places[index].replaceWith(place);
      moving.push({ place, element: claimed.live, base: claimed.base, next });
    }
    return moving;
  }

  /**
   * Change a shadow root that markup declared.
   *
   * @param {Element | DocumentFragment} host
   * @param {Element} old its template in the old markup
   * @param {Node} child the same in the new
   */
  #shadow(host, old, child) {
    const root = isElement(host) ? host.shadowRoot : null;
    if (root && isDeclarative(child) && this.#signs.of(old) !== this.#signs.of(child)) {
      this.#children(root, contentOf(old), contentOf(child));
    }
  }
}

/** @param {Node} parent @returns {Node | null} its text, if it holds nothing else */
function onlyText({ firstChild }) {
  return firstChild && !firstChild.nextSibling && firstChild.nodeType === Node.TEXT_NODE ? firstChild : null;
}

/**
 * @param {Node} parent
 * @param {Node | undefined} last
 * @returns {Node | null} what comes after a child, or the first child
 */
function follower(parent, last) {
  return last ? last.nextSibling : parent.firstChild;
}
